"""Knows how a Jira ticket is changed without undoing what an agent has just done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import OutgoingRequest, TicketChange
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.jira import adf
from connectors.vendors.jira.listing import listed
from connectors.vendors.jira.words import PRIORITY
from connectors.writing import Writer, bears_mark, marked
from domain.errors import ConnectorError


@dataclass(frozen=True)
class IssueWriter(Writer[TicketChange]):
    """Writes to the tickets of one site. `fields` are the descriptions of the site's fields."""

    already = "the ticket has all of it"
    overtaken = "somebody changed the ticket in this moment"

    http: Http
    fields: Sequence[Raw]

    def planned(self, change: TicketChange) -> tuple[list[OutgoingRequest], str]:
        path = f"/rest/api/3/issue/{change.ticket_ref}"
        asked = ",".join(["priority", "labels", *change.fields])
        issue = Raw.of(self.http.get(path, {"fields": asked}).json).must_object("fields")
        wanted = self._custom(issue, change.fields) | self._priority(issue, change)
        # A label holds no blanks.
        labels = ["-".join(tag.split()) for tag in change.add_tags]
        added = [{"add": label} for label in dict.fromkeys(labels) if label not in issue.texts("labels")]
        requests = []
        if wanted or added:
            body = ({"fields": wanted} if wanted else {}) | ({"update": {"labels": added}} if added else {})
            requests.append(OutgoingRequest("PUT", path, body))
        if change.note and not self._has_note(path, change.key):
            note = {"body": marked(change.note, change.key), "public": False}
            requests.append(OutgoingRequest("POST", f"/rest/servicedeskapi/request/{change.ticket_ref}/comment", note))
        newer = self._newer_change(path, change, wanted.keys()) if requests else ""
        return ([], newer) if newer else (requests, "")

    def _priority(self, issue: Raw, change: TicketChange) -> dict[str, Any]:
        priority = issue.object("priority")
        is_now = PRIORITY.get((priority.text("name") or "").lower()) if priority else None
        if change.priority is None or is_now == change.priority:
            return {}
        there = Raw({"priorities": self.http.get("/rest/api/3/priority").json}).objects("priorities")
        for each in there:
            if PRIORITY.get((each.text("name") or "").lower()) == change.priority:
                return {"priority": {"id": each.id()}}
        names = ", ".join(each.text("name") or "" for each in there)
        raise ConnectorError(f"no priority of this Jira means {change.priority!r}; it has {names}")

    def _custom(self, issue: Raw, fields: Mapping[str, str]) -> dict[str, Any]:
        described = {each.id(): each for each in self.fields}
        wanted = {}
        for name, text in fields.items():
            if name not in described:
                raise ConnectorError(f"this Jira has no field {name!r}; name it by its id, such as customfield_10050")
            value = _in_its_type(name, described[name], text)
            if not _holds(issue.fields.get(name), value):
                wanted[name] = value
        return wanted

    def _newer_change(self, path: str, change: TicketChange, names: Any) -> str:
        """Which of the fields `names` somebody has set after `seen_at`; empty where nobody has."""
        for page in listed(self.http, f"{path}/changelog", "values") if names else ():
            for history in (Raw.of(each) for each in page):
                if history.must_moment("created") <= change.seen_at:
                    continue
                for item in history.objects("items"):
                    name = item.text("fieldId") or item.text("field")
                    if name in names:
                        return f"{name} was changed at {history.text('created')} in Jira"
        return ""

    def _has_note(self, path: str, key: str) -> bool:
        pages = listed(self.http, f"{path}/comment", "comments")
        return any(bears_mark(adf.plain(Raw.of(each).fields.get("body")), key) for page in pages for each in page)


def _in_its_type(name: str, described: Raw, text: str) -> Any:
    """The text as Jira wants it for a field of that type."""
    schema = described.must_object("schema")
    kind, of, custom = schema.text("type"), schema.text("items"), schema.text("custom") or ""
    if custom.endswith(":textarea"):
        return adf.document(text)
    if kind == "number":
        number = Raw({name: text}).number(name)
        return None if number is None else float(number)
    if kind in {"string", "date", "datetime"}:
        return text
    if kind == "option":
        return {"value": text}
    if kind == "array" and of in {"string", "option"}:
        return [text if of == "string" else {"value": text}]
    raise ConnectorError(
        f"field {name} is of type {kind!r}, which Keepline does not write; map a text, number or choice"
    )


def _holds(there: Any, wanted: Any) -> bool:
    """Whether a field holds what is wanted of it; an option carries more than its value."""
    if isinstance(wanted, Mapping) and "content" in wanted:
        return adf.plain(there) == adf.plain(wanted)
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and there.get("value") == wanted["value"]
    if isinstance(wanted, list):
        return isinstance(there, list) and len(there) == 1 and _holds(there[0], wanted[0])
    return bool(there == wanted)
