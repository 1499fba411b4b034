"""Knows how Zendesk is read: incremental exports, comments and history from ticket events, ratings from their list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.addresses import site_url
from connectors.asking import Asking
from connectors.contract import (
    START,
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
    WebhookCall,
    Written,
)
from connectors.credentials import Basic
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.http import Http
from connectors.rate_limits import Pace, RateLimits, standard_retry_after, window_budget
from connectors.raw import Raw, Reading
from connectors.signatures import webhook_secret
from connectors.vendors.zendesk.history import History
from connectors.vendors.zendesk.lists import listed, page_of
from connectors.vendors.zendesk.ratings import Ratings
from connectors.vendors.zendesk.webhooks import receive
from connectors.vendors.zendesk.words import PRIORITY, STATUS
from connectors.vendors.zendesk.writing import TicketWriter
from domain.parties import Party
from domain.tickets import Ticket

_LIMITS = RateLimits(
    budget=window_budget("ratelimit-remaining", "ratelimit-reset"),
    retry_after=standard_retry_after,
    # The exports allow ten calls a minute, whatever the plan.
    paces=(Pace(10, timedelta(minutes=1), "/incremental/"),),
)
_EXPORT_ROWS = 1000
# The time-based exports leave out the last minute and repeat what shares the second of a page's end.
_OVERLAP = timedelta(minutes=2)


@dataclass
class Zendesk(Asking):
    """One Zendesk site."""

    site: Site

    def __post_init__(self) -> None:
        email = self.site.settings["email"]
        self.http = Http(
            base_url=site_url(self.site.settings["subdomain"], "https://{}.zendesk.com"),
            auth=Basic(f"{email}/token", self.site.secrets["api_token"], f"the API token of {email}"),
            clock=self.site.clock,
            limits=_LIMITS,
            on_wait=self.site.on_wait,
        )
        self.history = History(self.http, self.site.name)

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
            Stream("satisfaction ratings", Ratings(self.http, self.site.name).pages),
        )

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return TicketWriter(self.http).plan(change)

    def write(self, change: TicketChange) -> Written:
        return TicketWriter(self.http).write(change)

    def receive(self, call: WebhookCall) -> Page:
        return receive(call, webhook_secret(self.site.secrets), self.ticket)

    def ticket(self, key: str) -> Page:
        """One ticket as it now is, with all that was said in it."""
        path = f"/api/v2/tickets/{key}"
        answer = Raw.of(self.http.get(path, {"include": "users,groups,metric_sets"}).json)
        reading = Reading()
        reading.each("ticket", [answer.fields.get("ticket")], partial(self._ticket, _domains(answer), _groups(answer)))
        for comments in listed(self.http, f"{path}/comments", "comments"):
            self.history.learn_authors([{"child_events": comments}])
            reading.each("message", comments, partial(self.history.comment, key))
        return page_of(reading, START, complete=True)

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
            yield page_of(reading, {"start_time": start}, complete)

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
            params = {**asked, "per_page": _EXPORT_ROWS, "include": "users,groups,metric_sets"}
            answer = Raw.of(self.http.get("/api/v2/incremental/tickets/cursor", params).json)
            reading, gone = Reading(), list[Gone]()
            live = []
            for each in answer.items("tickets"):
                if isinstance(each, Mapping) and each.get("status") == "deleted":
                    deleted = Raw.of(each)
                    gone.append(Gone("ticket", deleted.id(), deleted.moment("updated_at")))
                else:
                    live.append(each)
            reading.each("ticket", live, partial(self._ticket, _domains(answer), _groups(answer)))
            after = answer.text("after_cursor")
            asked = {"cursor": after} if after else asked
            complete = answer.flag("end_of_stream") is not False
            yield page_of(reading, asked, complete, gone)
            if complete:
                return

    def _ticket(self, domains: Mapping[str, str | None], groups: Mapping[str, str | None], raw: Raw) -> Iterator[Found]:
        changed_at, created_at = raw.must_moment("updated_at"), raw.must_moment("created_at")
        metrics, via = raw.object("metric_set"), raw.object("via")
        domain = domains.get(raw.ref("requester_id") or "")
        organization, group = raw.ref("organization_id"), raw.ref("group_id")
        if not organization and domain:
            yield Found(domain_party(self.site.name, domain))
        workflow = self.site.fields.get("ticket.workflow")
        custom = {str(each.fields.get("id")): each for each in raw.objects("custom_fields")}
        status = raw.choice("status", STATUS, "open")
        ticket = Ticket(
            source=self.site.name,
            external_id=raw.id(),
            account_ref=organization or (domain_ref(domain) if domain else None),
            subject=raw.text("subject") or "",
            status=status,
            priority=raw.choice("priority", PRIORITY),
            channel=via.text("channel") if via else None,
            workflow=custom[workflow].text("value") if workflow in custom else raw.text("type"),
            tags=raw.texts("tags"),
            assignee=raw.ref("assignee_id"),
            team=groups.get(group or "") or group,
            created_at=created_at,
            first_replied_at=_after_minutes(created_at, metrics),
            resolved_at=metrics.moment("solved_at") if metrics and status in {"solved", "closed"} else None,
        )
        yield Found(ticket, changed_at)

    def _events(self, cursor: Cursor) -> Iterator[Page]:
        for raw, reading, start, complete in self._export("ticket_events", cursor, {"include": "comment_events"}):
            events = raw.items("ticket_events")
            self.history.learn_authors(events)
            reading.each("ticket_event", events, self.history.event)
            yield page_of(reading, {"start_time": start}, complete)

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


def _domains(answer: Raw) -> dict[str, str | None]:
    return {user.id(): company_domain(user.text("email")) for user in answer.objects("users") if user.has("id")}


def _groups(answer: Raw) -> dict[str, str | None]:
    return {group.id(): group.text("name") for group in answer.objects("groups") if group.has("id")}


def _after_minutes(created_at: datetime, metrics: Raw | None) -> datetime | None:
    minutes = metrics.object("reply_time_in_minutes") if metrics else None
    waited = minutes.whole("calendar") if minutes else None
    return created_at + timedelta(minutes=waited) if waited is not None else None
