"""Proofs on real servers, installed on this machine; each is run by `python -m`, and by pytest where its server is."""
