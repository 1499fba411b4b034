"""Knows how a length of time is written; each says how it is counted."""

import re
from dataclasses import dataclass
from datetime import timedelta

from domain.sla import Counting

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = r"\d{1,9} ?[smhdw]"
_WRITTEN = re.compile(rf"({_PART}(?: ?{_PART})*)(?: +([a-z]+))?")


@dataclass(frozen=True)
class Length:
    """A length of time and whether it is counted in business time (by a calendar) or on the wall's clock."""

    time: timedelta
    counting: Counting

    @property
    def seconds(self) -> int:
        """The length in whole seconds."""
        return self.time // timedelta(seconds=1)

    @property
    def spelled(self) -> str:
        """The one spelling of equal lengths: `90m business` is `1h 30m business`; business time knows no days."""
        rest, parts = self.seconds, []
        for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
            if unit == "d" and self.counting == "business":
                continue
            amount, rest = divmod(rest, size)
            parts += [f"{amount}{unit}"] * bool(amount)
        return f"{' '.join(parts) or '0s'} {self.counting}"


def length(written: object) -> Length:
    """The length of `24h elapsed`, `2h business`, `1h 30m business`, `7d elapsed`.

    Raises:
        ValueError: no length, no unit, or it does not say how it is counted; the message says what would be right.
    """
    time, counting = _parts(written)
    if counting is None:
        raise ValueError(f"{written!r} must say how it is counted: write '{written} business' or '{written} elapsed'")
    if counting == "business" and re.search(r"\d ?[dw]", str(written)):
        raise ValueError(f"{written!r}: a business day has no fixed length; write hours, such as '8h business'")
    return Length(time, counting)


def elapsed(written: object) -> timedelta:
    """The length of `24h elapsed`, `7d`, `30m elapsed`: wall-clock time.

    Raises:
        ValueError: no length, no unit, or counted in business hours; the message says what would be right.
    """
    time, counting = _parts(written)
    if counting == "business":
        bare = str(written).replace("business", "").strip()
        raise ValueError(f"{written!r} counts business hours, which need a calendar; write '{bare} elapsed'")
    return time


def _parts(written: object) -> tuple[timedelta, Counting | None]:
    match = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{written!r} is no length of time; write it like '24h elapsed' (s, m, h, d or w)")
    parts = re.findall(r"(\d+) ?([smhdw])", match[1])
    counting = match[2]
    if counting not in {None, "business", "elapsed"}:
        raise ValueError(f"{written!r} must say how it is counted: write '{match[1]} business' or '{match[1]} elapsed'")
    try:
        total = sum((timedelta(**{_UNITS[unit]: int(amount)}) for amount, unit in parts), timedelta())
    except OverflowError as error:
        raise ValueError(f"{written!r} is longer than any calendar; write a shorter time") from error
    return total, counting  # type: ignore[return-value]
