"""Knows how Freshdesk is read: tickets by their change, what was said in each, deletions from trash and spam."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
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
from connectors.credentials import Basic
from connectors.http import Http, NotThere, Refused
from connectors.rate_limits import RateLimits, window_budget
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.freshdesk.records import Records
from connectors.vendors.freshdesk.writing import TicketWriter
from domain.errors import ConnectorError, CredentialsRejected
from domain.tickets import Ticket

_LIMITS = RateLimits(budget=window_budget("X-RateLimit-Remaining", ""))
# What the smallest paid plan allows; others allow 400 or 700.
_CALLS_PER_MINUTE = 200
_PER_PAGE, _LAST_PAGE, _SEARCH_PAGES = 100, 300, 10
# Without a date the list holds the last thirty days only; there was no Freshdesk before.
_FIRST_DAY = "2010-01-01T00:00:00Z"
_OVERLAP = timedelta(minutes=5)
# A rating may be given again, and its list is filtered by when it was first given.
_RATINGS_OVERLAP = timedelta(days=7)
# Times are told to the second: what shares a second with the end of a page may stand on the next.
_TICK = timedelta(seconds=1)
_EVERY_SCOPE = 1


@dataclass
class Freshdesk(Asking):
    """One Freshdesk site."""

    site: Site

    def __post_init__(self) -> None:
        self.records = Records(self.site)
        self.http = Http(
            base_url=site_url(self.site.settings["domain"], "https://{}.freshdesk.com"),
            auth=Basic(self.site.secrets["api_key"], "X", "the API key"),
            clock=self.site.clock,
            limits=_LIMITS,
            on_wait=self.site.on_wait,
        )

    def check(self) -> Checked:
        me = Raw.of(self.http.get("/api/v2/agents/me").json)
        contact = me.object("contact")
        identity = (contact.text("email") if contact else None) or f"agent {me.id()}"
        if me.whole("ticket_scope") in {_EVERY_SCOPE, None}:
            return Checked(identity)
        return Checked(identity, ("global access to tickets: without it only the agent's own or groups' are read",))

    def calls_per_minute(self) -> int | None:
        return _CALLS_PER_MINUTE

    def streams(self) -> Sequence[Stream]:
        return (
            Stream("companies", self._companies),
            Stream("tickets", self._tickets),
            Stream("deleted tickets", partial(self._removed, "deleted")),
            Stream("spam", partial(self._removed, "spam")),
            Stream("satisfaction ratings", self._ratings),
        )

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return TicketWriter(self.http, self._conversations).plan(change)

    def write(self, change: TicketChange) -> Written:
        return TicketWriter(self.http, self._conversations).write(change)

    def site_fields(self) -> Sequence[SiteField]:
        return [
            SiteField(kind, raw.text("name") or "", raw.text("label") or "", raw.text("type") or "")
            for kind in ("company", "ticket")
            for raw in (Raw.of(each) for each in _rows(self.http.get(f"/api/v2/{kind}_fields").json))
        ]

    def _companies(self, cursor: Cursor) -> Iterator[Page]:
        """All of them once; after that those that the search has as changed, unless these are too many for it."""
        newest, page = cursor.get("newest"), cursor.get("page", 1)
        changed = self._changed_companies(newest) if newest and "page" not in cursor else None
        walk = self._numbered("/api/v2/companies", {}, page) if changed is None else [(changed, page, False)]
        for rows, number, more in walk:
            reading = Reading()
            reading.each("party", rows, self.records.company)
            moments = [found.changed_at.isoformat() for found in reading.found if found.changed_at]
            newest = max([*moments, newest or ""])
            yield reading.page({"newest": newest, **({"page": number + 1} if more else {})}, not more)

    def _changed_companies(self, newest: str) -> list[Any] | None:
        # The search compares days, and learns of a change some minutes late.
        since = date.fromisoformat(newest[:10]) - timedelta(days=1)
        rows: list[Any] = []
        for page in range(1, _SEARCH_PAGES + 1):
            asked = {"query": f"\"updated_at:>'{since}'\"", "page": page}
            try:
                answer = Raw.of(self.http.get("/api/v2/search/companies", asked).json)
            except Refused:
                return None
            rows += answer.items("results")
            if len(rows) >= (answer.whole("total") or 0):
                return rows
        return None

    def _tickets(self, cursor: Cursor) -> Iterator[Page]:
        for rows, after, complete in self._by_change(cursor, {"include": "requester,stats,description"}):
            reading, groups = Reading(), self._groups if any(map(_has_group, rows)) else {}
            reading.each("ticket", rows, partial(self.records.ticket, groups))
            for ticket in [found.fact.external_id for found in reading.found if isinstance(found.fact, Ticket)]:
                reading.each("message", self._conversations(ticket), partial(self.records.message, ticket))
            yield reading.page(after, complete)

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        """The names of the groups by id; none where the key may not list them."""
        try:
            listed = [each for rows, _, _ in self._numbered("/api/v2/groups", {}, 1) for each in rows]
        except CredentialsRejected:
            return {}
        return {raw.id(): raw.text("name") or raw.id() for raw in map(Raw.of, listed)}

    def _conversations(self, ticket: str) -> list[Any]:
        try:
            pages = self._numbered(f"/api/v2/tickets/{ticket}/conversations", {}, 1)
            return [each for rows, _, _ in pages for each in rows]
        except NotThere:
            # Deleted since it was listed; the trash tells of it.
            return []

    def _removed(self, kind: str, cursor: Cursor) -> Iterator[Page]:
        for rows, after, complete in self._by_change(cursor, {"filter": kind}):
            reading, gone = Reading(), list[Gone]()

            def bury(raw: Raw, gone: list[Gone] = gone) -> tuple[()]:
                gone.append(Gone("ticket", raw.id(), raw.moment("updated_at")))
                return ()

            reading.each("ticket", rows, bury)
            yield reading.page(after, complete, gone)

    def _ratings(self, cursor: Cursor) -> Iterator[Page]:
        since = cursor.get("since", _FIRST_DAY)
        newest = cursor.get("newest", since)
        asked = {"created_since": since}
        for rows, number, more in self._numbered("/api/v2/surveys/satisfaction_ratings", asked, cursor.get("page", 1)):
            reading, moments = Reading(), [_text(at) for at in _moments(rows, "created_at")]
            reading.each("survey", rows, self.records.rating)
            newest = max([newest, *moments])
            after: Cursor = {"since": since, "newest": newest, "page": number + 1}
            if not more:
                after = {"since": max(since, _text(datetime.fromisoformat(newest) - _RATINGS_OVERLAP))}
            elif number >= _LAST_PAGE and moments and moments[0] < moments[-1]:
                yield reading.page({"since": moments[-1], "newest": newest}, complete=False)
                yield from self._ratings({"since": moments[-1], "newest": newest})
                return
            yield reading.page(after, not more)

    def _by_change(self, cursor: Cursor, params: Mapping[str, str]) -> Iterator[tuple[list[Any], Cursor, bool]]:
        """Tickets in the order of their change, each page from the end of the one before.

        Page numbers shift when a ticket changes in mid-walk, so they serve only among tickets of one second. Those
        pages are gone through once more backwards: what slips forward then is met again.
        """
        here, before = dict(cursor) or {"since": _FIRST_DAY}, None
        while True:
            since, page = here["since"], here.get("page", 1)
            order = {"updated_since": since, "order_by": "updated_at", "order_type": "asc", **params}
            rows, more = self._listed("/api/v2/tickets", {**order, "page": page})
            end = max((_text(at - _TICK) for at in _moments(rows, "updated_at")), default=since)
            if "then" in here:
                here = {**here, "page": page - 1} if page > 1 else {"since": here["then"]}
            elif not more:
                start = max(_FIRST_DAY, _text(datetime.fromisoformat(end) - _OVERLAP)) if rows else since
                yield rows, {"since": start}, True
                return
            elif end > since:
                here = {"since": since, "page": page - 1, "then": end} if page > 1 else {"since": end}
            else:
                _require_another(rows, before)
                _require_number(page + 1)
                here = {"since": since, "page": page + 1}
            before = rows if here["since"] == since else None
            yield rows, here, False

    def _numbered(self, path: str, params: Mapping[str, str], page: int) -> Iterator[tuple[list[Any], int, bool]]:
        """The pages of a list from number `page` on, each with its number and whether there are more."""
        before: list[Any] | None = None
        more = True
        while more:
            rows, more = self._listed(path, {**params, "page": page})
            _require_another(rows, before)
            yield rows, page, more
            before, page = rows, page + 1

    def _listed(self, path: str, params: Mapping[str, Any]) -> tuple[list[Any], bool]:
        answer = self.http.get(path, {**params, "per_page": _PER_PAGE})
        rows = _rows(answer.json)
        return rows, 'rel="next"' in answer.headers.get("Link", "") or len(rows) >= _PER_PAGE


def _has_group(row: object) -> bool:
    return isinstance(row, Mapping) and row.get("group_id") is not None


def _require_another(rows: list[Any], before: list[Any] | None) -> None:
    if rows and rows == before:
        raise ConnectorError("a page of Freshdesk points to itself; what came before it is in, try again later")


def _require_number(page: int) -> None:
    if page > _LAST_PAGE:
        raise ConnectorError(
            f"more than {_LAST_PAGE * _PER_PAGE} tickets changed in one second, and Freshdesk lists no more of them; "
            "change some of them again, and sync"
        )


def _rows(answer: object) -> list[Any]:
    if not isinstance(answer, list):
        raise Unreadable("the answer", answer, "a list")
    return answer


def _moments(rows: Sequence[object], name: str) -> list[datetime]:
    """The times of those rows that have a readable one."""
    moments = []
    for each in rows:
        try:
            moments.append(Raw.of(each).must_moment(name))
        except Unreadable:
            continue
    return moments


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
