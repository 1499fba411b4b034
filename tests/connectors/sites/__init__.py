"""Fakes of the vendors: each keeps a state of its own and answers as its vendor does."""
