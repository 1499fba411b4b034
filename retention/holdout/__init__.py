"""Knows what a randomised holdout can tell, how long that takes, and what it has told so far; no clock, no I/O."""
