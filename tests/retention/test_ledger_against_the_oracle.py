"""Random books, read by the ledger and by a slow plain oracle, agree in every field of every period and cut."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.conventions import Cut, Period
from retention.ledger import LedgerFrames
from retention.metrics import RetentionRow
from retention.opened import explain, open_window
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames
from tests.retention.oracle import MONEY, Oracle

FIRST, LAST = date(2023, 11, 1), date(2024, 5, 31)
# Region and csm are read as industry is; one of the three keeps the suite short.
CUTS: tuple[Cut | None, ...] = (
    None, "segment", "acv_band", "industry", "journey_stage", "workflow", "cohort", "cohort_quarter", "plan", "product",
)  # fmt: skip
UNIT_CUTS: tuple[Cut, ...] = ("plan", "product")
days = st.dates(FIRST, LAST)
amounts = st.one_of(st.integers(0, 40), st.integers(0, 60_000), st.integers(0, 4_000_000))


@st.composite
def lines(draw: st.DrawFn, currencies: tuple[str, ...] = ("USD", "USD", "EUR", "JPY", "KWD")) -> dict[str, Any]:
    """A line of one of four accounts: paid or trial, open, ended, of no length, or begun before all others."""
    starts_on = draw(days)
    length = draw(st.one_of(st.none(), st.integers(0, 3), st.integers(20, 200)))
    return a_line(
        account_id=draw(st.integers(1, 4)),
        product=draw(st.sampled_from(["Core", "Desk", "Voice"])),
        plan=draw(st.sampled_from(["Basic", "Pro", None])),
        amount_cents=draw(amounts),
        currency=draw(st.sampled_from(currencies)),
        interval_months=draw(st.sampled_from([1, 1, 3, 12])),
        starts_on=starts_on,
        ends_on=None if length is None else starts_on + timedelta(days=length),
        trial=draw(st.integers(0, 7)) == 0,
    )


@st.composite
def rates(draw: st.DrawFn) -> dict[str, Any]:
    """A rate in either direction, sometimes only through a third currency."""
    base, quote = draw(
        st.sampled_from(
            [("EUR", "USD"), ("USD", "EUR"), ("JPY", "USD"), ("EUR", "JPY"), ("CHF", "KWD"), ("CHF", "USD")]
        )
    )
    # Two of the smallest, both turned round, still make no more money than 64 bits of minor units hold.
    digits = draw(st.integers(1_000, 3 * 10**9))
    return {"base": base, "quote": quote, "on": draw(days), "rate": f"{digits // 10**8}.{digits % 10**8:08d}"}


def _accounts() -> list[dict[str, Any]]:
    fields = [("Retail", "EU", None), (None, "EU", None), ("Retail", None, "smb"), ("Logistics", "US", "enterprise")]
    return [
        {"id": number, "industry": industry, "region": region, "segment": segment}
        for number, (industry, region, segment) in enumerate(fields, start=1)
    ]


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Segments of some accounts, changing once or twice."""
    changes = draw(
        st.dictionaries(
            st.tuples(st.integers(1, 4), days), st.sampled_from(["smb", " Mid-Market", "Enterprise", " "]), max_size=4
        )
    )
    return [
        {
            "account_id": account,
            "segment": segment,
            "since": datetime(day.year, day.month, day.day, hour % 24, tzinfo=UTC),
        }
        for hour, ((account, day), segment) in enumerate(changes.items())
    ]


@st.composite
def contracts(draw: st.DrawFn) -> dict[str, Any]:
    """A contract that renews, ends, or both."""
    renews_on, ends_on = (draw(st.one_of(st.none(), days)) for _ in range(2))
    return {"account_id": draw(st.integers(1, 4)), "starts_on": draw(days), "renews_on": renews_on, "ends_on": ends_on}


