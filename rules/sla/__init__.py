"""Knows service levels: business time, a ticket's clocks, and the policies that give them their targets."""

from rules.sla.business_time import add, between, is_open, next_opening, subtract
from rules.sla.calendar import Calendar

__all__ = ["Calendar", "add", "between", "is_open", "next_opening", "subtract"]
