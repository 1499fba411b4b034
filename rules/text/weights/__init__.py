"""Holds the weights that readers of texts ship with; NOTICE.md says from what they were made."""
