"""Knows conditions: one tree that is YAML, JSON Schema, a Narwhals expression and an English sentence."""

from rules.conditions.logic import expression, truth
from rules.conditions.tree import Condition, PolicyCondition, TicketCondition
from rules.conditions.wording import explain, sentence

__all__ = ["Condition", "PolicyCondition", "TicketCondition", "explain", "expression", "sentence", "truth"]
