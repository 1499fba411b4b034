"""Shows the clocks that run, the next deadline first."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import typer

from domain.money import decimal_amount
from jobs.sla.board import ClockEntry, board
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import ago_or_in, banner, length, money
from rules.durations import elapsed
from storage.sla import SlaBook

_MOST = 40


@dataclass(frozen=True)
class Asked:
    """Which clocks are wanted."""

    metric: str | None = None
    state: str | None = None
    account: str | None = None
    due_within: str | None = None


def run(keepline: Keepline, asked: Asked, as_of: datetime | None, as_json: bool) -> None:
    """Print the clocks at a moment."""
    now = keepline.moment(as_of)
    latest = None if asked.due_within is None else now + _length(asked.due_within)
    found = board(keepline.store, keepline.rulebook, now, state=asked.state, metric=asked.metric)
    entries = [entry for entry in found if _is_of(entry, asked.account) and _is_due(entry, latest)]
    banner(keepline)
    if as_json:
        show.as_json([printed(entry) for entry in entries])
        return
    if not entries:
        show.line(nothing_promised(keepline) or "No such clock runs. Narrowed down too far? keepline sla shows all.")
        return
    print_clocks(f"Clocks at {now:%Y-%m-%d %H:%M} UTC", entries[:_MOST], now)
    if len(entries) > _MOST:
        show.line(f"The next {_MOST} of {len(entries):,}; narrow them down, or --json for all.")
    show.line("Why a deadline is what it is: keepline sla explain TICKET")


def nothing_promised(keepline: Keepline) -> str | None:
    """What to do where no ticket has ever been promised anything."""
    if SlaBook(keepline.store.engine).terms():
        return None
    return "Nothing has been promised yet: keepline run. What is promised stands in sla.yaml (keepline init writes it)."


def print_clocks(title: str, entries: list[ClockEntry], now: datetime) -> None:
    """A table of clocks."""
    rows = [
        [
            entry.ticket, entry.account or "not linked", money(entry.arr_cents, entry.currency),
            str(entry.renews_on or "unknown"), entry.metric, entry.state, _spent(entry), left(entry),
            f"{entry.deadline_at:%Y-%m-%d %H:%M} ({ago_or_in(entry.deadline_at, now)})" if entry.deadline_at else "",
            f"{entry.warned_percent} %" if entry.warned_percent else "", entry.policy or "none", entry.because or "",
        ]
        for entry in entries
    ]  # fmt: skip
    columns = [
        "Ticket", "Account", "ARR", "Renews on", "Metric", "State", "Spent", "Left", "Deadline (UTC)", "Warned",
        "Policy", "Why",
    ]  # fmt: skip
    show.table(title, columns, rows, numbers=["ARR"])


def left(entry: ClockEntry) -> str:
    """`1 h 5 min business`; after the deadline `over by 2 h 5 min business`."""
    seconds = entry.remaining_seconds
    if seconds is None:
        return ""
    words = f"{length(timedelta(seconds=seconds))} {entry.counting}"
    return words if seconds >= 0 else f"over by {words}"


def _spent(entry: ClockEntry) -> str:
    if entry.spent_seconds is None or entry.target_seconds is None:
        return "no target" if entry.target_seconds is None else "unknown"
    return f"{length(timedelta(seconds=entry.spent_seconds))} of {length(timedelta(seconds=entry.target_seconds))}"


def printed(entry: ClockEntry) -> dict[str, Any]:
    """A clock as JSON: amounts as decimal strings, moments in UTC, lengths in seconds."""
    cents = entry.arr_cents
    row = {name: value for name, value in asdict(entry).items() if name != "arr_cents"}
    return {**row, "arr": None if cents is None else str(decimal_amount(cents, entry.currency))}


def _is_of(entry: ClockEntry, account: str | None) -> bool:
    if account is None:
        return True
    wanted = account.casefold()
    return wanted == (entry.account_ref or "").casefold() or wanted in (entry.account or "").casefold()


def _is_due(entry: ClockEntry, latest: datetime | None) -> bool:
    return latest is None or (entry.deadline_at is not None and entry.deadline_at <= latest)


def _length(written: str) -> timedelta:
    try:
        return elapsed(written)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--due-within") from error
