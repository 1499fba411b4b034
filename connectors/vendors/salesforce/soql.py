"""Knows how Salesforce is asked: which names may stand in a query, and how a list is walked by its last change."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Cursor
from connectors.http import Http, Refused
from connectors.raw import Raw, Unreadable
from domain.errors import ConnectorError

DATA = "/services/data/v62.0"
# The most that one answer holds. Wide rows come in smaller answers, which say that they are not all.
WINDOW = 2000
# A transaction stamps its rows when it writes them, and they are seen when it is committed, minutes later.
OVERLAP = timedelta(minutes=10)
# A path has at most four names of this length, so that no mapping makes a query too long for an address (16,384 bytes).
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,3}")
_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")


def field_name(written: str) -> str:
    """A field's name or path, `ARR__c` or `Owner.Name`; nothing else may come into a query.

    Raises:
        ConnectorError: it is none.
    """
    if not _NAME.fullmatch(written):
        raise ConnectorError(f"{written[:80]!r} is no field of Salesforce; write its API name, such as Renewal_Date__c")
    return written


def quoted_id(written: str) -> str:
    """A record's id as a literal.

    Raises:
        ConnectorError: it is none.
    """
    if not _ID.fullmatch(written):
        raise ConnectorError(f"{written[:40]!r} is no record id of Salesforce; it has 15 or 18 letters and digits")
    return f"'{written}'"


def select(selected: str, of: str, where: str = "", ending: str = "") -> str:
    """A query; its parts are names and literals that were checked here."""
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {selected} FROM {of}{condition} {ending}".rstrip()  # noqa: S608


def moment_literal(moment: datetime) -> str:
    """A moment as SOQL writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Listing:
    """The rows of an object with these fields, in the order in which they were last changed.

    The order is by `SystemModstamp` and then by id, and a page goes on behind the last row of the page before: that
    holds for any number of rows of one moment, for days, and with a new session, which Salesforce's own locators do
    not. `only` is a condition; `deleted_too` takes in what lies in the recycle bin.
    """

    object: str
    fields: tuple[str, ...]
    only: str = ""
    deleted_too: bool = False

    def pages(self, http: Http, cursor: Cursor) -> Iterator[tuple[list[Any], Cursor, bool]]:
        """The rows, the cursor behind them, and whether they are the last.

        Behind the last page the cursor is that of the next walk, which begins a little earlier.
        """
        place = dict(cursor)
        while True:
            answer = ask(http, self._query(place), self.deleted_too)
            rows = answer.items("records")
            place |= _behind(rows)
            complete = answer.flag("done") is not False and len(rows) < WINDOW
            if complete:
                yield rows, _next_walk(place), True
                return
            yield rows, dict(place), False

    def count(self, http: Http) -> int | None:
        """How many rows there are; None where Salesforce cannot say, which takes it too long with millions."""
        with suppress(Refused):
            return ask(http, select("COUNT()", self.object, self.only), self.deleted_too).whole("totalSize")
        return None

    def newest(self, http: Http) -> datetime | None:
        """When any row of the object was last changed."""
        latest = select("SystemModstamp", self.object, ending="ORDER BY SystemModstamp DESC LIMIT 1")
        rows = ask(http, latest, self.deleted_too).objects("records")
        return rows[0].moment("SystemModstamp") if rows else None

    def _query(self, cursor: Cursor) -> str:
        conditions = [self.only] if self.only else []
        if "stamp" in cursor:
            stamp = moment_literal(datetime.fromisoformat(cursor["stamp"]))
            conditions.append(f"SystemModstamp >= {stamp}")
            if "id" in cursor:
                conditions.append(f"(SystemModstamp > {stamp} OR Id > {quoted_id(cursor['id'])})")
        selected = ", ".join(dict.fromkeys(("Id", "SystemModstamp", *self.fields)))
        order = f"ORDER BY SystemModstamp, Id LIMIT {WINDOW}"
        return select(selected, self.object, " AND ".join(conditions), order)


def ask(http: Http, query: str, deleted_too: bool = False) -> Raw:
    """The first answer to a query."""
    return Raw.of(http.get(f"{DATA}/{'queryAll' if deleted_too else 'query'}", {"q": query}).json)


def rows_of(http: Http, query: str, deleted_too: bool = False) -> Iterator[Raw]:
    """All rows of a short query, answer by answer."""
    answer = ask(http, query, deleted_too)
    while True:
        yield from answer.objects("records")
        following = answer.text("nextRecordsUrl")
        if answer.flag("done") is not False or following is None:
            return
        answer = Raw.of(http.get(following).json)


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the fields of related records beside its own: `Owner.Name`."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and name != "attributes":
            found |= {f"{name}.{inner}": one for inner, one in flat(value).items()}
        else:
            found[name] = value
    return found


def _behind(rows: list[Any]) -> dict[str, str]:
    for row in reversed(rows):
        # A row that cannot be read is put aside later; the walk goes on by the one before.
        with suppress(Unreadable, ConnectorError):
            raw = Raw.of(row)
            return {"stamp": moment_literal(raw.must_moment("SystemModstamp")), "id": quoted_id(raw.id("Id"))[1:-1]}
    return {}


def _next_walk(place: Cursor) -> Cursor:
    if "began" not in place and "id" not in place:
        # Nothing was read, so nothing has come nearer.
        return place
    since = datetime.fromisoformat(place.get("began", place.get("stamp")))
    return {"stamp": moment_literal(since - OVERLAP)}
