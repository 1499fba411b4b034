"""Knows how a Freshdesk ticket is changed without undoing what an agent has just done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange
from connectors.http import Http
from connectors.raw import Raw
from connectors.writing import Writer, bears_mark, marked

_PRIORITY = {"low": 1, "normal": 2, "high": 3, "urgent": 4}


@dataclass(frozen=True)
class TicketWriter(Writer[TicketChange]):
    """Writes to the tickets of one site. `conversations` lists what was said in a ticket."""

    already = "the ticket has all of it"

    http: Http
    conversations: Callable[[str], Sequence[Any]]

    def planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        path = f"/api/v2/tickets/{change.ticket_ref}"
        ticket = Raw.of(self.http.get(path).json)
        if ticket.flag("deleted") or ticket.flag("spam"):
            return [], "the ticket was deleted or marked as spam in Freshdesk"
        wanted = _overwriting(change, ticket)
        # Freshdesk does not tell what was changed last: any change since stands for one of these fields.
        if wanted and ticket.must_moment("updated_at") > change.seen_at:
            return [], f"the ticket was changed at {ticket.text('updated_at')} in Freshdesk"
        tags = [tag for tag in change.add_tags if tag not in ticket.texts("tags")]
        if tags:
            wanted["tags"] = [*ticket.texts("tags"), *tags]
        requests = [OutgoingRequest("PUT", path, wanted)] if wanted else []
        if change.note and not self._has_note(change):
            # The note comes last: with it on the ticket, the rest is in as well.
            note = escape(marked(change.note, change.key), quote=False).replace("\n", "<br>")
            requests.append(OutgoingRequest("POST", f"{path}/notes", {"body": note, "private": True}))
        return requests, ""

    def _has_note(self, change: TicketChange) -> bool:
        said = (Raw.of(each).text("body_text") or "" for each in self.conversations(change.ticket_ref))
        return any(bears_mark(text, change.key) for text in said)


def _overwriting(change: TicketChange, ticket: Raw) -> dict[str, Any]:
    """What takes the place of another value."""
    wanted: dict[str, Any] = {}
    if change.priority and ticket.whole("priority") != _PRIORITY[change.priority]:
        wanted["priority"] = _PRIORITY[change.priority]
    custom = ticket.object("custom_fields") or Raw.of({})
    fields = {name: value for name, value in change.fields.items() if custom.text(name) != value}
    if fields:
        wanted["custom_fields"] = fields
    return wanted
