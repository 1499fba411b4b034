"""Knows how well readings agree with what persons say of the same texts."""
