"""How the ledger's closing MRR compares with what the billing source and the contracts say."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conventions import LedgerConventions
from retention.ledger import open_ledger
from retention.report.billing import MEANS, Against, Reconciliation, reconciliation
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames, moment
from tests.retention.test_ledger_against_the_oracle import lines, rates, slow

UNTIL = "2024-06-30"


def _compared(book: list[dict[str, Any]], opened: str | None = None, **frames: Any) -> Reconciliation:
    read = ledger_frames(book, **frames)
    return reconciliation(open_ledger(read.lines, read.fx_rates, moment(UNTIL), LedgerConventions()), read, opened)


def _last(found: Reconciliation, against: Against) -> tuple[int, int, dict[str, int]]:
    month = [each for each in found.months if each.against == against][-1]
    return month.ledger_cents, month.claimed_cents, month.reasons


@pytest.mark.parametrize(
    ("line", "reason", "difference"),
    [
        ({"reported_arr_cents": 120_000}, None, 0),
        ({"amount_cents": 100_000, "interval_months": 12, "reported_arr_cents": 100_000}, None, 0),
        ({"amount_cents": 100_000, "interval_months": 12, "reported_arr_cents": 99_996}, None, 0),
        ({"reported_arr_cents": 110_000}, "arr_is_not_twelve_mrr", 10_000 - 9_167),
        ({"trial": True, "reported_arr_cents": 120_000}, "trial_with_amount", -10_000),
        ({"amount_cents": 0, "reported_arr_cents": 120_000}, "paid_without_amount", -10_000),
        ({"reported_arr_cents": 0, "reported_churned": True}, "flagged_churned_without_end", 10_000),
        ({"reported_arr_cents": None}, "not_reported", 10_000),
    ],
)
def test_a_line_differs_from_its_reported_arr_for_one_reason(
    line: dict[str, Any], reason: str | None, difference: int
) -> None:
    other = a_line(account_id=2, reported_arr_cents=120_000)
    ledger, claimed, reasons = _last(_compared([a_line(**line), other]), "reported")
    assert {name: cents for name, cents in reasons.items() if cents} == ({reason: difference} if difference else {})
    assert ledger - claimed == difference


def test_a_source_that_reports_nothing_is_not_compared() -> None:
    assert _compared([a_line()]).months == ()
    assert _compared([]).accounts == ()


def _contract(**fields: Any) -> list[dict[str, Any]]:
    return [{"renews_on": date(2025, 1, 1)} | fields]


@pytest.mark.parametrize(
    ("book", "contracts", "reason"),
    [
        ([a_line()], _contract(), None),
        ([a_line()], _contract(arr_cents=120_005), None),
        ([a_line()], _contract(account_id=2), "no_contract"),
        ([a_line(ends_on=date(2024, 5, 5))], _contract(), "no_paid_line"),
        ([a_line(ends_on=date(2024, 5, 5))], _contract(renews_on=date(2024, 5, 5)), "renewal_passed"),
        ([a_line(), a_line(product="Desk")], _contract(product_lines='["Core"]'), "product_not_in_contract"),
        ([a_line(), a_line(product="Desk", starts_on=date(2024, 3, 1))], _contract(), "changed_since_signed"),
        ([a_line(amount_cents=9_000)], _contract(renews_on=date(2024, 6, 1)), "renewal_passed"),
        ([a_line(amount_cents=9_000)], _contract(), "(unexplained)"),
    ],
)
def test_an_account_differs_from_its_contracts_for_one_reason(
    book: list[dict[str, Any]], contracts: list[dict[str, Any]], reason: str | None
) -> None:
    found = _compared(book, contracts=contracts)
    reasons = {each.reason for each in found.accounts if each.account_id == 1}
    assert reasons == ({reason} if reason else set())


def test_a_contract_that_a_newer_one_replaced_does_not_count() -> None:
    contracts = [
        {"starts_on": date(2023, 4, 1), "renews_on": date(2024, 4, 1), "arr_cents": 60_000},
        {"starts_on": date(2024, 4, 1), "renews_on": date(2025, 4, 1)},
    ]
    ledger, claimed, _ = _last(_compared([a_line()], contracts=contracts), "contracts")
    assert (ledger, claimed) == (10_000, 10_000)


def test_a_past_month_opens_into_the_accounts_that_differed_then() -> None:
    book = [a_line(reported_arr_cents=0, ends_on=date(2024, 3, 9)), a_line(account_id=2, reported_arr_cents=120_000)]
    assert [each.name for each in _compared(book, "2024-02").accounts] == ["Account 1"]
    assert _compared(book).accounts == ()


reported = st.one_of(st.none(), st.integers(0, 500_000))


@slow
@given(
    book=st.lists(st.tuples(lines(), reported), min_size=1, max_size=8),
    quoted=st.lists(rates(), max_size=5),
    agreed=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 400), st.integers(0, 900_000)), max_size=4),
)
def test_every_cent_of_a_difference_has_a_reason(
    book: list[tuple[dict[str, Any], int | None]],
    quoted: list[dict[str, Any]],
    agreed: list[tuple[int, int, int]],
) -> None:
    told = [line | {"reported_arr_cents": arr} for line, arr in book]
    contracts = [
        {"account_id": account, "starts_on": date(2023, 6, 1) + timedelta(days=days), "arr_cents": cents}
        for account, days, cents in agreed
    ]
    found = _compared(told, rates=quoted, contracts=contracts)
    rows = retention_rows(ledger_frames(told, rates=quoted), "month", moment(UNTIL))
    closing = {row.period: row.closing_cents for row in rows}
    for month in found.months:
        assert month.ledger_cents == closing[month.period]
        assert sum(month.reasons.values()) == month.ledger_cents - month.claimed_cents
        assert set(month.reasons) <= set(MEANS)
    for against in {month.against for month in found.months}:
        ledger, claimed, _ = _last(found, against)
        own = [each for each in found.accounts if each.against == against]
        assert sum(each.ledger_cents - each.claimed_cents for each in own) == ledger - claimed
