"""The retention rows account by account in plain Python, on a sample of the accounts."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from benchmarks.contest import Answer, Stopwatch
from benchmarks.retention import COLUMNS, every
from benchmarks.retention.sql import months
from retention.ledger import PARTS

_LINES = """
SELECT account_id, product, currency, starts_on, coalesce(ends_on, '9999'), amount_cents, interval_months
FROM subscription_lines WHERE NOT trial AND account_id % ? = 0 ORDER BY account_id
"""
Line = tuple[int, str, str, str, str, int, int]
Digits = dict[tuple[str, str], int]


def contend(watch: Stopwatch, database: str, size: int) -> Answer:
    """For each account and month: what its lines are worth at both ends, and which movement that is."""
    with watch.part("loop"):
        with closing(sqlite3.connect(database)) as connection:
            lines = connection.execute(_LINES, [every(size)]).fetchall()
            rates = connection.execute('SELECT base, "on", rate FROM fx_rates ORDER BY "on"').fetchall()
        by_account: dict[int, list[Line]] = defaultdict(list)
        for line in lines:
            by_account[line[0]].append(line)
        rows = _rows(by_account.values(), _digits(rates))
    return Answer.of(rows, share=1 / every(size))


def _digits(rates: Iterable[tuple[str, str, str]]) -> Digits:
    """Ten-thousandths of a dollar for a unit of each currency on each day that a month opens or closes."""
    known = list(rates)
    days = {day for _, _, *ends in months() for day in ends}
    digits = {("USD", day): 10_000 for day in days}
    for day in days:
        digits |= {(base, day): int(rate.replace(".", "")) for base, on, rate in known if on <= day}
    return digits


def _rows(accounts: Iterable[list[Line]], digits: Digits) -> list[list[Any]]:
    sums = {label: dict.fromkeys(COLUMNS, 0) for label, *_ in months()}
    for lines in accounts:
        paid_before = False
        for label, _, opens_on, last_day in months():
            products = _products(lines, opens_on, last_day, digits)
            if products:
                paid_before = _add(sums[label], products, paid_before)
    return [[label, *row.values()] for label, row in sums.items()]


def _products(lines: list[Line], opens_on: str, last_day: str, digits: Digits) -> dict[str, list[int]]:
    """By product: opening, closing at the opening day's rate, closing; the first two also in parts of a cent."""
    products: dict[str, list[int]] = {}
    for _, product, currency, starts_on, ends_on, amount, interval in lines:
        was, is_still = starts_on <= opens_on < ends_on, starts_on <= last_day < ends_on
        if not (was or is_still):
            continue
        mrr = _half_even(amount, interval)
        before = _half_even(mrr * digits[currency, opens_on], 10_000)
        parts = _half_even(_half_even(amount * PARTS, interval) * digits[currency, opens_on], 10_000)
        sums = products.setdefault(product, [0, 0, 0, 0, 0])
        if was:
            sums[0] += before
            sums[3] += parts
        if is_still:
            sums[1] += before
            sums[2] += _half_even(mrr * digits[currency, last_day], 10_000)
            sums[4] += parts
    return products


def _add(row: dict[str, int], products: dict[str, list[int]], paid_before: bool) -> bool:
    """Add an account's movement to its month; whether it has paid by now."""
    opening, constant, closing, base, held = map(sum, zip(*products.values(), strict=True))
    row["opening_cents"] += opening
    row["closing_cents"] += closing
    row["fx_cents"] += closing - constant
    row["accounts_open"] += opening > 0
    row["accounts_closed"] += closing > 0
    if opening == 0:
        row["reactivation_cents" if paid_before else "new_cents"] += constant
        return paid_before or closing > 0
    row["base_parts"] += base
    row["held_parts"] += held
    row["kept_parts"] += min(base, held)
    if constant == 0:
        row["churn_cents"] += opening
        row["accounts_churned"] += 1
    elif constant < opening:
        row["contraction_cents"] += opening - constant
    elif constant > opening:
        grown = sum(max(after - before, 0) for before, after, *_ in products.values())
        added = sum(after for before, after, *_ in products.values() if before == 0)
        cross_sell = _half_even((constant - opening) * added, grown)
        row["expansion_cents"] += constant - opening
        row["cross_sell_cents"] += cross_sell
        row["upsell_cents"] += constant - opening - cross_sell
    return True


def _half_even(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))
