"""Shows the clocks that run, the next deadline first."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import typer

from domain.money import decimal_amount
from jobs.sla.board import ClockEntry, board
from jobs.sla.foreseeing import Foreseen, foresee
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, counted, money
from rules.durations import elapsed
from storage.sla import SlaBook

_MOST = 40
_BESIDE = re.compile(r"ACV [A-Z]{3} [\d,]+( \(\w+\))?|renews in \d+ days?|renews today")
Key: TypeAlias = tuple[str, str, str, int]


@dataclass(frozen=True)
class Asked:
    """Which clocks are wanted."""

    metric: str | None = None
    state: str | None = None
    account: str | None = None
    due_within: str | None = None
    forecast: bool = True


def run(keepline: Keepline, asked: Asked, as_of: datetime | None, as_json: bool) -> None:
    """Print the clocks at a moment."""
    now = keepline.moment(as_of)
    latest = None if asked.due_within is None else now + _length(asked.due_within)
    found = board(keepline.store, keepline.rulebook, now, state=asked.state, metric=asked.metric)
    entries = [entry for entry in found if _is_of(entry, asked.account) and _is_due(entry, latest)]
    banner(keepline)
    chances = _chances(keepline, asked.metric, now) if asked.forecast and entries else {}
    if as_json:
        show.as_json([{**printed(entry), **_foreseen(chances.get(_key(entry)))} for entry in entries])
        return
    if not entries:
        show.line(nothing_promised(keepline) or "No such clock runs. Narrowed down too far? keepline sla shows all.")
        return
    state = (asked.state or "running").replace("_", " ").capitalize()
    print_clocks(f"{state} clocks at {now:%Y-%m-%d %H:%M} UTC", entries[:_MOST], chances)
    if len(entries) > _MOST:
        show.line(f"The next {_MOST} of {len(entries):,}; narrow them down, or --json for all.")
    show.line("Why a deadline is what it is: keepline sla explain TICKET")


def nothing_promised(keepline: Keepline) -> str | None:
    """What to do where no ticket has ever been promised anything."""
    if SlaBook(keepline.store.engine).terms():
        return None
    return "Nothing has been promised yet: keepline run. What is promised stands in sla.yaml (keepline init writes it)."


def _chances(keepline: Keepline, metric: str | None, now: datetime) -> dict[Key, Foreseen]:
    return {_key(each.clock): each for each in foresee(keepline.store, keepline.rulebook, now, metric).clocks}


def _key(entry: ClockEntry) -> Key:
    return entry.source, entry.ticket, entry.metric, entry.cycle


def _foreseen(chance: Foreseen | None) -> dict[str, Any]:
    return {
        "breach_probability": chance.probability if chance else None,
        "breach_reason": chance.reason if chance else None,
    }


def print_clocks(title: str, entries: list[ClockEntry], chances: Mapping[Key, Foreseen] | None = None) -> None:
    """A table of clocks; with `chances` how probable the breach of each one is."""
    rows = [
        [
            entry.ticket, entry.account or "not linked", money(entry.arr_cents, entry.currency),
            str(entry.renews_on or "unknown"), entry.metric, *_lengths(entry), _deadline(entry),
            f"{entry.warned_percent} %" if entry.warned_percent else "",
            *([] if chances is None else [_chance(entry, chances.get(_key(entry)))]), entry.policy or "none",
            _why(entry),
        ]
        for entry in entries
    ]  # fmt: skip
    columns = [
        "Ticket", "Account", "ARR", "Renews on", "Metric", "Spent", "Left", "Due (UTC)", "Warned",
        *([] if chances is None else ["Breach"]), "Policy", "Why",
    ]  # fmt: skip
    show.table(title, columns, rows, numbers=["ARR", "Left", "Breach"])


def _chance(entry: ClockEntry, chance: Foreseen | None) -> str:
    if chance is None:
        return "broken" if entry.state == "breached" else ""
    return "unknown" if chance.probability is None else f"{100 * chance.probability:.0f} %"


def _lengths(entry: ClockEntry) -> list[str]:
    """What is spent of the target, and what is left, in the target's counting."""
    if entry.target_seconds is None or entry.remaining_seconds is None:
        return ["no target", ""]
    target = counted(entry.target_seconds, entry.counting)
    return [f"{counted(entry.spent_seconds or 0)} of {target}", counted(entry.remaining_seconds)]


def _deadline(entry: ClockEntry) -> str:
    return f"{entry.deadline_at:%Y-%m-%d %H:%M}" if entry.deadline_at else entry.state.replace("_", " ")


def _why(entry: ClockEntry) -> str:
    """The reason without what stands beside it: the policy, the account's value, its renewal."""
    parts = (entry.because or "").removeprefix(f"Policy {entry.policy}: ").split("; ")
    return "; ".join(part for part in parts if not _BESIDE.fullmatch(part))


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
