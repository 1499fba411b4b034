"""Says how a ticket stands in one line of facts; nothing of it is made up by a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.tickets import Message, TicketStatus
from rules.text.summaries.sentences import quotable
from rules.text.summaries.thread import own_words, written_by_persons

_LONGEST = 160
_SOLVED = frozenset({"solved", "closed"})


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What a helpdesk keeps of a ticket that its gist needs."""

    status: TicketStatus
    created_at: datetime
    resolved_at: datetime | None = None


def gist(ticket: TicketFacts, messages: Sequence[Message], as_of: datetime) -> str:
    """How old, how often answered, who is to move, and the customer's last words: `open 5 days, 3 replies, …`.

    Counted are public messages that no machine sent, up to `as_of`.
    """
    persons = [each for each in written_by_persons(messages) if each.sent_at <= as_of]
    replies = sum(each.author_kind == "agent" for each in persons)
    parts = [_age(ticket, as_of), "no reply yet" if not replies else f"{replies} repl{'y' if replies == 1 else 'ies'}"]
    if not is_solved(ticket, as_of) and persons:
        parts.append("waiting for us" if persons[-1].author_kind == "customer" else "waiting for the customer")
    last = _last_words([each for each in persons if each.author_kind == "customer"])
    return ", ".join(parts) + (f"; last customer word: “{last}”" if last else "; the customer wrote nothing readable")


def is_solved(ticket: TicketFacts, as_of: datetime) -> bool:
    """Whether a ticket is solved at a moment; its status speaks where no time of solving is told."""
    if ticket.resolved_at is not None:
        return ticket.resolved_at <= as_of
    return ticket.status in _SOLVED


def _age(ticket: TicketFacts, as_of: datetime) -> str:
    if ticket.resolved_at is not None and ticket.resolved_at <= as_of:
        return f"solved after {_length(ticket.resolved_at - ticket.created_at)}"
    if ticket.resolved_at is None and ticket.status in _SOLVED:
        return f"{ticket.status}, nobody knows since when"
    return f"open {_length(as_of - ticket.created_at)}"


def _length(span: timedelta) -> str:
    hours = max(0, int(span.total_seconds() // 3600))
    count, unit = (hours // 24, "day") if hours >= 48 else (hours, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _last_words(written: Sequence[Message]) -> str:
    """The last sentence that a customer wrote and that can be quoted, cut at a word."""
    for message in reversed(written[-20:]):
        sentences = quotable(own_words([message])[0])
        if sentences:
            last = " ".join(sentences[-1].text.split())
            return last if len(last) <= _LONGEST else last[:_LONGEST].rsplit(" ", 1)[0] + " …"
    return ""
