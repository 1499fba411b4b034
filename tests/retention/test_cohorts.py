"""What of each signup quarter is still there, by its age."""

from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.conventions import LedgerConventions
from retention.ledger import open_ledger
from retention.report.cohorts import CohortTable, cohort_table
from tests.retention.ledger_rows import a_line, ledger_frames, moment
from tests.retention.oracle import PARTS, Oracle
from tests.retention.test_ledger_against_the_oracle import lines, rates, slow


def _table(book: list[dict[str, Any]], until: str = "2024-12-31", **frames: Any) -> CohortTable:
    read = ledger_frames(book, **frames)
    return cohort_table(open_ledger(read.lines, read.fx_rates, moment(until), LedgerConventions()))


def test_a_cohort_is_followed_from_the_end_of_its_signup_quarter() -> None:
    book = [
        a_line(starts_on=date(2024, 1, 5), ends_on=date(2024, 5, 1)),
        a_line(account_id=2, starts_on=date(2024, 3, 20), amount_cents=30_000),
        a_line(account_id=2, starts_on=date(2024, 8, 1), amount_cents=15_000),
    ]
    first, *_ = _table(book).rows
    assert (first.cohort, first.accounts, first.opening_cents) == ("2024-Q1", 2, 40_000)
    assert [cell.nrr for cell in first.cells] == [1, Fraction(3, 4), Fraction(9, 8), Fraction(9, 8)]
    assert [cell.grr for cell in first.cells] == [1, Fraction(3, 4), Fraction(3, 4), Fraction(3, 4)]
    assert [cell.logos for cell in first.cells] == [1, Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)]


def test_an_age_of_all_is_of_the_cohorts_that_have_reached_it() -> None:
    book = [
        a_line(starts_on=date(2024, 1, 5), ends_on=date(2024, 8, 1)),
        a_line(account_id=2, starts_on=date(2024, 7, 5)),
    ]
    *_, together = _table(book).rows
    assert (together.cohort, together.accounts) == ("all", 2)
    assert [cell.nrr for cell in together.cells] == [1, 1, 0, 0]


def test_a_cohort_that_is_gone_stays_in_the_table_with_zeros() -> None:
    row = _table([a_line(ends_on=date(2024, 5, 1))]).rows[0]
    assert [cell.nrr for cell in row.cells] == [1, 0, 0, 0]


def test_who_left_before_the_signup_quarter_ended_is_in_no_cohort() -> None:
    assert _table([a_line(ends_on=date(2024, 3, 1))]).rows == ()


def test_the_quarter_that_still_runs_has_no_column() -> None:
    table = _table([a_line()], "2024-08-15")
    assert table.ages == 2
    assert table.matrix("nrr") == [[1, 1], [1, 1]]
    assert _table([], "2024-08-15").rows == ()


def test_the_matrix_is_empty_where_an_age_is_not_reached() -> None:
    book = [a_line(), a_line(account_id=2, starts_on=date(2024, 4, 2))]
    assert _table(book, "2024-06-30").matrix("logos") == [[1, 1], [1, None], [1, 1]]


def test_rates_are_at_the_exchange_rates_of_the_signup_quarter_s_end() -> None:
    quoted = [{"on": date(2024, 1, 1), "rate": "1.2"}, {"on": date(2024, 5, 1), "rate": "0.9"}]
    book = [a_line(currency="EUR"), a_line(account_id=2, product="Desk"), a_line(account_id=3, product="Desk")]
    first, *_ = _table(book, "2024-06-30", rates=quoted).rows
    assert first.opening_cents == 32_000
    assert first.cells[1].nrr == 1


@slow
@given(book=st.lists(lines(), min_size=1, max_size=10), quoted=st.lists(rates(), max_size=5))
def test_every_cell_is_what_a_slow_count_gives(book: list[dict[str, Any]], quoted: list[dict[str, Any]]) -> None:
    as_of = moment("2024-09-30")
    oracle = Oracle(book, [], [], quoted, as_of)
    quarters = oracle.windows("quarter", to_date=False)
    found = {row.cohort: row for row in _table(book, "2024-09-30", rates=quoted).rows}
    for place, quarter in enumerate(quarters):
        members = [
            own
            for own in oracle.units(None).values()
            if (first := oracle.first_paid(own)) and quarter["first"] <= first <= quarter["last"]
        ]
        base = [_paid(oracle, own, quarter["last"], quarter["last"]) for own in members]
        if not any(cents for cents, _ in base):
            assert quarter["label"] not in found
            continue
        row = found[quarter["label"]]
        for age, later in enumerate(quarters[place:]):
            now = [_paid(oracle, own, later["last"], quarter["last"]) for own in members]
            pairs = [(one, two) for one, two in zip(base, now, strict=True) if one[0]]
            whole = sum(one[1] for one, _ in pairs)
            assert row.cells[age].nrr == Fraction(sum(two[1] for _, two in pairs), whole)
            assert row.cells[age].grr == Fraction(sum(min(one[1], two[1]) for one, two in pairs), whole)
            assert row.cells[age].accounts == sum(two[0] > 0 for _, two in pairs)


def _paid(oracle: Oracle, own: list[dict[str, Any]], day: date, at: date) -> tuple[int, int]:
    """Cents and parts of the lines in force on a day, at the rates of another."""
    there = [line for line in own if oracle.in_force(line, day)]
    return sum(oracle.worth(line, at) or 0 for line in there), sum(oracle.worth(line, at, PARTS) or 0 for line in there)
