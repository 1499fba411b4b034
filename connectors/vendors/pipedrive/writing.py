"""Knows how Pipedrive is given a task once, with a note beside it, and a field without undoing a newer change."""

from dataclasses import dataclass
from html import escape
from typing import Any

from connectors.contract import AccountTask, OutgoingRequest, RecordChange
from connectors.http import Http, NotThere
from connectors.raw import Raw
from connectors.vendors.pipedrive.asking import listed, listed_before
from connectors.writing import Writer, bears_mark, marked
from domain.errors import ConnectorError

_ACTIVITIES, _NOTES, _ORGANIZATIONS = "/api/v2/activities", "/v1/notes", "/api/v2/organizations"
_TEXTS = {"varchar", "text", "date", "phone", "varchar_auto", "time"}


@dataclass(frozen=True)
class TaskWriter(Writer[AccountTask]):
    """Gives the owner of an organization a task, and the organization a note that says why."""

    already = "the organization has this task"

    http: Http

    def planned(self, task: AccountTask) -> tuple[list[OutgoingRequest], str]:
        organization = _organization(self.http, task.account_ref)
        if organization is None:
            return [], "the organization is not in Pipedrive any more"
        on = {"org_id": organization.whole("id")}
        words = escape(marked(task.body, task.key), quote=False).replace("\n", "<br>")
        requests = []
        activities = listed(self.http, _ACTIVITIES, on)
        if not any(bears_mark(each.text("note") or "", task.key) for each in activities):
            activity = {
                "subject": task.subject,
                "type": "task",
                "due_date": task.due_on.isoformat(),
                "note": words,
                **on,
            }
            owner = organization.whole("owner_id")
            requests.append(OutgoingRequest("POST", _ACTIVITIES, activity | ({"owner_id": owner} if owner else {})))
        notes = listed_before(self.http, _NOTES, on)
        if not any(bears_mark(each.text("content") or "", task.key) for each in notes):
            said = f"{escape(task.subject, quote=False)}<br>{words}"
            requests.append(OutgoingRequest("POST", _NOTES, {"content": said, **on}))
        return requests, ""


@dataclass(frozen=True)
class RecordWriter(Writer[RecordChange]):
    """Sets fields of organizations."""

    already = "the fields say so"

    http: Http

    def planned(self, change: RecordChange) -> tuple[list[OutgoingRequest], str]:
        organization = _organization(self.http, change.external_id)
        if organization is None:
            return [], "the organization is not in Pipedrive any more"
        fields = {each.text("field_code"): each for each in listed(self.http, "/api/v2/organizationFields", {})}
        own, custom = organization.fields, organization.object("custom_fields") or Raw({})
        wanted: dict[str, Any] = {}
        for name, value in change.fields.items():
            if name not in fields:
                raise ConnectorError(
                    f"{name} is no field of an organization; keepline connectors NAME --fields lists them"
                )
            typed, is_custom = _typed(fields[name], value), fields[name].flag("is_custom_field")
            if (custom.fields if is_custom else own).get(name) != typed:
                (wanted.setdefault("custom_fields", {}) if is_custom else wanted)[name] = typed
        if not wanted:
            return [], ""
        changed_at = organization.must_moment("update_time")
        if changed_at > change.seen_at:
            return [], f"the organization was changed in Pipedrive at {changed_at:%Y-%m-%d %H:%M:%S} UTC"
        return [OutgoingRequest("PATCH", f"{_ORGANIZATIONS}/{organization.id()}", wanted)], ""


def _organization(http: Http, key: str) -> Raw | None:
    if not key.isdigit():
        raise ConnectorError(f"{key} is no id of an organization in Pipedrive")
    try:
        found = Raw.of(http.get(f"{_ORGANIZATIONS}/{key}").json).must_object("data")
    except NotThere:
        return None
    return None if found.flag("is_deleted") else found


def _typed(field: Raw, value: str) -> object:
    """A value as version 2 wants it: it takes no text for a number, and options by their number."""
    kind, said = field.text("field_type") or "", Raw({"value": value})
    if kind in _TEXTS:
        return value
    if kind == "int":
        return said.whole("value")
    if kind == "double":
        number = said.number("value")
        return float(number) if number is not None else None
    options = {each.text("label"): each.whole("id") for each in field.objects("options")}
    if kind == "enum" and value in options:
        return options[value]
    what = f"{field.text('field_name')!r} of type {kind}"
    raise ConnectorError(f"{what} cannot be set to {value!r}; map a text, a number, a date or an option that there is")
