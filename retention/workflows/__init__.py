"""Knows which work lost revenue, what it costs, and what a change of it brought."""
