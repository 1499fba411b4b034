"""Knows how all objects of a kind are walked in the order of their last change, though a search ends at 10,000.

A search is paged by position: an object that changes meanwhile moves to the end, and the one behind its place is
skipped. So no second page is asked for: each search begins anew at the moment of the last object that the one before
found. Where one moment has more objects than a page, as after a bulk update, these are walked by their ids. What was
deleted is in an archive that is ordered by id; it is walked whole each time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Cursor
from connectors.raw import Raw, Unreadable
from connectors.vendors.hubspot.portal import Portal, next_after

CHANGED, ID = "hs_lastmodifieddate", "hs_object_id"
# The search's index learns of a change some time after it was made; what it says is never ahead of that.
_INDEX_LAG = timedelta(minutes=15)
# What is deleted while the archive is read may be met a walk later.
_ARCHIVE_OVERLAP = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Lot:
    """What one answer held, how much of it is news, and the cursor behind it."""

    rows: list[Any]
    cursor: Cursor
    complete: bool
    read: int


def changed_lots(portal: Portal, objects: str, properties: Iterable[str], cursor: Cursor) -> Iterator[Lot]:
    """The objects that were changed since the cursor, oldest change first, the walk's end among them."""
    wanted = [*dict.fromkeys((CHANGED, *properties))]
    while True:
        since, behind = int(cursor.get("since", 0)), cursor.get("id")
        filters = [_filter(CHANGED, "GTE", since)]
        if behind is not None:
            filters += [_filter(CHANGED, "LTE", since), _filter(ID, "GT", behind)]
        answer = portal.search(objects, filters, CHANGED if behind is None else ID, wanted)
        rows, has_more = answer.items("results"), next_after(answer) is not None
        complete = behind is None and not has_more
        cursor = _after_moment(rows, since, complete) if behind is None else _after_id(rows, since, has_more)
        yield Lot(rows, cursor, complete, len(rows))
        if complete:
            return


def deleted_lots(portal: Portal, objects: str, cursor: Cursor) -> Iterator[Lot]:
    """The objects that were deleted since the last whole walk."""
    known = int(cursor.get("known", 0))
    newest, after = int(cursor.get("newest", known)), cursor.get("after")
    while True:
        answer = portal.archived(objects, after)
        rows = answer.objects("results")
        deleted = [raw.moment("archivedAt") for raw in rows]
        newest = max([newest, *(_ms(each) for each in deleted if each)])
        since = known - _ARCHIVE_OVERLAP // _MILLISECOND
        news = [raw for raw, at in zip(rows, deleted, strict=True) if at is None or _ms(at) >= since]
        after = next_after(answer)
        behind = {"known": known, "newest": newest, "after": after} if after else {"known": newest}
        yield Lot(news, behind, after is None, len(rows))
        if after is None:
            return


def _filter(name: str, operator: str, value: object) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": str(value)}


def _after_moment(rows: list[Any], since: int, complete: bool) -> Cursor:
    last = max([since, *(moment for each in rows if (moment := _changed_ms(each)) is not None)])
    if complete:
        return {"since": max(0, last - _INDEX_LAG // _MILLISECOND) if rows else since}
    return {"since": last} if last > since else {"since": since, "id": "0"}


def _after_id(rows: list[Any], since: int, has_more: bool) -> Cursor:
    if has_more and rows:
        return {"since": since, "id": Raw.of(rows[-1]).id()}
    return {"since": since + 1}


def _changed_ms(row: object) -> int | None:
    """When an object was last changed, in milliseconds; None where that cannot be read."""
    try:
        changed = changed_at(Raw.of(row))
    except Unreadable:
        return None
    return _ms(changed)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def changed_at(raw: Raw) -> datetime:
    """When an object was last changed, by the property that a search sorts by."""
    return raw.must_object("properties").moment(CHANGED) or raw.must_moment("updatedAt")
