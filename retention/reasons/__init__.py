"""Knows for what reason revenue was lost: proposed from an account's path with its evidence, decided by persons."""
