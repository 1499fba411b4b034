"""A made-up software company, complete with customers, money, tickets and the truth about them. See `generate`."""

from keepline.demo.company import COMPANY
from keepline.demo.generate import generate
from keepline.demo.truth import Truth

__all__ = ["COMPANY", "Truth", "generate"]
