"""Knows what the weekly digest says: what support kept, lost, and must do next, with the source of every number."""

from retention.digest.building import build_digest
from retention.digest.content import DigestContent
from retention.digest.inputs import DigestInputs
from retention.digest.weeks import Week, last_week, week_named

__all__ = ["DigestContent", "DigestInputs", "Week", "build_digest", "last_week", "week_named"]
