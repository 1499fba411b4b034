"""Knows how a Help Scout conversation is changed without undoing what an agent has just done."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange, Written
from connectors.html_text import html_text
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.helpscout.hal import listed
from connectors.vendors.helpscout.reading import PRIORITY
from connectors.writing import Writer, bears_mark, marked, nothing_sent
from domain.errors import ConnectorError

_NO_PRIORITY = "Help Scout has no priority; map ticket.priority to a custom field to set one"


@dataclass(frozen=True)
class ConversationWriter(Writer[TicketChange]):
    """Writes to the conversations of one account. `mapped` are the user's names of fields."""

    already = "the conversation has all of it"

    http: Http
    mapped: Mapping[str, str]

    def write(self, change: TicketChange) -> Written:
        requests, because = self.planned(change)
        left_out = _NO_PRIORITY if change.priority and "ticket.priority" not in self.mapped else ""
        if not requests:
            return nothing_sent(because or left_out, self.already)
        for each in requests:
            self.http.write(each.method, each.path, each.body)
        return Written("done", left_out or "written", tuple(requests))

    def planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        path = f"/v2/conversations/{change.ticket_ref}"
        raw = Raw.of(self.http.get(path).json)
        if raw.text("status") == "spam" or raw.text("state") == "deleted":
            return [], "the conversation was deleted or marked as spam in Help Scout"
        requests = []
        values = self._values(raw, change)
        if values:
            updated_at = raw.moment("userUpdatedAt")
            # Help Scout does not tell who changed a field when: any change since stands for it.
            if updated_at and updated_at > change.seen_at:
                return [], f"the conversation was changed at {raw.text('userUpdatedAt')} in Help Scout"
            requests.append(OutgoingRequest("PUT", f"{path}/fields", {"fields": values}))
        tags = [each.must_text("tag") for each in raw.objects("tags")]
        added = [tag for tag in change.add_tags if tag.lower() not in {each.lower() for each in tags}]
        if added:
            requests.append(OutgoingRequest("PUT", f"{path}/tags", {"tags": [*tags, *added]}))
        if change.note and not self._has_note(path, change.key):
            # The note comes last: with it on the conversation, the rest is in as well.
            note = escape(marked(change.note, change.key), quote=False).replace("\n", "<br>")
            requests.append(OutgoingRequest("POST", f"{path}/notes", {"text": note}))
        return requests, ""

    def _values(self, raw: Raw, change: TicketChange) -> list[dict[str, Any]]:
        """The values of all fields, because what is left out is emptied; nothing where none of them is to change."""
        wanted = dict(change.fields)
        if change.priority and "ticket.priority" in self.mapped:
            wanted[self.mapped["ticket.priority"]] = change.priority
        if not wanted:
            return []
        there = {each.id(): each.text("value") for each in raw.objects("customFields")}
        fields = [Raw.of(each) for each in listed(self.http, f"/v2/mailboxes/{raw.id('mailboxId')}/fields", "fields")]
        values = dict(there)
        for name, text in wanted.items():
            described = next((each for each in fields if name in {each.text("name"), each.id()}), None)
            if described is None:
                raise ConnectorError(f"the conversation's inbox has no custom field {name!r}; add it there")
            values[described.id()] = _option(described, text)
        if values == there:
            return []
        return [{"id": int(key), "value": value} for key, value in values.items() if value is not None]

    def _has_note(self, path: str, key: str) -> bool:
        threads = (Raw.of(each) for each in listed(self.http, f"{path}/threads", "threads"))
        return any(bears_mark(html_text(each.text("body") or ""), key) for each in threads)


def _option(described: Raw, text: str) -> str:
    """The text itself; of a dropdown the id of the option that is called so or means that priority."""
    options = described.objects("options")
    for each in options:
        label = (each.text("label") or "").lower()
        if text.lower() in {label, each.id(), PRIORITY.get(label)}:
            return each.id()
    if options:
        labels = ", ".join(each.text("label") or "" for each in options)
        raise ConnectorError(f"{described.text('name')} has no option {text!r}; it has {labels}")
    return text
