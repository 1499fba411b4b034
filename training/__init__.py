"""Knows how the weights that Keepline ships are made; no part of the wheel."""
