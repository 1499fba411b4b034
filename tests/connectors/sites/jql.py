"""The index that Jira answers JQL from: it learns of changes a little late, and compares by the minute."""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LAG = timedelta(seconds=15)


@dataclass(frozen=True)
class Entry:
    """What the index knows of an issue."""

    key: int
    project: str
    kind: str
    created: datetime
    updated: datetime
    rated_at: datetime | None


@dataclass
class Index:
    """All issues as they were some seconds ago. `token_is_a_number` makes a page token the number of a row."""

    zone: str
    token_is_a_number: bool = False
    _learned: list[tuple[datetime, Entry]] = field(default_factory=list)

    def learn(self, entry: Entry, now: datetime) -> None:
        self._learned.append((now + _LAG, entry))

    def forget(self, key: int) -> None:
        self._learned = [(since, entry) for since, entry in self._learned if entry.key != key]

    def newest(self) -> datetime | None:
        """The latest `updated` of all."""
        return max((entry.updated for _, entry in self._learned), default=None)

    def found(self, query: str, now: datetime) -> list[Entry]:
        """What meets the query, in its order.

        Raises:
            ValueError: it is no JQL.
        """
        where, _, order = query.partition(" ORDER BY ")
        known = {entry.key: entry for since, entry in self._learned if since <= now}
        rows = [entry for entry in known.values() if all(self._meets(each, entry) for each in where.split(" AND "))]
        fields = {each.split()[0]: each.endswith(" DESC") for each in order.split(", ") if each}
        for name, descending in reversed(fields.items()):
            rows.sort(key=lambda entry: getattr(entry, name), reverse=descending)
        return rows

    def token(self, query: str, rows: list[Entry], last: int) -> str:
        """A token for the page behind row number `last`: of the values that the query sorts by."""
        entry = rows[last]
        return b64encode(json.dumps([query, last, _sorted_by(query, entry)]).encode()).decode()

    def place(self, token: str, query: str, rows: list[Entry]) -> int | None:
        """The number of the row where the page of a token begins; None for a token of another query."""
        of, last, values = json.loads(b64decode(token))
        if of != query:
            return None
        behind = sum(_sorted_by(query, entry) <= values for entry in rows)
        return int(last) + 1 if self.token_is_a_number else behind

    def _meets(self, clause: str, entry: Entry) -> bool:
        if " OR " in clause:
            return any(self._meets(each, entry) for each in clause.strip("()").split(" OR "))
        if clause == "projectType = service_desk":
            return entry.kind == "service_desk"
        if projects := re.fullmatch(r"project in \((.+)\)", clause):
            return entry.project in projects[1].replace('"', "").split(", ")
        compared = re.fullmatch(r'(updated|created|cf\[10042\]) >= "(\d{4}-\d\d-\d\d \d\d:\d\d)"', clause)
        if not compared:
            raise ValueError(f"Error in the JQL Query: {clause}")
        least = datetime.fromisoformat(compared[2]).replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        value = {"updated": entry.updated, "created": entry.created}.get(compared[1], entry.rated_at)
        return value is not None and value >= least


def _sorted_by(query: str, entry: Entry) -> list[str | int]:
    moment = entry.updated if "ORDER BY updated" in query else entry.created
    return [moment.isoformat(), entry.key]
