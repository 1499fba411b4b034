"""Knows what was said and done in Zendesk tickets: comments as messages, changes of status and the like as events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import Found
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.zendesk.lists import listed
from connectors.vendors.zendesk.words import STATUS
from domain.tickets import AuthorKind, Message, TicketEvent

_ASKED_USERS = 100
_ROLES: Mapping[str, AuthorKind] = {"end-user": "customer", "agent": "agent", "admin": "agent"}
_HISTORY = ("status", "priority", "group_id", "assignee_id")
_SYSTEM = "-1"


@dataclass
class History:
    """Reads the events and comments of one site; who people are is asked once."""

    http: Http
    source: str
    roles: dict[str, AuthorKind] = field(default_factory=dict)

    def event(self, raw: Raw) -> Iterator[Found]:
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
                        source=self.source,
                        external_id=f"{child.id()}:{name}",
                        ticket_ref=ticket,
                        kind=name.removesuffix("_id"),
                        from_value=_was(previous, name),
                        to_value=_word(name, child.text(name)),
                        happened_at=happened_at,
                    )
                    yield Found(event, happened_at)

    def comment(self, ticket: str, raw: Raw) -> Iterator[Found]:
        """A comment as a ticket's own list has it."""
        yield self._message(ticket, raw, raw.must_moment("created_at"))

    def _message(self, ticket: str, comment: Raw, happened_at: datetime) -> Found:
        author = comment.ref("author_id") or _SYSTEM
        message = Message(
            source=self.source,
            external_id=comment.id(),
            ticket_ref=ticket,
            author_kind="system" if author == _SYSTEM else self.roles.get(author, "customer"),
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

    def learn_authors(self, events: list[Any]) -> None:
        """Ask who the authors of the events' comments are, a hundred in a call."""
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


def _was(previous: Raw, name: str) -> str | None:
    return _word(name, previous.text("previous_value") if "previous_value" in previous.fields else previous.text(name))


def _word(name: str, value: str | None) -> str | None:
    return STATUS.get(value or "", value) if name == "status" else value
