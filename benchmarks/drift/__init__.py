"""Knows how soon a quiet drift is seen, and how often one is seen that is none."""
