"""Knows how satisfied customers probably were with tickets that nobody rated, as far as rated ones tell."""

from rules.satisfaction.answers import Answers, answers
from rules.satisfaction.cases import answered_cases, silent_cases, solved_cases
from rules.satisfaction.facts import TicketFacts, TicketHistory
from rules.satisfaction.features import efforts, features
from rules.satisfaction.foretelling import Foretold, Model, foretold
from rules.satisfaction.learning import FORMAT, learn
from rules.satisfaction.settings import SatisfactionSettings

__all__ = [
    "FORMAT", "Answers", "Foretold", "Model", "SatisfactionSettings", "TicketFacts", "TicketHistory",
    "answered_cases", "answers", "efforts", "features", "foretold", "learn", "silent_cases", "solved_cases",
]  # fmt: skip
