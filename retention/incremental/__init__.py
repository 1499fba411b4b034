"""Knows how much of what went well would not have gone well without help, and how far that can be believed."""
