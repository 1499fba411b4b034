"""What a line carries under each setting, worked by hand."""

from datetime import date
from typing import Any

import pytest

from domain.conventions import LedgerConventions
from retention.families import in_circles, top_parents
from retention.metrics import RetentionRow
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames, moment


def months(lines: list[dict[str, Any]], until: str, accounts: Any = (), **conventions: Any) -> list[RetentionRow]:
    frames = ledger_frames(lines, accounts)
    return retention_rows(frames, "month", moment(until), conventions=LedgerConventions(**conventions))


def closings(*lines: dict[str, Any], until: str = "2024-06-30", **conventions: Any) -> list[int]:
    return [row.closing_cents for row in months(list(lines), until, **conventions)]


def test_a_prepayment_of_three_years_is_a_thirty_sixth_a_month() -> None:
    line = a_line(amount_cents=3_600_000, interval_months=36, ends_on=date(2027, 1, 1))
    assert closings(line, until="2024-03-31") == [100_000] * 3


def test_a_year_paid_at_once_carries_a_twelfth_of_it_also_in_the_month_of_payment() -> None:
    assert closings(a_line(amount_cents=120_000, interval_months=12), until="2024-02-29") == [10_000, 10_000]


def test_a_line_that_starts_in_the_middle_of_a_month_counts_in_full_at_its_end() -> None:
    line = a_line(starts_on=date(2024, 1, 20), ends_on=date(2024, 3, 10))
    assert closings(line, until="2024-03-31") == [10_000, 10_000, 0]


def test_a_change_in_the_middle_of_a_month_is_one_movement_of_the_difference() -> None:
    before = a_line(ends_on=date(2024, 2, 15))
    after = a_line(starts_on=date(2024, 2, 15), amount_cents=13_000)
    assert [row.expansion_cents for row in months([before, after], "2024-03-31")] == [0, 3_000, 0]


def test_a_discount_that_ends_is_upsell_of_the_same_product() -> None:
    cheap = a_line(ends_on=date(2024, 4, 1), amount_cents=8_000)
    april = months([cheap, a_line(starts_on=date(2024, 4, 1))], "2024-04-30")[-1]
    assert (april.upsell_cents, april.cross_sell_cents, april.churn_cents) == (2_000, 0, 0)


def test_a_trial_that_becomes_paid_is_new_when_it_is_paid() -> None:
    trial = a_line(ends_on=date(2024, 2, 1), trial=True)
    rows = months([trial, a_line(starts_on=date(2024, 2, 1)), a_line(account_id=2)], "2024-02-29")
    assert [(row.new_cents, row.accounts_open) for row in rows] == [(10_000, 0), (10_000, 1)]


def test_a_line_of_zero_is_no_customer_and_its_end_is_no_churn() -> None:
    free = a_line(amount_cents=0, ends_on=date(2024, 2, 15))
    rows = months([free, a_line(account_id=2)], "2024-02-29")
    assert [(row.accounts_closed, row.accounts_churned) for row in rows] == [(1, 0), (1, 0)]


def test_usage_lines_count_unless_they_are_excluded() -> None:
    seats, usage = a_line(pricing="seats"), a_line(product="Voice", amount_cents=2_500, pricing="usage")
    assert closings(seats, usage, until="2024-01-31") == [12_500]
    assert closings(seats, usage, until="2024-01-31", usage_lines="excluded") == [10_000]
    assert closings(a_line(), usage, until="2024-01-31", usage_lines="excluded") == [10_000]


def test_a_short_gap_is_churn_and_reactivation_unless_it_is_bridged() -> None:
    # Paid until 20 January, again from 5 February: sixteen days.
    lines = [a_line(ends_on=date(2024, 1, 20)), a_line(starts_on=date(2024, 2, 5), amount_cents=12_000)]
    early = a_line(starts_on=date(2023, 12, 1), ends_on=date(2024, 1, 1))
    plain = months([early, *lines], "2024-02-29")
    assert [(row.churn_cents, row.reactivation_cents) for row in plain] == [(0, 0), (10_000, 0), (0, 12_000)]
    bridged = months([early, *lines], "2024-02-29", bridged_gap_days=16)
    assert [(row.churn_cents, row.expansion_cents) for row in bridged] == [(0, 0), (0, 0), (0, 2_000)]
    assert months([early, *lines], "2024-02-29", bridged_gap_days=15)[1].churn_cents == 10_000


def test_a_gap_of_one_product_is_no_gap_while_another_is_paid() -> None:
    desk = [a_line(product="Desk", ends_on=date(2024, 1, 20)), a_line(product="Desk", starts_on=date(2024, 2, 5))]
    assert closings(a_line(), *desk, until="2024-02-29", bridged_gap_days=60) == [10_000, 20_000]


def test_what_has_not_come_back_is_not_bridged() -> None:
    assert closings(a_line(ends_on=date(2024, 2, 10)), until="2024-03-31", bridged_gap_days=366) == [10_000, 0, 0]


def test_children_are_counted_at_their_topmost_parent_if_so_set() -> None:
    records = [
        {"id": 1, "source": "crm", "external_id": "top"},
        {"id": 2, "source": "crm", "external_id": "middle", "parent_ref": "top"},
        {"id": 3, "source": "crm", "external_id": "leaf", "parent_ref": "middle"},
    ]
    moved = [a_line(account_id=2, ends_on=date(2024, 2, 1)), a_line(account_id=3, starts_on=date(2024, 2, 1))]
    own = months(moved, "2024-02-29", records)[-1]
    assert (own.new_cents, own.churn_cents, own.accounts_open) == (10_000, 10_000, 1)
    family = months(moved, "2024-02-29", records, roll_up="parent")[-1]
    assert (family.new_cents, family.churn_cents, family.accounts_open) == (0, 0, 1)


@pytest.mark.parametrize("ref", ["nobody", "A-1", ""])
def test_an_unknown_parent_and_oneself_are_no_parent(ref: str) -> None:
    record = {"id": 1, "parent_ref": ref}
    assert months([a_line()], "2024-01-31", [record], roll_up="parent")[-1].accounts_closed == 1


def test_a_parent_of_the_same_source_goes_before_one_of_the_same_name_elsewhere() -> None:
    records = [
        {"id": 1, "source": "other", "external_id": "P"},
        {"id": 2, "source": "crm", "external_id": "P"},
        {"id": 3, "source": "crm", "external_id": "C", "parent_ref": "P"},
    ]
    lines = [a_line(account_id=number) for number in (1, 2, 3)]
    assert months(lines, "2024-01-31", records, roll_up="parent")[-1].accounts_closed == 2


def test_a_circle_of_parents_is_cut_at_each_of_its_members() -> None:
    assert top_parents({1: 2, 2: 3, 3: 1, 4: 3, 5: 4}) == {4: 3, 5: 3}
    assert top_parents({1: 2, 2: 3, 4: 2}) == {1: 3, 2: 3, 4: 3}
    records = [{"id": 1, "parent_ref": "A-2"}, {"id": 2, "parent_ref": "A-1"}, {"id": 3, "parent_ref": "A-1"}]
    frames = ledger_frames([a_line()], records)
    assert in_circles(frames.accounts) == [1, 2]
    rows = months([a_line(account_id=number) for number in (1, 2, 3)], "2024-01-31", records, roll_up="parent")
    assert rows[-1].accounts_closed == 2
