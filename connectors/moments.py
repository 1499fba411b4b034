"""Knows the ways in which exports write dates and times, and which moment each means."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import polars as pl

_SECOND = 1_000_000
_UTC = pl.Datetime("us", "UTC")
_NAMED = (
    "%d %b %Y", "%b %d %Y", "%d %B %Y", "%B %d %Y", "%d-%b-%Y", "%d/%b/%Y", "%Y %b %d", "%Y-%b-%d",
    "%d %b %y", "%d-%b-%y", "%b %d %y",
)  # fmt: skip
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_DOTTED = ("%d.%m.%Y", "%d.%m.%y")
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y")
# The commonest spellings, tried on a whole column at once; `Z` here is a letter and means UTC.
_FAST = (
    ("%Y-%m-%dT%H:%M:%SZ", True), ("%Y-%m-%d %H:%M:%S", False), ("%Y-%m-%dT%H:%M:%S", False),
    ("%Y-%m-%dT%H:%M:%S%.fZ", True), ("%Y-%m-%d %H:%M:%S UTC", True), ("%Y-%m-%d %H:%M", False),
)  # fmt: skip
# hour, minute, second, fraction, half of the day, zone word, offset
_TIME = (
    r"(?i)[T\s,]+(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?"
    r"\s*(Z|UTC|GMT)?\s*([+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_WEEKDAY = r"(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"
_ORDINAL = r"(?i)(\d)(st|nd|rd|th)\b"
# A date whose first two numbers may be day and month or month and day.
SLASHED = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2\d{2,4}\b")


def dates(text: pl.Series, fmt: str | None, day_first: bool) -> pl.Series:
    """The dates that a String column writes; null where it writes none. A time of day behind the date is left out."""
    if fmt is not None:
        return moments(text, fmt, "UTC", day_first).dt.date()
    found = _on(text, ["%Y-%m-%d"])
    return _for_the_rest(text, found, lambda rest: _on(_without_time(rest), _formats(day_first)))


def moments(text: pl.Series, fmt: str | None, zone: str, day_first: bool) -> pl.Series:
    """The UTC moments that a String column writes; null where it writes none.

    `zone` is the zone of times that name none. A time in a gap of summer time moves forward by the gap; one that occurs
    twice is the first. A date alone is its first moment. Ten digits are seconds since 1970, thirteen milliseconds.
    """
    if fmt is not None:
        return _as_told(text, fmt, zone)
    found = pl.repeat(None, len(text), dtype=_UTC, eager=True)
    for fast, is_utc in _FAST:
        found = _for_the_rest(text, found, partial(_at, fmt=fast, zone="UTC" if is_utc else zone))
    return _for_the_rest(text, found, lambda rest: _taken_apart(rest, zone, day_first))


def day_first_evidence(cells: Sequence[str]) -> tuple[int, int]:
    """How many cells can only be read day first, and how many only month first: `25/12/2024`, `12/25/2024`."""
    day = month = 0
    for cell in cells:
        if found := SLASHED.match(cell):
            first, second = int(found[1]), int(found[3])
            day += first > 12 >= second
            month += second > 12 >= first
    return day, month


def _for_the_rest(text: pl.Series, found: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Apply `read` where nothing has been found yet; the common case, that all is found, costs one look."""
    open_rows = (found.is_null() & text.is_not_null()).arg_true()
    if not len(open_rows):
        return found
    if len(open_rows) == len(text):
        return read(text)
    return found.scatter(open_rows, read(text.gather(open_rows)))


def _formats(day_first: bool) -> tuple[str, ...]:
    return (*_YEAR_FIRST, *(_DAY_FIRST if day_first else _MONTH_FIRST), *_DOTTED, *_NAMED)


def _on(text: pl.Series, formats: Sequence[str]) -> pl.Series:
    """Dates by the first format that fits. `%Y` takes two digits too: such a year is left to the formats with `%y`."""
    found = pl.repeat(None, len(text), dtype=pl.Date, eager=True)
    for fmt in formats:
        found = _for_the_rest(text, found, partial(_day, fmt=fmt))
    return found


def _day(text: pl.Series, fmt: str) -> pl.Series:
    return _plausible(text.str.to_date(fmt, strict=False))


