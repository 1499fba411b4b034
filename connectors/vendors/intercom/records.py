"""Knows what Intercom's objects are in Keepline's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.addresses import website_host
from connectors.contract import Found, Site
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.html_text import html_text
from connectors.raw import Raw, Reading, Unreadable
from domain.parties import Party
from domain.tickets import AuthorKind, Message, Survey, Ticket, TicketEvent

# A snoozed conversation comes back by itself: nobody is waited for, and nobody is late.
_STATUS = {"open": "open", "closed": "closed", "snoozed": "on_hold"}
_PRIORITY = {"priority": "high", "not_priority": "normal"}
_AUTHORS: Mapping[str, AuthorKind] = {
    "user": "customer", "lead": "customer", "contact": "customer", "admin": "agent", "team": "agent", "bot": "bot",
}  # fmt: skip
# Conversations that no person began, whoever they are sent in the name of.
_CAMPAIGNS = frozenset({"campaigns_initiated", "operator_initiated", "automated"})
_OPERATOR = "operator+"
# What these parts do to a conversation; of other parts their own word for its state is taken.
_AFTER = {
    "close": "closed", "snoozed": "on_hold", "open": "open", "unsnoozed": "open", "timer_unsnooze": "open",
    "note_and_reopen": "open", "assign_and_reopen": "open", "assign_and_unsnooze": "open",
}  # fmt: skip
_BEST = 5


@dataclass(frozen=True)
class Person:
    """A contact, as far as it says whose ticket it is."""

    companies: tuple[str, ...] = ()
    email: str | None = None

    @classmethod
    def of(cls, contact: Raw) -> "Person":
        companies = contact.object("companies")
        known = tuple(each.id() for each in companies.objects("data")) if companies else ()
        return cls(known, contact.text("email"))

    @property
    def company(self) -> str | None:
        """The company, where there is only one."""
        return self.companies[0] if len(self.companies) == 1 else None


@dataclass(frozen=True)
class Records:
    """Reads the objects of one site."""

    site: Site

    def company(self, raw: Raw) -> Iterator[Found]:
        mapped, own = self.site.fields.get("organization.known_as"), raw.object("custom_attributes")
        elsewhere = (raw.text("company_id"), own.text(mapped) if own and mapped else None)
        host = website_host(raw.text("website"))
        party = Party(
            source=self.site.name,
            external_id=raw.id(),
            role="helpdesk",
            name=raw.text("name") or f"Company {raw.id()}",
            domains=(host,) if host else (),
            known_as=tuple(each for each in elsewhere if each),
        )
        yield Found(party, raw.moment("updated_at"))

    def conversation(
        self, reading: Reading, value: object, people: Mapping[str, Person], teams: Mapping[str, str]
    ) -> None:
        """A conversation with all that was said and done in it; without the conversation the rest is left out.

        `people` are contacts and `teams` the names of teams, both by their id.
        """
        before = len(reading.unusable)
        reading.each("ticket", [value], lambda raw: self._ticket(raw, people, teams))
        if len(reading.unusable) > before:
            return
        raw = Raw.of(value, remarks=reading.remarks)
        parts, key = _parts(raw), raw.id()
        reading.each("message", [value], self._opening)
        reading.each("message", parts, lambda part: self._message(key, part))
        reading.each("ticket_event", [value], lambda each: self._history(each, _count(each) > len(parts)))
        reading.each("survey", [value], self._rating)

    def _ticket(self, raw: Raw, people: Mapping[str, Person], teams: Mapping[str, str]) -> Iterator[Found]:
        source, figures = raw.object("source") or Raw.of({}), raw.object("statistics") or Raw.of({})
        person = people.get(contact_of(raw) or "") or Person()
        # Somebody at several companies speaks for one that we do not know: the address tells more.
        domain = None if person.company else company_domain(person.email or _email(source))
        status = raw.choice("state", _STATUS, "open") or "open"
        tags, own = raw.object("tags"), raw.object("custom_attributes")
        workflow, team = self.site.fields.get("ticket.workflow"), team_of(raw)
        ticket = Ticket(
            source=self.site.name,
            external_id=raw.id(),
            account_ref=person.company or (domain_ref(domain) if domain else None),
            subject=raw.text("title") or html_text(source.text("subject") or ""),
            status=status,
            priority=raw.choice("priority", _PRIORITY),
            channel=source.text("type"),
            workflow=own.text(workflow) if own and workflow else None,
            tags=tuple(tag.must_text("name") for tag in tags.objects("tags")) if tags else (),
            assignee=_assigned(raw, "admin_assignee_id"),
            team=teams.get(team, team) if team else None,
            created_at=raw.must_moment("created_at"),
            first_replied_at=figures.moment("first_admin_reply_at"),
            resolved_at=figures.moment("last_close_at") if status == "closed" else None,
        )
        if domain:
            yield Found(domain_party(self.site.name, domain))
        yield Found(ticket, raw.must_moment("updated_at"))

    def _opening(self, raw: Raw) -> Iterator[Found]:
        """The text that the conversation began with; its id is of another kind than those of the parts."""
        source = raw.object("source")
        text = html_text(source.text("body") or "") if source else ""
        if source is None or not text:
            return
        author, began = _author(source), source.text("delivered_as")
        message = Message(
            source=self.site.name,
            external_id=f"{raw.id()}:source",
            ticket_ref=raw.id(),
            author_kind="bot" if began in _CAMPAIGNS and author != "customer" else author,
            text=text,
            sent_at=raw.must_moment("created_at"),
        )
        yield Found(message, raw.moment("updated_at"))

    def _message(self, ticket: str, part: Raw) -> Iterator[Found]:
        text, kind = html_text(part.text("body") or ""), part.text("part_type") or ""
        if not text:
            return
        message = Message(
            source=self.site.name,
            external_id=part.id(),
            ticket_ref=ticket,
            author_kind=_author(part),
            public="note" not in kind and "assign" not in kind,
            text=text,
            sent_at=part.must_moment("created_at"),
        )
        yield Found(message, part.moment("updated_at"))

    def _history(self, raw: Raw, is_cut: bool) -> Iterator[Found]:
        """What the parts did to state, team and assignee. Where the oldest are cut, the first state is no change."""
        if is_cut:
            raw.remarks.append("a conversation has more parts than Intercom hands out; its oldest are not read")
        state, given = None if is_cut else "open", dict[str, str]()
        for part in (Raw.of(each) for each in _parts(raw) if _is_dated(each)):
            word = _AFTER.get(part.text("part_type") or "") or _STATUS.get(part.text("state") or "")
            if word and word != state:
                if state:
                    yield self._event(raw.id(), part, "status", state, word)
                state = word
            to = part.object("assigned_to")
            key, kind = to.ref("id") if to else None, "group" if to and to.text("type") == "team" else "assignee"
            if key and key != given.get(kind):
                yield self._event(raw.id(), part, kind, given.get(kind), key)
                given[kind] = key

    def _event(self, ticket: str, part: Raw, kind: str, was: str | None, now: str) -> Found:
        happened_at = part.must_moment("created_at")
        event = TicketEvent(
            source=self.site.name,
            external_id=f"{part.id()}:{kind}",
            ticket_ref=ticket,
            kind=kind,
            from_value=was,
            to_value=now,
            happened_at=happened_at,
        )
        return Found(event, happened_at)

    def _rating(self, raw: Raw) -> Iterator[Found]:
        rating = raw.object("conversation_rating")
        score = rating.whole("rating") if rating else None
        if rating is None or score is None:
            return
        if not 1 <= score <= _BEST:
            raise Unreadable("conversation_rating.rating", score, f"a whole number from 1 to {_BEST}")
        survey = Survey(
            source=self.site.name,
            external_id=f"{raw.id()}:rating",
            ticket_ref=raw.id(),
            kind="csat",
            score=score,
            scale_min=1,
            scale_max=_BEST,
            comment=rating.text("remark"),
            answered_at=rating.moment("updated_at") or rating.must_moment("created_at"),
        )
        yield Found(survey, raw.moment("updated_at"))


def contact_of(conversation: Raw) -> str | None:
    """The contact that a conversation is with; the first of a group."""
    contacts = conversation.object("contacts")
    each = contacts.objects("contacts") if contacts else []
    return each[0].ref("id") if each else None


def team_of(conversation: Raw) -> str | None:
    """The id of the team that a conversation is assigned to."""
    return _assigned(conversation, "team_assignee_id")


def _assigned(conversation: Raw, name: str) -> str | None:
    # Nobody is told by nothing, and in places by zero.
    key = conversation.ref(name)
    return None if key == "0" else key


def _parts(conversation: Raw) -> list[object]:
    parts = conversation.object("conversation_parts")
    return parts.items("conversation_parts") if parts else []


def _count(conversation: Raw) -> int:
    parts = conversation.object("conversation_parts")
    return (parts.whole("total_count") if parts else None) or 0


def _is_dated(part: object) -> bool:
    try:
        return Raw.of(part).moment("created_at") is not None and bool(Raw.of(part).id())
    except Unreadable:
        return False


def _author(part: Raw) -> AuthorKind:
    author = part.object("author")
    if author is None:
        return "system"
    # Operator writes in the name of the workspace; its address tells.
    written_by_it = author.flag("from_ai_agent") or (author.text("email") or "").startswith(_OPERATOR)
    return "bot" if written_by_it else _AUTHORS.get(author.text("type") or "", "system")


def _email(source: Raw) -> str | None:
    author = source.object("author")
    return author.text("email") if author and _author(source) == "customer" else None
