"""Knows what must hold between the fields of one row, and when a date cannot be true."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import polars as pl

from connectors.field_reading import Problem
from connectors.mapping import Limits
from connectors.shapes import Field
from domain.imports import RecordName

# These record what has happened; contracts and subscriptions may lie ahead.
_PAST_ONLY: frozenset[RecordName] = frozenset(
    {"ticket", "message", "ticket_event", "survey", "usage_day", "touch", "article_view"}
)
_USUAL_SCALES = {"csat": (1, 5), "ces": (1, 7), "nps": (0, 10)}

Shown = Callable[[str], tuple[str, pl.Series]]


def time_problems(
    record: RecordName, field: Field, values: pl.Series, column: str, found: pl.Series, now: datetime, limits: Limits
) -> Iterator[Problem]:
    """Times before the earliest believable day, too far ahead, or ahead at all where only the past can be."""
    on = values if field.kind == "date" else values.dt.date()
    latest = _years_later(now.date(), limits.years_ahead)
    yield Problem((on < limits.earliest).fill_null(False), column, found, f"a date from {limits.earliest} on")
    yield Problem((on > latest).fill_null(False), column, found, f"a date until {latest}; leave it empty for no end")
    if record in _PAST_ONLY:
        ahead = on > now.date() if field.kind == "date" else values > now
        near = (on <= latest).fill_null(False)
        expected = f"a time that has passed by {now:%Y-%m-%d %H:%M} UTC; check `time_zone` and `day_first`"
        yield Problem(ahead.fill_null(False) & near, column, found, expected)


def row_problems(record: RecordName, rows: pl.DataFrame, shown: Shown) -> Iterator[Problem]:
    """What contradicts itself inside a row; `shown` gives a field's column in the file and its cells."""
    if "ends_on" in rows.columns:
        column, found = shown("ends_on")
        wrong = (rows["ends_on"] < rows["starts_on"]).fill_null(False)
        yield Problem(wrong, column, found, "an end on or after the start")
    if record == "survey":
        column, found = shown("score")
        off = ((rows["score"] < rows["scale_min"]) | (rows["score"] > rows["scale_max"])).fill_null(False)
        yield Problem(off, column, found, "a score on its scale")


def with_usual_scale(rows: pl.DataFrame) -> pl.DataFrame:
    """Surveys without a scale get the usual one of their kind: CSAT 1..5, CES 1..7, NPS 0..10."""
    scales = {
        name: pl.col(name).fill_null(
            pl.col("kind").replace_strict(
                {kind: bounds[at] for kind, bounds in _USUAL_SCALES.items()}, default=None, return_dtype=pl.Int64
            )
        )
        for at, name in enumerate(("scale_min", "scale_max"))
    }
    return rows.with_columns(**scales)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
