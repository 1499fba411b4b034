"""What accounts were worth on days of the past is what would have been counted on each day from what was known then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import LedgerConventions
from retention.known_rates import converted
from retention.known_values import Knowledge, known_spans, known_values
from retention.ledger import open_ledger
from retention.values import values_on

FIRST = datetime(2026, 1, 1, 6, tzinfo=UTC)
DAYS = 5
MOMENTS = [FIRST + timedelta(days=day) for day in range(DAYS)]
_TIME = pl.Datetime("us", "UTC")
LINES = {
    "id": pl.Int64, "source": pl.String, "external_id": pl.String, "account_id": pl.Int64, "account_ref": pl.String,
    "product": pl.String, "plan": pl.String, "amount_cents": pl.Int64, "currency": pl.String,
    "interval_months": pl.Int64, "starts_on": pl.Date, "ends_on": pl.Date, "trial": pl.Boolean, "pricing": pl.String,
    "recorded_at": _TIME, "learned_at": _TIME,
}  # fmt: skip
CONTRACTS = {
    "source": pl.String, "external_id": pl.String, "recorded_at": _TIME, "account_id": pl.Int64,
    "starts_on": pl.Date, "renews_on": pl.Date, "notice_on": pl.Date, "ends_on": pl.Date, "arr_cents": pl.Int64,
    "currency": pl.String, "gone": pl.Boolean,
}  # fmt: skip
RATES = {
    "source": pl.String, "external_id": pl.String, "recorded_at": _TIME, "base": pl.String, "quote": pl.String,
    "on": pl.Date, "rate": pl.String, "gone": pl.Boolean,
}  # fmt: skip


def a_day(number: int) -> date:
    return FIRST.date() + timedelta(days=number)


def a_moment(half: int) -> datetime:
    """Half days, so that some are before and some after the moment of their day."""
    return FIRST + timedelta(hours=12 * half - 3)


days, halves = st.integers(-5, DAYS + 5), st.integers(-6, 2 * DAYS + 6)
ends = st.one_of(st.none(), days)
money = st.sampled_from([0, 1, 700, 9_999, 123_457])
currencies = st.sampled_from(["USD", "USD", "EUR", "GBP"])
said_lines = st.lists(
    st.tuples(st.sampled_from("ABCD"), halves, st.one_of(st.none(), halves), days, ends, money, currencies,
              st.sampled_from([1, 3, 12]), st.booleans(), st.sampled_from([None, "usage"])), max_size=14,
)  # fmt: skip
said_contracts = st.lists(
    st.tuples(st.sampled_from("KLM"), halves, days, ends, money, currencies, st.booleans()), max_size=8
)
said_rates = st.lists(
    st.tuples(st.sampled_from("xyz"), halves, st.sampled_from(["files", "ecb"]),
              st.sampled_from([("EUR", "USD"), ("GBP", "EUR"), ("USD", "GBP")]), days,
              st.sampled_from(["1.1", "0.87", "1.31415"]), st.booleans()), max_size=8,
)  # fmt: skip


def frame(rows: list[dict[str, Any]], schema: Any) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.DataFrame(rows, schema=schema, orient="row").lazy())


def line_versions(said: list[Any]) -> nw.LazyFrame[Any]:
    rows = {}
    for number, (name, at, late, starts, ends_, cents, currency, interval, trial, pricing) in enumerate(said):
        learned = None if late is None or late <= at else a_moment(late)
        rows[name, at] = {
            "id": number, "source": "files", "external_id": name, "account_id": ord(name) % 3, "account_ref": "A",
            "product": "P", "plan": None, "amount_cents": cents, "currency": currency, "interval_months": interval,
            "starts_on": a_day(starts), "ends_on": None if ends_ is None else a_day(ends_), "trial": trial,
            "pricing": pricing, "recorded_at": a_moment(at), "learned_at": learned,
        }  # fmt: skip
    return frame(list(rows.values()), LINES)


def contract_versions(said: list[Any]) -> nw.LazyFrame[Any]:
    rows = {
        (name, at): {
            "source": "files", "external_id": name, "recorded_at": a_moment(at), "account_id": ord(name) % 4,
            "starts_on": a_day(starts), "renews_on": None, "notice_on": None,
            "ends_on": None if ends_ is None else a_day(ends_), "arr_cents": cents, "currency": currency, "gone": gone,
        }
        for name, at, starts, ends_, cents, currency, gone in said
    }  # fmt: skip
    return frame(list(rows.values()), CONTRACTS)


def rate_versions(said: list[Any]) -> nw.LazyFrame[Any]:
    rows = {
        (source, name, at): {
            "source": source, "external_id": name, "recorded_at": a_moment(at), "base": pair[0], "quote": pair[1],
            "on": a_day(on), "rate": rate, "gone": gone,
        }
        for name, at, source, pair, on, rate, gone in said
    }  # fmt: skip
    return frame(list(rows.values()), RATES)


def newest(versions: nw.LazyFrame[Any], at: datetime, learned: str | None = None) -> nw.LazyFrame[Any]:
    """The newest version that was known, the plain way."""
    table: pl.DataFrame = versions.collect().to_native()
    known = pl.coalesce("learned_at", "recorded_at") if learned else pl.col("recorded_at")
    left = table.filter(known <= at).sort("recorded_at").unique(["source", "external_id"], keep="last")
    there = left if learned else left.filter(~pl.col("gone"))
    return nw.from_native(there.lazy())


@settings(max_examples=30, deadline=None)
@given(said_lines, said_contracts, said_rates, st.sampled_from([0, 0, 3]), st.sampled_from(["included", "excluded"]))
def test_each_day_counts_what_was_known_on_it(
    lines: list[Any], contracts: list[Any], rates: list[Any], gap: int, usage: Any
) -> None:
    conventions = LedgerConventions(reporting_currency="USD", bridged_gap_days=gap, usage_lines=usage)
    paid, promised, quoted = line_versions(lines), contract_versions(contracts), rate_versions(rates)
    found = known_values(Knowledge.of(paid, promised, quoted), MOMENTS, conventions, "USD")
    counted = found.sort("day", "account_id").rows()
    expected = []
    for moment in MOMENTS:
        then, agreed, rate = newest(paid, moment, "learned_at"), newest(promised, moment), newest(quoted, moment)
        ledger = open_ledger(then, rate, moment, conventions)
        expected += sorted(values_on(ledger, agreed, rate, [moment.date()]).collect().rows(), key=lambda row: row[1])
    assert counted == expected


@pytest.mark.parametrize(("late", "known"), [(None, [0, 4]), (8, [0, 8])])
def test_a_version_counts_from_when_it_was_learned(late: int | None, known: list[int]) -> None:
    said = [("A", 0, None, 0, None, 700, "USD", 1, False, None), ("A", 4, late, 0, None, 9_999, "USD", 1, False, None)]
    spans = known_spans(line_versions(said), nw.coalesce("learned_at", "recorded_at")).sort("known_from")
    assert spans["known_from"].to_list() == [a_moment(half) for half in known]
    assert spans["known_until"].to_list() == [a_moment(known[1]), None]


def test_an_old_version_that_arrives_late_never_counts() -> None:
    said = [("A", 0, 9, 0, None, 700, "USD", 1, False, None), ("A", 4, None, 0, None, 9_999, "USD", 1, False, None)]
    spans = known_spans(line_versions(said), nw.coalesce("learned_at", "recorded_at"))
    assert spans["amount_cents"].to_list() == [9_999]


def test_an_amount_is_converted_exactly_where_terms_are_long() -> None:
    cents = [10**12 + 1, 5, 3]
    factor = (10**16 + 1, 2 * 10**16)
    assert converted(nw.new_series("c", cents, nw.Int64, backend="polars").to_numpy(), factor).tolist() == [
        500_000_000_001, 3, 2,
    ]  # fmt: skip
