"""Compares Keepline with named peers on generated data, in one run on one machine; see docs/speed.md."""
