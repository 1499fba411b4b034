"""Knows accounts at risk: from when on they are, what was known of them then, and what became of them."""
