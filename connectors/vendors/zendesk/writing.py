"""Knows how a Zendesk ticket is changed without undoing what an agent has just done."""

from dataclasses import dataclass
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.zendesk.lists import listed
from connectors.writing import Writer, bears_mark, marked


@dataclass(frozen=True)
class TicketWriter(Writer[TicketChange]):
    """Writes to the tickets of one site."""

    already = "the ticket has all of it"
    overtaken = "somebody changed the ticket in this moment"

    http: Http

    def planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        path = f"/api/v2/tickets/{change.ticket_ref}"
        ticket = Raw.of(self.http.get(path).json).must_object("ticket")
        wanted: dict[str, Any] = {}
        if change.priority and ticket.text("priority") != change.priority:
            wanted["priority"] = change.priority
        custom = {str(each.fields.get("id")): each.text("value") for each in ticket.objects("custom_fields")}
        fields = [
            {"id": int(name), "value": value} for name, value in change.fields.items() if custom.get(name) != value
        ]
        if fields:
            wanted["custom_fields"] = fields
        tags = [tag for tag in change.add_tags if tag not in ticket.texts("tags")]
        if tags:
            wanted["tags"] = [*ticket.texts("tags"), *tags]
        if change.note and not self._has_note(path, change.key):
            wanted["comment"] = {"body": marked(change.note, change.key), "public": False}
        if not wanted:
            return [], ""
        newer = self._newer_change(path, change, {"priority"} & wanted.keys() | {str(each["id"]) for each in fields})
        if newer:
            return [], newer
        # The stamp makes Zendesk refuse with 409 what somebody else has changed since it was read.
        safely = {"safe_update": True, "updated_stamp": ticket.text("updated_at")}
        return [OutgoingRequest("PUT", path, {"ticket": {**wanted, **safely}})], ""

    def _newer_change(self, path: str, change: TicketChange, names: set[str]) -> str:
        """Which of the fields `names` somebody has set after `seen_at`; empty where nobody has."""
        for page in listed(self.http, f"{path}/audits", "audits") if names else ():
            for audit in (Raw.of(each) for each in page):
                if audit.must_moment("created_at") <= change.seen_at:
                    continue
                for event in audit.objects("events"):
                    if event.text("type") == "Change" and event.text("field_name") in names:
                        return f"{event.text('field_name')} was changed at {audit.text('created_at')} in Zendesk"
        return ""

    def _has_note(self, path: str, key: str) -> bool:
        pages = listed(self.http, f"{path}/comments", "comments")
        return any(bears_mark(Raw.of(each).text("body") or "", key) for page in pages for each in page)
