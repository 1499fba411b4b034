"""Knows what agents write to customers: which words are their own, what phrases say, what goes to everybody."""
