"""Knows what Request Tracker's tickets and transactions mean."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.parser import HeaderParser
from typing import Any

from connectors.contract import Found, Site
from connectors.email_domains import company_domain, domain_party
from connectors.html_text import html_text
from connectors.raw import Raw
from connectors.vendors.request_tracker.log import Wrote
from connectors.vendors.request_tracker.priorities import Bands
from domain.automatic_mail import automatic_by_headers
from domain.parties import Party
from domain.tickets import AuthorKind, Message, Ticket, TicketEvent

_STATUS = {"new": "new", "open": "open", "stalled": "pending", "resolved": "solved", "rejected": "closed"}
# A deleted ticket can be brought back, and this then stands in its history.
_DELETED = {"deleted": "closed"}
_NOBODY = "Nobody"
# So many characters of a mail's headers are looked at.
_HEADERS = 50_000
_OURSELVES = frozenset({"RT_System", _NOBODY})
_HISTORY = {"Status": "status", "Priority": "priority", "Queue": "group", "Owner": "assignee"}
Tickets = Mapping[str, Mapping[str, Any]]
WRITTEN = frozenset({"Create", "Correspond", "Comment"})


@dataclass(frozen=True)
class People:
    """Who the users are; each is asked for once."""

    look_up: Callable[[str], Raw | None]
    known: dict[str, Raw | None]

    def is_privileged(self, name: str) -> bool:
        """Whether a user is one of the staff."""
        user = self._user(name)
        return user is not None and user.flag("Privileged") is True

    def name(self, number: str | None) -> str | None:
        """The name behind a user's number; None for nobody."""
        user = self._user(number) if number else None
        name = user.text("Name") if user else number
        return None if name == _NOBODY else name

    def _user(self, name: str) -> Raw | None:
        if name not in self.known:
            self.known[name] = self.look_up(name)
        return self.known[name]


