"""Knows what every account pays a month on the days on which windows open and close."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import narwhals as nw

from domain.conventions import LedgerConventions
from retention.counted_lines import as_set
from retention.fx import RateTable, half_even, wide
from retention.windows import Window, month_label, month_number, utc_day, windows

Frame = nw.LazyFrame[Any]

UNKNOWN = "(unknown)"
BALANCES_IN_PARTS = ("opening_parts", "closing_at_opening_rate_parts")
BALANCES = ("opening_cents", "closing_at_opening_rate_cents", "closing_cents", *BALANCES_IN_PARTS)
# Amounts are rounded at the line; rates are not. A minor unit has so many parts that a month of every usual interval
# (1 to 16, 18, 20, 24, 30, 36, 48, 60, 72, 84, 120 months) is a whole number of them. They are 128 bits wide: 64 hold
# no more than 128 thousand million rupiah a month.
PARTS = 720_720
_NEVER_ENDS = 12 * 10_000
_ENDS = [(end, unit) for end in ("opening", "closing") for unit in ("cents", "parts")]
_WORTH = [f"at_{end}_{unit}" for end, unit in _ENDS]
_TERMS = [f"_{end}_{term}" for end in ("opening", "closing") for term in ("numerator", "denominator")]


@dataclass(frozen=True)
class LedgerFrames:
    """What the ledger reads, as storage hands it out: the columns of the records of the same names.

    `segments` is the history: account_id, segment, since (a moment). Only the cut by journey stage reads `contracts`,
    only the one by workflow `tickets`.
    """

    lines: Frame
    accounts: Frame
    segments: Frame
    fx_rates: Frame
    contracts: Frame | None = None
    tickets: Frame | None = None


@dataclass(frozen=True)
class Ledger:
    """The paid lines with their monthly amounts, and what is needed to value them in one currency.

    `paid` has a row per paid line: id, account_id, product, plan, currency, starts_on, ends_on, amount_cents,
    interval_months, mrr_cents (in the line's own currency) and mrr_parts, the same before rounding. `since` is the
    first day of the first one, None where nothing was ever paid. `backend` is what collected frames are made of.
    """

    paid: Frame
    rates: RateTable
    currencies: tuple[str, ...]
    since: date | None
    as_of: datetime
    conventions: LedgerConventions
    backend: nw.Implementation

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.rates.reporting_currency


def monthly_amount(parts: int = 1) -> nw.Expr:
    """MRR of a line in its own currency: the amount over its interval, rounded half-even at the line.

    `parts` is into how many a minor unit is cut before that; they are 128 bits wide, whole minor units 64.
    """
    if parts > 1:
        return half_even(wide(nw.col("amount_cents")) * parts, wide(nw.col("interval_months")))
    # Whole and rest by themselves: nothing here is larger than the amount.
    amount, interval = nw.col("amount_cents"), nw.col("interval_months")
    whole, twice = amount // interval, amount % interval * 2
    return whole + ((twice > interval) | ((twice == interval) & (whole % 2 == 1))).cast(nw.Int64)


def carries_revenue() -> nw.Expr:
    """Whether a line ever counts: paid, no trial, and in force for at least a day."""
    lasts = nw.col("ends_on").is_null() | (nw.col("ends_on") > nw.col("starts_on"))
    # Half a minor unit a month is rounded to nothing, more is not.
    return ~nw.col("trial") & lasts & (nw.col("amount_cents") > nw.col("interval_months") // 2)


def in_force(day: date | nw.Expr) -> nw.Expr:
    """Whether a line is in force on `day`: on `[starts_on, ends_on)`."""
    return (nw.col("starts_on") <= day) & (nw.col("ends_on").is_null() | (nw.col("ends_on") > day))


def open_ledger(lines: Frame, fx_rates: Frame, as_of: datetime, conventions: LedgerConventions) -> Ledger:
    """Read the lines that were begun by `as_of`'s UTC date and find the currency to report in."""
    lines = as_set(lines, carries_revenue(), conventions)
    begun = nw.col("starts_on") <= utc_day(as_of)
    start_of_paid = nw.when(carries_revenue() & begun).then(nw.col("starts_on"))
    found = (
        lines.select("currency", started_on=start_of_paid)
        .group_by("currency")
        .agg(lines=nw.len(), since=nw.col("started_on").min())
        .collect()
    )
    backend, currencies = found.implementation, found.rows()
    paid = lines.filter(carries_revenue() & begun).select(
        "id", "account_id", "product", "currency", "starts_on", "ends_on", "amount_cents", "interval_months",
        plan=nw.col("plan").fill_null(UNKNOWN), mrr_cents=monthly_amount(),
        mrr_parts=monthly_amount(PARTS),
    )  # fmt: skip
    counted = tuple(sorted(name for name, _, since in currencies if since is not None))
    reporting = conventions.reporting_currency or _of_most_lines((name, count) for name, count, _ in currencies)
    since = min((since for _, _, since in currencies if since is not None), default=None)
    return Ledger(paid, RateTable.read(fx_rates, counted, reporting), counted, since, as_of, conventions, backend)


def _of_most_lines(counts: Iterable[tuple[str, int]]) -> str:
    return min(counts, key=lambda counted: (-counted[1], counted[0]), default=("USD", 0))[0]


def valued(ledger: Ledger, shown: Sequence[Window]) -> Frame:
    """The paid lines in force when a window opens or closes, valued in the reporting currency.

    A row is a line of `ledger.paid` in one of the windows `shown` (`window`, its place there) with `opening_cents` (at
    the opening day's rate), `closing_cents` (at the closing day's) and `closing_at_opening_rate_cents`, from which
    movements and rates are made. A line that came while its currency had no rate at the opening takes the closing
    day's; one that was there already has moved nothing, and the whole of it is an FX effect. Without any rate a line is
    worth 0 here and stands in `unconverted_cents`, in its own currency. `…_parts` are the same in `PARTS` of a minor
    unit, for rates.
    """
    in_windows = ledger.paid.join(numbered(ledger, shown).drop("period", "begins"), how="cross")
    ends = in_windows.with_columns(was=in_force(nw.col("opens_on")), is_still=in_force(nw.col("last_day")))
    worth = _at_both_ends(ends.filter(nw.col("was") | nw.col("is_still")), ledger, shown)
    lost = nw.col("is_still") & nw.col("at_closing_cents").is_null()
    return worth.with_columns(
        opening_cents=_where(nw.col("was"), nw.col("at_opening_cents")),
        opening_parts=_where(nw.col("was"), nw.col("at_opening_parts")),
        closing_at_opening_rate_cents=_where(nw.col("is_still"), _earlier_rate("cents")),
        closing_at_opening_rate_parts=_where(nw.col("is_still"), _earlier_rate("parts")),
        closing_cents=_where(nw.col("is_still"), nw.col("at_closing_cents")),
        unconverted_cents=_where(lost, nw.col("mrr_cents")),
    ).drop("was", "is_still", "opens_on", "last_day", *_WORTH)


def numbered(ledger: Ledger, shown: Sequence[Window]) -> Frame:
    """A row a window: `window`, its place in `shown`, `period`, its label, `begins`, the number of its first month.

    `opens_on` and `last_day` are the days at whose end its balances stand.
    """
    columns: dict[str, list[Any]] = {
        "window": list(range(len(shown))),
        "period": [window.label for window in shown],
        "begins": [month_number(window.first_day) for window in shown],
        "opens_on": [window.opens_on for window in shown],
        "last_day": [window.last_day for window in shown],
    }
    kinds = (nw.Int64(), nw.String(), nw.Int64(), nw.Date(), nw.Date())
    return _frame(ledger, columns, dict(zip(columns, kinds, strict=True)))


def _frame(ledger: Ledger, columns: dict[str, list[Any]], schema: dict[str, nw.dtypes.DType]) -> Frame:
    # Whatever engine collected a frame can make one; the type allows for engines that only read.
    made = nw.from_dict(columns, schema, backend=ledger.backend)  # type: ignore[arg-type]
    return made.lazy(ledger.paid.implementation)


def _earlier_rate(unit: str) -> nw.Expr:
    opening, closing = f"at_opening_{unit}", f"at_closing_{unit}"
    return nw.when(nw.col("was")).then(opening).otherwise(nw.coalesce(opening, closing))


def _where(condition: nw.Expr, cents: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(cents).otherwise(nw.lit(0)).fill_null(0)


def _at_both_ends(lines: Frame, ledger: Ledger, shown: Sequence[Window]) -> Frame:
    """`lines` with what they are worth at the rates of the window's two days; null without a rate.

    `at_opening_cents` and `at_closing_cents` are reporting minor units (Int64), `…_parts` parts of them (Int128).
    """
    terms = _terms(ledger, shown)
    if all(terms[name][at] == 1 for name in _TERMS for at in range(len(terms["window"]))):
        return lines.with_columns(nw.col(f"mrr_{name.rpartition('_')[2]}").alias(name) for name in _WORTH)
    schema = {"window": nw.Int64(), "currency": nw.String(), **dict.fromkeys(_TERMS, nw.Int128())}
    # The products become columns first: an expression that repeats itself is built, and run, over and over.
    known = lines.join(_frame(ledger, terms, schema), on=["window", "currency"], how="left").with_columns(
        (wide(nw.col(f"mrr_{unit}")) * nw.col(f"_{end}_numerator")).alias(f"at_{end}_{unit}") for end, unit in _ENDS
    )
    worth = {
        f"at_{end}_{unit}": half_even(nw.col(f"at_{end}_{unit}"), nw.col(f"_{end}_denominator")) for end, unit in _ENDS
    }
    cents = (nw.col(f"at_{end}_cents").cast(nw.Int64) for end in ("opening", "closing"))
    return known.with_columns(**worth).with_columns(*cents).drop(*_TERMS)


def _terms(ledger: Ledger, shown: Sequence[Window]) -> dict[str, list[Any]]:
    """A row a window and currency: numerators and denominators of the factors at both ends, null without a rate."""
    rows: list[tuple[Any, ...]] = []
    for place, window in enumerate(shown):
        for currency in ledger.currencies:
            factors = [ledger.rates.factor(currency, day) for day in (window.opens_on, window.last_day)]
            terms = [term for factor in factors for term in (factor.as_integer_ratio() if factor else (None, None))]
            rows.append((place, currency, *terms))
    columns = zip(*rows, strict=True) if rows else ([] for _ in ("window", "currency", *_TERMS))
    return dict(zip(("window", "currency", *_TERMS), map(list, columns), strict=True))


def first_paid(ledger: Ledger, unit: Sequence[str]) -> Frame:
    """The first month whose closing MRR was above 0, per unit (columns of `Ledger.paid`).

    A row is a unit with `first_paid`, a month number, and `cohort`, the same as 2024-03; units that never closed a
    month above 0 are absent.
    """
    today = utc_day(ledger.as_of)
    over = ~(nw.col("ends_on").is_null() | (nw.col("ends_on") > today))
    dated = ledger.paid.select(
        *unit, "currency", "mrr_cents", starts=_month("starts_on"),
        ends=nw.when(over).then(_month("ends_on")).otherwise(nw.lit(_NEVER_ENDS)),
    )  # fmt: skip
    firsts = dated.with_columns(first_paid=_first_worth_something(ledger)).filter(~nw.col("first_paid").is_null())
    months = firsts.group_by(*unit).agg(nw.col("first_paid").min()).collect()
    # Every window joins it, so it is made once.
    return months.lazy(ledger.paid.implementation).join(cohorts(ledger), on="first_paid", how="left")


def cohorts(ledger: Ledger) -> Frame:
    """The months that the ledger reaches over: `first_paid`, the number, and `cohort`, the same as 2024-03."""
    last = month_number(utc_day(ledger.as_of))
    numbers = list(range(month_number(ledger.since) if ledger.since else last, last + 1))
    columns: dict[str, list[Any]] = {"first_paid": numbers, "cohort": [month_label(number) for number in numbers]}
    return _frame(ledger, columns, {"first_paid": nw.Int64(), "cohort": nw.String()})


def _month(day: str) -> nw.Expr:
    return nw.col(day).dt.year().cast(nw.Int64) * 12 + nw.col(day).dt.month().cast(nw.Int64) - 1


def _first_worth_something(ledger: Ledger) -> nw.Expr:
    """The first month of a line that closes with the line in force and worth at least one reporting minor unit."""
    candidates = []
    for currency in ledger.currencies:
        for begin, end, least in months_worth_something(ledger, currency):
            start = nw.max_horizontal("starts", nw.lit(begin))
            counts = (nw.col("currency") == currency) & (nw.col("mrr_cents") >= least)
            counts = counts & (start < nw.min_horizontal("ends", nw.lit(end)))
            candidates.append(nw.when(counts).then(start))
    return nw.min_horizontal(*candidates) if candidates else nw.lit(None, dtype=nw.Int64)


def months_worth_something(ledger: Ledger, currency: str) -> list[tuple[int, int, int]]:
    """Runs of months `[begin, end)` in which the same least amount of `currency` converts to more than nothing."""
    runs: list[tuple[int, int, int]] = []
    for window in windows("month", ledger.since or utc_day(ledger.as_of), ledger.as_of, to_date=True):
        factor = ledger.rates.factor(currency, window.last_day)
        if factor is None:
            continue
        number, least = month_number(window.last_day), factor.denominator // (2 * factor.numerator) + 1
        if runs and runs[-1][1:] == (number, least):
            runs[-1] = (runs[-1][0], number + 1, least)
        else:
            runs.append((number, number + 1, least))
    return runs
