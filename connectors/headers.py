"""Knows when a column that a mapping asks for is the one that a file has."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

_ZONE = re.compile(r"\(([A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*)\)\s*$")


def plain(name: str) -> str:
    """A header without what tools change at will: case, underscores, punctuation, doubled spaces."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def find_column(wanted: Sequence[str], header: Sequence[str]) -> str | None:
    """The first of the `wanted` names that stands in `header`, as it is spelt there.

    Exact spelling wins; then spelling apart from case and punctuation; then, with `*` in the wanted name, a pattern.
    """
    for name in wanted:
        if name in header:
            return name
    for name in wanted:
        for column in header:
            if (plain(name) and plain(name) == plain(column)) or (
                "*" in name and fnmatchcase(column.casefold(), name.casefold())
            ):
                return column
    return None


def zone_in(header: str) -> str | None:
    """The time zone that a header names: `Created (UTC)`, `Started at (Europe/Berlin)`."""
    found = _ZONE.search(header)
    return found[1] if found and is_zone(found[1]) else None


def is_zone(name: str) -> bool:
    """That the time-zone data of this machine knows `name`."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        return False
    return True
