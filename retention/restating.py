"""Knows which part of a figure's restatement comes from accounts, lines, exchange rates and settings, to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import narwhals as nw

from domain.conventions import Cut, LedgerConventions, Period
from domain.errors import NotFound
from retention.families import as_counted
from retention.ledger import Frame, Ledger, LedgerFrames, first_paid, open_ledger, valued
from retention.movements import MOVEMENTS, unit_movements
from retention.slices import sliced, unit_of
from retention.windows import Window, windows

StepName = Literal["accounts", "lines", "rates", "settings"]
MONEY_CENTS = ("opening_cents", *(f"{name}_cents" for name in MOVEMENTS), "closing_cents")
LINE_CENTS = ("opening_cents", "closing_cents")
_UNIT = ("slice", "account_id")
_LINE = ("slice", "account_id", "source", "external_id", "currency")


@dataclass(frozen=True)
class Knowledge:
    """What a figure was made from: what was known, and the settings."""

    frames: LedgerFrames
    conventions: LedgerConventions


@dataclass(frozen=True)
class Step:
    """What one sort of new knowledge changed, after those before it; all steps together make the whole difference.

    A row of `units` is a slice and account with the change of each of `MONEY_CENTS`, a row of `lines` a slice, account,
    line (source, external_id) and currency with that of `LINE_CENTS`; rows that did not change are absent.
    """

    name: StepName
    units: list[dict[str, Any]]
    lines: list[dict[str, Any]]


def restating_steps(before: Knowledge, after: Knowledge, window: Window, by: Cut | None, as_of: datetime) -> list[Step]:
    """What made the rows of a window change between two states of knowledge, seen from `as_of`.

    First what is known of accounts is learned anew, then lines, then rates, then the settings change; each step counts
    the window once more. Both states must report in one currency.
    """
    told = before.frames
    ways: list[tuple[StepName, LedgerFrames, LedgerConventions]] = [
        ("accounts", replace(after.frames, lines=told.lines, fx_rates=told.fx_rates), before.conventions),
        ("lines", replace(after.frames, fx_rates=told.fx_rates), before.conventions),
        ("rates", after.frames, before.conventions),
        ("settings", after.frames, after.conventions),
    ]
    last = _counted(told, before.conventions, window, by, as_of)
    found = []
    for name, frames, conventions in ways:
        state = _counted(frames, conventions, window, by, as_of)
        found.append(Step(name, _change(last[0], state[0], MONEY_CENTS), _change(last[1], state[1], LINE_CENTS)))
        last = state
    return found


def known_window(states: Sequence[Knowledge], period: Period, label: str, as_of: datetime) -> Window:
    """The window of that label in the first ledger that has it.

    Raises:
        NotFound: none has.
    """
    for state in states:
        ledger = open_ledger(state.frames.lines, state.frames.fx_rates, as_of, state.conventions)
        for window in [] if ledger.since is None else windows(period, ledger.since, as_of):
            if window.label == label:
                return window
    raise NotFound(f"no {period} {label} in the ledger")


def _counted(
    frames: LedgerFrames, conventions: LedgerConventions, window: Window, by: Cut | None, as_of: datetime
) -> tuple[Frame, Frame]:
    """The balances and movements of accounts, and the balances of lines, by slice."""
    frames = as_counted(frames, conventions)
    ledger = open_ledger(frames.lines, frames.fx_rates, as_of, conventions)
    unit = unit_of(by)
    moved = unit_movements(ledger, [window], unit, first_paid(ledger, unit))
    units = sliced(moved, ledger, frames, [window], by).select(*unit, "slice", *MONEY_CENTS).collect().lazy()
    lines = _lines(ledger, frames, window).join(units.select(*unit, "slice"), on=unit, how="inner")
    return _summed(units, _UNIT, MONEY_CENTS), _summed(lines, _LINE, LINE_CENTS)


def _lines(ledger: Ledger, frames: LedgerFrames, window: Window) -> Frame:
    names = frames.lines.select("id", "source", "external_id")
    return valued(ledger, [window]).join(names, on="id", how="inner")


def _summed(rows: Frame, keys: Sequence[str], cents: Sequence[str]) -> Frame:
    return rows.group_by(*keys).agg(nw.col(*cents).sum()).collect().lazy()


def _change(before: Frame, after: Frame, cents: Sequence[str]) -> list[dict[str, Any]]:
    keys = [name for name in after.collect_schema().names() if name not in cents]
    less = before.with_columns(*(-nw.col(name) for name in cents)).select(*keys, *cents)
    together = nw.concat([less, after.select(*keys, *cents)]).group_by(*keys).agg(nw.col(*cents).sum())
    moved = together.filter(nw.any_horizontal(*(nw.col(name) != 0 for name in cents), ignore_nulls=True))
    return list(moved.sort(*keys).collect().iter_rows(named=True))
