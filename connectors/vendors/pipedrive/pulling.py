"""Knows in which streams Pipedrive is read: organizations and deals by their changes, deleted ones by what is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from connectors.asking import Asking
from connectors.contract import (
    START,
    AccountTask,
    Checked,
    Cursor,
    Found,
    Gone,
    OutgoingRequest,
    Page,
    RecordChange,
    Site,
    SiteField,
    Stream,
    Written,
)
from connectors.http import Refused
from connectors.raw import Raw, Reading, Unreadable
from connectors.vendors.pipedrive.asking import PAGE_ROWS, has_more, listed, next_cursor, opened
from connectors.vendors.pipedrive.records import Records
from connectors.vendors.pipedrive.writing import RecordWriter, TaskWriter
from domain.errors import ConnectorError
from domain.imports import RecordName

_DEALS, _ORGANIZATIONS = "/api/v2/deals", "/api/v2/organizations"
_STATUSES = "open,won,lost,deleted"
# A change is written before it can be listed; times are to the second.
_OVERLAP = timedelta(minutes=5)
# Deleted organizations are told of by version 1 alone, for a month.
_RECENTS = "/v1/recents"
_RECENTS_OVERLAP = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# A custom field is known by a hash of so many characters; up to so many of them may be asked for by name.
_HASH, _MOST_CUSTOM_FIELDS = 40, 15
Make = Callable[[list[Gone], Raw], Iterator[Found]]


class Pipedrive(Asking):
    """One Pipedrive company."""

    def __init__(self, site: Site) -> None:
        self.site, self.http = site, opened(site)
        self.records = Records(site.name, site.fields, self._user)

    def check(self) -> Checked:
        me = Raw.of(self.http.get("/v1/users/me").json).must_object("data")
        rights = [each.flag("admin") for each in me.objects("access") if each.text("app") in {"sales", "global"}]
        hidden = "administrator of deals: what others keep to themselves is not read"
        missing = () if any(rights) or me.flag("is_admin") else (hidden,)
        return Checked(f"{me.text('name')} of {me.text('company_name')}", (*missing, *self._unknown_fields()))

    def calls_per_minute(self) -> int | None:
        return 600

    def streams(self) -> Sequence[Stream]:
        make = self.records
        organizations = partial(self._changes, _ORGANIZATIONS, "account", make.organization, {})
        deals = partial(self._changes, _DEALS, "contract", make.deal, {"status": _STATUSES})
        return (
            Stream("organizations", organizations, page_rows=PAGE_ROWS),
            Stream("deals", deals, page_rows=PAGE_ROWS),
            # An account can go only after what belongs to it.
            Stream("deleted organizations", self._deleted, page_rows=PAGE_ROWS),
        )

    def site_fields(self) -> Sequence[SiteField]:
        lists = (("organization", "/api/v2/organizationFields"), ("deal", "/api/v2/dealFields"))
        return [
            SiteField(kind, each.must_text("field_code"), each.text("field_name") or "", each.text("field_type") or "")
            for kind, path in lists
            for each in listed(self.http, path, {})
        ]

    def plan_task(self, task: AccountTask) -> Sequence[OutgoingRequest]:
        return TaskWriter(self.http).plan(task)

    def write_task(self, task: AccountTask) -> Written:
        return TaskWriter(self.http).write(task)

    def plan_record(self, change: RecordChange) -> Sequence[OutgoingRequest]:
        return RecordWriter(self.http).plan(change)

    def write_record(self, change: RecordChange) -> Written:
        return RecordWriter(self.http).write(change)

    def _changes(
        self, path: str, record: RecordName, make: Make, only: Mapping[str, str], cursor: Cursor
    ) -> Iterator[Page]:
        """In the order of change. A page's cursor is Pipedrive's own; `last` is where to begin should it be refused."""
        while True:
            answer = self._page(path, {**only, **self._wanted(record)}, cursor)
            if answer is None:
                cursor = {"since": cursor["last"]} if cursor.get("last") else START
                continue
            rows, gone, reading = answer.items("data"), list[Gone](), Reading()
            reading.each(record, rows, partial(make, gone))
            changed = [moment for each in rows if (moment := _changed_at(each))]
            since, last = cursor.get("since"), max((_iso(each) for each in changed), default=cursor.get("last"))
            after = next_cursor(answer)
            if after is None:
                overlapping = _iso(max(changed) - _OVERLAP) if changed else since
                yield reading.page({"since": overlapping} if overlapping else START, True, gone)
                return
            cursor = {**({"since": since} if since else {}), "cursor": after, "last": last or since}
            yield reading.page(cursor, gone=gone)

    def _page(self, path: str, only: Mapping[str, str], cursor: Cursor) -> Raw | None:
        """A page of a list; None where its cursor is refused, as it is when it has grown old."""
        asked = {"limit": PAGE_ROWS, "sort_by": "update_time", "sort_direction": "asc", **only}
        asked |= {"updated_since": cursor["since"]} if cursor.get("since") else {}
        asked |= {"cursor": cursor["cursor"]} if "cursor" in cursor else {}
        try:
            return Raw.of(self.http.get(path, asked).json)
        except Refused as refused:
            if "cursor" in cursor and refused.status == 400:
                return None
            raise

    def _deleted(self, cursor: Cursor) -> Iterator[Page]:
        """What recent changes tell of deletions. They are paged by position, so each page begins at the one before."""
        since = cursor.get("since") or self._newest_organization()
        start, before = int(cursor.get("start", 0)), list[Any]()
        while since:
            asked = {"since_timestamp": since, "items": "organization", "start": start, "limit": PAGE_ROWS}
            answer = Raw.of(self.http.get(_RECENTS, asked).json)
            rows = answer.items("data")
            if rows and rows == before:
                raise ConnectorError(f"GET {_RECENTS}: a page repeats the one before; try again later")
            gone, last = _told_gone(rows), _last_moment(rows)
            if not has_more(answer) or not rows:
                behind = {"since": _v1(last - _RECENTS_OVERLAP) if last else since}
                yield Page(cursor=behind, gone=gone, read=len(rows), complete=True)
                return
            further = _v1(last - _SECOND) if last else since
            since, start = (further, 0) if further > since else (since, start + len(rows))
            before = rows
            yield Page(cursor={"since": since, "start": start}, gone=gone, read=len(rows))
        yield Page(cursor=START, complete=True)

    def _newest_organization(self) -> str | None:
        """Where a first walk begins: what was deleted earlier has never been read."""
        asked = {"limit": 1, "sort_by": "update_time", "sort_direction": "desc"}
        newest = next(
            (_changed_at(each) for each in Raw.of(self.http.get(_ORGANIZATIONS, asked).json).items("data")), None
        )
        return _v1(newest - _RECENTS_OVERLAP) if newest else None

    def _wanted(self, record: RecordName) -> dict[str, str]:
        """The custom fields that are mapped, with the labels of their options."""
        mapped = self._mapped(record).values()
        custom = [name for name in dict.fromkeys(mapped) if len(name) == _HASH]
        few = {"custom_fields": ",".join(custom)} if custom and len(custom) <= _MOST_CUSTOM_FIELDS else {}
        return {**few, "include_option_labels": "true"} if custom else {}

    def _mapped(self, record: RecordName) -> dict[str, str]:
        return {key: name for key, name in self.site.fields.items() if key.startswith(f"{record}.")}

    def _unknown_fields(self) -> list[str]:
        known = {(each.object, each.name) for each in self.site_fields()} if self.site.fields else set()
        kinds: tuple[tuple[RecordName, str], ...] = (("account", "organization"), ("contract", "deal"))
        return [
            f"{kind} field {name}, which {key} is mapped to: there is none; see keepline connectors NAME --fields"
            for record, kind in kinds
            for key, name in self._mapped(record).items()
            if (kind, name) not in known
        ]

    def _user(self, user_id: str | None) -> str | None:
        return self._users.get(user_id, user_id) if user_id else None

    @cached_property
    def _users(self) -> dict[str, str]:
        answer = Raw.of(self.http.get("/v1/users").json)
        return {each.id(): each.text("email") or each.text("name") or each.id() for each in answer.objects("data")}


def _changed_at(row: object) -> datetime | None:
    """When an object was changed; None where that cannot be read."""
    try:
        return Raw.of(row).moment("update_time")
    except Unreadable:
        return None


def _told_gone(rows: list[Any]) -> list[Gone]:
    gone: list[Gone] = []
    for each in Raw({"data": rows}).objects("data"):
        data = each.object("data") or Raw({})
        if data.flag("active_flag") is False:
            changed_at = data.moment("update_time")
            gone += (Gone("account", each.id(), changed_at), Gone("party", each.id(), changed_at))
    return gone


def _last_moment(rows: list[Any]) -> datetime | None:
    moments = (_changed_at(each.get("data")) for each in rows if isinstance(each, Mapping))
    return max((each for each in moments if each), default=None)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _v1(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
