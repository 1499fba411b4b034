"""What the report of the whole says: the parts of NRR, grades, concentration, how long expansion lasted, benchmarks."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import documents
from domain.benchmarks import NOT_STATED, Benchmark, BenchmarkDocument
from domain.conventions import LedgerConventions
from retention.ledger import open_ledger
from retention.report.building import FiguresReport, build_report
from retention.report.durability import Durability, durability
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames, moment
from tests.retention.test_ledger_against_the_oracle import lines, rates, slow

YEAR = "2024-12-31"
FIRST_OF_YEAR = date(2024, 1, 1)


def _report(book: list[dict[str, Any]], until: str = YEAR, **frames: Any) -> FiguresReport:
    benchmarks = documents.read(documents.DEFAULTS / "benchmarks.yaml", BenchmarkDocument).benchmarks
    return build_report(ledger_frames(book, **frames), moment(until), LedgerConventions(), benchmarks)


def _over_the_year(*accounts: tuple[int, int]) -> list[dict[str, Any]]:
    """Accounts that pay the one amount before June 2024 and the other from then on."""
    change = date(2024, 6, 1)
    return [
        line
        for number, (before, after) in enumerate(accounts, start=1)
        for line in (
            a_line(account_id=number, amount_cents=before, starts_on=date(2023, 12, 1), ends_on=change),
            a_line(account_id=number, amount_cents=after, starts_on=change),
        )
    ]


def test_the_worked_example_of_a_year_comes_out_exactly() -> None:
    book = _over_the_year((500_000, 0), (4_700_000, 4_500_000), (4_800_000, 6_300_000))
    year = _report(book).windows[0]
    assert (year.row.period, year.row.grr, year.row.nrr) == ("2024", Fraction(93, 100), Fraction(108, 100))
    assert (year.gap, year.weak_expansion, year.quadrant) == (Fraction(15, 100), False, "growth engine")
    assert (year.gross and year.gross.tier, year.net and year.net.tier) == ("good", "good")


@pytest.mark.parametrize(
    ("accounts", "grr", "nrr"),
    [(((77_000, 63_000),), Fraction(63, 77), Fraction(63, 77)), (((100_000_000, 106_000_000),), 1, Fraction(106, 100))],
)
def test_the_other_worked_examples_come_out_exactly(
    accounts: tuple[tuple[int, int], ...], grr: Fraction, nrr: Fraction
) -> None:
    row = _report(_over_the_year(*accounts)).windows[0].row
    assert (row.grr, row.nrr) == (grr, nrr)


def test_the_last_whole_year_trailing_year_and_quarter_are_shown() -> None:
    report = _report(_over_the_year((10_000, 12_000)), "2025-02-28")
    assert [each.row.period for each in report.windows] == ["2024", "T12M-2025-02", "2024-Q4"]


def test_a_trailing_year_is_graded_as_a_year() -> None:
    trailing = _report(_over_the_year((100_000, 88_000)), "2025-02-28").windows[1]
    assert (trailing.row.length, trailing.gross and trailing.gross.tier, trailing.quadrant) == (
        "t12m",
        "fair",
        "danger zone",
    )


def test_what_is_only_said_of_a_year_is_not_said_of_a_quarter() -> None:
    quarter = _report(_over_the_year((10_000, 12_000)), "2024-06-30").windows[-1]
    assert (quarter.row.period, quarter.row.nrr) == ("2024-Q2", Fraction(12, 10))
    assert (quarter.gross, quarter.net, quarter.quadrant, quarter.weak_expansion) == (None, None, None, None)


def test_a_young_ledger_has_an_empty_report() -> None:
    report = _report([a_line(starts_on=date(2024, 2, 20))], "2024-03-10")
    assert (report.windows, report.segments, report.benchmarks, report.durability) == ((), (), (), ())
    assert _report([]).as_json()["lifetime"] == {}


def test_concentration_leaves_out_those_who_expanded_most() -> None:
    book = _over_the_year((100_000, 160_000), (100_000, 130_000), (100_000, 110_000), (100_000, 50_000))
    one, five, _ = _report(book).windows[0].concentration
    assert (one.names, one.share, one.nrr_without) == (("Account 1",), Fraction(6, 10), Fraction(290, 300))
    assert (len(five.names), five.share) == (3, Fraction(1))
    assert (five.nrr_without, five.grr_without) == (Fraction(1, 2), Fraction(1, 2))


def test_without_expansion_no_account_has_a_share_of_it() -> None:
    top = _report(_over_the_year((100_000, 90_000))).windows[0].concentration[0]
    assert (top.names, top.share, top.nrr_without) == ((), None, Fraction(9, 10))


# Durability

CHANGE = date(2024, 3, 10)


def _grown(before: dict[str, Any], after: dict[str, Any], *more: dict[str, Any], until: str = YEAR) -> list[Durability]:
    book = [a_line(**before, ends_on=CHANGE), a_line(starts_on=CHANGE, **({"amount_cents": 15_000} | after)), *more]
    frames = ledger_frames(book)
    ledger = open_ledger(frames.lines, frames.fx_rates, moment(until), LedgerConventions())
    return durability(ledger, frames.lines, (3, 6))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({"pricing": "usage"}, {"pricing": "usage"}, "usage"),
        ({"seats": 10}, {"seats": 15}, "seats"),
        ({"seats": 10, "plan": "Basic"}, {"seats": 15}, "seats"),
        ({"pricing": "seats"}, {"pricing": "seats"}, "seats"),
        ({"seats": 10}, {"seats": 10}, "price or plan"),
        ({"plan": "Basic"}, {"plan": "Pro"}, "price or plan"),
        ({}, {}, "unknown"),
        ({"seats": 10}, {}, "unknown"),
        ({"product": "Desk", "amount_cents": 4_000}, {}, "product added"),
    ],
)
def test_an_expansion_is_of_the_first_type_that_fits(before: dict[str, Any], after: dict[str, Any], kind: str) -> None:
    (found,) = _grown(before, after)
    assert (found.type, found.expansions) == (kind, 1)


@pytest.mark.parametrize(
    ("then", "kept"),
    [
        (15_000, (5_000, 5_000)),
        (12_000, (5_000, 2_000)),
        (9_000, (5_000, 0)),
        (0, (5_000, 0)),
    ],
)
def test_what_is_still_there_is_what_is_paid_above_the_old_amount(then: int, kept: tuple[int, int]) -> None:
    later = [a_line(starts_on=date(2024, 8, 1), amount_cents=then)] if then else []
    (found,) = _grown({}, {"ends_on": date(2024, 8, 1)}, *later)[-1:]
    assert found.amount_cents == 5_000
    assert tuple(each.kept_cents for each in found.lasted) == kept


def test_an_expansion_that_is_not_old_enough_is_not_counted_as_lost() -> None:
    (found,) = _grown({}, {}, until="2024-07-31")
    three, six = found.lasted
    assert (three.expansions, three.share) == (1, Fraction(1))
    assert (six.expansions, six.share) == (0, None)


@settings(slow, max_examples=15)
@given(book=st.lists(lines(), min_size=1, max_size=10), quoted=st.lists(rates(), max_size=5))
def test_types_of_expansion_sum_to_the_expansion_of_the_months(
    book: list[dict[str, Any]], quoted: list[dict[str, Any]]
) -> None:
    frames = ledger_frames(book, rates=quoted)
    ledger = open_ledger(frames.lines, frames.fx_rates, moment("2024-09-30"), LedgerConventions())
    found = durability(ledger, frames.lines, (1, 3))
    months = retention_rows(frames, "month", moment("2024-09-30"))
    assert sum(each.amount_cents for each in found) == sum(row.expansion_cents for row in months)
    assert all(
        0 <= later.kept_cents <= later.amount_cents <= each.amount_cents for each in found for later in each.lasted
    )


# Benchmarks, floors and alerts


def test_every_shipped_benchmark_says_whose_it_is() -> None:
    shipped = documents.read(documents.DEFAULTS / "benchmarks.yaml", BenchmarkDocument).benchmarks
    assert {each.source for each in shipped} == {NOT_STATED}
    assert [(str(each.grr), str(each.nrr)) for each in shipped if each.segment == "enterprise"] == [("0.97", "1.18")]


@pytest.mark.parametrize(
    ("arr", "spoken_of"), [("999999.99", False), ("1000000", True), ("2999999.99", True), ("3000000", False)]
)
def test_a_benchmark_of_a_size_is_held_against_companies_of_that_size(arr: str, spoken_of: bool) -> None:
    stage = Benchmark(of="1 to 3 M", arr_from=Decimal(1_000_000), arr_below=Decimal(3_000_000), nrr=Decimal("0.94"))
    assert stage.is_of(Decimal(arr)) is spoken_of


def test_a_segment_is_held_against_its_own_kind_and_its_floor() -> None:
    book = _over_the_year((2_000_000, 1_800_000), (50_000, 45_000))
    report = _report(book, segments=[{"account_id": 1, "segment": "Enterprise"}])
    enterprise, smb = report.segments
    assert (enterprise.row.grr, enterprise.floor, enterprise.below_floor) == (Fraction(9, 10), Decimal("0.95"), True)
    assert (smb.floor, smb.below_floor) == (Decimal("0.85"), False)
    held = {each.benchmark.of: each.row and each.row.slice for each in report.benchmarks}
    assert held["Enterprise customers (ACV above 100,000)"] == "enterprise"
    assert [alert.because.partition(" in ")[0] for alert in report.alerts] == ["GRR of enterprise is 90.0 %"]


@pytest.mark.parametrize(("lost", "alarms"), [(30_000, True), (29_999, False)])
def test_three_points_in_a_quarter_alarm(lost: int, alarms: bool) -> None:
    change = date(2024, 8, 1)
    book = [a_line(amount_cents=1_000_000, ends_on=change), a_line(amount_cents=1_000_000 - lost, starts_on=change)]
    report = _report(book, "2024-09-30")
    assert any("GRR fell by 3.0 points" in alert.because for alert in report.alerts) is alarms
