"""Knows what a Jira issue says: the ticket, its comments, its history, its rating and whose it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from connectors.contract import Found, Site
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.http import Http, NotThere
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.jira import adf
from connectors.vendors.jira.listing import listed
from connectors.vendors.jira.words import PRIORITY, Words
from domain.parties import Party
from domain.tickets import AuthorKind, Message, Survey, Ticket, TicketEvent

# A search cuts off longer lists, and does not always say so.
_SHORT_COMMENTS, _SHORT_HISTORY = 20, 40
_ASKED_MEMBERS = 50
_RATINGS = range(1, 6)
_AUTHORS: Mapping[str, AuthorKind] = {"customer": "customer", "app": "bot", "atlassian": "agent"}
_HISTORY = ("status", "priority", "assignee")


@dataclass(frozen=True)
class ServiceFields:
    """The ids that the fields of the service desk have on this site; None where it has none."""

    organizations: str | None
    request_type: str | None
    rating: str | None
    rated_at: str | None

    @property
    def ids(self) -> list[str]:
        """Those that there are."""
        return [each for each in (self.organizations, self.request_type, self.rating, self.rated_at) if each]


@dataclass
class IssueReader:
    """Reads issues of one site."""

    http: Http
    site: Site
    fields: ServiceFields
    words: Words
    _organizations: dict[str, Party] = field(default_factory=dict)

    @property
    def asked(self) -> list[str]:
        """The fields that a search must name."""
        mapped = (self.site.fields.get(f"ticket.{name}") for name in ("workflow", "team"))
        return [
            "summary", "status", "priority", "labels", "assignee", "reporter", "creator", "created", "updated",
            "resolutiondate", "statuscategorychangedate", "issuetype", "project", "description", "comment",
            *self.fields.ids, *(each for each in mapped if each),
        ]  # fmt: skip

    def read(self, reading: Reading, issues: Sequence[object]) -> None:
        """Read issues and what belongs to them; what cannot be read of one is put aside alone."""
        for issue in issues:
            parts, put_aside = Reading(), len(reading.unusable)
            try:
                reading.each("ticket", [issue], partial(self._issue, parts))
            except NotThere:
                reading.remarks.append("a ticket was deleted while it was read")
                continue
            if len(reading.unusable) == put_aside:
                reading.found += parts.found
                reading.unusable += parts.unusable
                reading.remarks += parts.remarks

    def _issue(self, parts: Reading, raw: Raw) -> Iterator[Found]:
        issue, key = raw.must_object("fields"), raw.id()
        reporter = issue.object("reporter")
        asked_by = reporter.text("accountId") if reporter else None
        parts.each("message", self._comments(key, issue), partial(self._comment, key, asked_by))
        replies = [
            found.fact.sent_at
            for found in parts.found
            if isinstance(found.fact, Message) and found.fact.public and found.fact.author_kind == "agent"
        ]
        parts.each("ticket_event", self._histories(key, raw), partial(self._history, key))
        rated = [{**issue.fields, "id": key}] if self._is_rated(issue) else []
        parts.each("survey", rated, self._rating)
        account_ref, parties = self._whose(issue, reporter)
        yield from (Found(party) for party in parties)
        status = self.words.status(issue.must_object("status"))
        resolved_at = issue.moment("resolutiondate") or issue.moment("statuscategorychangedate")
        assignee, priority = issue.object("assignee"), issue.object("priority")
        created_at, changed_at = issue.must_moment("created"), issue.must_moment("updated")
        ticket = Ticket(
            source=self.site.name,
            external_id=key,
            account_ref=account_ref,
            subject=issue.text("summary") or "",
            status=status,
            priority=priority.choice("name", PRIORITY) if priority else None,
            workflow=self._workflow(issue),
            tags=issue.texts("labels"),
            assignee=assignee.text("accountId") if assignee else None,
            team=self._team(issue),
            created_at=created_at,
            first_replied_at=min(replies, default=None),
            resolved_at=resolved_at if status in {"solved", "closed"} else None,
        )
        yield Found(ticket, changed_at)
        if text := adf.plain(issue.fields.get("description")):
            author = _wrote_first(issue.object("creator"), asked_by)
            yield Found(self._first_message(key, author, text, created_at), changed_at)

    def _first_message(self, key: str, author: AuthorKind, text: str, created_at: datetime) -> Message:
        return Message(
            source=self.site.name,
            external_id=f"{key}:description",
            ticket_ref=key,
            author_kind=author,
            text=text,
            sent_at=created_at,
        )

    def _comments(self, key: str, issue: Raw) -> list[Any]:
        """All comments: those that came with the issue, or the issue's own list where some may be missing."""
        block = issue.object("comment")
        came = block.items("comments") if block else []
        total = block.whole("total") if block else None
        told = all(isinstance(each, Mapping) and "jsdPublic" in each for each in came)
        if block and told and len(came) < _SHORT_COMMENTS and len(came) == total:
            return came
        return [each for page in listed(self.http, f"/rest/api/3/issue/{key}/comment", "comments") for each in page]

    def _comment(self, key: str, asked_by: str | None, raw: Raw) -> Iterator[Found]:
        public = raw.flag("jsdPublic") is not False and not raw.has("visibility")
        sent_at = raw.must_moment("created")
        message = Message(
            source=self.site.name,
            external_id=raw.id(),
            ticket_ref=key,
            author_kind=_author_kind(raw.object("author"), asked_by, public),
            public=public,
            text=adf.plain(raw.fields.get("body")),
            sent_at=sent_at,
        )
        yield Found(message, raw.moment("updated") or sent_at)

    def _histories(self, key: str, raw: Raw) -> list[Any]:
        block = raw.object("changelog")
        came = block.items("histories") if block else []
        if block and len(came) < _SHORT_HISTORY and len(came) == block.whole("total"):
            return came
        return [each for page in listed(self.http, f"/rest/api/3/issue/{key}/changelog", "values") for each in page]

    def _history(self, key: str, raw: Raw) -> Iterator[Found]:
        happened_at = raw.must_moment("created")
        for item in raw.objects("items"):
            kind = item.text("fieldId") or item.text("field") or ""
            was, became = self.words.change(kind, item) if kind in _HISTORY else (None, None)
            # Two statuses of the site may be one to us.
            if was != became:
                event = TicketEvent(
                    source=self.site.name,
                    external_id=f"{raw.id()}:{kind}",
                    ticket_ref=key,
                    kind=kind,
                    from_value=was,
                    to_value=became,
                    happened_at=happened_at,
                )
                yield Found(event, happened_at)

    def _is_rated(self, issue: Raw) -> bool:
        return self.fields.rating is not None and issue.has(self.fields.rating)

    def _rating(self, issue: Raw) -> Iterator[Found]:
        """The field says that there is a rating, the service desk's own resource what it is."""
        key = issue.id()
        try:
            feedback = Raw.of(self.http.get(f"/rest/servicedeskapi/request/{key}/feedback").json)
        except NotThere:
            return
        score, said = feedback.whole("rating"), feedback.object("comment")
        if score not in _RATINGS:
            raise Unreadable("rating", feedback.fields.get("rating"), "a whole number from 1 to 5")
        changed_at = issue.must_moment("updated")
        survey = Survey(
            source=self.site.name,
            external_id=f"{key}:csat",
            ticket_ref=key,
            kind="csat",
            score=score,
            scale_min=_RATINGS[0],
            scale_max=_RATINGS[-1],
            comment=said.text("body") if said else None,
            answered_at=(issue.moment(self.fields.rated_at) if self.fields.rated_at else None) or changed_at,
        )
        yield Found(survey, changed_at)

    def _whose(self, issue: Raw, reporter: Raw | None) -> tuple[str | None, list[Party]]:
        """The first organization that the ticket is shared with; without one, the domain of who asked."""
        shared_with = issue.objects(self.fields.organizations) if self.fields.organizations else []
        if len(shared_with) > 1:
            issue.remarks.append("a ticket is shared with several organizations; it counts for the first")
        if shared_with:
            parties = [self._organization(each) for each in shared_with]
            return parties[0].external_id, parties
        domain = company_domain(reporter.text("emailAddress")) if reporter else None
        return (domain_ref(domain), [domain_party(self.site.name, domain)]) if domain else (None, [])

    def _organization(self, raw: Raw) -> Party:
        """An organization has no domains at Jira; its members' addresses say which."""
        key = raw.id()
        if key not in self._organizations:
            path = f"/rest/servicedeskapi/organization/{key}"
            try:
                members = Raw.of(self.http.get(f"{path}/user", {"limit": _ASKED_MEMBERS}).json).objects("values")
            except NotThere:
                members = []
            domains = {company_domain(each.text("emailAddress")) for each in members}
            self._organizations[key] = Party(
                source=self.site.name,
                external_id=key,
                role="helpdesk",
                name=raw.text("name") or f"Organization {key}",
                domains=tuple(sorted(each for each in domains if each)),
                known_as=self._known_as(path),
            )
        return self._organizations[key]

    def _known_as(self, path: str) -> tuple[str, ...]:
        name = self.site.fields.get("organization.known_as")
        if not name:
            return ()
        try:
            value = Raw.of(self.http.get(f"{path}/property/{name}").json).text("value")
        except NotThere:
            return ()
        return (value,) if value else ()

    def _workflow(self, issue: Raw) -> str | None:
        """The mapped field, or the type of the request, or that of the issue."""
        mapped = self.site.fields.get("ticket.workflow")
        if mapped:
            return _shown(issue.fields.get(mapped))
        request = issue.fields.get(self.fields.request_type or "")
        requested = request.get("requestType") if isinstance(request, Mapping) else None
        return _shown(requested) or _shown(issue.fields.get("issuetype"))

    def _team(self, issue: Raw) -> str | None:
        """The mapped field, or the project."""
        mapped = self.site.fields.get("ticket.team")
        project = issue.object("project")
        shown = (project.text("name") or project.text("key")) if project else None
        return (_shown(issue.fields.get(mapped)) if mapped else None) or shown


def _wrote_first(creator: Raw | None, asked_by: str | None) -> AuthorKind:
    """Whose words a ticket begins with: an agent's, where one opened it for somebody else."""
    if creator is None or creator.text("accountType") != "atlassian":
        return "customer"
    return "customer" if creator.text("accountId") == asked_by else "agent"


def _author_kind(author: Raw | None, asked_by: str | None, public: bool) -> AuthorKind:
    if author is None:
        return "system"
    if public and asked_by and author.text("accountId") == asked_by:
        return "customer"
    return _AUTHORS.get(author.text("accountType") or "", "customer" if public else "agent")


def _shown(value: object) -> str | None:
    """What a field of whatever type shows."""
    if isinstance(value, Mapping):
        value = value.get("value") or value.get("name")
    return str(value).strip() or None if isinstance(value, str | int | float) else None
