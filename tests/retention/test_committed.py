"""From notice on, or once a line's end is known, an amount is out of committed MRR; it churns on the effective date."""

from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw
import pytest

from domain.conventions import LedgerConventions
from retention.committed import ahead, leaving
from retention.ledger import Ledger, open_ledger
from retention.rows import retention_rows
from retention.windows import windows
from tests.retention.facts import frame
from tests.retention.ledger_rows import a_line, ledger_frames, moment

LONG_AGO = datetime(2023, 12, 1, tzinfo=UTC)


def _opened(lines: list[dict[str, Any]], until: str, rates: Any = ()) -> tuple[Ledger, Any]:
    frames = ledger_frames([line | {"id": number} for number, line in enumerate(lines, start=1)], rates=rates)
    dollars = LedgerConventions(reporting_currency="USD")
    return open_ledger(frames.lines, frames.fx_rates, moment(until), dollars), frames


def _leaving(lines: list[dict[str, Any]], until: str, *contracts: dict[str, Any]) -> dict[str, int]:
    """What leaves by the month at whose end it stands."""
    ledger, frames = _opened(lines, until)
    months = windows("month", date(2024, 1, 1), moment(until))
    found = leaving(ledger, frames.lines, frame("contracts", *contracts) if contracts else None, months).collect()
    sums: dict[str, int] = {}
    for row in found.iter_rows(named=True):
        sums[months[row["window"]].label] = sums.get(months[row["window"]].label, 0) + row["leaving_cents"]
    return sums


def _contract(**fields: Any) -> dict[str, Any]:
    return {"starts_on": date(2024, 1, 1), "arr_cents": 120_000, "currency": "USD", "product_lines": "[]"} | fields


def test_a_cancellation_leaves_committed_when_it_is_known_and_churns_on_its_date() -> None:
    # Cancelled on 20 February for the end of April: 100.00 of February and March are not committed; April is the churn.
    cancelled = a_line(ends_on=date(2024, 4, 30), recorded_at=datetime(2024, 2, 20, tzinfo=UTC))
    others = a_line(account_id=2)
    assert _leaving([cancelled, others], "2024-05-31") == {"2024-02": 10_000, "2024-03": 10_000}
    rows = retention_rows(ledger_frames([cancelled, others]), "month", moment("2024-05-31"))
    assert [row.churn_cents for row in rows] == [0, 0, 0, 10_000, 0]


def test_an_end_recorded_later_was_not_known_but_counts_on_the_day_of_looking() -> None:
    line = a_line(ends_on=date(2024, 6, 1), recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert _leaving([line], "2024-03-31") == {"2024-03": 10_000}


def test_a_known_end_that_a_line_of_the_same_day_follows_is_a_discount_that_ends_and_no_leaving() -> None:
    cheap = a_line(ends_on=date(2024, 4, 1), amount_cents=8_000, recorded_at=LONG_AGO)
    full = a_line(starts_on=date(2024, 4, 1), recorded_at=LONG_AGO)
    assert _leaving([cheap, full], "2024-02-29") == {}


def test_a_known_downgrade_leaves_with_the_difference() -> None:
    dear = a_line(ends_on=date(2024, 4, 1), recorded_at=LONG_AGO)
    cheap = a_line(starts_on=date(2024, 4, 1), amount_cents=7_000, recorded_at=LONG_AGO)
    assert _leaving([dear, cheap], "2024-02-29") == {"2024-01": 3_000, "2024-02": 3_000}


def test_who_follows_two_lines_keeps_only_what_it_pays() -> None:
    ending = [a_line(ends_on=date(2024, 3, 1), recorded_at=LONG_AGO, product=name) for name in ("Core", "Desk")]
    next_one = a_line(starts_on=date(2024, 3, 1), amount_cents=15_000, recorded_at=LONG_AGO)
    assert _leaving([*ending, next_one], "2024-01-31") == {"2024-01": 5_000}


def test_notice_takes_the_account_out_until_the_contract_ends() -> None:
    contract = _contract(notice_on=date(2024, 2, 10), ends_on=date(2024, 4, 1))
    assert _leaving([a_line()], "2024-05-31", contract) == {"2024-02": 10_000, "2024-03": 10_000}


def test_notice_of_a_contract_that_names_products_takes_only_these() -> None:
    contract = _contract(notice_on=date(2024, 1, 10), renews_on=date(2024, 3, 1), product_lines='["Desk"]')
    lines = [a_line(), a_line(product="Desk", amount_cents=2_500)]
    assert _leaving(lines, "2024-03-31", contract) == {"2024-01": 2_500, "2024-02": 2_500}


def test_notice_of_one_of_two_contracts_takes_its_share_by_arr() -> None:
    noticed = _contract(notice_on=date(2024, 1, 10), arr_cents=30_000)
    assert _leaving([a_line()], "2024-01-31", noticed, _contract(arr_cents=90_000)) == {"2024-01": 2_500}


def test_two_contracts_that_name_one_product_take_it_once() -> None:
    noticed = _contract(notice_on=date(2024, 1, 10), product_lines='["Core"]')
    assert _leaving([a_line()], "2024-01-31", noticed, noticed) == {"2024-01": 10_000}


def test_an_end_and_a_notice_take_a_line_once_and_the_notice_is_told() -> None:
    line = a_line(ends_on=date(2024, 4, 1), recorded_at=LONG_AGO)
    contract = _contract(notice_on=date(2024, 1, 10), ends_on=date(2024, 4, 1))
    ledger, frames = _opened([line], "2024-02-10")
    (told,) = ahead(ledger, frames.lines, frame("contracts", contract), frames.accounts).collect().rows(named=True)
    assert told == {
        "account_id": 1, "name": "Account 1", "leaving_cents": 10_000, "notice_on": date(2024, 1, 10),
        "effective_on": date(2024, 4, 1), "contract": "contracts-1",
    }  # fmt: skip


def test_what_leaves_is_worth_what_its_closing_is() -> None:
    rates = [{"base": "EUR", "quote": "USD", "on": date(2023, 1, 1), "rate": "1.25"}]
    line = a_line(currency="EUR", ends_on=date(2024, 4, 1), recorded_at=LONG_AGO)
    ledger, frames = _opened([line], "2024-02-10", rates)
    assert ahead(ledger, frames.lines, None, frames.accounts).collect()["leaving_cents"].to_list() == [12_500]


@pytest.mark.parametrize("notice_on", [date(2024, 2, 1), None])
def test_nothing_is_under_notice_before_notice(notice_on: date | None) -> None:
    contract = _contract(notice_on=notice_on, ends_on=date(2024, 4, 1))
    assert _leaving([a_line()], "2024-01-31", contract) == {}


def test_an_empty_ledger_has_nothing_ahead() -> None:
    ledger, frames = _opened([], "2024-02-10")
    found = ahead(ledger, frames.lines, frame("contracts", _contract(notice_on=date(2024, 1, 1))), frames.accounts)
    assert found.select(nw.len()).collect().item() == 0
