"""Knows what the ledger says of the whole: how expansion came, how long it lasted, on whom it rests, how it grades."""
