"""Knows how a calendar's holidays come out of an iCalendar file in the configuration folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from config.all_day_events import Unreadable, whole_days
from domain.errors import ConfigError

_MOST_BYTES = 1024 * 1024
_MOST_ENTRIES = 5_000
_MOST_DAYS = 366
_DAY = timedelta(days=1)


def resolve_holiday_files(content: Any, folder: Path) -> Any:
    """The content of `sla.yaml` with the days themselves in place of each calendar's `{file: company.ics}`.

    A file's first entry stands where the file was named and its others at the end of the list, so that all else keeps
    its place. What is no mapping or list is left as it is, for the document's own validation to refuse.

    Args:
        content: plain data of the document; it is not changed
        folder: the configuration folder; a file's path is relative to it and does not lead out of it

    Raises:
        ConfigError: a file is missing, lies outside the folder, is too large, is no iCalendar or has no whole days.

    Source: docs/sla.md, "Business time".
    """
    calendars = content.get("calendars") if isinstance(content, Mapping) else None
    if not isinstance(calendars, Mapping):
        return content
    return {**content, "calendars": {name: _resolved(calendar, folder) for name, calendar in calendars.items()}}


def holidays_of(path: Path) -> list[dict[str, str]]:
    """The all-day events of an iCalendar file as entries `{on, name}` or `{from, to, name}`, by date.

    Raises:
        ConfigError: as `resolve_holiday_files`.
    """
    try:
        found = sorted({_Entry.of(days) for days in whole_days(_content(path))})
    except Unreadable as error:
        raise ConfigError(path, error.found, error.remedy) from error
    if not found:
        remedy = "give a calendar whose holidays are all-day events, or leave the file out"
        raise ConfigError(path, "no event that lasts whole days", remedy)
    if len(found) > _MOST_ENTRIES:
        remedy = "give a calendar of holidays only; what recurs every week belongs to the hours"
        raise ConfigError(path, f"more than {_MOST_ENTRIES:,} days", remedy)
    return [entry.plain() for entry in found]


@dataclass(frozen=True, order=True)
class _Entry:
    first: date
    last: date
    name: str

    @classmethod
    def of(cls, days: tuple[date, date, str]) -> "_Entry":
        first, last, name = days
        if last - first > _MOST_DAYS * _DAY:
            remedy = f"give events of at most {_MOST_DAYS} days"
            raise Unreadable(f"an event of {(last - first).days + 1} days from {first} on", remedy)
        return cls(first, last, name)

    def plain(self) -> dict[str, str]:
        text = {"from": self.first, "to": self.last} if self.first < self.last else {"on": self.first}
        name = {"name": self.name} if self.name else {}
        return {word: day.isoformat() for word, day in text.items()} | name


def _resolved(calendar: Any, folder: Path) -> Any:
    holidays = calendar.get("holidays") if isinstance(calendar, Mapping) else None
    if not isinstance(holidays, list) or not any(map(_names_a_file, holidays)):
        return calendar
    entries: list[Any] = []
    others: list[Any] = []
    for entry in holidays:
        if _names_a_file(entry):
            first, *rest = holidays_of(_inside(folder, entry))
            entries.append(first)
            others += rest
        else:
            entries.append(entry)
    return {**calendar, "holidays": entries + others}


def _names_a_file(entry: Any) -> bool:
    return isinstance(entry, Mapping) and "file" in entry


def _inside(folder: Path, entry: Mapping[str, Any]) -> Path:
    """The file that an entry names, which is in the folder."""
    name = entry["file"]
    if len(entry) > 1 or not isinstance(name, str) or not name.strip():
        remedy = "write {file: company.ics} and nothing beside it"
        raise ConfigError(folder, f"the holidays' entry {dict(entry)}"[:120], remedy)
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ConfigError(path, "a file outside of the configuration folder", f"copy it into {folder}")
    return path


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            remedy = f"keep it below {_MOST_BYTES:,}; a calendar of holidays is far smaller"
            raise ConfigError(path, f"{path.stat().st_size:,} bytes", remedy)
        return path.read_bytes()
    except OSError as error:
        found = error.strerror or str(error)
        raise ConfigError(path, found, "put the file there, or mend its name in sla.yaml") from error
