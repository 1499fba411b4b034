"""Knows what Zammad's tickets, articles and history mean."""

import re
from collections.abc import Iterator, Mapping

from connectors.contract import Found, Site
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.html_text import html_text
from connectors.raw import Raw
from connectors.vendors.zammad.site import Lists
from domain.parties import Party
from domain.tickets import AuthorKind, Message, Priority, Ticket, TicketEvent, TicketStatus

# What is asked for beside a ticket is kept with it, under names that no attribute of a site can have.
TAGS, ARTICLES, HISTORY = "its tags", "its articles", "its history"
MERGED = "merged"
_STATUS: Mapping[str, TicketStatus] = {
    "new": "new", "open": "open", "pending reminder": "pending", "pending action": "pending", "closed": "closed",
    MERGED: "closed",
}  # fmt: skip
_PRIORITY: Mapping[str, Priority] = {
    "low": "low", "normal": "normal", "medium": "normal", "high": "high", "urgent": "urgent", "very high": "urgent",
}  # fmt: skip
_SENDERS: Mapping[str, AuthorKind] = {"customer": "customer", "agent": "agent", "system": "system"}
_HISTORY = {"state": "status", "priority": "priority", "group": "group", "owner": "assignee"}
_NOBODY = "-"


def priority_of(name: str) -> Priority | None:
    """The priority behind a name such as `2 normal`; None for one of the site's own."""
    return _PRIORITY.get(re.sub(r"^\d+\s*", "", name).lower())


class Reader:
    """Reads the objects of one site."""

    def __init__(self, site: Site, lists: Lists) -> None:
        self.source, self.fields, self.lists = site.name, site.fields, lists

    def organization(self, raw: Raw) -> Iterator[Found]:
        """A customer."""
        shared, domain = self.fields.get("organization.known_as"), raw.text("domain")
        elsewhere = raw.text(shared) if shared else None
        party = Party(
            source=self.source,
            external_id=raw.id(),
            role="helpdesk",
            name=raw.text("name") or f"Organization {raw.id()}",
            domains=(domain,) if domain else (),
            known_as=(elsewhere,) if elsewhere else (),
        )
        yield Found(party, raw.moment("updated_at"))

    def without_id(self, raw: Raw) -> Iterator[Found]:
        """Nothing can be made of it."""
        raw.must_text("id")
        raw.whole("id")
        return iter(())

    def ticket(self, raw: Raw) -> Iterator[Found]:
        """A ticket, and the party of its customer's mail domain where it has no organization."""
        organization = raw.ref("organization_id")
        domain = None if organization else self._domain(raw)
        if domain:
            yield Found(domain_party(self.source, domain))
        status = self._status(raw, "state")
        owner, workflow = raw.text("owner"), self.fields.get("ticket.workflow")
        group = raw.text("group")
        ticket = Ticket(
            source=self.source,
            external_id=raw.id(),
            account_ref=organization or (domain_ref(domain) if domain else None),
            subject=raw.text("title") or "",
            status=status,
            priority=self._priority(raw, "priority"),
            channel=raw.text("create_article_type"),
            workflow=raw.text(workflow) if workflow else group,
            tags=raw.texts(TAGS),
            assignee=owner if owner != _NOBODY else None,
            team=group,
            created_at=raw.must_moment("created_at"),
            first_replied_at=raw.moment("first_response_at"),
            resolved_at=raw.moment("close_at") if status == "closed" else None,
        )
        yield Found(ticket, raw.must_moment("updated_at"))

    def message(self, ticket: str, raw: Raw) -> Iterator[Found]:
        """An article."""
        body = raw.text("body") or ""
        sender = raw.choice("sender", _SENDERS, "customer")
        message = Message(
            source=self.source,
            external_id=raw.id(),
            ticket_ref=ticket,
            author_kind=_SENDERS[sender or "customer"],
            public=raw.flag("internal") is not True,
            # Zammad looks at a mail's headers as it comes in and keeps what it found.
            automatic=(raw.object("preferences") or Raw({})).flag("is-auto-response"),
            text=html_text(body) if raw.text("content_type") == "text/html" else body,
            sent_at=raw.must_moment("created_at"),
        )
        yield Found(message, raw.moment("updated_at") or message.sent_at)

    def event(self, ticket: str, raw: Raw) -> Iterator[Found]:
        """A change of an attribute that Keepline keeps the history of."""
        attribute = raw.text("attribute") or ""
        if raw.text("object") != "Ticket" or raw.text("type") != "updated" or attribute not in _HISTORY:
            return
        was, became = self._word(attribute, raw, "value_from"), self._word(attribute, raw, "value_to")
        if was == became:
            # Two states of one kind.
            return
        event = TicketEvent(
            source=self.source,
            external_id=raw.id(),
            ticket_ref=ticket,
            kind=_HISTORY[attribute],
            from_value=was,
            to_value=became,
            happened_at=raw.must_moment("created_at"),
        )
        yield Found(event, event.happened_at)

    def merge(self, raw: Raw) -> Iterator[Found]:
        """That a ticket went into another one, by its history, or by its state where that does not tell."""
        if self.lists.kind(raw.text("state") or "") != MERGED:
            return
        rows = [Raw.of(each) for each in raw.items(HISTORY) if isinstance(each, Mapping)]
        told = next((each for each in rows if each.fields.get("type") == "merged_into"), None)
        event = TicketEvent(
            source=self.source,
            external_id=f"{raw.id()}:merged",
            ticket_ref=raw.id(),
            kind="merged",
            to_value=told.ref("id_to") if told else None,
            happened_at=told.must_moment("created_at") if told else raw.must_moment("updated_at"),
        )
        yield Found(event, event.happened_at)

    def _status(self, raw: Raw, name: str) -> TicketStatus:
        state = raw.must_text(name)
        kind = self.lists.kind(state)
        if kind not in _STATUS:
            raw.remarks.append(f"state {state[:40]!r} is new to Keepline; read as 'open'")
        return _STATUS.get(kind, "open")

    def _priority(self, raw: Raw, name: str) -> Priority | None:
        said = raw.text(name)
        priority = priority_of(said or "")
        if said and priority is None:
            raw.remarks.append(f"priority {said[:40]!r} is new to Keepline; left unknown")
        return priority

    def _domain(self, raw: Raw) -> str | None:
        login, customer = raw.text("customer") or "", raw.ref("customer_id")
        address = login if "@" in login else self.lists.address(customer) if customer else None
        return company_domain(address)

    def _word(self, attribute: str, raw: Raw, name: str) -> str | None:
        value = raw.text(name)
        if attribute == "state":
            return self._status(raw, name) if value else None
        if attribute == "priority":
            return self._priority(raw, name)
        return None if value == _NOBODY else value
