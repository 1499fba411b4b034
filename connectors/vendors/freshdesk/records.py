"""Knows what Freshdesk's objects are in Keepline's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.contract import Found, Site
from connectors.email_domains import company_domain, domain_party, domain_ref
from connectors.html_text import html_text
from connectors.raw import Raw, Unreadable
from domain.parties import Party
from domain.tickets import AuthorKind, Message, Survey, Ticket, TicketEvent

# 6 and 7 are not listed with the four standard ones, but every site is delivered with them.
_STATUS = {"2": "open", "3": "pending", "4": "solved", "5": "closed", "6": "pending", "7": "on_hold"}
_PRIORITY = {"1": "low", "2": "normal", "3": "high", "4": "urgent"}
_CHANNEL = {
    "1": "email", "2": "portal", "3": "phone", "5": "twitter", "6": "facebook", "7": "chat", "9": "feedback widget",
    "10": "outbound email", "13": "whatsapp",
}  # fmt: skip
# A survey with fewer answers uses some of these, so they share one scale.
_SCORES = {-103: 1, -102: 2, -101: 3, 100: 4, 101: 5, 102: 6, 103: 7}
# What a conversation came from: the words beside a rating ask for nothing, and a forwarded mail goes to somebody else.
_SURVEY, _FORWARDED = 6, 8
# Freshdesk tells no history, but when its last steps were; of two at one moment the later word here holds.
_STEPS = {"reopened_at": "open", "pending_since": "pending", "resolved_at": "solved", "closed_at": "closed"}


@dataclass(frozen=True)
class Records:
    """Reads the objects of one site."""

    site: Site

    def company(self, raw: Raw) -> Iterator[Found]:
        shared = self._custom(raw, "organization.known_as")
        party = Party(
            source=self.site.name,
            external_id=raw.id(),
            role="helpdesk",
            name=raw.text("name") or f"Company {raw.id()}",
            domains=raw.texts("domains"),
            known_as=(shared,) if shared else (),
        )
        yield Found(party, raw.moment("updated_at"))

    def ticket(self, groups: Mapping[str, str], raw: Raw) -> Iterator[Found]:
        """A ticket with its first words and its last steps; `groups` are the names of groups by their id."""
        changed_at, stats, requester = raw.must_moment("updated_at"), raw.object("stats"), raw.object("requester")
        company, domain = raw.ref("company_id"), company_domain(requester.text("email") if requester else None)
        group = raw.ref("group_id")
        status = raw.choice("status", self._statuses(), "open") or "open"
        ended_at = (stats.moment("resolved_at") or stats.moment("closed_at")) if stats else None
        ticket = Ticket(
            source=self.site.name,
            external_id=raw.id(),
            account_ref=company or (domain_ref(domain) if domain else None),
            subject=raw.text("subject") or "",
            status=status,
            priority=raw.choice("priority", _PRIORITY),
            channel=raw.choice("source", _CHANNEL),
            workflow=self._custom(raw, "ticket.workflow") or raw.text("type"),
            tags=raw.texts("tags"),
            assignee=raw.ref("responder_id"),
            team=groups.get(group, group) if group else None,
            escalated=raw.flag("is_escalated"),
            created_at=raw.must_moment("created_at"),
            first_replied_at=stats.moment("first_responded_at") if stats else None,
            resolved_at=ended_at if status in {"solved", "closed"} else None,
        )
        if domain and not company:
            yield Found(domain_party(self.site.name, domain))
        yield Found(ticket, changed_at)
        yield from self._description(raw, ticket)
        yield from self._steps(stats, ticket) if stats else ()

    def message(self, ticket: str, raw: Raw) -> Iterator[Found]:
        source = raw.whole("source")
        author: AuthorKind = "customer" if raw.flag("incoming") else "agent" if raw.has("user_id") else "system"
        message = Message(
            source=self.site.name,
            external_id=raw.id(),
            ticket_ref=ticket,
            author_kind="system" if source == _SURVEY else author,
            public=not raw.flag("private") and source != _FORWARDED,
            text=raw.text("body_text") or html_text(raw.text("body") or ""),
            sent_at=raw.must_moment("created_at"),
        )
        yield Found(message, raw.moment("updated_at"))

    def rating(self, raw: Raw) -> Iterator[Found]:
        answers = raw.object("ratings")
        given = answers.whole("default_question") if answers else raw.whole("rating")
        if given not in _SCORES:
            raise Unreadable("ratings.default_question", given, f"one of {', '.join(map(str, _SCORES))}")
        survey = Survey(
            source=self.site.name,
            external_id=raw.id(),
            ticket_ref=raw.id("ticket_id"),
            kind="csat",
            score=_SCORES[given],
            scale_min=min(_SCORES.values()),
            scale_max=max(_SCORES.values()),
            comment=raw.text("feedback"),
            answered_at=raw.must_moment("created_at"),
        )
        yield Found(survey, raw.moment("updated_at"))

    def _description(self, raw: Raw, ticket: Ticket) -> Iterator[Found]:
        """The text that the ticket began with; it is no conversation of its own."""
        text = raw.text("description_text")
        if text is None:
            return
        message = Message(
            source=self.site.name,
            external_id=f"{ticket.external_id}:description",
            ticket_ref=ticket.external_id,
            author_kind="agent" if ticket.channel == "outbound email" else "customer",
            text=text,
            sent_at=ticket.created_at,
        )
        yield Found(message, raw.moment("updated_at"))

    def _steps(self, stats: Raw, ticket: Ticket) -> Iterator[Found]:
        steps = {stats.moment(name): word for name, word in _STEPS.items()}
        steps[stats.moment("status_updated_at")] = ticket.status
        for moment, word in steps.items():
            # What a ticket was made with is no change.
            if moment and moment > ticket.created_at:
                event = TicketEvent(
                    source=self.site.name,
                    external_id=f"{ticket.external_id}:status:{int(moment.timestamp())}",
                    ticket_ref=ticket.external_id,
                    kind="status",
                    to_value=word,
                    happened_at=moment,
                )
                yield Found(event, moment)

    def _statuses(self) -> dict[str, str]:
        own = {
            number.strip(): word
            for word in ("pending", "on_hold")
            for number in self.site.fields.get(f"ticket.{word}_statuses", "").split(",")
            if number.strip()
        }
        return _STATUS | own

    def _custom(self, raw: Raw, mapped: str) -> str | None:
        """A custom field; tickets name theirs with `cf_` before it, companies without."""
        name, fields = self.site.fields.get(mapped), raw.object("custom_fields")
        if not name or fields is None:
            return None
        plain = name.removeprefix("cf_")
        return fields.text(f"cf_{plain}") or fields.text(plain)
