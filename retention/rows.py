"""Knows how the ledger's windows become the rows that are printed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from domain.conventions import Cut, LedgerConventions, Period
from domain.errors import NotFound
from retention.families import as_counted
from retention.ledger import Frame, Ledger, LedgerFrames, open_ledger
from retention.metrics import SUMMED, RetentionRow, compounded, plain_mean
from retention.movements import unconverted_column, unit_movements
from retention.slices import WHOLE, in_order, sliced, unit_of
from retention.totals import COUNTS, MONEY, RATE_TERMS, Totals
from retention.windows import Window, windows

_Rows = dict[tuple[str, str], RetentionRow]


def retention_rows(
    frames: LedgerFrames,
    period: Period,
    as_of: datetime,
    by: Cut | None = None,
    conventions: LedgerConventions | None = None,
    to_date: bool = False,
    newest: int | None = None,
) -> list[RetentionRow]:
    """The ledger's rows, oldest window first, slices by name.

    Windows reach from the one of the first paid line to the last that is over on `as_of`'s UTC date; `to_date` adds
    the running one. Without a cut every window has a row; with one, a slice has a row where it opened or closed above
    zero, holds money that no rate converts, or where a falling rate has made nothing of what came. With `newest` only
    so many windows, the last ones.
    """
    return retention_in_cuts(frames, period, as_of, [by], conventions, to_date, newest)[by]


def retention_in_cuts(
    frames: LedgerFrames,
    period: Period,
    as_of: datetime,
    cuts: Sequence[Cut | None],
    conventions: LedgerConventions | None = None,
    to_date: bool = False,
    newest: int | None = None,
) -> dict[Cut | None, list[RetentionRow]]:
    """`retention_rows` of several cuts at once, which share the work; None is the whole."""
    conventions = conventions or LedgerConventions()
    frames = as_counted(frames, conventions)
    ledger = open_ledger(frames.lines, frames.fx_rates, as_of, conventions)
    if ledger.since is None:
        return {by: [] for by in cuts}
    months = windows("month", ledger.since, as_of, to_date)
    shown = months if period == "month" else windows(period, ledger.since, as_of, to_date)
    if newest is not None:
        shown = shown[-newest:]
        months = _beside_of(shown, months, ledger.conventions)
    longer = [] if period == "month" else shown
    totals = Totals(ledger, frames)
    rows: dict[Cut | None, list[RetentionRow]] = {}
    for by in cuts:
        found = window_rows(ledger, totals, [*months, *longer], by)
        monthly = {(window.label, row.slice or WHOLE): row for window in months for row in found[window.label]}
        rows[by] = [
            _beside(row, window, months, monthly, ledger.conventions) for window in shown for row in found[window.label]
        ]
    return rows


def _beside_of(shown: Sequence[Window], months: Sequence[Window], conventions: LedgerConventions) -> list[Window]:
    """The months whose rates stand beside the windows `shown`: those inside, and those of the rolling mean."""
    if not shown:
        return []
    first = shown[0].months[0] - conventions.rolling_months
    return [month for month in months if month.months[0] > first]


def find_window(ledger: Ledger, period: Period, label: str, to_date: bool = False) -> Window:
    """The ledger's window of that label.

    Raises:
        NotFound: it has none; the message names the first and last it has.
    """
    known = [] if ledger.since is None else windows(period, ledger.since, ledger.as_of, to_date)
    for window in known:
        if window.label == label:
            return window
    reach = f"from {known[0].label} to {known[-1].label}" if known else "empty"
    raise NotFound(f"no {period} {label} in the ledger, which is {reach}")


def units_of(
    ledger: Ledger,
    frames: LedgerFrames,
    shown: Sequence[Window],
    by: Cut | None,
    firsts: Frame,
    unconverted: Sequence[str],
) -> Frame:
    """The units (rows of `unit_movements`) of the windows `shown` with their `slice`; `firsts` is `first_paid`."""
    return sliced(unit_movements(ledger, shown, unit_of(by), firsts, unconverted), ledger, frames, shown, by)


def unconverted_of(ledger: Ledger, shown: Iterable[Window]) -> list[str]:
    """The currencies that some of the windows cannot convert when they close."""
    days = [window.last_day for window in shown]
    return [name for name in ledger.currencies if any(ledger.rates.factor(name, day) is None for day in days)]


def window_rows(
    ledger: Ledger, totals: Totals, shown: Sequence[Window], by: Cut | None
) -> Mapping[str, list[RetentionRow]]:
    """All windows' rows by the window's label."""
    found: dict[str, list[RetentionRow]] = {window.label: [] for window in shown}
    lost = unconverted_of(ledger, shown)
    by_label = {window.label: window for window in shown}
    for record in totals.records(shown, by, lost):
        if by is None or _holds_something(record, lost):
            found[record["period"]].append(_row(record, by_label[record["period"]], ledger, by, lost))
    if by is None:
        _fill_gaps(found, by_label, ledger)
    for rows in found.values():
        rows.sort(key=lambda row: in_order(row.slice or WHOLE, ledger, by))
    return found


def _row(
    record: Mapping[str, Any], window: Window, ledger: Ledger, by: Cut | None, unconverted: Sequence[str]
) -> RetentionRow:
    return RetentionRow(
        period=window.label,
        length=window.period,
        by=by,
        slice=None if by is None else record["slice"],
        currency=ledger.currency,
        complete=window.complete,
        rates_from=_rates_from(ledger, window),
        unconverted_cents={name: cents for name, cents in _lost(record, unconverted).items() if cents},
        **{name: record[name] for name in (*MONEY, *RATE_TERMS, *COUNTS)},
    )


def _rates_from(ledger: Ledger, window: Window) -> dict[str, str]:
    named = {name: ledger.rates.origin(name, window.last_day) for name in ledger.currencies}
    return {name: source for name, source in named.items() if source}


def _holds_something(record: Mapping[str, Any], unconverted: Sequence[str]) -> bool:
    # What came and is worth nothing at the closing rate opened and closed at zero, but is in the total's new and fx.
    balances = (record["opening_cents"], record["closing_cents"], record["fx_cents"])
    return any(balances) or any(_lost(record, unconverted).values())


def _lost(record: Mapping[str, Any], unconverted: Sequence[str]) -> dict[str, int]:
    return {name: record[unconverted_column(name)] for name in unconverted}


def _fill_gaps(found: dict[str, list[RetentionRow]], by_label: Mapping[str, Window], ledger: Ledger) -> None:
    """A window in which nobody paid is a row of zeros, not a hole."""
    nothing = dict.fromkeys((*MONEY, *RATE_TERMS, *COUNTS), 0)
    for label, rows in found.items():
        if not rows:
            rows.append(_row(nothing, by_label[label], ledger, None, ()))


def _beside(
    row: RetentionRow, window: Window, months: Sequence[Window], monthly: _Rows, conventions: LedgerConventions
) -> RetentionRow:
    """The row with what the months say: the rolling mean, and for longer windows the sums and compounded rates."""
    own = [monthly.get((month.label, row.slice or WHOLE)) for month in months if month.months[0] in window.months]
    over = [month for month in months if month.complete and month.last_day <= window.last_day]
    last = [monthly.get((month.label, row.slice or WHOLE)) for month in over[-conventions.rolling_months :]]
    enough = len(last) == conventions.rolling_months
    update: dict[str, Any] = {
        "grr_rolling": plain_mean(_rates(last, "grr")) if enough else None,
        "nrr_rolling": plain_mean(_rates(last, "nrr")) if enough else None,
    }
    if window.period != "month":
        update["grr_compounded"] = _compounded_over(window, own, "grr")
        update["nrr_compounded"] = _compounded_over(window, own, "nrr")
        present = [month for month in own if month is not None]
        update["summed_monthly_cents"] = {
            name: sum(getattr(month, f"{name}_cents") for month in present) for name in SUMMED
        }
    return row.model_copy(update=update)


def _compounded_over(window: Window, months: Sequence[RetentionRow | None], rate: str) -> Fraction | None:
    """None where a month of the window lies before the ledger begins, as its rate does not exist."""
    if len(months) < len(window.months):
        return None
    return compounded(_rates(months, rate))


def _rates(months: Sequence[RetentionRow | None], rate: str) -> list[Fraction | None]:
    return [None if month is None else getattr(month, rate) for month in months]
