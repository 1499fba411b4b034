"""Knows what the threads of a Help Scout conversation say: who wrote, what changed, and what was merged into it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract import Found
from connectors.html_text import html_text
from connectors.raw import Raw, Unreadable
from domain.tickets import AuthorKind, Message, TicketEvent

STATUS = {"active": "open", "open": "open", "pending": "pending", "closed": "closed"}
# Nobody but its author has seen it yet.
_UNSENT = frozenset({"draft", "underreview", "scheduled"})
_INTERNAL = frozenset({"note", "forwardparent", "forwardchild"})
_AUTHORS: Mapping[str, AuthorKind] = {"customer": "customer", "user": "agent", "team": "agent", "system_user": "bot"}
_TYPES: Mapping[str, AuthorKind] = {"customer": "customer", "message": "agent", "note": "agent"}
# Written by a rule, in the name of a user.
_WORKFLOWS = frozenset({"workflow", "workflows"})


@dataclass(frozen=True)
class MergedAway:
    """A conversation that has become a part of another, and when."""

    conversation: str
    at: datetime | None


def message(source: str, conversation: str, raw: Raw) -> Iterator[Found]:
    """What somebody wrote; nothing of a line about what happened, nor of what is not sent yet."""
    kind = raw.text("type") or ""
    if kind == "lineitem" or raw.text("state") in _UNSENT:
        return
    sent_at = raw.must_moment("createdAt")
    found = Message(
        source=source,
        external_id=raw.id(),
        ticket_ref=conversation,
        author_kind=_author(raw, kind),
        public=kind not in _INTERNAL and raw.text("state") != "hidden",
        text=html_text(raw.text("body") or ""),
        sent_at=sent_at,
    )
    yield Found(found, sent_at)


def history(source: str, raw: Raw) -> Iterator[Found]:
    """Each thread, the oldest first, says which status and assignee the conversation had with it."""
    # A first thread that says nothing of a status began a conversation as all begin.
    before: dict[str, str | None] = {}
    for thread in raw.objects("threads"):
        assigned = thread.object("assignedTo")
        now = {
            "status": STATUS.get(thread.text("status") or "") or (None if "status" in before else "open"),
            "assignee": assigned.ref("id") if assigned else None,
        }
        for kind, value in now.items():
            if value is None or value == before.get(kind):
                continue
            if kind in before:
                happened_at = thread.must_moment("createdAt")
                event = TicketEvent(
                    source=source,
                    external_id=f"{thread.id()}:{kind}",
                    ticket_ref=raw.id(),
                    kind=kind,
                    from_value=before[kind],
                    to_value=value,
                    happened_at=happened_at,
                )
                yield Found(event, happened_at)
            before[kind] = value


def merged_into_it(threads: Sequence[Any]) -> Iterator[MergedAway]:
    """The conversations that a line among the threads says were merged into this one."""
    for each in threads:
        with suppress(Unreadable):
            thread = Raw.of(each)
            action = thread.object("action")
            if action is None or action.text("type") != "merged":
                continue
            named = action.object("associatedEntities")
            for name in named.fields if named else ():
                if named and "conversation" in name.lower() and (key := named.ref(name)):
                    yield MergedAway(key, thread.moment("createdAt"))


def order(thread: Any) -> tuple[str, int]:
    """Sorts threads by time; those of one moment by their number."""
    if not isinstance(thread, Mapping):
        return ("", 0)
    identity = thread.get("id")
    return (str(thread.get("createdAt") or ""), identity if isinstance(identity, int) else 0)


def _author(raw: Raw, kind: str) -> AuthorKind:
    origin, creator = raw.object("source"), raw.object("createdBy")
    if origin and (origin.text("type") or "").lower() in _WORKFLOWS:
        return "bot"
    author = _AUTHORS.get(creator.text("type") or "") if creator else None
    return author or _TYPES.get(kind, "system")
