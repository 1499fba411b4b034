"""Knows how Zammad is read: tickets by the time of their last change, and with each its articles, tags and history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from connectors.addresses import site_url
from connectors.contract import (
    START,
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
from connectors.credentials import Token
from connectors.http import Http, NotThere
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.zammad.reading import ARTICLES, HISTORY, MERGED, TAGS, Reader
from connectors.vendors.zammad.site import API, ROWS, Lists
from connectors.vendors.zammad.writing import TicketWriter
from domain.errors import ConnectorError

# A ticket is stamped when it is saved and seen when the transaction ends.
_OVERLAP = timedelta(minutes=5)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# Hidden everywhere.
_REMOVED = "removed"


@dataclass
class Zammad:
    """One Zammad site."""

    site: Site

    def __post_init__(self) -> None:
        self.http = Http(
            base_url=site_url(self.site.settings["url"]),
            auth=Token(self.site.secrets["token"], "the access token", prefix="Token token="),
            clock=self.site.clock,
            on_wait=self.site.on_wait,
        )
        self.lists = Lists(self.http)
        self.reader = Reader(self.site, self.lists)

    @property
    def calls(self) -> int:
        return self.http.calls

    def check(self) -> Checked:
        me = Raw.of(self.http.get(f"{API}/users/me", {"expand": "true"}).json)
        groups = me.fields.get("groups") or me.fields.get("group_ids")
        missing = () if groups else ("access to a group: without it no tickets can be read",)
        return Checked(me.text("email") or me.text("login") or me.id(), missing)

    def calls_per_minute(self) -> int | None:
        return None

    def streams(self) -> Sequence[Stream]:
        return Stream("organizations", self._organizations), Stream("tickets", self._tickets, page_rows=ROWS)

    def site_fields(self) -> Sequence[SiteField]:
        known = {"ticket": "Ticket", "organization": "Organization"}
        rows = self.http.get(f"{API}/object_manager_attributes").json
        attributes = [Raw.of(each) for each in rows if isinstance(each, Mapping)]
        return [
            SiteField(ours, raw.must_text("name"), raw.text("display") or "", raw.text("data_type") or "")
            for ours, theirs in known.items()
            for raw in attributes
            if raw.text("object") == theirs
        ]

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return TicketWriter(self.http, self.lists).plan(change)

    def write(self, change: TicketChange) -> Written:
        return TicketWriter(self.http, self.lists).write(change)

    def _organizations(self, cursor: Cursor) -> Iterator[Page]:
        """All of them each time: there are few, and what is skipped when one is deleted comes with the next walk."""
        page, before = int(cursor.get("page", 1)), list[Any]()
        while rows := self.lists.page("organizations", page):
            if rows == before:
                raise ConnectorError("organizations: a page points to itself; what came before it is in")
            reading = Reading()
            reading.each("party", rows, self.reader.organization)
            page, before = page + 1, rows
            yield Page({"page": page}, reading.found, (), reading.unusable, reading.remarks, read=len(rows))
        yield Page(START, complete=True)

    def _tickets(self, cursor: Cursor) -> Iterator[Page]:
        since, page = _moment(cursor.get("since")), int(cursor.get("page", 1))
        handled: set[tuple[object, object]] = set()
        while rows := self.lists.changed(_written(since), page):
            newest = _newest(rows, since)
            new = [each for each in rows if _version(each) not in handled]
            handled = {_version(each) for each in rows}
            # Where one moment holds more tickets than a page, its pages are turned.
            since, page = (newest, 1) if newest > since else (since, page + 1)
            yield self._page(new, {"since": _written(since), "page": page})
        yield Page({"since": _written(max(since - _OVERLAP, _BEGINNING))}, complete=True)

    def _page(self, rows: Sequence[Any], cursor: Cursor) -> Page:
        reading, gone, live = Reading(), list[Gone](), list[Mapping[str, Any]]()
        reading.each("ticket", [each for each in rows if not _has_id(each)], self.reader.without_id)
        for row in (each for each in rows if _has_id(each)):
            raw = Raw.of(row)
            kind = self.lists.kind(raw.text("state") or "")
            details = None if kind == _REMOVED else self._details(raw.id(), kind)
            if details is None:
                gone.append(Gone("ticket", raw.id(), raw.moment("updated_at")))
            else:
                live.append({**row, **details})
        reading.each("ticket", live, self.reader.ticket)
        for each in live:
            reading.each("message", each[ARTICLES], partial(self.reader.message, str(each["id"])))
            reading.each("ticket_event", each[HISTORY], partial(self.reader.event, str(each["id"])))
            reading.each("ticket_event", [each], self.reader.merge)
        return Page(cursor, reading.found, gone, reading.unusable, reading.remarks, read=len(rows))

    def _details(self, ticket: str, kind: str) -> Mapping[str, Any] | None:
        """What the list leaves out; None where the ticket was deleted meanwhile."""
        try:
            # What was said in a merged ticket has moved into the other one; it only says that it was merged.
            articles = [] if kind == MERGED else self.lists.articles(ticket)
            details = {TAGS: self.lists.tags(ticket), ARTICLES: articles}
        except NotThere:
            return None
        try:
            return {**details, HISTORY: self.lists.history(ticket)}
        except NotThere:
            # The history is refused as a whole where it speaks of something that was deleted.
            return {**details, HISTORY: []}


def _newest(rows: Sequence[Any], since: datetime) -> datetime:
    """The last change on a page.

    Raises:
        ConnectorError: there are older ones than were asked for, so the site does not search as it should.
    """
    moments = [_moment(each.get("updated_at")) for each in rows if isinstance(each, Mapping)]
    known = [each for each in moments if each > _BEGINNING]
    if known and min(known) < since:
        raise ConnectorError("tickets/search does not search by the time of change; is this the address of a Zammad?")
    return max([since, *known])


def _moment(written: object) -> datetime:
    """A moment; the beginning of time for what is none, which puts its ticket aside when that is read."""
    try:
        return Raw.of({"at": written}).moment("at") or _BEGINNING
    except Unreadable:
        return _BEGINNING


def _written(moment: datetime) -> str:
    # Zammad keeps milliseconds.
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _version(row: Any) -> tuple[object, object]:
    return (row.get("id"), row.get("updated_at")) if isinstance(row, Mapping) else (None, None)


def _has_id(row: Any) -> bool:
    return isinstance(row, Mapping) and str(row.get("id")).isdigit()
