"""Knows which issues no article answers, and what an article about one could be made of."""
