"""Knows what objects of HubSpot have in common: ids, lists in one text, merges, and the company that they belong to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Cursor, Gone, Page
from connectors.raw import Raw, Reading, Unreadable

MERGED = "hs_merged_object_ids"
# Of several companies the one that HubSpot marks as primary: of a deal, of a ticket.
_PRIMARY = {5, 26}


@dataclass
class Brought:
    """What some objects came to."""

    reading: Reading = field(default_factory=Reading)
    gone: list[Gone] = field(default_factory=list)

    def add(self, more: "Brought") -> None:
        """Take in what other objects came to; they do not count as read."""
        self.reading.found += more.reading.found
        self.reading.unusable += more.reading.unusable
        self.reading.remarks += more.reading.remarks
        self.gone += more.gone

    def page(self, cursor: Cursor, complete: bool) -> Page:
        """All of it as a page."""
        return self.reading.page(cursor, complete, self.gone)


def id_of(row: object) -> str | None:
    """The id of an object as it came; None where it has none."""
    try:
        return Raw.of(row).id()
    except Unreadable:
        return None


def ids_of(rows: Iterable[object]) -> list[str]:
    """The ids of objects as they came."""
    return [each for row in rows if (each := id_of(row)) is not None]


def listed(said: Raw, name: str) -> tuple[str, ...]:
    """The values of a property that holds several."""
    return tuple(dict.fromkeys(each.strip() for each in (said.text(name) or "").split(";") if each.strip()))


def merges(rows: Iterable[object]) -> Iterator[tuple[Raw, str]]:
    """Each object that others were merged into, with each of those."""
    for row in rows:
        said = row.get("properties") if isinstance(row, Mapping) else None
        if isinstance(said, Mapping) and isinstance(said.get(MERGED), str):
            winner = Raw.of(row)
            yield from ((winner, each) for each in listed(Raw(said), MERGED) if each != id_of(row))


def company_of(associated: Mapping[str, list[Raw]], key: str) -> str | None:
    """The company that an object belongs to: the primary one, otherwise the first that there is."""
    companies = associated.get(key, [])
    primary = [
        each for each in companies if _PRIMARY & {kind.whole("typeId") for kind in each.objects("associationTypes")}
    ]
    found: list[Any] = primary or companies
    return min((each.id("toObjectId") for each in found), key=lambda each: (len(each), each), default=None)
