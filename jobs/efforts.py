"""Says what tickets cost their customers: replies, questions asked again, changes of the channel, time open."""

from datetime import datetime

from rules.satisfaction import TicketHistory, efforts, solved_cases
from rules.signals.open_stretches import open_stretches
from storage.facts import Facts
from storage.frames import Frame


def solved_efforts(facts: Facts, since: datetime, until: datetime) -> Frame:
    """A row per solving in `(since, until]`, as `rules.satisfaction.efforts` tells it."""
    tickets = facts.solved_tickets(since, until)
    history = TicketHistory(tickets.tickets(), tickets.messages(lengths=False), tickets.events())
    # Worked out once for all moments that look at it.
    return efforts(solved_cases(history, since, until), history).collect().lazy()


def tickets_open(facts: Facts, since: datetime, until: datetime) -> Frame:
    """When tickets were open in `(since, until]`, as `rules.signals.open_stretches` tells it."""
    backlog = facts.backlog(since, until)
    return open_stretches(backlog.tickets(), backlog.events()).collect().lazy()
