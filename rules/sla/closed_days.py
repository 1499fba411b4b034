"""Knows how the days on which a team does not work are written: one date, a range, or a country's holidays."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from pydantic import model_serializer

from domain.records import Name, Record
from rules.sla.holiday_dates import known_country, known_region
from rules.words import unknown_word
from rules.written import Place, at

_FORMS = "a date, {on: date, name: ...}, {from: date, to: date, name: ...} or {country: DE, region: BY}"
_WORDS = (("on", "name"), ("from", "to", "name"), ("country", "region"))


class ClosedDays(Record):
    """The days from `first` to `last`, both closed."""

    first: date
    last: date
    name: Name | None = None

    @model_serializer
    def _written(self) -> dict[str, str]:
        days = {"from": self.first, "to": self.last} if self.first < self.last else {"on": self.first}
        text = {word: day.isoformat() for word, day in days.items()}
        return text if self.name is None else text | {"name": self.name}


class PublicHolidays(Record):
    """The public holidays of a country, or of one of its regions."""

    country: str
    region: str | None = None

    @model_serializer
    def _written(self) -> dict[str, str]:
        return {"country": self.country} | ({} if self.region is None else {"region": self.region})


Holiday: TypeAlias = ClosedDays | PublicHolidays


def closed_days(written: object) -> tuple[Holiday, ...]:
    """The entries in one order, whatever the order in which they stand, and each once.

    Raises:
        ValidationError: an entry is wrong; it names the place, what stands there and the remedy.
    """
    if not isinstance(written, list | tuple):
        raise at((), written, f"write a list of holidays; each is {_FORMS}")
    found = [_entry(entry, (number,)) for number, entry in enumerate(written)]
    return tuple(sorted(dict.fromkeys(found), key=_order))


def day(written: object, place: Place) -> date:
    """A date as it stands in YAML or JSON.

    Raises:
        ValidationError: it is none.
    """
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    try:
        return date.fromisoformat(written.strip() if isinstance(written, str) else "")
    except ValueError:
        problem = f"{str(written)[:60]!r} is no date; write year, month and day, such as 2026-12-24"
        raise at(place, written, problem) from None


def _order(entry: Holiday) -> tuple[Any, ...]:
    if isinstance(entry, ClosedDays):
        return 0, entry.first, entry.last, entry.name or ""
    return 1, entry.country, entry.region or ""


def _entry(written: object, place: Place) -> Holiday:
    if isinstance(written, ClosedDays | PublicHolidays):
        return written
    if not isinstance(written, Mapping):
        return ClosedDays(first=(on := day(written, place)), last=on)
    if "file" in written:
        raise at((*place, "file"), written["file"], "a file is read from the configuration folder only; write its days")
    words = next((words for words in _WORDS if words[0] in written), None)
    if words is None:
        raise at(place, dict(written), f"write {_FORMS}")
    for word in written:
        if word not in words:
            raise at((*place, word), word, unknown_word(word, words, f"word beside {words[0]!r}"))
    return _country(written, place) if words[0] == "country" else _days(written, place)


def _days(written: Mapping[str, Any], place: Place) -> ClosedDays:
    if "on" in written:
        first = last = day(written["on"], (*place, "on"))
    elif "to" in written:
        first, last = day(written["from"], (*place, "from")), day(written["to"], (*place, "to"))
    else:
        raise at(place, dict(written), "a range needs its last day too; write {from: date, to: date}")
    if last < first:
        raise at((*place, "to"), written["to"], f"{last} lies before {first}; write the earlier day as 'from'")
    return ClosedDays(first=first, last=last, name=_name(written.get("name"), place))


def _name(written: object, place: Place) -> str | None:
    text = None if written is None else str(written).strip()
    if text is not None and not 0 < len(text) <= 500:
        raise at((*place, "name"), written, "write a name of 1 to 500 characters, or leave it out")
    return text


def _country(written: Mapping[str, Any], place: Place) -> PublicHolidays:
    word = "country"
    try:
        country = known_country(written[word])
        word = "region"
        region = None if written.get(word) is None else known_region(country, written[word])
    except ValueError as error:
        raise at((*place, word), written[word], str(error)) from None
    return PublicHolidays(country=country, region=region)


def dated(entries: tuple[Holiday, ...]) -> Iterator[ClosedDays]:
    """The entries that name their own days."""
    return (entry for entry in entries if isinstance(entry, ClosedDays))


def of_countries(entries: tuple[Holiday, ...]) -> Iterator[PublicHolidays]:
    """The entries that a country's law names."""
    return (entry for entry in entries if isinstance(entry, PublicHolidays))
