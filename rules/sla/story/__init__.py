"""Knows why one ticket's deadline is what it is: its clocks, told second by second.

Written as a plain walk through time, and not as the tables of `rules.sla.clock`, whose second opinion it is: both must
come to the same totals, deadlines and breaches.
"""

from rules.sla.story.epochs import Epoch
from rules.sla.story.past import Change, Promise, Said, TicketPast
from rules.sla.story.telling import METRICS, ClockStory, Retarget, Warned, tell
from rules.sla.story.walk import Span

__all__ = [
    "METRICS",
    "Change",
    "ClockStory",
    "Epoch",
    "Promise",
    "Retarget",
    "Said",
    "Span",
    "TicketPast",
    "Warned",
    "tell",
]
