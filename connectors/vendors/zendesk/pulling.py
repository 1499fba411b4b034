"""Knows how Zendesk is read: incremental exports, comments and history from ticket events, ratings from their list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.addresses import site_url
from connectors.contract import (
    Checked,
    Cursor,
    Found,
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
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.http import Http
from connectors.rate_limits import Pace, RateLimits, standard_retry_after, window_budget
from connectors.raw import Raw, Reading
from connectors.vendors.zendesk.writing import TicketWriter, listed
from domain.parties import Party
from domain.tickets import AuthorKind, Message, Survey, Ticket, TicketEvent

_LIMITS = RateLimits(
    budget=window_budget("ratelimit-remaining", "ratelimit-reset"),
    retry_after=standard_retry_after,
    # The exports allow ten calls a minute, whatever the plan.
    paces=(Pace(10, timedelta(minutes=1), "/incremental/"),),
)
_EXPORT_ROWS, _ASKED_USERS = 1000, 100
# The time-based exports leave out the last minute and repeat what shares the second of a page's end.
_OVERLAP = timedelta(minutes=2)
# A rating can be changed while its ticket is open, and its list is ordered by when it was first given.
_RATINGS_OVERLAP = timedelta(days=30)
_STATUS = {
    "new": "new", "open": "open", "pending": "pending", "hold": "on_hold", "solved": "solved", "closed": "closed",
}  # fmt: skip
_PRIORITY = {"low": "low", "normal": "normal", "high": "high", "urgent": "urgent"}
_ROLES: Mapping[str, AuthorKind] = {"end-user": "customer", "agent": "agent", "admin": "agent"}
_SCORES = {"good": 1, "bad": 0}
_HISTORY = ("status", "priority", "group_id", "assignee_id")


@dataclass
class Zendesk:
    """One Zendesk site."""

    site: Site
    roles: dict[str, AuthorKind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        email = self.site.settings["email"]
        self.http = Http(
            base_url=site_url(self.site.settings["subdomain"], "https://{}.zendesk.com"),
            auth=Basic(f"{email}/token", self.site.secrets["api_token"], f"the API token of {email}"),
            clock=self.site.clock,
            limits=_LIMITS,
            on_wait=self.site.on_wait,
        )

    @property
    def calls(self) -> int:
        return self.http.calls

    @property
    def budget_left(self) -> int | None:
        return self.http.budget_left

    def check(self) -> Checked:
        me = Raw.of(self.http.get("/api/v2/users/me").json).must_object("user")
        # Zendesk answers an anonymous user, not 401, to some wrong credentials.
        role = me.text("role") or "nobody"
        if role == "admin":
            return Checked(me.text("email") or role)
        return Checked(me.text("email") or role, (f"role admin (it is {role!r}): without it nothing can be exported",))

    def calls_per_minute(self) -> int | None:
        return 10

    def streams(self) -> Sequence[Stream]:
        return (
            Stream(
                "organizations",
                self._organizations,
                total=partial(self._count, "organizations"),
                page_rows=_EXPORT_ROWS,
            ),
            Stream("tickets", self._tickets, total=partial(self._count, "tickets"), page_rows=_EXPORT_ROWS),
            Stream("ticket events", self._events),
            Stream("satisfaction ratings", self._ratings),
        )

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return TicketWriter(self.http).plan(change)

    def write(self, change: TicketChange) -> Written:
        return TicketWriter(self.http).write(change)

    def site_fields(self) -> Sequence[SiteField]:
        lists = (("organization", "organization_fields", "key"), ("ticket", "ticket_fields", "id"))
        return [
            SiteField(kind, str(raw.fields.get(key)), raw.text("title") or "", raw.text("type") or "")
            for kind, name, key in lists
            for page in listed(self.http, f"/api/v2/{name}", name)
            for raw in (Raw.of(each) for each in page)
        ]

    def _count(self, objects: str) -> int | None:
        return Raw.of(self.http.get(f"/api/v2/{objects}/count").json).must_object("count").whole("value")

    def _organizations(self, cursor: Cursor) -> Iterator[Page]:
        for raw, reading, start, complete in self._export("organizations", cursor, {}):
            reading.each("party", raw.items("organizations"), self._organization)
            yield _page(reading, {"start_time": start}, complete)

    def _organization(self, raw: Raw) -> Iterator[Found]:
        changed_at = raw.moment("updated_at")
        if raw.has("deleted_at"):
            return
        shared = self.site.fields.get("organization.known_as")
        own = raw.object("organization_fields")
        elsewhere = (raw.text("external_id"), own.text(shared) if own and shared else None)
        party = Party(
            source=self.site.name,
            external_id=raw.id(),
            role="helpdesk",
            name=raw.text("name") or f"Organization {raw.id()}",
            domains=raw.texts("domain_names"),
            known_as=tuple(each for each in elsewhere if each),
        )
        yield Found(party, changed_at)

    def _tickets(self, cursor: Cursor) -> Iterator[Page]:
        """The cursor export: `start_time` once, then the cursor of the page before."""
        asked: dict[str, Any] = dict(cursor) or {"start_time": 1}
        while True:
            params = {**asked, "per_page": _EXPORT_ROWS, "include": "users,metric_sets"}
            answer = Raw.of(self.http.get("/api/v2/incremental/tickets/cursor", params).json)
            reading, gone = Reading(), list[Gone]()
            domains = {
                user.id(): company_domain(user.text("email")) for user in answer.objects("users") if user.has("id")
            }
            live = []
            for each in answer.items("tickets"):
                if isinstance(each, Mapping) and each.get("status") == "deleted":
                    deleted = Raw.of(each)
                    gone.append(Gone("ticket", deleted.id(), deleted.moment("updated_at")))
                else:
                    live.append(each)
            reading.each("ticket", live, partial(self._ticket, domains))
            after = answer.text("after_cursor")
            asked = {"cursor": after} if after else asked
            complete = answer.flag("end_of_stream") is not False
            yield _page(reading, asked, complete, gone)
            if complete:
                return

    def _ticket(self, domains: Mapping[str, str | None], raw: Raw) -> Iterator[Found]:
        changed_at, created_at = raw.must_moment("updated_at"), raw.must_moment("created_at")
        metrics, via = raw.object("metric_set"), raw.object("via")
        domain = domains.get(raw.ref("requester_id") or "")
        organization = raw.ref("organization_id")
        if not organization and domain:
            yield Found(domain_party(self.site.name, domain))
        workflow = self.site.fields.get("ticket.workflow")
        custom = {str(each.fields.get("id")): each for each in raw.objects("custom_fields")}
        status = raw.choice("status", _STATUS, "open")
        ticket = Ticket(
            source=self.site.name,
            external_id=raw.id(),
            account_ref=organization or (domain_ref(domain) if domain else None),
            subject=raw.text("subject") or "",
            status=status,
            priority=raw.choice("priority", _PRIORITY),
            channel=via.text("channel") if via else None,
            workflow=custom[workflow].text("value") if workflow in custom else raw.text("type"),
            tags=raw.texts("tags"),
            assignee=raw.ref("assignee_id"),
            created_at=created_at,
            first_replied_at=_after_minutes(created_at, metrics),
            resolved_at=metrics.moment("solved_at") if metrics and status in {"solved", "closed"} else None,
        )
        yield Found(ticket, changed_at)

    def _events(self, cursor: Cursor) -> Iterator[Page]:
        for raw, reading, start, complete in self._export("ticket_events", cursor, {"include": "comment_events"}):
            events = raw.items("ticket_events")
            self._learn_roles(events)
            reading.each("ticket_event", events, self._event)
            yield _page(reading, {"start_time": start}, complete)

    def _event(self, raw: Raw) -> Iterator[Found]:
        """One update of a ticket: its comments as messages, its changes of status and the like as events."""
        ticket, happened_at = raw.id("ticket_id"), raw.must_moment("timestamp")
        for child in raw.objects("child_events"):
            if child.text("event_type") == "Comment":
                yield self._message(
                    ticket, child if child.has("body") else self._whole_comment(ticket, child), happened_at
                )
                continue
            previous = child.object("previous_values") or child
            for name in _HISTORY:
                if name in child.fields:
                    event = TicketEvent(
                        source=self.site.name,
                        external_id=f"{child.id()}:{name}",
                        ticket_ref=ticket,
                        kind=name.removesuffix("_id"),
                        from_value=_was(previous, name),
                        to_value=_word(name, child.text(name)),
                        happened_at=happened_at,
                    )
                    yield Found(event, happened_at)

    def _message(self, ticket: str, comment: Raw, happened_at: datetime) -> Found:
        author = comment.ref("author_id") or "-1"
        message = Message(
            source=self.site.name,
            external_id=comment.id(),
            ticket_ref=ticket,
            author_kind="system" if author == "-1" else self.roles.get(author, "customer"),
            public=comment.flag("public") is not False,
            text=comment.text("plain_body") or comment.text("body") or "",
            sent_at=comment.moment("created_at") or happened_at,
        )
        return Found(message, happened_at)

    def _whole_comment(self, ticket: str, comment: Raw) -> Raw:
        # The export leaves long comments out; the ticket's own list has them.
        for page in listed(self.http, f"/api/v2/tickets/{ticket}/comments", "comments"):
            for each in page:
                if Raw.of(each).id() == comment.id():
                    return Raw.of(each, remarks=comment.remarks)
        return comment

    def _learn_roles(self, events: list[Any]) -> None:
        """Ask who the authors of comments are, a hundred in a call."""
        children = (
            child
            for event in events
            if isinstance(event, Mapping)
            for child in event.get("child_events") or ()
            if isinstance(child, Mapping) and child.get("author_id") not in (None, -1)
        )
        unknown = sorted({str(child["author_id"]) for child in children} - set(self.roles))
        for start in range(0, len(unknown), _ASKED_USERS):
            asked = ",".join(unknown[start : start + _ASKED_USERS])
            for user in Raw.of(self.http.get("/api/v2/users/show_many", {"ids": asked}).json).objects("users"):
                self.roles[user.id()] = _ROLES.get(user.text("role") or "", "customer")

    def _ratings(self, cursor: Cursor) -> Iterator[Page]:
        """By the cursor of the page before; a new walk looks back, because a rating may have been changed."""
        since = cursor.get("start_time", 1)
        newest = max(since, cursor.get("newest", 1))
        params: dict[str, Any] = {"start_time": since, "page[size]": 100}
        if "after" in cursor:
            params["page[after]"] = cursor["after"]
        while True:
            answer = Raw.of(self.http.get("/api/v2/satisfaction_ratings", params).json)
            meta, reading = answer.object("meta"), Reading()
            reading.each("survey", answer.items("satisfaction_ratings"), self._rating)
            moments = [int(found.changed_at.timestamp()) for found in reading.found if found.changed_at]
            newest = max([newest, *moments])
            after = meta.text("after_cursor") if meta and meta.flag("has_more") else None
            if after is None:
                start = max(1, newest - int(_RATINGS_OVERLAP.total_seconds()))
                yield _page(reading, {"start_time": start}, complete=True)
                return
            yield _page(reading, {"start_time": since, "newest": newest, "after": after}, complete=False)
            params["page[after]"] = after

    def _rating(self, raw: Raw) -> Iterator[Found]:
        word = (raw.text("score") or "").lower().split("_")[0]
        if word not in _SCORES:
            return
        survey = Survey(
            source=self.site.name,
            external_id=raw.id(),
            ticket_ref=raw.id("ticket_id"),
            kind="csat",
            score=_SCORES[word],
            scale_min=0,
            scale_max=1,
            comment=raw.text("comment"),
            answered_at=raw.must_moment("created_at"),
        )
        yield Found(survey, raw.must_moment("updated_at"))

    def _export(
        self, objects: str, cursor: Cursor, params: Mapping[str, str]
    ) -> Iterator[tuple[Raw, Reading, int, bool]]:
        """A time-based export: each page begins at the end of the one before, and may repeat its last rows."""
        start = int(cursor.get("start_time", 1))
        while True:
            asked = {"start_time": start, "per_page": _EXPORT_ROWS, **params}
            answer = Raw.of(self.http.get(f"/api/v2/incremental/{objects}", asked).json)
            end, rows = answer.whole("end_time"), answer.items(objects)
            stops = answer.flag("end_of_stream")
            complete = stops if stops is not None else len(rows) < _EXPORT_ROWS
            start = max(1, (end or start) - int(_OVERLAP.total_seconds())) if complete else end or start
            yield answer, Reading(), start, complete
            if complete:
                return


def _page(reading: Reading, cursor: Cursor, complete: bool, gone: Sequence[Gone] = ()) -> Page:
    return Page(
        cursor=cursor,
        found=reading.found,
        gone=gone,
        unusable=reading.unusable,
        remarks=reading.remarks,
        read=reading.read + len(gone),
        complete=complete,
    )


def _after_minutes(created_at: datetime, metrics: Raw | None) -> datetime | None:
    minutes = metrics.object("reply_time_in_minutes") if metrics else None
    waited = minutes.whole("calendar") if minutes else None
    return created_at + timedelta(minutes=waited) if waited is not None else None


def _was(previous: Raw, name: str) -> str | None:
    return _word(name, previous.text("previous_value") if "previous_value" in previous.fields else previous.text(name))


def _word(name: str, value: str | None) -> str | None:
    return _STATUS.get(value or "", value) if name == "status" else value
