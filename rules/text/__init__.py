"""Knows what a customer's words say."""
