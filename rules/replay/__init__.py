"""Knows what rules would have done at moments of the past, and whether that was right."""
