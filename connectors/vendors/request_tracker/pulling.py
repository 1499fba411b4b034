"""Knows how Request Tracker is read: its log of transactions, from an id onwards, and the tickets that it speaks of.

The log tells all that a search for tickets by date hides: a deleted ticket is in no search, a merge does not move the
date of the ticket that goes, and dates are read in a time zone that is nowhere to be learned.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.addresses import site_url
from connectors.asking import Asking
from connectors.contract import (
    Checked,
    Cursor,
    Gone,
    OutgoingRequest,
    Page,
    Site,
    SiteField,
    Stream,
    TicketChange,
    Written,
)
from connectors.credentials import Basic, Token
from connectors.http import Http, NotThere
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.request_tracker.log import ROWS, Log, ids
from connectors.vendors.request_tracker.reading import WRITTEN, People, Reader, Tickets, home_of, listed, numbered
from connectors.vendors.request_tracker.writing import TicketWriter

# An id is given when a transaction begins and seen when it ends: a lower one may come in after a higher one.
_OVERLAP = timedelta(minutes=5)
_RIGHTS = {
    "comment": "CommentOnTicket: without it no internal note can be written",
    "lifecycle": "ModifyTicket: without it no priority and no custom field can be written",
}


@dataclass
class RequestTracker(Asking):
    """One Request Tracker site."""

    site: Site
    users: dict[str, Raw | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        user, secret = self.site.settings.get("user", ""), self.site.secrets["password"]
        token = Token(secret, "the token", prefix="token ")
        self.http = Http(
            base_url=site_url(self.site.settings["url"]),
            auth=Basic(user, secret, f"the password of {user}") if user else token,
            clock=self.site.clock,
            on_wait=self.site.on_wait,
        )
        self.log = Log(self.http)
        self.reader = Reader(self.site, People(self._user, self.users))

    def check(self) -> Checked:
        me = self.site.settings.get("user") or _owner(self.site.secrets["password"])
        user = self.log.user(me) if me else None
        if next(self.log.queues(), None) is None:
            missing = ["SeeQueue and ShowTicket on the queues: without them nothing can be read"]
        else:
            links = self.log.links()
            missing = [told for link, told in _RIGHTS.items() if links is not None and link not in links]
        if user and user.flag("Privileged") is not True:
            missing.insert(0, "Privileged ('Let this user be granted rights'): without it nobody's staff is recognised")
        return Checked(user.text("Name") or "the token's user" if user else "the token's user", tuple(missing))

    def calls_per_minute(self) -> int | None:
        return None

    def streams(self) -> Sequence[Stream]:
        return (Stream("transactions", self._pages, total=self.log.size, page_rows=ROWS),)

    def site_fields(self) -> Sequence[SiteField]:
        queues = self.log.queues()
        names = {each.must_text("name"): each for queue in queues for each in listed(queue, "TicketCustomFields")}
        return [SiteField("ticket", name, name, "custom field") for name in sorted(names)]

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return self._writer().plan(change)

    def write(self, change: TicketChange) -> Written:
        return self._writer().write(change)

    def _writer(self) -> TicketWriter:
        return TicketWriter(self.http, self.log, self.reader.bands, self.site.fields.get("ticket.tags"))

    def _user(self, name: str) -> Raw | None:
        try:
            return self.log.user(name)
        except NotThere:
            return None

    def _pages(self, cursor: Cursor) -> Iterator[Page]:
        after = int(cursor.get("after", 0))
        settled = _Settled(int(cursor.get("settled", after)))
        more = True
        while more:
            rows, more = self.log.page(after)
            after = max([after, *ids(rows)])
            settled.note(rows)
            behind = {"after": after, "settled": settled.until} if more else {"after": settled.until}
            yield self._page(rows, behind, complete=not more)

    def _page(self, rows: Sequence[Any], cursor: Cursor, *, complete: bool) -> Page:
        whole = [each for each in rows if _is_whole(each)]
        tickets = self.log.tickets(str(each["ObjectId"]) for each in whole)
        tickets |= self.log.tickets({home_of(each) for each in tickets.values()} - tickets.keys())
        reading, gone, moved = Reading(), list[Gone](), dict[str, Any]()
        for row in whole:
            gone += _gone(row, tickets)
            for ticket in self._that_come_back(row, tickets):
                tickets |= self.log.tickets({ticket} - tickets.keys())
                moved |= {str(each["id"]): each for each in self.log.of_ticket(ticket) if _is_whole(each)}
        reading.each("ticket_event", [each for each in rows if not _is_whole(each)], numbered)
        self._read([*(each for each in whole if str(each["id"]) not in moved), *moved.values()], tickets, reading)
        return Page(cursor, reading.found, gone, reading.unusable, reading.remarks, read=len(rows), complete=complete)

    def _that_come_back(self, row: Mapping[str, Any], tickets: Tickets) -> list[str]:
        """Tickets whose earlier transactions belong somewhere else now: merged ones, and those that were deleted."""
        ticket = str(row["ObjectId"])
        if ticket not in tickets:
            return []
        if row.get("Field") == "MergedInto" and home_of(tickets[ticket]) != ticket:
            return self.log.merged_into(home_of(tickets[ticket]))
        return [ticket] if row.get("Type") == "Status" and row.get("OldValue") == "deleted" else []

    def _read(self, rows: Sequence[Mapping[str, Any]], tickets: Tickets, reading: Reading) -> None:
        live = {ticket: each for ticket, each in tickets.items() if home_of(each) == ticket}
        known = [each for each in rows if str(each["ObjectId"]) in tickets]
        known = [each for each in known if home_of(tickets[str(each["ObjectId"])]) in live]
        written = [each for each in known if each.get("Type") in WRITTEN]
        changes = [each for each in known if each.get("Type") not in WRITTEN]
        texts = self.log.texts([str(each["id"]) for each in written])
        reading.each("ticket", live.values(), self.reader.ticket)
        reading.each("ticket_event", changes, partial(self.reader.event, tickets))
        reading.each("message", written, partial(self.reader.message, tickets, texts))


class _Settled:
    """Up to which transaction all are in for good: older ones than `_OVERLAP` come in no more."""

    def __init__(self, until: int) -> None:
        self.until = until
        self._recent: deque[tuple[int, datetime]] = deque()
        self._newest: datetime | None = None

    def note(self, rows: Sequence[Any]) -> None:
        for row in rows:
            created = _created(row) if _is_whole(row) else None
            if created is not None:
                self._recent.append((int(row["id"]), created))
                self._newest = max(self._newest or created, created)
        while self._newest and self._recent and self._recent[0][1] <= self._newest - _OVERLAP:
            self.until = max(self.until, self._recent.popleft()[0])


def _gone(row: Mapping[str, Any], tickets: Tickets) -> Iterator[Gone]:
    ticket = str(row["ObjectId"])
    deleted = row.get("Type") == "Status" and row.get("NewValue") == "deleted" and ticket not in tickets
    merged = row.get("Field") == "MergedInto" and ticket in tickets and home_of(tickets[ticket]) != ticket
    if deleted or merged:
        yield Gone("ticket", ticket, _created(row))


def _created(row: Mapping[str, Any]) -> datetime | None:
    try:
        return Raw.of(row).moment("Created")
    except Unreadable:
        return None


def _owner(token: str) -> str | None:
    """The number of the user whom a token belongs to: 61 of 1-61-0123abcd."""
    parts = token.split("-")
    return parts[1] if len(parts) == 3 and parts[1].isdigit() else None


def _is_whole(row: Any) -> bool:
    return isinstance(row, Mapping) and str(row.get("id")).isdigit() and str(row.get("ObjectId")).isdigit()
