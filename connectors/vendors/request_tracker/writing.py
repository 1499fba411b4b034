"""Knows how a Request Tracker ticket is changed without undoing an agent's change, and what a yes is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange, Written
from connectors.http import Answer, Conflict, Http
from connectors.raw import Raw
from connectors.vendors.request_tracker.log import API, Log
from connectors.vendors.request_tracker.priorities import Bands
from connectors.vendors.request_tracker.reading import custom_values, listed
from connectors.writing import Writer, bears_mark, marked, nothing_sent
from domain.errors import ConnectorError, Retriable

_ATTEMPTS = 3


@dataclass(frozen=True)
class TicketWriter(Writer[TicketChange]):
    """Writes to the tickets of one site. `tags` is the custom field that takes the place of tags."""

    already = "the ticket has all of it"

    http: Http
    log: Log
    bands: Bands
    tags: str | None

    def write(self, change: TicketChange) -> Written:
        for _ in range(_ATTEMPTS):
            requests, because = self.planned(change)
            if not requests:
                return nothing_sent(because, self.already)
            try:
                for each in requests:
                    self._send(each, change)
            except Conflict:
                # Somebody was quicker. It may have been a mail that went out: look again whether it matters.
                continue
            return Written("done", "written", tuple(requests))
        raise Retriable(f"ticket {change.ticket_ref} is being changed all the time; try again")

    def planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        answer = self._read(change)
        ticket = Raw.of(answer.json)
        if ticket.text("Status") == "deleted":
            return [], "the ticket was deleted"
        path, wanted, requests = f"{API}/ticket/{ticket.id()}", self._wanted(ticket, change), []
        newer = self._newer_change(ticket, change, wanted)
        if newer:
            return [], newer
        if wanted:
            # The tag names the last transaction: the server refuses with 412 what was changed since it was read.
            tag = answer.headers.get("ETag")
            requests.append(OutgoingRequest("PUT", path, wanted, {"If-Match": tag} if tag else {}))
        if change.note and not self._has_note(ticket.id(), change.key):
            body = {"Content": marked(change.note, change.key), "ContentType": "text/plain"}
            requests.append(OutgoingRequest("POST", f"{path}/comment", body))
        return requests, ""

    def _wanted(self, ticket: Raw, change: TicketChange) -> dict[str, Any]:
        """What has to be set: nothing where the ticket has it."""
        wanted: dict[str, Any] = {}
        number = ticket.whole("Priority")
        if change.priority and (number is None or self.bands.word(number) != change.priority):
            wanted["Priority"] = self.bands.number(change.priority)
        custom = custom_values(ticket)
        fields: dict[str, Any] = {
            name: value for name, value in change.fields.items() if self._values(custom, name) != (value,)
        }
        if change.add_tags:
            if self.tags is None:
                raise ConnectorError(
                    "Request Tracker has no tags: map ticket.tags to a custom field of many values in connectors.yaml, "
                    "or take the tags out of the playbook"
                )
            there = self._values(custom, self.tags)
            new = [tag for tag in change.add_tags if tag not in there]
            fields |= {self.tags: [*there, *new]} if new else {}
        return wanted | ({"CustomFields": fields} if fields else {})

    def _values(self, custom: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
        if name not in custom:
            raise ConnectorError(
                f"the ticket has no custom field {name!r}, or its user may not see it (SeeCustomField)"
            )
        return custom[name]

    def _send(self, request: OutgoingRequest, change: TicketChange) -> None:
        answer = self.http.write(request.method, request.path, request.body, request.headers)
        if request.method != "PUT":
            return
        # A refusal may be a sentence in an answer of 200, in any language: only the ticket tells.
        left = self._wanted(Raw.of(self._read(change).json), change)
        if _names(left) & _names(request.body):
            said = " ".join(each for each in answer.json or () if isinstance(each, str))
            raise ConnectorError(f"{request.path}: not taken; Request Tracker says: {said[:200] or 'nothing'}")

    def _newer_change(self, ticket: Raw, change: TicketChange, wanted: Mapping[str, Any]) -> str:
        """Which of the wanted fields somebody has set after `seen_at`; empty where nobody has."""
        numbers = {each.id(): each.text("name") for each in listed(ticket, "CustomFields")}
        names = _names(wanted)
        for row in self.log.newest_of(ticket.id()) if names else ():
            raw = Raw.of(row)
            if raw.must_moment("Created") <= change.seen_at:
                break
            field = raw.text("Field") or ""
            name = numbers.get(field) if raw.text("Type") == "CustomField" else field
            if name in names and raw.text("Type") in {"Set", "CustomField"}:
                who = raw.must_object("Creator").id()
                return f"{name} was changed by {who} at {raw.text('Created')} in Request Tracker"
        return ""

    def _has_note(self, ticket: str, key: str) -> bool:
        comments = [Raw.of(each).id() for each in self.log.newest_of(ticket) if Raw.of(each).text("Type") == "Comment"]
        return any(bears_mark(wrote.content, key) for wrote in self.log.texts(comments).values())

    def _read(self, change: TicketChange) -> Answer:
        return self.http.get(f"{API}/ticket/{int(change.ticket_ref)}")


def _names(wanted: Mapping[str, Any]) -> set[str]:
    return {name for name in wanted if name != "CustomFields"} | set(wanted.get("CustomFields", {}))