@st.composite
def tickets(draw: st.DrawFn) -> dict[str, Any]:
    """A ticket of some workflow, or of one that nobody named."""
    day, workflow = draw(days), draw(st.sampled_from(["billing", "access", None, ""]))
    created_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"account_id": draw(st.integers(1, 4)), "workflow": workflow, "created_at": created_at}


books = st.fixed_dictionaries(
    {
        "lines": st.lists(lines(), min_size=1, max_size=14),
        "rates": st.lists(rates(), max_size=8),
        "segments": histories(),
        "contracts": st.lists(contracts(), max_size=4),
        "tickets": st.lists(tickets(), max_size=8),
        "as_of": st.datetimes(datetime(2024, 1, 1), datetime(2024, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    }
)
# The rate once stood at the last decimal: what the line is worth fits into 64 bits in cents, not in parts of a cent.
CHEAP_DOLLARS = {
    "lines": [a_line(), a_line(), a_line(account_id=2, currency="EUR", amount_cents=4_000_000)],
    "rates": [{"base": "USD", "quote": "EUR", "on": FIRST, "rate": "0.00000001"}],
    "segments": [],
    "contracts": [],
    "tickets": [],
    "as_of": datetime(2024, 3, 31, tzinfo=UTC),
}


def _frames(book: dict[str, Any]) -> LedgerFrames:
    return ledger_frames(
        book["lines"], _accounts(), book["segments"], book["rates"], book["contracts"], book["tickets"]
    )


def _oracle(book: dict[str, Any]) -> Oracle:
    facts = (book["lines"], _accounts(), book["segments"], book["rates"], book["as_of"])
    return Oracle(*facts, book["contracts"], book["tickets"])


slow = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("by", CUTS)
@slow
@given(book=books, period=st.sampled_from(get_args(Period)), to_date=st.booleans())
@example(book=CHEAP_DOLLARS, period="quarter", to_date=True)
def test_every_figure_of_every_window_and_slice_is_the_oracle_s(
    by: Cut | None, book: dict[str, Any], period: Period, to_date: bool
) -> None:
    frames = _frames(book)
    found = [row.as_json() for row in retention_rows(frames, period, book["as_of"], by, to_date=to_date)]
    oracle = _oracle(book)
    assert found == oracle.rows(period, by, to_date)


@slow
@given(book=books, period=st.sampled_from(get_args(Period)), by=st.sampled_from(CUTS))
def test_money_is_conserved_and_nrr_is_grr_plus_its_expansion_rates(
    book: dict[str, Any], period: Period, by: Cut | None
) -> None:
    frames = _frames(book)
    for row in retention_rows(frames, period, book["as_of"], by, to_date=True):
        gained = row.new_cents + row.expansion_cents + row.reactivation_cents
        lost = row.contraction_cents + row.churn_cents
        assert row.opening_cents + gained - lost + row.fx_cents == row.closing_cents
        assert row.upsell_cents + row.cross_sell_cents == row.expansion_cents
        assert min(row.new_cents, row.upsell_cents, row.cross_sell_cents, row.contraction_cents, row.churn_cents) >= 0
        if row.grr is not None and row.nrr is not None:
            assert row.upsell_rate is not None
            assert row.cross_sell_rate is not None
            assert row.nrr == row.grr + row.upsell_rate + row.cross_sell_rate
            assert row.revenue_churn == 1 - row.grr
            assert Fraction(0) <= row.grr <= 1


@pytest.mark.parametrize("by", [None, "segment", "journey_stage"])
@settings(slow, max_examples=5)
@given(book=books, to_date=st.booleans())
def test_trailing_years_are_the_oracle_s(by: Cut | None, book: dict[str, Any], to_date: bool) -> None:
    book = book | {"as_of": datetime(2024, 12, 10, tzinfo=UTC)}
    found = [row.as_json() for row in retention_rows(_frames(book), "t12m", book["as_of"], by, to_date=to_date)]
    assert found == _oracle(book).rows("t12m", by, to_date)


@settings(slow, max_examples=8)
@given(book=books, period=st.sampled_from(get_args(Period)), newest=st.integers(1, 3), by=st.sampled_from(CUTS))
def test_the_newest_windows_alone_are_the_last_of_all(
    book: dict[str, Any], period: Period, newest: int, by: Cut | None
) -> None:
    every = retention_rows(_frames(book), period, book["as_of"], by, to_date=True)
    labels = [window["label"] for window in _oracle(book).windows(period, to_date=True)][-newest:]
    found = retention_rows(_frames(book), period, book["as_of"], by, to_date=True, newest=newest)
    assert found == [row for row in every if row.period in labels]


@settings(slow, max_examples=5)
@given(book=books, period=st.sampled_from(get_args(Period)))
def test_slices_add_up_to_the_total_in_every_cut(book: dict[str, Any], period: Period) -> None:
    frames = _frames(book)
    whole = {row.period: row for row in retention_rows(frames, period, book["as_of"])}
    for by in get_args(Cut):
        rows = retention_rows(frames, period, book["as_of"], by)
        summed = ("opening", "fx", "closing") if by in UNIT_CUTS else MONEY
        for label, total in whole.items():
            for name in summed:
                slices = [getattr(row, f"{name}_cents") for row in rows if row.period == label]
                assert sum(slices) == getattr(total, f"{name}_cents"), (by, label, name)


@slow
@given(book=books, shuffle=st.randoms(use_true_random=False), by=st.sampled_from(CUTS))
@example(book=CHEAP_DOLLARS, shuffle=Random(0), by="segment")  # noqa: S311
def test_the_order_of_the_rows_does_not_matter(book: dict[str, Any], shuffle: Any, by: Cut | None) -> None:
    before = retention_rows(_frames(book), "quarter", book["as_of"], by)
    lines, rates, segments = (shuffle.sample(book[name], len(book[name])) for name in ("lines", "rates", "segments"))
    after = retention_rows(
        _frames(book | {"lines": lines, "segments": segments, "rates": rates}), "quarter", book["as_of"], by
    )
    assert before == after


@slow
@given(book=books, by=st.sampled_from(CUTS))
def test_a_printed_row_opens_into_the_accounts_that_it_sums(book: dict[str, Any], by: Cut | None) -> None:
    frames = _frames(book)
    rows = retention_rows(frames, "quarter", book["as_of"], by)
    for label in {row.period for row in rows[-3:]}:
        opened = explain(frames, "quarter", label, book["as_of"], by).collect().rows(named=True)
        for row in (row for row in rows if row.period == label):
            own = [unit for unit in opened if unit["slice"] == (row.slice or "")]
            for name in MONEY:
                assert sum(unit[f"{name}_cents"] for unit in own) == getattr(row, f"{name}_cents")
            assert sum(unit["category"] == "churn" for unit in own) == row.accounts_churned


BALANCES = ("opening_cents", "closing_at_opening_rate_cents", "closing_cents")


@settings(slow, max_examples=5)
@given(book=books, by=st.sampled_from(CUTS))
def test_an_account_s_balances_open_into_the_lines_that_they_sum(book: dict[str, Any], by: Cut | None) -> None:
    frames = _frames(book)
    rows = retention_rows(frames, "quarter", book["as_of"], by)
    for label in {row.period for row in rows[-3:]}:
        opened = open_window(frames, label, book["as_of"], by)
        assert [row.as_json() for row in opened.rows] == [
            _without_months(row).as_json() for row in rows if row.period == label
        ]
        for account in opened.accounts:
            own = [
                line
                for line in opened.lines
                if (line["account_id"], line["slice"]) == (account["account_id"], account["slice"])
            ]
            assert own
            for name in BALANCES:
                assert sum(line[name] for line in own) == account[name]


def _without_months(row: RetentionRow) -> RetentionRow:
    beside = ("grr_rolling", "nrr_rolling", "grr_compounded", "nrr_compounded", "summed_monthly_cents")
    return row.model_copy(update=dict.fromkeys(beside))
