"""Knows how HubSpot is written to: once, and without undoing what a person has just done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from connectors.contract import AccountTask, OutgoingRequest, RecordChange, TicketChange, Written
from connectors.http import NotThere
from connectors.raw import Raw
from connectors.vendors.hubspot.brought import listed
from connectors.vendors.hubspot.desk import PRIORITIES
from connectors.vendors.hubspot.portal import Portal
from connectors.writing import bears_mark, marked, sent

# How HubSpot numbers the relation of a note or a task to what it is on.
_NOTE_TO_TICKET, _TASK_TO_COMPANY = 228, 192
_TO_HUBSPOT = {ours: theirs.upper() for theirs, ours in PRIORITIES.items()}
_NO_TAGS = "HubSpot's tickets have no tags; map ticket.tags to a property with several values"


@dataclass(frozen=True)
class Planned:
    """What is to be sent; `because` says why nothing is, or what is left out."""

    requests: tuple[OutgoingRequest, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Writer:
    """Writes to one HubSpot account."""

    portal: Portal

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return self._ticket(change).requests

    def write(self, change: TicketChange) -> Written:
        return self._sent(self._ticket(change), "the ticket has all of it")

    def plan_task(self, task: AccountTask) -> Sequence[OutgoingRequest]:
        return self._task(task).requests

    def write_task(self, task: AccountTask) -> Written:
        return self._sent(self._task(task), "the company has this task")

    def plan_record(self, change: RecordChange) -> Sequence[OutgoingRequest]:
        return self._record(change).requests

    def write_record(self, change: RecordChange) -> Written:
        return self._sent(self._record(change), "the company says so")

    def _sent(self, planned: Planned, already: str) -> Written:
        return sent(self.portal.http, planned.requests, planned.because, already)

    def _ticket(self, change: TicketChange) -> Planned:
        wanted, because = dict(change.fields), ""
        if change.priority:
            wanted["hs_ticket_priority"] = _TO_HUBSPOT[change.priority]
        tags = self.portal.site.fields.get("ticket.tags")
        ticket = self._object("tickets", change.ticket_ref, (*wanted, *((tags,) if tags else ())))
        if change.add_tags and tags:
            had = listed(ticket.must_object("properties"), tags)
            wanted[tags] = ";".join(dict.fromkeys((*had, *change.add_tags)))
        elif change.add_tags:
            because = _NO_TAGS
        missing = _missing(ticket, wanted)
        newer = self._newer("tickets", change.ticket_ref, missing, change.seen_at)
        if newer:
            return Planned((), newer)
        path = f"/crm/v3/objects/tickets/{change.ticket_ref}"
        requests = [OutgoingRequest("PATCH", path, {"properties": missing})] if missing else []
        if change.note and not self._bears("tickets", change.ticket_ref, "notes", "hs_note_body", change.key):
            said = {
                "hs_note_body": _html(marked(change.note, change.key)),
                "hs_timestamp": _moment(self.portal.site.clock.now()),
            }
            requests.append(_created("notes", said, change.ticket_ref, _NOTE_TO_TICKET))
        return Planned(tuple(requests), because)

    def _task(self, task: AccountTask) -> Planned:
        try:
            company = self._object("companies", task.account_ref, ("hubspot_owner_id",))
        except NotThere:
            return Planned((), "the company is not in HubSpot any more")
        if self._bears("companies", task.account_ref, "tasks", "hs_task_body", task.key):
            return Planned()
        said = {
            "hs_task_subject": task.subject,
            "hs_task_body": _html(marked(task.body, task.key)),
            "hs_timestamp": f"{task.due_on.isoformat()}T00:00:00Z",
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "TODO",
        }
        owner = company.must_object("properties").text("hubspot_owner_id")
        if owner:
            said["hubspot_owner_id"] = owner
        return Planned((_created("tasks", said, task.account_ref, _TASK_TO_COMPANY),))

    def _record(self, change: RecordChange) -> Planned:
        company = self._object("companies", change.external_id, change.fields)
        missing = _missing(company, change.fields)
        newer = self._newer("companies", change.external_id, missing, change.seen_at)
        if newer or not missing:
            return Planned((), newer)
        path = f"/crm/v3/objects/companies/{change.external_id}"
        return Planned((OutgoingRequest("PATCH", path, {"properties": missing}),))

    def _object(self, objects: str, key: str, properties: Sequence[str] | Mapping[str, str]) -> Raw:
        asked = {"properties": ",".join(properties)} if properties else {}
        return Raw.of(self.portal.http.get(f"/crm/v3/objects/{objects}/{key}", asked).json)

    def _newer(self, objects: str, key: str, names: Mapping[str, str], seen_at: datetime) -> str:
        """Which of the properties `names` somebody has set after `seen_at`; empty where nobody has."""
        for row in self.portal.by_ids(objects, [key], names, names) if names else ():
            history = Raw.of(row).object("propertiesWithHistory") or Raw({})
            for name in names:
                for entry in history.objects(name):
                    if entry.must_moment("timestamp") > seen_at:
                        return f"{name} was changed at {entry.text('timestamp')} in HubSpot"
        return ""

    def _bears(self, objects: str, key: str, what: str, text: str, mark_of: str) -> bool:
        on = self.portal.associated(objects, what, [key]).get(key, [])
        rows = self.portal.by_ids(what, (each.id("toObjectId") for each in on), (text,))
        return any(bears_mark(Raw.of(each).must_object("properties").text(text) or "", mark_of) for each in rows)


def _missing(there: Raw, wanted: Mapping[str, str]) -> dict[str, str]:
    said = there.must_object("properties")
    return {name: value for name, value in wanted.items() if (said.text(name) or "") != value}


def _created(objects: str, said: Mapping[str, str], to: str, relation: int) -> OutgoingRequest:
    association: dict[str, Any] = {
        "to": {"id": to},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": relation}],
    }
    return OutgoingRequest("POST", f"/crm/v3/objects/{objects}", {"properties": said, "associations": [association]})


def _html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
