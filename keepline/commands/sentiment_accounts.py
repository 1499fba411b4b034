"""Lists how every account sounds, the worst first."""

from datetime import datetime
from typing import Any

from jobs.evaluate import look
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner

_NAMES = ("sentiment", "sentiment_trend", "worst_ticket_sentiment", "quiet_drift")
_MOST = 40


def run(keepline: Keepline, as_of: datetime | None, as_json: bool) -> None:
    """Print a row an account."""
    now = keepline.moment(as_of)
    seen, _ = look(keepline.store.facts(), keepline.rulebook, now, now, set(_NAMES)).signals(now)
    names = ("account_ref", "account", *_NAMES)
    rows = sorted(([*seen.select(*names).iter_rows(named=True)]), key=_worst_first)
    banner(keepline)
    if as_json:
        show.as_json(rows)
        return
    known = [row for row in rows if any(row[name] is not None for name in _NAMES)]
    if not known:
        show.line("No account's mood is known: too few messages of customers were read. keepline run reads them.")
        return
    print_accounts(known[:_MOST], now)
    windows, unknown = keepline.rulebook.windows, len(rows) - len(known)
    if len(known) > _MOST:
        show.line(f"{len(known) - _MOST:,} more; --json lists all.")
    if unknown:
        least = windows.sentiment_min_messages
        show.line(f"Unknown: {unknown:,}, with fewer than {least} messages that could be read.")


def print_accounts(rows: list[dict[str, Any]], now: datetime) -> None:
    """The table of levels."""
    table = [[row["account"], *(_told(row[name], name) for name in _NAMES)] for row in rows]
    columns = ("account", "sentiment", "trend", "worst ticket", "quiet drift")
    show.table(f"How accounts sound, {now:%Y-%m-%d}", columns, table, numbers=columns[1:])


def _told(value: float | None, name: str) -> str:
    if value is None:
        return "unknown"
    return f"{value:.1f}" if name == "quiet_drift" else f"{value:+.0f}".replace("-", "−")


def _worst_first(row: dict[str, Any]) -> tuple[Any, ...]:
    level, drift = row["sentiment"], row["quiet_drift"]
    return level is None, level or 0.0, -(drift or 0.0), row["account"]
