"""Knows how the weights that Keepline ships are made; run as `python -m training`, no part of the wheel."""
