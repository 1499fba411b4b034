"""Knows randomised holdouts: how one is written, which plan that is, who is drawn, and who is never held back."""