def _at(text: pl.Series, fmt: str, zone: str) -> pl.Series:
    return in_utc(_plausible(text.str.to_datetime(fmt, time_unit="us", strict=False)), zone)


def _plausible(found: pl.Series) -> pl.Series:
    return found.set((found.dt.year() < 1000) | (found.dt.year() > 9999), None)


def in_utc(local: pl.Series, zone: str) -> pl.Series:
    """Naive local times of `zone` as UTC: forward out of a gap of summer time, the first of two in a fold."""
    if zone == "UTC":
        return local.dt.replace_time_zone("UTC")
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    gap = placed.is_null() & local.is_not_null()
    if gap.any():
        # The clock before the gap, run on: 02:30 in a gap from 02:00 to 03:00 is 03:30.
        before = (local - timedelta(hours=3)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        placed = placed.zip_with(~gap, before + timedelta(hours=3))
    return placed.dt.convert_time_zone("UTC")


def _as_told(text: pl.Series, fmt: str, zone: str) -> pl.Series:
    if fmt in {"unix", "unix_ms"}:
        scale = _SECOND if fmt == "unix" else _SECOND // 1000
        return (text.cast(pl.Float64, strict=False) * scale).round().cast(pl.Int64, strict=False).cast(_UTC)
    read = text.str.to_datetime(fmt, time_unit="us", strict=False)
    return read.dt.convert_time_zone("UTC") if read.dtype.time_zone else in_utc(read, zone)  # type: ignore[attr-defined]


def _without_time(text: pl.Series) -> pl.Series:
    """What is left of dates without time of day, weekday, ordinals and commas."""
    bare = text.str.replace(_TIME, "").str.replace(_WEEKDAY, "").str.replace_all(_ORDINAL, "$1")
    return (
        bare.str.replace_all(r"(?i)\bsept\b", "Sep")
        .str.replace_all(r"[,\s]+", " ")
        .str.replace_all(r"([a-z])\.", "$1")
        .str.strip_chars()
    )


def _taken_apart(text: pl.Series, zone: str, day_first: bool) -> pl.Series:
    """Moments written in any known way: date, time, half of the day and offset read one by one."""
    epoch = text.str.extract(r"^(\d{13}|\d{10})$").cast(pl.Int64)
    epoch = (epoch * pl.select(pl.when(epoch < 10**11).then(_SECOND).otherwise(1000)).to_series()).cast(_UTC)
    day = _on(_without_time(text), _formats(day_first))
    parts = text.str.extract_groups(_TIME).struct.unnest()
    parts.columns = ["hour", "minute", "second", "fraction", "half", "word", "offset"]
    frame = parts.with_columns(
        pl.col("hour", "minute", "second").cast(pl.Int64).fill_null(0),
        micros=(pl.col("fraction").fill_null("") + "000000").str.head(6).cast(pl.Int64),
        half=pl.col("half").str.to_lowercase().str.head(1),
        day=day,
    )
    hour = (
        pl.when(pl.col("half").is_null())
        .then("hour")
        .otherwise(pl.col("hour") % 12 + 12 * (pl.col("half") == "p").cast(pl.Int64))
    )
    sound = (
        (pl.col("minute") < 60)
        & (pl.col("second") < 60)
        & pl.col("hour").is_between(
            pl.when(pl.col("half").is_null()).then(0).otherwise(1),
            pl.when(pl.col("half").is_null()).then(23).otherwise(12),
        )
    )
    digits = pl.col("offset").str.replace(":", "")
    minutes = digits.str.slice(1, 2).cast(pl.Int64) * 60 + digits.str.slice(3).replace("", "0").cast(pl.Int64)
    frame = frame.select(
        local=pl.when(sound).then(
            pl.col("day").cast(pl.Datetime("us"))
            + pl.duration(hours=hour, minutes="minute", seconds="second", microseconds="micros")
        ),
        offset=minutes * pl.when(digits.str.starts_with("-")).then(-1).otherwise(1),
        in_utc=pl.col("word").is_not_null(),
    )
    at_offset = (
        frame["local"] - frame.select(pl.duration(minutes=pl.col("offset").fill_null(0))).to_series()
    ).dt.replace_time_zone("UTC")
    told = frame["offset"].is_not_null() | frame["in_utc"]
    return epoch.zip_with(epoch.is_not_null(), at_offset.zip_with(told, in_utc(frame["local"], zone)))
