"""Knows how well satisfaction is foretold where the truth is known, and how fast it is learned."""
