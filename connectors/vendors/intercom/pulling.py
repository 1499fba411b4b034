"""Knows how Intercom is read: conversations by a search, each then whole; companies by a scroll; people as needed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from connectors.addresses import site_url
from connectors.asking import Asking
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
    WebhookCall,
    Written,
)
from connectors.credentials import Token
from connectors.http import Http, NotThere, Refused
from connectors.rate_limits import RateLimits, reset_budget, until_reset
from connectors.raw import Raw, Reading, Unreadable
from connectors.signatures import webhook_secret
from connectors.vendors.intercom import webhooks
from connectors.vendors.intercom.records import Person, Records, contact_of, team_of
from connectors.vendors.intercom.writing import ConversationWriter
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from domain.tickets import Ticket

_VERSION = "2.14"
_HOSTS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}
_LIMITS = RateLimits(
    budget=reset_budget("X-RateLimit-Remaining", "X-RateLimit-Reset"), retry_after=until_reset("X-RateLimit-Reset")
)
_CALLS_PER_MINUTE = 10_000
_PER_PAGE = 150
# The search learns of a change a little later than it happens.
_OVERLAP = timedelta(minutes=10)
# An app has one scroll; it is closed a minute after it was last asked.
_SCROLL_ENDS = timedelta(minutes=1)
_SCROLLS = 4


@dataclass
class Intercom(Asking):
    """One Intercom workspace."""

    site: Site
    # What this process has asked for already.
    people: dict[str, Person] = field(default_factory=dict)
    companies: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        region = self.site.settings["region"].strip()
        self.records = Records(self.site)
        self.http = Http(
            base_url=_HOSTS.get(region.lower()) or site_url(region),
            auth=Token(self.site.secrets["access_token"], "the access token"),
            clock=self.site.clock,
            limits=_LIMITS,
            on_wait=self.site.on_wait,
            headers={"Intercom-Version": _VERSION},
        )

    def check(self) -> Checked:
        me = Raw.of(self.http.get("/me").json)
        return Checked(me.text("email") or f"admin {me.id()}")

    def calls_per_minute(self) -> int | None:
        return _CALLS_PER_MINUTE

    def streams(self) -> Sequence[Stream]:
        return (
            Stream("companies", self._companies),
            # The search tells of many at once, but what was said is asked for one by one.
            Stream("conversations", self._conversations, total=self._total, page_rows=1),
        )

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return ConversationWriter(self.http).plan(change)

    def write(self, change: TicketChange) -> Written:
        return ConversationWriter(self.http).write(change)

    def receive(self, call: WebhookCall) -> Page:
        return webhooks.receive(call, webhook_secret(self.site.secrets), self._one_conversation, self._one_company)

    def site_fields(self) -> Sequence[SiteField]:
        return [
            SiteField(kind, raw.must_text("name"), raw.text("label") or "", raw.text("data_type") or "")
            for kind in ("company", "conversation")
            for raw in Raw.of(self.http.get("/data_attributes", {"model": kind}).json).objects("data")
        ]

    def _total(self) -> int | None:
        return self._search(1, None).whole("total_count")

    def _companies(self, cursor: Cursor) -> Iterator[Page]:
        """All of them, once a day: the scroll cannot be asked for changes, and cannot be gone on with after a minute.

        Between two scrolls the companies of the conversations that are read come along with these.
        """
        # Only how often this is done hangs on our clock, not what is read.
        today = self.site.clock.now().date().isoformat()
        if cursor.get("listed_on") == today:
            yield Page(cursor, complete=True)
            return
        number = cursor.get("page", 0)
        for rows in self._all_companies():
            number += 1
            yield self._read_companies(rows).page({"page": number} if rows else {"listed_on": today}, not rows)

    def _all_companies(self) -> Iterator[list[Any]]:
        """The pages of a scroll; where it breaks off, those of a new one, once the broken one is closed."""
        for left in reversed(range(_SCROLLS)):
            try:
                yield from self._scrolled()
            except Retriable as lost:
                if not left or (lost.retry_after or _SCROLL_ENDS) > _SCROLL_ENDS:
                    raise
                self.site.on_wait(_SCROLL_ENDS.total_seconds(), str(lost))
                self.site.clock.sleep(_SCROLL_ENDS.total_seconds())
            else:
                return

    def _scrolled(self) -> Iterator[list[Any]]:
        """The pages of a new scroll; the last is empty."""
        asked = ""
        rows: list[Any] | None = None
        while rows is None or rows:
            before = rows
            answer = self._scroll(asked)
            rows = answer.items("data")
            if rows and rows == before:
                raise ConnectorError("the scroll of Intercom's companies points to itself; try again later")
            yield rows
            asked = "?" + urlencode({"scroll_param": answer.must_text("scroll_param")}) if rows else ""

    def _scroll(self, asked: str) -> Raw:
        try:
            # Not `get`: asking moves the scroll on, so an answer that was lost cannot be asked for again.
            return Raw.of(self.http.write("GET", f"/companies/scroll{asked}", None).json)
        except Refused as refused:
            raise Retriable(f"the scroll of Intercom's companies is closed, or another is open: {refused}") from refused

    def _conversations(self, cursor: Cursor) -> Iterator[Page]:
        """By the search's own cursor, whatever its order: all that changed since the walk before, and the overlap."""
        since, newest, after = cursor.get("since", 1), cursor.get("newest", 1), cursor.get("after")
        answer = self._resumed(since, after)
        while True:
            rows = answer.items("conversations")
            newest = max([newest, *_moments(rows)])
            page = answer.object("pages")
            following = page.object("next") if page else None
            after = following.text("starting_after") if following else None
            if after is None:
                yield self._whole(rows, {"since": max(since, newest - int(_OVERLAP.total_seconds()))}, complete=True)
                return
            yield self._whole(rows, {"since": since, "newest": newest, "after": after}, complete=False)
            answer = self._search(since, after)

    def _resumed(self, since: int, after: str | None) -> Raw:
        try:
            return self._search(since, after)
        except Refused:
            if after is None:
                raise
            # A search's cursor of long ago may be unknown by now.
            return self._search(since, None)

    def _search(self, since: int, after: str | None) -> Raw:
        body = {
            "query": {"field": "updated_at", "operator": ">", "value": since - 1},
            "sort": {"field": "updated_at", "order": "ascending"},
            "pagination": {"per_page": _PER_PAGE, **({"starting_after": after} if after else {})},
        }
        return Raw.of(self.http.post_search("/conversations/search", body).json)

    def _whole(self, rows: Sequence[Any], cursor: Cursor, *, complete: bool) -> Page:
        """The conversations of a page, each asked for: the search leaves out what was said in them."""
        reading, gone, conversations = Reading(), list[Gone](), list[Any]()

        def look_up(row: Raw) -> tuple[()]:
            key = row.id()
            try:
                conversations.append(self.http.get(f"/conversations/{key}").json)
            except NotThere:
                gone.append(Gone("ticket", key, row.moment("updated_at")))
            return ()

        reading.each("ticket", rows, look_up)
        people, teams = self._people(conversations), self._teams if any(map(_team, conversations)) else {}
        for each in conversations:
            self.records.conversation(reading, each, people, teams)
        self._add_companies(reading)
        return replace(reading.page(cursor, complete, gone), read=len(rows))

    @cached_property
    def _teams(self) -> Mapping[str, str]:
        """The names of the teams by id; none where the token may not list them."""
        try:
            teams = Raw.of(self.http.get("/teams").json).objects("teams")
        except CredentialsRejected:
            return {}
        return {each.id(): each.text("name") or each.id() for each in teams}

    def _people(self, conversations: Iterable[object]) -> Mapping[str, Person]:
        """Who the conversations are with, in one question for all of them, and one for each who is not found so."""
        wanted = sorted({key for key in map(_contact, conversations) if key} - self.people.keys())
        if wanted:
            body = {"query": {"field": "id", "operator": "IN", "value": wanted}, "pagination": {"per_page": _PER_PAGE}}
            found = Raw.of(self.http.post_search("/contacts/search", body).json).objects("data")
            self.people |= {each.id(): Person.of(each) for each in found}
        for key in wanted:
            if key not in self.people:
                self.people[key] = self._person(key)
        return self.people

    def _person(self, key: str) -> Person:
        try:
            return Person.of(Raw.of(self.http.get(f"/contacts/{key}").json))
        except NotThere:
            # Deleted, or merged into another; the conversation's own words have an address.
            return Person()

    def _add_companies(self, reading: Reading) -> None:
        """The companies of the tickets, where this process has not met them yet."""
        refs = {found.fact.account_ref for found in reading.found if isinstance(found.fact, Ticket)}
        named = {each for each in refs if each and not each.startswith("domain:")}
        for key in sorted(named - self.companies):
            reading.found.extend(self._one_company(key).found)

    def _one_conversation(self, key: str) -> Page:
        return self._whole([{"id": key}], START, complete=True)

    def _one_company(self, key: str) -> Page:
        try:
            reading = self._read_companies([self.http.get(f"/companies/{key}").json])
        except NotThere:
            self.companies.add(key)
            return Page(START, complete=True)
        return reading.page(START, complete=True)

    def _read_companies(self, rows: Sequence[Any]) -> Reading:
        reading = Reading()
        reading.each("party", rows, self.records.company)
        self.companies |= {found.fact.external_id for found in reading.found}
        return reading


def _contact(conversation: object) -> str | None:
    try:
        return contact_of(Raw.of(conversation))
    except Unreadable:
        return None


def _team(conversation: object) -> str | None:
    try:
        return team_of(Raw.of(conversation))
    except Unreadable:
        return None


def _moments(rows: Sequence[object]) -> list[int]:
    return [int(at.timestamp()) for at in map(_changed_at, rows) if at]


def _changed_at(row: object) -> datetime | None:
    try:
        return Raw.of(row).moment("updated_at")
    except Unreadable:
        return None
