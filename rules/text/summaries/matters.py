"""Knows what an account's tickets were about, and which of it is the gravest."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.tickets import Message, TicketStatus
from rules.text.summaries.gist import TicketFacts, is_solved
from rules.text.summaries.quoted import Quoted
from rules.text.summaries.severity import Weighed
from rules.text.summaries.summing import summed_up
from rules.text.summaries.thread import ReadThread, read_thread

_REPLY_MARKS = re.compile(r"(?:(?:re|fwd?|aw|wg|sv|vs|tr)[ \t]{0,3}:[ \t]{0,3}){1,10}", re.IGNORECASE)
_NOISE = re.compile(r"[#\d\s]+")
_OPEN_WEIGHS, _MORE_WEIGH = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket with its messages; `issue` is what it is about where that is known."""

    ticket_ref: str
    subject: str
    status: TicketStatus
    created_at: datetime
    resolved_at: datetime | None
    messages: tuple[Message, ...]
    issue: str | None = None

    @property
    def facts(self) -> TicketFacts:
        """What its gist needs."""
        return TicketFacts(self.status, self.created_at, self.resolved_at)


@dataclass(frozen=True, slots=True)
class Matter:
    """What one or several tickets are about: how grave it is, why, and in whose words.

    `gravity` has no unit; it orders matters of one account. `gravest` is the quoted sentence that weighs most in it.
    """

    label: str
    tickets: tuple[str, ...]
    open_tickets: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    gravity: float
    because: str
    quotes: tuple[Quoted, ...]
    gravest: Quoted | None = None


def subject_words(subject: str) -> str:
    """A subject without reply marks and numbers, in lower case: what tickets are grouped by where no issue is known."""
    bare = _REPLY_MARKS.sub("", subject[:500].strip(), count=1)
    return _NOISE.sub(" ", bare).strip().lower()


def matters(threads: Sequence[Thread], as_of: datetime, *, most: int = 5, sentences: int = 2) -> list[Matter]:
    """The issues of these tickets that matter, the gravest first, each in at most so many sentences.

    Tickets belong together by their issue, else by their subject's words. An issue is graver by what customers say in
    it, by tickets that are still open, and by how often it came.
    """
    groups = dict[str, list[Thread]]()
    for thread in sorted(threads, key=lambda each: (each.created_at, each.ticket_ref)):
        label = thread.issue or subject_words(thread.subject) or f"ticket {thread.ticket_ref}"
        groups.setdefault(label, []).append(thread)
    found = [_matter(label, group, as_of, sentences) for label, group in groups.items()]
    found.sort(key=lambda each: (-each.gravity, -each.last_at.timestamp(), each.label))
    return found[: max(most, 0)]


def _matter(label: str, group: Sequence[Thread], as_of: datetime, sentences: int) -> Matter:
    read = read_thread([message for thread in group for message in thread.messages])
    still_open = tuple(each.ticket_ref for each in group if not is_solved(each.facts, as_of))
    gravest = _gravest(read)
    quotes = summed_up(read, sentences, gravest).quotes
    said = read.candidates[gravest].weighed if gravest is not None else Weighed(0.0, "")
    gravity = said.points + _OPEN_WEIGHS * bool(still_open) + _MORE_WEIGH * math.log2(len(group))
    times = [each.sent_at for each in read.messages] or [each.created_at for each in group]
    return Matter(
        label=label,
        tickets=tuple(each.ticket_ref for each in group),
        open_tickets=still_open,
        first_at=group[0].created_at,
        last_at=max(times),
        gravity=round(gravity, 3),
        because=_counted(len(group), len(still_open)) + (f"; says {said.because}" if said.because else ""),
        quotes=quotes,
        gravest=next(
            (each for each in quotes if gravest is not None and each.sentence == read.candidates[gravest].text), None
        ),
    )


def _gravest(read: ReadThread) -> int | None:
    """The place of the customers' gravest sentence; of equals the one that tells most, then the first."""
    grave = [
        (-each.weighed.points, -len(each.words), place)
        for place, each in enumerate(read.candidates)
        if read.is_customer(each) and each.weighed.points > 0
    ]
    return min(grave)[2] if grave else None


def _counted(count: int, still_open: int) -> str:
    return f"{count} ticket{'' if count == 1 else 's'}, {still_open or 'none'} open"
