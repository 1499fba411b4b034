"""Knows recurring revenue: the ledger, what became of it, and whose work led up to that; no I/O."""

from retention.given_journeys import JourneyCredits, TouchCredit, credit_journeys
from retention.incremental.result import IncrementalResult
from retention.incremental.staggered import StaggeredResult, staggered_effect
from retention.uplift import incremental_effect

__all__ = [
    "IncrementalResult",
    "JourneyCredits",
    "StaggeredResult",
    "TouchCredit",
    "credit_journeys",
    "incremental_effect",
    "staggered_effect",
]
