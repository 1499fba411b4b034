"""Knows how moments, lengths, money and rates are said to a person at a terminal."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.money import with_currency
from keepline import show
from keepline.bootstrap import Keepline
from keepline.demo.company import COMPANY


def banner(keepline: Keepline) -> None:
    """Say on every output that the numbers are made up, where they are."""
    if keepline.is_demo:
        moment = keepline.moment(None)
        show.say(f"DEMO DATA: {COMPANY}, made up; its clock stands at {moment:%Y-%m-%d %H:%M} UTC", style="yellow")
    elif not keepline.store.counts()["accounts"]:
        place = keepline.store.engine.url.render_as_string(hide_password=True)
        remedy = "keepline connect VENDOR, keepline import FOLDER, or name another --database"
        show.say(f"{place} holds no accounts yet: {remedy}", style="yellow")


def money(cents: int | None, currency: str | None) -> str:
    """`USD 1,234`, without minor units; `unknown` where it is unknown."""
    return "unknown" if cents is None or currency is None else with_currency(cents, currency, digits=0)


def rate(share: Fraction | Decimal | float | None) -> str:
    """`97.5 %`; `–` where there is no figure."""
    return "–" if share is None else f"{float(share) * 100:.1f} %"


def with_interval(score: Mapping[str, float | None] | None) -> str:
    """`0.125 (0.101 to 0.149)` of value, low and high; `–` where there is no figure."""
    value = None if score is None else score["value"]
    if score is None or value is None:
        return "–"
    low, high = score["low"], score["high"]
    between = f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else ""
    return f"{value:.3f}{between}".replace("-", "−")


def length(span: timedelta) -> str:
    """The two largest units of a length: `3 d 4 h`, `2 h 5 min`."""
    minutes = int(abs(span).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def counted(seconds: int, counting: str | None = None) -> str:
    """A length that a clock counts: `2h 5m`, `−23h`, `15m business`. Business time has no days, so it has none here."""
    minutes, left = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    words = " ".join(part for part in parts if part) or (f"{left}s" if left else "0m")
    return f"{'−' if seconds < 0 else ''}{words}{f' {counting}' if counting else ''}"


def ago_or_in(moment: datetime, now: datetime) -> str:
    """`in 3 h 5 min` or `2 d overdue`."""
    return f"in {length(moment - now)}" if moment >= now else f"{length(now - moment)} overdue"
