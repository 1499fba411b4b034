"""Knows how healthy an account is and how probably it leaves: what a team may set, what is learned, how it is told."""

from rules.health.learning import learn
from rules.health.settings import HealthDocument, RiskSettings

__all__ = ["HealthDocument", "RiskSettings", "learn"]
