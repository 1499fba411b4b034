"""Knows the use cases of service levels: promising, watching the clocks, and saying how they stand."""
