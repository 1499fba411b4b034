"""Knows how the open hours of a day and of a week are written, which writing is wrong, and what would be right."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

from rules.words import unknown_word
from rules.written import Place, at

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = dict(zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), DAYS, strict=True))
_DAY_OF_NAME = {day: day for day in DAYS} | _NAMES
_MIDNIGHT = 24 * 3600
_MEAN_MIDNIGHT = {_MIDNIGHT - 60, _MIDNIGHT - 1}
_WRITTEN = re.compile(r"\s*(\S+?)\s*[-–]\s*(\S+)\s*")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")

Hours: TypeAlias = tuple[str, ...]


def week_hours(written: object, place: Place = ()) -> dict[str, Hours]:
    """The hours of each open day of a week, from Monday on, as plain text that is the same for the same hours.

    `written` is `always`, or a mapping of days (`mon`, `monday`, `mon-thu`, `mon,wed`) to periods.

    Raises:
        ValidationError: a day or period is wrong; it names the place, what stands there and the remedy.
    """
    if isinstance(written, str) and written.strip().lower() == "always":
        return dict.fromkeys(DAYS, ("00:00-24:00",))
    if not isinstance(written, Mapping):
        example = '{mon-fri: ["09:00-17:00"]}'
        raise at(place, written, f"write hours as days and their periods, such as {example}, or 'always'")
    hours: dict[str, Hours] = {}
    named: dict[str, object] = {}
    for key, periods in written.items():
        for day in _days(key, (*place, key)):
            if day in named:
                both = f"in {named[day]!r} and in {key!r}" if named[day] != key else f"twice in {key!r}"
                raise at((*place, key), key, f"{day} stands {both}; name each day once, with all of its periods")
            named[day] = key
            hours[day] = day_hours(periods, (*place, key))
    return {day: hours[day] for day in DAYS if hours.get(day)}


def day_hours(written: object, place: Place = ()) -> Hours:
    """The periods of one day, in order, those that touch united; empty: closed.

    Raises:
        ValidationError: a period is wrong or two overlap.
    """
    listed = [written] if isinstance(written, str) else written
    if not isinstance(listed, list | tuple):
        raise at(place, written, 'write a list of periods, such as ["09:00-12:30", "13:30-18:00"], or [] for closed')
    found = sorted(
        (*_period(one, (*place, number)), str(one), (*place, number))
        for number, one in enumerate(listed)
    )  # fmt: skip
    for (_, closes, text, _), (opens, _, other, where) in pairwise(found):
        if opens < closes:
            raise at(where, other, f"{other} overlaps {text}; let the later one open when the earlier one closes")
    return tuple(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in _united((one[0], one[1]) for one in found))


def seconds(hours: Iterable[str]) -> list[tuple[int, int]]:
    """Opening and closing of each period in seconds after the local midnight; closing may be 86,400."""
    return [_period(text, ()) for text in hours]


def _days(key: object, place: Place) -> Iterator[str]:
    for part in str(key).split(","):
        first, dash, last = part.partition("-")
        begin, end = _day(first, place), _day(last if dash else first, place)
        if end < begin:
            right = f"{DAYS[begin]}-sun,mon-{DAYS[end]}" if end else f"{DAYS[begin]}-sun,mon"
            raise at(place, key, f"the range {part.strip()!r} runs backwards; a week begins on mon, write {right!r}")
        yield from DAYS[begin : end + 1]


def _day(name: str, place: Place) -> int:
    day = _DAY_OF_NAME.get(name.strip().lower())
    if day is None:
        meant = name.strip().lower()[:3]
        raise at(place, name, unknown_word(name.strip(), DAYS, "day", meant if meant in DAYS else None))
    return DAYS.index(day)


def _period(written: object, place: Place) -> tuple[int, int]:
    match = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise at(place, written, f"{written!r} is no period; write its opening and closing, such as '09:00-17:00'")
    opens, closes = _time(match[1], place), _time(match[2], place)
    closes = _MIDNIGHT if closes in _MEAN_MIDNIGHT else closes
    if opens < closes:
        return opens, closes
    if closes == 0:
        raise at(
            place,
            written,
            f"{written} closes before it opens; midnight as a closing is 24:00: write '{match[1]}-24:00'",
        )
    if opens == closes:
        raise at(
            place, written, f"{written} closes when it opens; leave it out, or write '00:00-24:00' for a whole day"
        )
    halves = f"'{match[1]}-24:00' on this day and '00:00-{match[2]}' on the next day"
    raise at(place, written, f"{written} closes before it opens; for hours over midnight write {halves}")


def _time(written: str, place: Place) -> int:
    match = _TIME.fullmatch(written)
    if match is not None:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        total = hour * 3600 + minute * 60 + second
        if minute < 60 and second < 60 and total <= _MIDNIGHT:
            return total
    raise at(
        place, written, f"{written!r} is no time of day; write hours and minutes from 00:00 to 24:00, such as '09:30'"
    )


def _united(periods: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begun: tuple[int, int] | None = None
    for opens, closes in periods:
        if begun is not None and begun[1] == opens:
            begun = (begun[0], closes)
            continue
        if begun is not None:
            yield begun
        begun = (opens, closes)
    if begun is not None:
        yield begun


def _clock(second: int) -> str:
    minutes, rest = divmod(second, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text
