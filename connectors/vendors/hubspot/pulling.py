"""Knows in which streams HubSpot is read: each kind of objects by its changes, and what was deleted by its archive."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from connectors.asking import Asking
from connectors.contract import (
    START,
    AccountTask,
    Checked,
    Cursor,
    Gone,
    OutgoingRequest,
    Page,
    RecordChange,
    Site,
    SiteField,
    Stream,
    TicketChange,
    WebhookCall,
    Written,
)
from connectors.vendors.hubspot.brought import MERGED, Brought, merges
from connectors.vendors.hubspot.crm import Companies, Deals
from connectors.vendors.hubspot.desk import Emails, Notes, Tickets
from connectors.vendors.hubspot.naming import Naming
from connectors.vendors.hubspot.portal import LISTED_ROWS, SEARCHED_ROWS, Portal
from connectors.vendors.hubspot.receiving import told
from connectors.vendors.hubspot.walking import changed_lots, deleted_lots
from connectors.vendors.hubspot.writing import Writer
from domain.errors import ConnectorError, CredentialsRejected
from domain.imports import RecordName

_PARTS = {"crm": ("companies", "deals"), "tickets": ("companies", "tickets", "notes"), "emails": ("emails",)}
_SCOPES = {
    "companies": "crm.objects.companies.read", "deals": "crm.objects.deals.read", "tickets": "tickets",
    "notes": "crm.objects.contacts.read", "emails": "sales-email-read",
}  # fmt: skip
RECORDS: Mapping[str, tuple[RecordName, ...]] = {
    "companies": ("account", "party"), "deals": ("contract",), "tickets": ("ticket",),
}  # fmt: skip


class Kind(Protocol):
    """One kind of objects: which properties are read of it, and what they come to."""

    @property
    def properties(self) -> tuple[str, ...]: ...

    @property
    def mapped(self) -> str | None: ...

    def read(self, rows: list[Any]) -> Brought: ...


class HubSpot(Asking):
    """One HubSpot account."""

    def __init__(self, site: Site) -> None:
        self.site, self.portal = site, Portal(site)
        self.http = self.portal.http
        parts = [each.strip() for each in site.settings.get("reads", ",".join(_PARTS)).split(",")]
        if not parts or set(parts) - set(_PARTS):
            raise ConnectorError(f"reads is {', '.join(parts)!r}; give {', '.join(_PARTS)} or some of these")
        naming = Naming(self.portal)
        every: dict[str, Kind] = {
            "companies": Companies(self.portal, naming, "crm" if "crm" in parts else "helpdesk"),
            "deals": Deals(self.portal, naming),
            "tickets": Tickets(self.portal, naming),
            "notes": Notes(self.portal),
            "emails": Emails(self.portal),
        }
        wanted = {objects for part in parts for objects in _PARTS[part]}
        self.kinds = {objects: kind for objects, kind in every.items() if objects in wanted}

    def check(self) -> Checked:
        account = self.portal.account()
        missing = [
            f"scope {_SCOPES[each]}: without it {each} cannot be read"
            for each in self.kinds
            if not self._may_read(each)
        ]
        return Checked(f"account {account.id('portalId')}", (*missing, *self._unknown_fields()))

    def calls_per_minute(self) -> int | None:
        return 300

    def streams(self) -> Sequence[Stream]:
        changes = [
            Stream(
                objects,
                partial(self._changes, objects),
                total=partial(self.portal.count, objects),
                page_rows=SEARCHED_ROWS,
            )
            for objects in self.kinds
        ]
        # An account can go only after what belongs to it.
        archives = [
            Stream(f"deleted {objects}", partial(self._archive, objects), page_rows=LISTED_ROWS)
            for objects in ("tickets", "deals", "companies")
            if objects in self.kinds
        ]
        return (*changes, *archives)

    def site_fields(self) -> Sequence[SiteField]:
        return [
            SiteField(objects, each.must_text("name"), each.text("label") or "", each.text("type") or "")
            for objects, kind in self.kinds.items()
            if kind.mapped
            for each in self.portal.listed(f"/crm/v3/properties/{objects}")
        ]

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return self._writer().plan(change)

    def write(self, change: TicketChange) -> Written:
        return self._writer().write(change)

    def plan_task(self, task: AccountTask) -> Sequence[OutgoingRequest]:
        return self._writer().plan_task(task)

    def write_task(self, task: AccountTask) -> Written:
        return self._writer().write_task(task)

    def plan_record(self, change: RecordChange) -> Sequence[OutgoingRequest]:
        return self._writer().plan_record(change)

    def write_record(self, change: RecordChange) -> Written:
        return self._writer().write_record(change)

    def receive(self, call: WebhookCall) -> Page:
        news = told(call, self.site.secrets)
        brought = Brought()
        for objects, ids in news.changed.items():
            if objects in self.kinds:
                rows = list(self.portal.by_ids(objects, ids, self._properties(objects)))
                brought.add(self._read(objects, rows))
        brought.gone += (
            Gone(record, key, at) for objects, key, at in news.deleted for record in RECORDS.get(objects, ())
        )
        brought.reading.found = [news.dated(each) for each in brought.reading.found]
        brought.reading.read = news.events
        brought.reading.remarks += news.remarks
        return brought.page(START, complete=True)

    def _changes(self, objects: str, cursor: Cursor) -> Iterator[Page]:
        for lot in changed_lots(self.portal, objects, self._properties(objects), cursor):
            yield self._read(objects, lot.rows).page(lot.cursor, lot.complete)

    def _read(self, objects: str, rows: list[Any]) -> Brought:
        brought = self.kinds[objects].read(rows)
        winners = {winner.id() for winner, _ in merges(rows)} if objects == "companies" else set()
        for theirs in ("deals", "tickets") if winners else ():
            # What belonged to a merged company belongs to the other one now, and does not count as changed.
            if theirs in self.kinds:
                associated = self.portal.associated("companies", theirs, sorted(winners))
                ids = [each.id("toObjectId") for found in associated.values() for each in found]
                moved = self.portal.by_ids(theirs, ids, self._properties(theirs))
                brought.add(self.kinds[theirs].read(list(moved)))
        return brought

    def _archive(self, objects: str, cursor: Cursor) -> Iterator[Page]:
        for lot in deleted_lots(self.portal, objects, cursor):
            brought = Brought()
            brought.reading.read = lot.read
            for each in lot.rows:
                brought.gone += (Gone(record, each.id(), each.moment("archivedAt")) for record in RECORDS[objects])
            yield brought.page(lot.cursor, lot.complete)

    def _properties(self, objects: str) -> list[str]:
        return list(dict.fromkeys((*self.kinds[objects].properties, MERGED, *self._mapped(objects).values())))

    def _mapped(self, objects: str) -> dict[str, str]:
        head, fields = self.kinds[objects].mapped, self.site.fields.items()
        return {key: name for key, name in fields if head and key.startswith(head) and not key.endswith("_stages")}

    def _may_read(self, objects: str) -> bool:
        try:
            self.portal.count(objects)
        except CredentialsRejected:
            return False
        return True

    def _unknown_fields(self) -> list[str]:
        known = {(each.object, each.name) for each in self.site_fields()} if self.site.fields else set()
        return [
            f"property {name} of {objects}, which {key} is mapped to: there is none; keepline connectors NAME --fields"
            for objects in self.kinds
            for key, name in self._mapped(objects).items()
            if (objects, name) not in known
        ]

    def _writer(self) -> Writer:
        return Writer(self.portal)
