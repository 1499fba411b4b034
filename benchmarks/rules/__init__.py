"""Fifty rules over all accounts at one moment: by Keepline, by three rule engines and row by row."""
