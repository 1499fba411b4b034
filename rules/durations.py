"""Knows how a length of time is written; each says how it is counted."""

import re
from datetime import timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WRITTEN = re.compile(r"(\d{1,5}) ?([mhdw])(?: +([a-z]+))?")


def elapsed(written: object, counting_required: bool = False) -> timedelta:
    """The length of `24h elapsed`, `7d`, `30m elapsed`: wall-clock time.

    Raises:
        ValueError: no length, no unit, or counted in business hours; the message says what would be right.
    """
    match = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{written!r} is no length of time; write it like '24h elapsed' (m, h, d or w)")
    amount, unit, counting = match.groups()
    if counting == "business":
        raise ValueError(f"{written!r} counts business hours, which need a calendar; write '{amount}{unit} elapsed'")
    if counting not in {None, "elapsed"} or (counting_required and counting is None):
        raise ValueError(f"{written!r} must say how it is counted: write '{amount}{unit} elapsed'")
    return timedelta(**{_UNITS[unit]: int(amount)})
