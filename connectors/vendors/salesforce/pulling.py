"""Knows how Salesforce is read: accounts, won opportunities or contracts, and what was deleted or merged away."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit

from connectors.contract import (
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
    Written,
)
from connectors.http import Http, NotThere, Refused
from connectors.rate_limits import Budget, Headers, RateLimits, standard_retry_after
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.salesforce.fields import Columns, Described, columns, describe
from connectors.vendors.salesforce.records import (
    ACCOUNT_FIELDS,
    AGREEMENTS,
    CONTRACTS,
    MERGED_FIELDS,
    Agreement,
    account,
    contract,
    is_agreed,
    merged_away,
)
from connectors.vendors.salesforce.signing_in import SigningIn
from connectors.vendors.salesforce.soql import WINDOW, Listing, moment_literal, rows_of, select
from connectors.vendors.salesforce.writing import RecordWriter, TaskWriter
from domain.errors import ConnectorError
from domain.imports import RecordName

_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
# The limit is on the last 24 hours, so some of it comes back all the time.
_USED_UP = timedelta(hours=1)


def _budget(headers: Headers, _now: datetime) -> Budget | None:
    used = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
    return Budget(max(0, int(used[2]) - int(used[1])), None) if used else None


def _is_limit(status: int, _headers: Headers, body: bytes) -> bool:
    return status == 429 or (status == 403 and b"REQUEST_LIMIT_EXCEEDED" in body)


def _retry_after(headers: Headers, now: datetime) -> timedelta | None:
    # Salesforce gives no time; the same refusal also comes of too many calls at once, which is over in a moment.
    budget = _budget(headers, now)
    return standard_retry_after(headers, now) or (_USED_UP if budget and budget.left == 0 else None)


_LIMITS = RateLimits(budget=_budget, is_limit=_is_limit, retry_after=_retry_after)


@dataclass
class Salesforce:
    """One Salesforce org."""

    site: Site
    described: dict[str, Described] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._signing_in = SigningIn(self.site)
        chosen = self.site.settings.get("contracts_from") or "opportunities"
        names = [each.strip().lower() for each in chosen.split(",")]
        if not set(names) <= AGREEMENTS.keys():
            raise ConnectorError(f"contracts are read from opportunities, contracts or both, not from {chosen[:80]!r}")
        self._agreements = {name: AGREEMENTS[name] for name in names}

    @cached_property
    def http(self) -> Http:
        """The instance that the org lives on; signs in where that is not known yet."""
        session = self._signing_in.session()
        return Http(session.instance_url, session, self.site.clock, _LIMITS, self.site.on_wait)

    @property
    def calls(self) -> int:
        return self._signing_in.http.calls + (self.http.calls if "http" in self.__dict__ else 0)

    @property
    def budget_left(self) -> int | None:
        return self.http.budget_left if "http" in self.__dict__ else None

    def check(self) -> Checked:
        missing = []
        for name in ("Account", *(each.object for each in self._agreements.values())):
            try:
                self._describe(name)
            except NotThere:
                missing.append(f"read access to {name}: without it none is read")
        return Checked(self._identity(), tuple(missing))

    def calls_per_minute(self) -> int | None:
        return None

    def streams(self) -> Sequence[Stream]:
        deleted = Listing("Account", (), "IsDeleted = true", deleted_too=True)
        return (
            Stream("accounts", self._accounts, total=partial(self._count, Listing("Account", ())), page_rows=WINDOW),
            *(
                Stream(
                    name,
                    partial(self._contracts, each),
                    total=partial(self._count, Listing(each.object, (), each.only)),
                    page_rows=WINDOW,
                )
                for name, each in self._agreements.items()
            ),
            # Last, when what belonged to an account has gone, or has moved to the one that it was merged into.
            Stream("deleted accounts", self._deleted, total=partial(self._count, deleted), page_rows=WINDOW),
        )

    def site_fields(self) -> Sequence[SiteField]:
        objects = ("Account", *(each.object for each in self._agreements.values()))
        return [each for name in objects for each in self._describe(name).fields]

    def plan_task(self, task: AccountTask) -> Sequence[OutgoingRequest]:
        return TaskWriter(self.http).plan(task)

    def write_task(self, task: AccountTask) -> Written:
        return TaskWriter(self.http).write(task)

    def plan_record(self, change: RecordChange) -> Sequence[OutgoingRequest]:
        return RecordWriter(self.http).plan(change)

    def write_record(self, change: RecordChange) -> Written:
        return RecordWriter(self.http).write(change)

    def _identity(self) -> str:
        host = urlsplit(self.http.base_url).hostname or ""
        try:
            names = [each.text("Name") for each in rows_of(self.http, select("Name", "Organization", ending="LIMIT 1"))]
        except Refused:
            return host
        return f"{names[0]} ({host})" if names and names[0] else host

    def _describe(self, name: str) -> Described:
        if name not in self.described:
            self.described[name] = describe(self.http, name)
        return self.described[name]

    def _count(self, listing: Listing) -> int | None:
        return listing.count(self.http)

    def _accounts(self, cursor: Cursor) -> Iterator[Page]:
        found = columns(self._describe("Account"), "account", ACCOUNT_FIELDS, self.site.fields)
        for rows, after, complete in Listing("Account", found.selected).pages(self.http, cursor):
            reading = Reading()
            reading.each("account", rows, partial(account, self.site.name, found), key="Id")
            yield _page(rows, reading, after, complete)

    def _contracts(self, agreement: Agreement, cursor: Cursor) -> Iterator[Page]:
        """A first walk reads agreements only; later ones read all that changed, to see what is no agreement any more.

        What ceases to be one during the first walk is not in it, so the second begins where the first began.
        """
        found = self._agreement_columns(agreement)
        if not cursor:
            newest = Listing(agreement.object, (), deleted_too=True).newest(self.http)
            cursor = {"began": moment_literal(newest)} if newest else {}
        only = agreement.only if "stamp" not in cursor or "began" in cursor else ""
        listing = Listing(agreement.object, found.selected, only, deleted_too=True)
        for rows, after, complete in listing.pages(self.http, cursor):
            agreed = [row for row in rows if not isinstance(row, dict) or is_agreed(agreement, row)]
            reading = Reading()
            read = partial(contract, self.site.name, found, self.site.settings.get("currency") or "USD")
            reading.each("contract", agreed, read, key="Id")
            gone = [row for row in rows if isinstance(row, dict) and not is_agreed(agreement, row)]
            yield _page(rows, reading, after, complete, _gone("contract", gone))

    def _agreement_columns(self, agreement: Agreement) -> Columns:
        described = self._describe(agreement.object)
        if not described.has(agreement.counts[0]):
            raise ConnectorError(
                f"{agreement.object}.{agreement.counts[0]} is not shown to us; without it nobody knows what was agreed"
            )
        found = columns(described, "contract", agreement.fields, self.site.fields)
        if agreement is CONTRACTS and not found["arr_cents"]:
            raise ConnectorError(
                "a contract of Salesforce has no amount; map contract.arr_cents to the field that holds the ARR"
            )
        return found

    def _deleted(self, cursor: Cursor) -> Iterator[Page]:
        found = columns(self._describe("Account"), "merged", MERGED_FIELDS, {})
        listing = Listing("Account", found.selected, "IsDeleted = true", deleted_too=True)
        for rows, after, complete in listing.pages(self.http, cursor):
            reading = Reading()
            reading.each("party", rows, partial(merged_away, self.site.name, found), key="Id")
            merged = {each.fact.external_id for each in reading.found}
            gone = [row for row in rows if isinstance(row, dict)]
            unmerged = [row for row in gone if row.get("Id") not in merged]
            yield _page(rows, reading, after, complete, [*_gone("account", gone), *_gone("party", unmerged)])


def _gone(record: RecordName, rows: list[dict[str, Any]]) -> list[Gone]:
    return [Gone(record, Raw(row).id("Id"), _stamp(Raw(row))) for row in rows if isinstance(row.get("Id"), str)]


def _stamp(raw: Raw) -> datetime | None:
    with suppress(Unreadable):
        return raw.moment("SystemModstamp")
    return None


def _page(rows: list[Any], reading: Reading, cursor: Cursor, complete: bool, gone: Sequence[Gone] = ()) -> Page:
    return replace(reading.page(cursor, complete, gone), read=len(rows))