class Reader:
    """Reads the objects of one site."""

    def __init__(self, site: Site, people: People) -> None:
        self.source, self.fields, self.people = site.name, site.fields, people
        self.bands = Bands.of(site.fields.get("ticket.priorities"))
        own = {
            word.strip(): meaning
            for meaning in ("pending", "on_hold")
            for word in site.fields.get(f"ticket.{meaning}_statuses", "").lower().split(",")
        }
        self.statuses = _STATUS | own

    def ticket(self, raw: Raw) -> Iterator[Found]:
        """A ticket with the party that it belongs to."""
        resolved_at = set_moment(raw, "Resolved")
        status = raw.choice("Status", self.statuses, _otherwise(raw))
        custom = custom_values(raw)
        party = self._party(raw, custom)
        if party:
            yield Found(party)
        queue, owner = raw.object("Queue"), raw.object("Owner")
        workflow = custom.get(self.fields.get("ticket.workflow", ""), ())
        number = raw.whole("Priority")
        ticket = Ticket(
            source=self.source,
            external_id=raw.id(),
            account_ref=party.external_id if party else None,
            subject=raw.text("Subject") or "",
            status=status,
            priority=None if number is None else self.bands.word(number),
            workflow=workflow[0] if workflow else queue.text("Name") if queue else None,
            tags=custom.get(self.fields.get("ticket.tags", ""), ()),
            assignee=owner.id() if owner and owner.id() != _NOBODY else None,
            team=queue.text("Name") if queue else None,
            created_at=raw.must_moment("Created"),
            resolved_at=resolved_at if status in {"solved", "closed"} else None,
        )
        yield Found(ticket, raw.must_moment("LastUpdated"))

    def event(self, tickets: Tickets, raw: Raw) -> Iterator[Found]:
        """A change of a field that Keepline keeps the history of."""
        field = raw.text("Field") or ""
        # A change of owner is told twice, the second time as SetWatcher.
        if field not in _HISTORY or raw.text("Type") in {"SetWatcher", "CustomField", "AddLink"}:
            return
        ticket = tickets[raw.id("ObjectId")]
        was, became = self._word(field, raw, "OldValue", ticket), self._word(field, raw, "NewValue", ticket)
        if was == became or home_of(ticket) != raw.id("ObjectId"):
            # Another number of the same word; or a change of what has gone into another ticket, which kept its own.
            return
        event = TicketEvent(
            source=self.source,
            external_id=raw.id(),
            ticket_ref=raw.id("ObjectId"),
            kind=_HISTORY[field],
            from_value=was,
            to_value=became,
            happened_at=raw.must_moment("Created"),
        )
        yield Found(event, event.happened_at)

    def message(self, tickets: Tickets, texts: Mapping[str, Wrote], raw: Raw) -> Iterator[Found]:
        """What was written; nothing where a ticket was created without a word."""
        if raw.id() not in texts:
            return
        wrote = texts[raw.id()]
        ticket = home_of(tickets[raw.id("ObjectId")])
        message = Message(
            source=self.source,
            external_id=raw.id(),
            ticket_ref=ticket,
            author_kind=self._author(raw.must_object("Creator").id(), Raw.of(tickets[ticket])),
            public=raw.text("Type") != "Comment",
            automatic=_automatic(wrote.headers),
            text=html_text(wrote.content) if wrote.kind == "text/html" else wrote.content,
            sent_at=raw.must_moment("Created"),
        )
        yield Found(message, message.sent_at)

    def _author(self, name: str, ticket: Raw) -> AuthorKind:
        if name in _OURSELVES:
            return "system"
        asking = {each.id() for each in (*listed(ticket, "Requestor"), *listed(ticket, "Cc"))}
        return "agent" if name not in asking and self.people.is_privileged(name) else "customer"

    def _party(self, raw: Raw, custom: Mapping[str, tuple[str, ...]]) -> Party | None:
        numbers = custom.get(self.fields.get("ticket.customer", ""), ())
        if numbers:
            number = numbers[0]
            reference = f"customer:{number}"
            return Party(source=self.source, external_id=reference, role="helpdesk", name=number, known_as=(number,))
        addresses = (each.text("EmailAddress") for each in listed(raw, "Requestor"))
        domains = (company_domain(address) for address in addresses)
        return next((domain_party(self.source, domain) for domain in domains if domain), None)

    def _word(self, field: str, raw: Raw, name: str, ticket: Mapping[str, Any]) -> str | None:
        value = raw.text(name)
        if field == "Status":
            is_now = (value or "").lower() == str(ticket.get("Status")).lower()
            known = self.statuses | _DELETED
            return raw.choice(name, known, _otherwise(Raw.of(ticket)) if is_now else "open") if value else None
        if field == "Priority":
            number = (value or "").removeprefix("-").isdigit()
            return self.bands.word(int(value)) if value and number else None
        return self.people.name(value) if field == "Owner" else value


def _otherwise(ticket: Raw) -> str:
    """What a status of the site's own means that nobody mapped: what has been resolved is over."""
    return "solved" if set_moment(ticket, "Resolved") else "open"


def _automatic(headers: str) -> bool | None:
    told = dict(HeaderParser().parsestr(headers[:_HEADERS].strip()).items())
    return automatic_by_headers({name: str(content) for name, content in told.items()})


def home_of(ticket: Mapping[str, Any]) -> str:
    """The ticket that this one was merged into, otherwise itself."""
    raw = Raw.of(ticket)
    return raw.ref("EffectiveId") or raw.id()


def numbered(raw: Raw) -> Iterator[Found]:
    """Nothing, unless the transaction or its ticket has no number: then nothing can be made of it."""
    for name in ("id", "ObjectId"):
        raw.must_text(name)
        raw.whole(name)
    return iter(())


def custom_values(raw: Raw) -> dict[str, tuple[str, ...]]:
    """A ticket's custom fields by name; files among the values are left out."""
    return {
        each.text("name") or "": tuple(str(value) for value in each.items("values") if isinstance(value, str | int))
        for each in listed(raw, "CustomFields")
    }


def listed(raw: Raw, name: str) -> list[Raw]:
    """The objects of a list; an empty list may come as an empty text."""
    return raw.objects(name) if raw.fields.get(name) != "" else []


def set_moment(raw: Raw, name: str) -> datetime | None:
    """A moment; what was never set comes as the first second of 1970."""
    moment = raw.moment(name)
    return moment if moment and moment.timestamp() > 0 else None
