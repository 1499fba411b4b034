"""Knows service levels: business time, a ticket's clocks, and the policies that give them their targets."""

from rules.sla.business_time import add, between, is_open, next_opening, subtract
from rules.sla.calendar import Calendar
from rules.sla.single import Deadline, deadlines

__all__ = ["Calendar", "Deadline", "add", "between", "deadlines", "is_open", "next_opening", "subtract"]
