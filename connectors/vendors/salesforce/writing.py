"""Knows how a task is given once, and a field set without undoing what a person has just entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from connectors.contract import AccountTask, OutgoingRequest, RecordChange
from connectors.http import Http
from connectors.raw import Raw
from connectors.vendors.salesforce.soql import DATA, field_name, flat, quoted_id, rows_of, select
from connectors.writing import Writer, bears_mark, marked
from domain.errors import ConnectorError

_LONGEST_SUBJECT, _LONGEST_BODY = 255, 31_000
# The first three characters of an id say what it is of.
_OBJECTS = {"001": "Account", "006": "Opportunity", "800": "Contract"}


@dataclass(frozen=True)
class TaskWriter(Writer[AccountTask]):
    """Gives tasks to the owners of accounts."""

    already = "the account has this task"

    http: Http

    def planned(self, task: AccountTask) -> tuple[list[OutgoingRequest], str]:
        account = quoted_id(task.account_ref)
        found = rows_of(self.http, select("Id, OwnerId, Owner.IsActive", "Account", f"Id = {account}"))
        owner = next((Raw(flat(each.fields)) for each in found), None)
        if owner is None:
            return [], "the account is not in Salesforce any more"
        if self._has_task(account, task.key):
            return [], ""
        body: dict[str, Any] = {
            "WhatId": task.account_ref,
            "Subject": task.subject[:_LONGEST_SUBJECT],
            "Description": marked(task.body[:_LONGEST_BODY], task.key),
            "ActivityDate": task.due_on.isoformat(),
        }
        if owner.has("OwnerId") and owner.flag("Owner.IsActive") is not False:
            # Nobody can be given a task who has left.
            body["OwnerId"] = owner.id("OwnerId")
        return [OutgoingRequest("POST", f"{DATA}/sobjects/Task", body)], ""

    def _has_task(self, account: str, key: str) -> bool:
        # A description cannot be searched for. Deleted tasks count: who deleted ours wants no other.
        told = rows_of(self.http, select("Id, Description", "Task", f"WhatId = {account}"), deleted_too=True)
        return any(bears_mark(each.text("Description") or "", key) for each in told)


@dataclass(frozen=True)
class RecordWriter(Writer[RecordChange]):
    """Sets fields of accounts, opportunities and contracts."""

    already = "the fields say so"
    overtaken = "somebody changed the record in this moment"

    http: Http

    def planned(self, change: RecordChange) -> tuple[list[OutgoingRequest], str]:
        path = _path(change.external_id)
        names = [field_name(name) for name in change.fields]
        asked = {"fields": ",".join([*names, "LastModifiedDate"])}
        row = Raw.of(self.http.get(path, asked).json)
        wanted = {name: value for name, value in change.fields.items() if _said(row.fields, name) != value}
        if not wanted:
            return [], ""
        changed_at = row.must_moment("LastModifiedDate")
        if changed_at > change.seen_at:
            return [], f"the record was changed in Salesforce at {changed_at:%Y-%m-%d %H:%M:%S} UTC"
        return [OutgoingRequest("PATCH", path, wanted, {"If-Unmodified-Since": _http_date(changed_at)})], ""


def _path(external_id: str) -> str:
    known = _OBJECTS.get(quoted_id(external_id)[1:4])
    if known is None:
        raise ConnectorError(f"{external_id} is neither an account nor an opportunity nor a contract of Salesforce")
    return f"{DATA}/sobjects/{known}/{external_id}"


def _said(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
