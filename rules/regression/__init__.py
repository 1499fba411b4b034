"""Knows how the share of yes among cases is learned from the past and tried on later cases of other accounts."""
