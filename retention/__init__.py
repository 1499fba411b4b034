"""Knows recurring revenue: the ledger, what became of it, and whose work led up to that; no I/O."""

from retention.given_journeys import JourneyCredits, TouchCredit, credit_journeys

__all__ = ["JourneyCredits", "TouchCredit", "credit_journeys"]
