"""Knows how Jira Service Management is read: tickets by JQL, and with each its comments, history and rating."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
from connectors.credentials import Basic
from connectors.http import Http, NotThere, Refused
from connectors.raw import Raw, Reading
from connectors.signatures import hmac_bytes, require_signature, unix_moment, webhook_secret
from connectors.vendors.jira import jql
from connectors.vendors.jira.reading import IssueReader, ServiceFields
from connectors.vendors.jira.words import Words
from connectors.vendors.jira.writing import IssueWriter
from domain.errors import ConnectorError
from domain.tickets import Ticket

_SEARCH = "/rest/api/3/search/jql"
_PAGE_ROWS = 100
# JQL has no seconds, and the index that it asks lags behind.
_OVERLAP = timedelta(minutes=10)
_PLUGIN = "com.atlassian.servicedesk"
_CHANGES = frozenset({"jira:issue_created", "jira:issue_updated", "comment_created", "comment_updated"})


@dataclass
class Jira(Asking):
    """One Jira site with service projects."""

    site: Site

    def __post_init__(self) -> None:
        email = self.site.settings["email"]
        self.http = Http(
            base_url=site_url(self.site.settings["site"], "https://{}.atlassian.net"),
            auth=Basic(email, self.site.secrets["api_token"], f"the API token of {email}"),
            clock=self.site.clock,
            on_wait=self.site.on_wait,
        )
        self.projects = self.site.settings.get("projects", "")
        self.scope = jql.scope(self.projects)

    def check(self) -> Checked:
        missing = []
        if self._newest() is None:
            missing.append("Browse projects: no ticket of a service project can be seen with this token")
        if self.reader.fields.organizations is None:
            missing.append("the field Organizations: without it tickets belong to the domain of who asked")
        if self.reader.fields.rating is None:
            missing.append("the field Satisfaction: without it there are no ratings")
        return Checked(self._me.text("displayName") or self._me.text("accountId") or "an unnamed user", tuple(missing))

    def calls_per_minute(self) -> int | None:
        """Jira weighs what a call costs and does not say how much is allowed."""
        return None

    def streams(self) -> Sequence[Stream]:
        return (Stream("tickets", self._tickets, total=self._count, page_rows=_PAGE_ROWS),)

    def site_fields(self) -> Sequence[SiteField]:
        described = [(each, each.object("schema")) for each in self._fields if each.flag("custom")]
        return [
            SiteField("ticket", each.id(), each.text("name") or "", (schema and schema.text("type")) or "")
            for each, schema in described
        ]

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return IssueWriter(self.http, self._fields).plan(change)

    def write(self, change: TicketChange) -> Written:
        return IssueWriter(self.http, self._fields).write(change)

    def receive(self, call: WebhookCall) -> Page:
        """What the call is about is fetched anew, so that neither a late call nor a repeated one does harm."""
        given = call.headers.get("x-hub-signature", "").removeprefix("sha256=")
        require_signature([given], hmac_bytes(webhook_secret(self.site.secrets), call.body).hex())
        try:
            event = Raw.of(json.loads(call.body))
        except ValueError as error:
            raise ConnectorError("the webhook's body is no JSON; use Jira's own webhook, not a rule's") from error
        kind, at = event.text("webhookEvent") or "", unix_moment(event.text("timestamp") or "", 1000)
        if kind == "jira:issue_deleted":
            return Page(START, gone=[Gone("ticket", event.must_object("issue").id(), at)], read=1)
        if kind == "comment_deleted":
            return Page(START, gone=[Gone("message", event.must_object("comment").id(), at)], read=1)
        if kind in _CHANGES:
            return self._fetched(event.must_object("issue").id())
        return Page(START, remarks=[f"webhook event {kind[:40]!r} says nothing that Keepline keeps"], read=1)

    def _fetched(self, key: str) -> Page:
        params = {"fields": ",".join(self.reader.asked), "expand": "changelog"}
        try:
            issue = Raw.of(self.http.get(f"/rest/api/3/issue/{key}", params).json)
        except NotThere:
            return Page(START, remarks=["a webhook told of a ticket that is not there (any more)"], read=1)
        project = issue.must_object("fields").must_object("project")
        if self.projects:
            ours = (project.text("key") or "") in {each.strip().upper() for each in self.projects.split(",")}
        else:
            ours = project.text("projectTypeKey") == "service_desk"
        if not ours:
            return Page(START, remarks=["a webhook told of a ticket of another project"], read=1)
        reading = Reading()
        self.reader.read(reading, [issue.fields])
        return reading.page(START)

    def _tickets(self, cursor: Cursor) -> Iterator[Page]:
        """All that changed since the last walk began, the oldest ticket first; see `jql.walk` for why in that order."""
        until = cursor.get("until") or self._newest()
        if until is None:
            yield Page(cursor, complete=True)
            return
        kept = {name: cursor[name] for name in ("since",) if name in cursor} | {"until": until}
        query, token, created = self._query(cursor), None, cursor.get("created", "")
        while True:
            answer = self._search(query, token)
            issues, after = answer.items("issues"), answer.text("nextPageToken")
            reading = Reading()
            self.reader.read(reading, issues)
            if after is None or answer.flag("isLast"):
                yield reading.page({"since": until}, complete=True)
                return
            if after == token:
                raise ConnectorError("tickets: a page points to itself; what came before it is in, try again later")
            token = after
            made = [found.fact.created_at for found in reading.found if isinstance(found.fact, Ticket)]
            created = max([created, *(each.isoformat() for each in made)])
            if issues:
                yield reading.page({**kept, "created": created, "last": _id_of(issues[-1])})

    def _query(self, cursor: Cursor) -> str:
        clauses = []
        if "since" in cursor:
            since = datetime.fromisoformat(cursor["since"]) - _OVERLAP
            clauses.append(jql.since(self._change_fields, since, self._zone))
        if cursor.get("created"):
            clauses.append(jql.since(["created"], datetime.fromisoformat(cursor["created"]), self._zone))
        return jql.walk(self.scope, clauses)

    @property
    def _change_fields(self) -> list[str]:
        """A rating may be given without the ticket being called updated."""
        rated_at = self.reader.fields.rated_at
        searchable = [each for each in self._fields if each.id() == rated_at and each.flag("searchable")]
        return ["updated", *(f"cf[{each.id().rpartition('_')[2]}]" for each in searchable)]

    def _search(self, query: str, token: str | None) -> Raw:
        asked: dict[str, Any] = {
            "jql": query,
            "maxResults": _PAGE_ROWS,
            "fields": self.reader.asked,
            "expand": "changelog",
        }
        return Raw.of(self.http.post_search(_SEARCH, asked | ({"nextPageToken": token} if token else {})).json)

    def _newest(self) -> str | None:
        """The last change of any ticket: Jira's own word for how late it is there; None where there are no tickets."""
        asked = {"jql": jql.last_changed(self.scope), "maxResults": 1, "fields": ["updated"]}
        for issue in Raw.of(self.http.post_search(_SEARCH, asked).json).objects("issues"):
            return issue.must_object("fields").must_moment("updated").isoformat()
        return None

    def _count(self) -> int | None:
        try:
            answer = self.http.post_search("/rest/api/3/search/approximate-count", {"jql": self.scope})
        except Refused:
            return None
        return Raw.of(answer.json).whole("count")

    @cached_property
    def _me(self) -> Raw:
        return Raw.of(self.http.get("/rest/api/3/myself").json)

    @cached_property
    def _zone(self) -> ZoneInfo:
        name = self._me.text("timeZone") or "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConnectorError(
                f"Jira says that {self.http.auth.label} lives in time zone {name[:60]!r}; choose another in its profile"
            ) from None

    @cached_property
    def _fields(self) -> list[Raw]:
        answer = self.http.get("/rest/api/3/field").json
        return Raw({"fields": answer}).objects("fields")

    @cached_property
    def reader(self) -> IssueReader:
        words, answer = Words(self.site.fields), Raw({"statuses": self.http.get("/rest/api/3/status").json})
        words.statuses = {each.id(): words.status(each) for each in answer.objects("statuses")}
        return IssueReader(self.http, self.site, _service_fields(self._fields), words)


def _service_fields(fields: Sequence[Raw]) -> ServiceFields:
    plugged = {
        (schema.text("custom") or "").removeprefix(f"{_PLUGIN}:"): each.id()
        for each in fields
        if (schema := each.object("schema")) and (schema.text("custom") or "").startswith(_PLUGIN)
    }
    return ServiceFields(
        organizations=plugged.get("sd-customer-organizations"),
        request_type=plugged.get("vp-origin"),
        rating=plugged.get("sd-request-feedback"),
        rated_at=plugged.get("sd-request-feedback-date"),
    )


def _id_of(issue: object) -> str:
    return str(issue.get("id")) if isinstance(issue, Mapping) else ""
