"""Knows when a team works: its weekly hours, its zone, and the days that are different."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Self

from pydantic import field_validator, model_validator

from domain.records import Record
from rules.sla.closed_days import Holiday, closed_days, dated, day, of_countries
from rules.sla.holiday_dates import public_holidays
from rules.sla.periods import DAYS, Hours, day_hours, week_hours
from rules.sla.zones import known_zone
from rules.words import unknown_word
from rules.written import at


class Calendar(Record):
    """Weekly hours in a time zone, with holidays and special days; read from plain data as it stands in YAML.

    Calendars that mean the same written in another way are equal, and `model_dump(mode="json")` gives the same text.

    * zone: a name of the time zone database, such as Europe/Berlin
    * hours: by day (`mon` to `sun`) the open periods, half open, in local time: `("09:00-12:30", "13:30-18:00")`
    * holidays: days that are closed
    * special_days: the periods of single dates; they replace that day's hours, on a holiday too

    Source: docs/sla.md, "Business time".
    """

    zone: str = "UTC"
    hours: Mapping[str, Hours]
    holidays: tuple[Holiday, ...] = ()
    special_days: Mapping[date, Hours] = {}

    @model_validator(mode="before")
    @classmethod
    def _known_words(cls, raw: Any) -> Any:
        for word in raw if isinstance(raw, Mapping) else ():
            if word not in cls.model_fields:
                raise at((word,), word, unknown_word(word, cls.model_fields, "word in a calendar"))
        if isinstance(raw, Mapping) and "hours" not in raw:
            raise at((), dict(raw), "a calendar needs hours, such as {mon-fri: [\"09:00-17:00\"]}, or 'always'")
        return raw

    @field_validator("zone", mode="before")
    @classmethod
    def _zone(cls, written: object) -> str:
        return known_zone(str(written))

    @field_validator("hours", mode="before")
    @classmethod
    def _hours(cls, written: object) -> dict[str, Hours]:
        return week_hours(written)

    @field_validator("holidays", mode="before")
    @classmethod
    def _holidays(cls, written: object) -> tuple[Holiday, ...]:
        return closed_days(written)

    @field_validator("special_days", mode="before")
    @classmethod
    def _special_days(cls, written: object) -> dict[date, Hours]:
        if not isinstance(written, Mapping):
            raise at((), written, 'write dates and their periods, such as {2026-12-31: ["09:00-12:00"]}')
        found: dict[date, Hours] = {}
        for key, periods in written.items():
            on = day(key, (key,))
            if on in found:
                raise at((key,), key, f"{on} stands here twice; name each day once, with all of its periods")
            found[on] = day_hours(periods, (key,))
        return dict(sorted(found.items()))

    @model_validator(mode="after")
    def _some_open_time(self) -> Self:
        if not self.hours and not any(self.special_days.values()):
            raise ValueError('the calendar has no open time at all; give hours, such as {mon-fri: ["09:00-17:00"]}')
        return self

    def __hash__(self) -> int:
        """Equal for equal content."""
        return hash(self._content)

    @cached_property
    def _content(self) -> str:
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    def hours_on(self, on: date) -> Hours:
        """The open periods of a local date, as they are written; empty: closed."""
        if on in self.special_days:
            return self.special_days[on]
        return () if self.holiday_on(on) is not None else self.hours.get(DAYS[on.weekday()], ())

    def holiday_on(self, on: date) -> str | None:
        """The name of the holiday that a local date is, `holiday` where it has none; None: it is no holiday."""
        for entry in dated(self.holidays):
            if entry.first <= on <= entry.last:
                return entry.name or "holiday"
        for law in of_countries(self.holidays):
            name = public_holidays(law.country, law.region, on.year).get(on)
            if name is not None:
                return name
        return None
