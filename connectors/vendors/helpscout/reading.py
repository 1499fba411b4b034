"""Knows what a Help Scout conversation says: the ticket with its threads, whose it is, and how it was rated."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from connectors.contract import Found, Gone, Site
from connectors.email_domains import company_domain, domain_party
from connectors.http import Http, NotThere
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.helpscout.hal import listed
from connectors.vendors.helpscout.threads import STATUS, history, merged_into_it, message, order
from domain.parties import Party
from domain.tickets import Message, Survey, Ticket

# What is no ticket: spam, and what was deleted where a list still shows it.
_NO_TICKET = frozenset({"spam", "deleted"})
PRIORITY = {"low": "low", "normal": "normal", "medium": "normal", "high": "high", "urgent": "urgent"}
_SCORES = {"great": 3, "okay": 2, "ok": 2, "not_good": 1}
_SCORES_BY_NUMBER = {1: 3, 2: 2, 3: 1}


@dataclass
class ConversationReader:
    """Reads conversations of one account."""

    http: Http
    site: Site
    _companies: dict[str, Party | None] = field(default_factory=dict)
    # Whether a conversation that was said to be merged away is.
    _elsewhere: dict[str, bool] = field(default_factory=dict)

    def read(self, reading: Reading, gone: list[Gone], conversations: Sequence[object]) -> None:
        """Read conversations and what belongs to them; what cannot be read of one is put aside alone."""
        for value in conversations:
            parts, put_aside = Reading(), len(reading.unusable)
            reading.each("ticket", [value], partial(self._conversation, parts, gone))
            if len(reading.unusable) == put_aside:
                reading.found += parts.found
                reading.unusable += parts.unusable
                reading.remarks += parts.remarks

    def _conversation(self, parts: Reading, gone: list[Gone], raw: Raw) -> Iterator[Found]:
        if {raw.text("status"), raw.text("state")} & _NO_TICKET:
            gone.append(Gone("ticket", raw.id(), changed_at(raw, ())))
            return
        if raw.text("state") == "draft":
            return
        key, threads = raw.id(), self._threads(raw)
        parts.each("message", threads, partial(message, self.site.name, key))
        sent = [found.fact for found in parts.found if isinstance(found.fact, Message)]
        replies = [each.sent_at for each in sent if each.public and each.author_kind == "agent"]
        parts.each("ticket_event", [{"id": key, "threads": threads}], partial(history, self.site.name))
        gone += self._merged_away(key, threads)
        company = self._company(raw)
        if company:
            yield Found(company)
        status, assignee = raw.choice("status", STATUS, "open"), raw.object("assignee")
        priority, mailbox = self._mapped(raw, "ticket.priority"), raw.ref("mailboxId")
        team = self._mailboxes.get(mailbox) or mailbox if mailbox else None
        ticket = Ticket(
            source=self.site.name,
            external_id=key,
            account_ref=company.external_id if company else None,
            subject=raw.text("subject") or "",
            status=status,
            priority=Raw({"priority": priority}, remarks=raw.remarks).choice("priority", PRIORITY),
            channel=raw.text("type"),
            workflow=self._mapped(raw, "ticket.workflow") or team,
            tags=tuple(each.must_text("tag") for each in raw.objects("tags")),
            assignee=assignee.ref("id") if assignee else None,
            team=team,
            created_at=raw.must_moment("createdAt"),
            first_replied_at=min(replies, default=None),
            resolved_at=raw.moment("closedAt") if status == "closed" else None,
        )
        yield Found(ticket, changed_at(raw, threads))

    def _threads(self, raw: Raw) -> list[Any]:
        """All threads, the oldest first: those that came with the conversation, or its own list of them."""
        embedded = raw.object("_embedded")
        came = embedded.items("threads") if embedded else []
        # The count leaves out drafts and the lines about what happened.
        counted = [each for each in came if isinstance(each, Mapping) and each.get("type") != "lineitem"]
        if sum(each.get("state", "published") == "published" for each in counted) < (raw.whole("threads") or 0):
            with suppress(NotThere):
                came = list(listed(self.http, f"/v2/conversations/{raw.id()}/threads", "threads"))
        return sorted(came, key=order)

    def _merged_away(self, key: str, threads: Sequence[Any]) -> Iterator[Gone]:
        """The conversations that have become a part of this one: these lead to it, or nowhere, from then on."""
        for each in merged_into_it(threads):
            if each.conversation != key and self._is_elsewhere(each.conversation):
                yield Gone("ticket", each.conversation, each.at)

    def _is_elsewhere(self, key: str) -> bool:
        if key not in self._elsewhere:
            try:
                self._elsewhere[key] = Raw.of(self.http.get(f"/v2/conversations/{key}").json).id() != key
            except NotThere:
                self._elsewhere[key] = True
        return self._elsewhere[key]

    def _company(self, raw: Raw) -> Party | None:
        """The domain of who asked; without one, what the customer's own entry says, which costs a call."""
        customer = raw.object("primaryCustomer")
        if customer is None:
            return None
        domain, key = company_domain(customer.text("email")), customer.ref("id")
        if domain:
            return domain_party(self.site.name, domain)
        if key and key not in self._companies:
            self._companies[key] = self._organization(key)
        return self._companies[key] if key else None

    def _organization(self, customer: str) -> Party | None:
        try:
            raw = Raw.of(self.http.get(f"/v2/customers/{customer}").json)
        except NotThere:
            return None
        emails = raw.object("_embedded")
        addresses = emails.objects("emails") if emails else []
        for domain in (company_domain(each.text("value")) for each in addresses):
            if domain:
                return domain_party(self.site.name, domain)
        name = raw.text("organization")
        if not name:
            return None
        key = raw.ref("organizationId") or " ".join(name.lower().split())
        return Party(source=self.site.name, external_id=f"organization:{key}", role="helpdesk", name=name)

    def _mapped(self, raw: Raw, name: str) -> str | None:
        field_name = self.site.fields.get(name)
        for each in raw.objects("customFields"):
            if field_name and field_name in {each.text("name"), each.ref("id")}:
                return each.text("text") or each.text("value")
        return None

    @cached_property
    def _mailboxes(self) -> Mapping[str, str | None]:
        boxes = (Raw.of(each) for each in listed(self.http, "/v2/mailboxes", "mailboxes"))
        return {each.id(): each.text("name") for each in boxes}

    def rating(self, raw: Raw) -> Iterator[Found]:
        """A row of the ratings report: its number of a rating is either the rating or the id of one."""
        number, answered_at = raw.whole("ratingId"), raw.must_moment("ratingCreatedAt")
        score = _SCORES_BY_NUMBER.get(number or 0)
        if score is None:
            yield from self.whole_rating(Raw.of(self.http.get(f"/v2/ratings/{raw.id('ratingId')}").json))
            return
        yield self._survey(raw.id(), raw.ref("threadid"), score, raw.text("ratingComments"), answered_at)

    def whole_rating(self, raw: Raw) -> Iterator[Found]:
        """A rating by itself."""
        word = (raw.text("rating") or "").lower().replace("-", "_").replace(" ", "_")
        if word not in _SCORES:
            raise Unreadable("rating", raw.fields.get("rating"), "great, okay or not_good")
        ticket, answered_at = raw.id("conversationId"), raw.must_moment("createdAt")
        yield self._survey(ticket, raw.ref("threadId"), _SCORES[word], raw.text("comments"), answered_at)

    def _survey(self, ticket: str, thread: str | None, score: int, comment: str | None, answered_at: datetime) -> Found:
        survey = Survey(
            source=self.site.name,
            external_id=f"{thread or ticket}:rating",
            ticket_ref=ticket,
            kind="csat",
            score=score,
            scale_min=1,
            scale_max=3,
            comment=comment,
            answered_at=answered_at,
        )
        return Found(survey, answered_at)


def changed_at(raw: Raw, threads: Sequence[Any]) -> datetime:
    """When the conversation last changed, as far as it says: Help Scout sorts by a time that it does not tell."""
    waiting = raw.object("customerWaitingSince")
    known = [raw.moment(name) for name in ("userUpdatedAt", "closedAt")]
    known += [waiting.moment("time") if waiting else None]
    for thread in threads:
        with suppress(Unreadable):
            known.append(Raw.of(thread).moment("createdAt"))
    return max([raw.must_moment("createdAt"), *(each for each in known if each)])
