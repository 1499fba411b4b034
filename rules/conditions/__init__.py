"""Knows conditions: one tree that is YAML, JSON Schema, a Narwhals expression and an English sentence."""

from rules.conditions.logic import expression, truth
from rules.conditions.reading import NotUnderstood, parse_sentence
from rules.conditions.tree import Condition, PolicyCondition, TicketCondition
from rules.conditions.wording import explain, sentence

__all__ = [
    "Condition",
    "NotUnderstood",
    "PolicyCondition",
    "TicketCondition",
    "explain",
    "expression",
    "parse_sentence",
    "sentence",
    "truth",
]
