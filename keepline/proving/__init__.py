"""Proves connectors: a site on a loopback socket with a fault plan, and the contract that every connector obeys."""
