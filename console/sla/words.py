"""Knows how moments in a zone, lengths of time, targets and metrics are said."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.sla import Counting
from rules.durations import Length

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_SECOND = timedelta(seconds=1)


def metric(name: str, cycle: int = 1) -> str:
    """`First reply`; `Next reply 2` for the second one."""
    said = name.replace("_", " ").capitalize()
    return said if cycle == 1 else f"{said} {cycle}"


def zone_at(at: datetime, zone: ZoneInfo) -> str:
    """What the zone is called at that moment: `CET`; `UTC+05:45` where it has no short name."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    if name[:1] not in {"+", "-", ""}:
        return name
    ahead = f"{local:%z}"
    return f"UTC{ahead[:3]}:{ahead[3:5]}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """`Tue 3 Nov 2026`."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y}"


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """`11:20`, with seconds where there are some."""
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`Tue 3 Nov 2026 11:20 CET`."""
    return f"{day(at, zone)} {clock_time(at, zone)} {zone_at(at, zone)}"


def both(at: datetime, zone: ZoneInfo) -> str:
    """`Tue 3 Nov 2026 11:20 CET (10:20 UTC)`; the date too where it is another one in UTC."""
    here = moment(at, zone)
    if zone_at(at, zone) == "UTC":
        return here
    utc = ZoneInfo("UTC")
    there = "" if at.astimezone(zone).date() == at.astimezone(UTC).date() else f"{at.day} {at.astimezone(UTC):%b} "
    return f"{here} ({there}{clock_time(at, utc)} UTC)"


def utc_stamp(at: datetime) -> str:
    """`03T10:20:00Z`: the day of the month and the time, in UTC."""
    return f"{at.astimezone(UTC):%dT%H:%M:%SZ}"


def clock(time: timedelta) -> str:
    """`2:29:48`: hours, minutes, seconds."""
    seconds = time // _SECOND
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def length(time: timedelta, counting: Counting = "elapsed") -> str:
    """`2 hours 5 minutes`; elapsed time from two days on also in days, of which business time has none."""
    left = abs(time) // _SECOND
    parts = []
    for size, unit in _UNITS:
        amount = 0 if unit == "day" and (counting == "business" or left < 2 * size) else left // size
        left -= amount * size
        parts += [counted(amount, unit)] if amount else []
    return " ".join(parts) or "0 seconds"


def target(promised: Length) -> str:
    """`2 business hours`, `24 elapsed hours`, `1 hour 30 minutes of business time`."""
    return of_time(promised.time, promised.counting)


def of_time(time: timedelta, counting: Counting) -> str:
    """A length with how it is counted."""
    if not time:
        return f"no {counting} time"
    said = length(time, counting)
    amount, _, unit = said.partition(" ")
    return f"{amount} {counting} {unit}" if " " not in unit else f"{said} of {counting} time"


def counted(amount: int, thing: str) -> str:
    """`1 night`, `3 nights`."""
    return f"{amount:,} {thing}" if amount == 1 else f"{amount:,} {thing}s"


def percent(share: float | None) -> str:
    """`41 %`, rounded down so that nothing looks over that is not; empty where there is no target."""
    return "" if share is None else f"{int(share * 100 + 1e-9)} %"


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    some = list(parts)
    return some[0] if len(some) == 1 else f"{', '.join(some[:-1])} and {some[-1]}" if some else ""
