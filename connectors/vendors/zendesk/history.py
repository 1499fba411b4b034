"""Knows what was said and done in Zendesk tickets: comments as messages, changes of status and merges as events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import Found
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.zendesk.lists import listed
from connectors.vendors.zendesk.via import MERGE, Via
from connectors.vendors.zendesk.words import PRIORITY, STATUS
from domain.tickets import AuthorKind, Message, TicketEvent

_ASKED_USERS = 100
_ROLES: Mapping[str, AuthorKind] = {"end-user": "customer", "agent": "agent", "admin": "agent"}
_HISTORY = ("status", "priority", "group_id", "assignee_id")
# A deleted ticket can be brought back, and this then stands in its history.
_STATUSES = {**STATUS, "deleted": "closed"}
_SYSTEM, _MERGED_TAG = "-1", "closed_by_merge"


@dataclass
class History:
    """Reads the events and comments of one site; who people are is asked once."""

    http: Http
    source: str
    roles: dict[str, AuthorKind] = field(default_factory=dict)

    def event(self, raw: Raw) -> Iterator[Found]:
        """One update of a ticket: its comments as messages, its changes of status and the like as events."""
        ticket, happened_at = raw.id("ticket_id"), raw.must_moment("timestamp")
        children = raw.objects("child_events")
        for child in children:
            if child.text("event_type") == "Comment":
                whole = child if child.has("body") else self._whole_comment(ticket, child)
                yield self._message(ticket, whole, happened_at)
            else:
                yield from self._changes(ticket, child, happened_at)
        yield from self._merge(ticket, raw, children, happened_at)

    def _changes(self, ticket: str, child: Raw, happened_at: datetime) -> Iterator[Found]:
        """The changes of fields; of what a ticket was made with only that which no later change would tell."""
        previous, created = child.object("previous_values") or child, child.text("event_type") == "Create"
        for name in _HISTORY:
            if name not in child.fields or (created and name == "priority"):
                continue
            was, now = None if created else _was(previous, name), _word(child, name, name)
            if was != now:
                event = TicketEvent(
                    source=self.source,
                    external_id=f"{child.id()}:{name}",
                    ticket_ref=ticket,
                    kind=name.removesuffix("_id"),
                    from_value=was,
                    to_value=now,
                    happened_at=happened_at,
                )
                yield Found(event, happened_at)

    def _merge(self, ticket: str, raw: Raw, children: Sequence[Raw], happened_at: datetime) -> Iterator[Found]:
        """That the ticket went into another one: Zendesk closes it then. The other one is not closed by a merge."""
        told = next((via for each in (raw, *children) if (via := Via.of(each)).channel == MERGE), None)
        closed = any(each.fields.get("status") == "closed" for each in children)
        if (told and closed) or any(_is_tagged(each) for each in children):
            event = TicketEvent(
                source=self.source,
                external_id=f"{raw.id()}:merged",
                ticket_ref=ticket,
                kind="merged",
                to_value=told.ticket if told else None,
                happened_at=happened_at,
            )
            yield Found(event, happened_at)

    def comment(self, ticket: str, raw: Raw) -> Iterator[Found]:
        """A comment as a ticket's own list has it."""
        yield self._message(ticket, raw, raw.must_moment("created_at"))

    def _message(self, ticket: str, comment: Raw, happened_at: datetime) -> Found:
        author = comment.ref("author_id") or _SYSTEM
        person: AuthorKind = "system" if author == _SYSTEM else self.roles.get(author, "customer")
        message = Message(
            source=self.source,
            external_id=comment.id(),
            ticket_ref=ticket,
            author_kind=Via.of(comment).writes or person,
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
    return _word(previous, "previous_value" if "previous_value" in previous.fields else name, name)


def _word(raw: Raw, field: str, name: str) -> str | None:
    """What stands in `field`, in Keepline's words: the value, or the former value, of the ticket's field `name`."""
    if name == "status":
        return raw.choice(field, _STATUSES, "open") if raw.has(field) else None
    return raw.choice(field, PRIORITY) if name == "priority" else raw.text(field)


def _is_tagged(child: Raw) -> bool:
    """Whether this change gave the ticket the tag of merged ones."""
    added, tags, before = (child.fields.get(name) for name in ("added_tags", "tags", "previous_value"))
    new = isinstance(tags, list) and _MERGED_TAG in tags and not (isinstance(before, list) and _MERGED_TAG in before)
    return new if added is None else isinstance(added, list) and _MERGED_TAG in added
