"""Knows how a Zammad ticket is changed without undoing what an agent has just done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange, Written
from connectors.html_text import html_text
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.zammad.reading import priority_of
from connectors.vendors.zammad.site import API, Lists
from connectors.writing import bears_mark, marked
from domain.errors import ConnectorError
from domain.tickets import Priority

_GONE = frozenset({"merged", "removed"})


@dataclass(frozen=True)
class TicketWriter:
    """Writes to the tickets of one site.

    Zammad refuses no change because of a newer one. Between reading and writing there is a moment in which an agent's
    change of the same attribute could be overwritten; it is as short as one request.
    """

    http: Http
    lists: Lists

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        requests, _ = self._planned(change)
        return requests

    def write(self, change: TicketChange) -> Written:
        requests, because = self._planned(change)
        if not requests:
            return Written("stepped_back" if because else "already", because or "the ticket has all of it")
        for each in requests:
            self.http.write(each.method, each.path, each.body)
        left = self._attributes(self._read(change), change)
        if left:
            raise ConnectorError(f"ticket {change.ticket_ref}: Zammad said yes and did not take {', '.join(left)}")
        return Written("done", "written", tuple(requests))

    def _planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        ticket = self._read(change)
        if self.lists.kind(ticket.text("state") or "") in _GONE:
            return [], "the ticket was merged into another one, or removed"
        wanted = self._attributes(ticket, change)
        newer = self._newer_change(change, wanted)
        if newer:
            return [], newer
        if change.note and not self._has_note(change):
            note = {"body": marked(change.note, change.key), "content_type": "text/plain"}
            wanted["article"] = {**note, "type": "note", "internal": True}
        requests = [OutgoingRequest("PUT", f"{API}/tickets/{change.ticket_ref}", wanted)] if wanted else []
        there = self.lists.tags(change.ticket_ref) if change.add_tags else []
        # Adding a tag that is there changes nothing, so each may be sent again.
        tagged = {"object": "Ticket", "o_id": int(change.ticket_ref)}
        new = [tag for tag in change.add_tags if tag not in there]
        return [*requests, *(OutgoingRequest("POST", f"{API}/tags/add", {**tagged, "item": tag}) for tag in new)], ""

    def _attributes(self, ticket: Raw, change: TicketChange) -> dict[str, Any]:
        """What has to be set: nothing where the ticket has it."""
        wanted: dict[str, Any] = {}
        if change.priority:
            name = self._named(change.priority)
            if ticket.text("priority") != name and priority_of(ticket.text("priority") or "") != change.priority:
                wanted["priority"] = name
        for name, value in change.fields.items():
            # Zammad says yes to attributes that it does not know, and drops them.
            if name not in ticket.fields:
                raise ConnectorError(
                    f"the ticket has no attribute {name!r}; keepline connectors NAME --fields lists them"
                )
            if ticket.text(name) != value:
                wanted[name] = value
        return wanted

    def _named(self, priority: Priority) -> str:
        """What the site calls a priority; its highest one where it has no urgent one, as out of the box."""
        names: dict[Priority | None, str] = {priority_of(name): name for name in self.lists.priorities()}
        wanted = "high" if priority == "urgent" and "urgent" not in names else priority
        if wanted not in names:
            raise ConnectorError(
                f"this Zammad has no priority that means {priority!r}; it has {', '.join(names.values())}"
            )
        return names[wanted]

    def _newer_change(self, change: TicketChange, wanted: Mapping[str, Any]) -> str:
        """Which of the wanted attributes somebody has set after `seen_at`; empty where nobody has."""
        for raw in (Raw.of(each) for each in self.lists.history(change.ticket_ref)) if wanted else ():
            is_change = raw.text("object") == "Ticket" and raw.text("type") == "updated"
            if is_change and raw.text("attribute") in wanted and raw.must_moment("created_at") > change.seen_at:
                return f"{raw.text('attribute')} was changed at {raw.text('created_at')} in Zammad"
        return ""

    def _has_note(self, change: TicketChange) -> bool:
        bodies = (Raw.of(each).text("body") or "" for each in self.lists.articles(change.ticket_ref))
        return any(bears_mark(html_text(body), change.key) for body in bodies)

    def _read(self, change: TicketChange) -> Raw:
        return Raw.of(self.http.get(f"{API}/tickets/{change.ticket_ref}", {"expand": "true"}).json)
