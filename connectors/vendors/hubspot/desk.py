"""Knows what tickets mean, whose they are, what happened to them, and what was said in them by note and e-mail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.contract import Found, Gone
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.html_text import html_text
from connectors.raw import Raw
from connectors.vendors.hubspot.brought import Brought, company_of, id_of, ids_of, listed, merges
from connectors.vendors.hubspot.naming import Naming
from connectors.vendors.hubspot.portal import Portal
from connectors.vendors.hubspot.walking import changed_at
from domain.tickets import AuthorKind, Message, Ticket, TicketEvent

PRIORITIES = {"low": "low", "medium": "normal", "high": "high", "urgent": "urgent"}
_HISTORY = {"hs_pipeline_stage": "status", "hs_ticket_priority": "priority", "hubspot_owner_id": "assignee"}
# HubSpot keeps the history of what a ticket was made with too; its clock may be a moment behind the ticket's.
_MAKING = timedelta(seconds=1)
# Where an object came from, if a rule or a bot made it; and if a person made it here.
_MACHINES, _BY_HAND = frozenset({"AUTOMATION_PLATFORM", "WORKFLOWS", "BOT"}), "CRM_UI"
_SENDERS: Mapping[str, AuthorKind] = {"incoming_email": "customer", "forwarded_email": "customer", "email": "agent"}


@dataclass(frozen=True)
class Owners:
    """Whose tickets are: by the company, otherwise by the person who asked."""

    companies: Mapping[str, list[Raw]]
    askers: Mapping[str, Raw]

    def of(self, ticket: str) -> tuple[str | None, str | None]:
        """The company of a ticket, and where there is none the domain of who asked."""
        asker = self.askers.get(ticket)
        company = company_of(self.companies, ticket) or (asker.ref("associatedcompanyid") if asker else None)
        return company, company_domain(asker.text("email")) if asker and not company else None


class Tickets:
    """Makes tickets and their history of tickets."""

    properties = (
        "subject", "content", "hs_pipeline_stage", "hs_ticket_priority", "hs_ticket_category", "source_type",
        "hubspot_owner_id", "createdate", "first_agent_reply_date", "closed_date", "hs_pipeline", "hubspot_team_id",
        "hs_object_source",
    )  # fmt: skip
    mapped = "ticket."

    def __init__(self, portal: Portal, naming: Naming) -> None:
        self._portal, self._naming = portal, naming
        self._source, self._fields = portal.site.name, portal.site.fields

    def read(self, rows: list[Any]) -> Brought:
        """The records of some tickets; what a search found of them is read again for its history."""
        brought, ids = Brought(), ids_of(rows)
        names = ("ticket.workflow", "ticket.tags", "ticket.team")
        mapped = (self._fields[key] for key in names if key in self._fields)
        read = list(self._portal.by_ids("tickets", ids, dict.fromkeys((*self.properties, *mapped)), _HISTORY))
        nameless = [row for row in rows if id_of(row) is None]
        brought.reading.each("ticket", [*read, *nameless], partial(self._ticket, self._owners(ids)))
        brought.gone += (Gone("ticket", loser, changed_at(winner)) for winner, loser in merges(rows))
        return brought

    def _owners(self, ids: list[str]) -> Owners:
        companies = self._portal.associated("tickets", "companies", ids)
        alone = [each for each in ids if each not in companies]
        contacts = self._portal.associated("tickets", "contacts", alone) if alone else {}
        first = {ticket: each[0].id("toObjectId") for ticket, each in contacts.items() if each}
        people = self._portal.by_ids("contacts", first.values(), ("email", "associatedcompanyid"))
        known = {person.id(): person.must_object("properties") for person in map(Raw.of, people)}
        return Owners(companies, {ticket: known[contact] for ticket, contact in first.items() if contact in known})

    def _ticket(self, owners: Owners, raw: Raw) -> Iterator[Found]:
        said, changed, key = raw.must_object("properties"), changed_at(raw), raw.id()
        company, domain = owners.of(key)
        if domain:
            yield Found(domain_party(self._source, domain))
        created_at = said.must_moment("createdate")
        source, status = said.text("source_type"), self._naming.status(said)
        ticket = Ticket(
            source=self._source,
            external_id=key,
            account_ref=company or (domain_ref(domain) if domain else None),
            subject=said.text("subject") or "",
            status=status,
            priority=said.choice("hs_ticket_priority", PRIORITIES),
            channel=source.lower() if source else None,
            workflow=said.text(self._fields.get("ticket.workflow", "hs_ticket_category")),
            tags=listed(said, self._fields["ticket.tags"]) if "ticket.tags" in self._fields else (),
            assignee=self._naming.owner(said.text("hubspot_owner_id")),
            team=said.text(self._fields.get("ticket.team", "")) or self._naming.team(said),
            created_at=created_at,
            first_replied_at=said.moment("first_agent_reply_date"),
            resolved_at=said.moment("closed_date") if status == "closed" else None,
        )
        yield Found(ticket, changed)
        content = said.text("content")
        if content and (source or "").upper() != "EMAIL":
            # Of a ticket that came by e-mail the e-mail itself has the words.
            first = Message(
                source=self._source,
                external_id=f"{key}:content",
                ticket_ref=key,
                author_kind="agent" if said.text("hs_object_source") == _BY_HAND else "customer",
                text=content,
                sent_at=created_at,
            )
            yield Found(first, changed)
        yield from self._events(key, created_at, raw.object("propertiesWithHistory") or Raw({}))

    def _events(self, ticket: str, created_at: datetime, history: Raw) -> Iterator[Found]:
        for name, kind in _HISTORY.items():
            before = None
            for entry in sorted(history.objects(name), key=lambda each: each.must_moment("timestamp")):
                happened_at, value = entry.must_moment("timestamp"), self._word(name, entry)
                made_with = happened_at <= created_at + _MAKING and name == "hs_ticket_priority"
                if value != before and not made_with:
                    event = TicketEvent(
                        source=self._source,
                        external_id=f"{ticket}:{kind}:{happened_at:%Y%m%d%H%M%S%f}",
                        ticket_ref=ticket,
                        kind=kind,
                        from_value=before,
                        to_value=value,
                        happened_at=happened_at,
                    )
                    yield Found(event, happened_at)
                before = value

    def _word(self, name: str, entry: Raw) -> str | None:
        value = entry.text("value")
        if value is None:
            return None
        if name == "hs_pipeline_stage":
            return self._naming.status_of(value)
        return entry.choice("value", PRIORITIES) if name == "hs_ticket_priority" else self._naming.owner(value)


class Notes:
    """Makes internal messages of the notes on tickets."""

    objects, what = "notes", "note"
    properties: tuple[str, ...] = ("hs_note_body", "hs_timestamp", "hs_object_source")
    mapped: str | None = None

    def __init__(self, portal: Portal) -> None:
        self._portal, self._source = portal, portal.site.name

    def read(self, rows: list[Any]) -> Brought:
        """The messages of those that are on a ticket; the others are about something else."""
        brought = Brought()
        tickets = self._portal.associated(self.objects, "tickets", ids_of(rows))
        brought.reading.each("message", rows, partial(self._message, tickets))
        return brought

    def _message(self, tickets: Mapping[str, list[Raw]], raw: Raw) -> Iterator[Found]:
        on = [each.id("toObjectId") for each in tickets.get(raw.id(), [])]
        if not on:
            return
        said = raw.must_object("properties")
        author, public, text = self._said(said)
        by_machine = author == "agent" and said.text("hs_object_source") in _MACHINES
        message = Message(
            source=self._source,
            external_id=f"{raw.id()}:{self.what}",
            ticket_ref=min(on, key=lambda each: (len(each), each)),
            author_kind="bot" if by_machine else author,
            public=public,
            text=text,
            sent_at=said.must_moment("hs_timestamp"),
        )
        yield Found(message, changed_at(raw))

    def _said(self, said: Raw) -> tuple[AuthorKind, bool, str]:
        return "agent", False, html_text(said.text("hs_note_body") or "")


class Emails(Notes):
    """Makes public messages of the e-mails on tickets."""

    objects, what = "emails", "email"
    properties = ("hs_email_direction", "hs_email_text", "hs_email_html", "hs_timestamp", "hs_object_source")

    def _said(self, said: Raw) -> tuple[AuthorKind, bool, str]:
        sender = _SENDERS.get((said.text("hs_email_direction") or "").lower(), "customer")
        return sender, True, said.text("hs_email_text") or html_text(said.text("hs_email_html") or "")
