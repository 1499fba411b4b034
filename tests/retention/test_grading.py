"""When a rate is good, poor or alarming, and what an account is worth."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from domain.conventions import LedgerConventions
from retention.grading import (
    NotComparable,
    below_floor,
    grade_grr,
    grade_nrr,
    grr_drop,
    grr_drops,
    quadrant,
    weak_expansion,
)
from retention.lifetime import capped_lifetime_value, lifetime_value
from retention.metrics import RetentionRow

SETTINGS = LedgerConventions()


def _row(kept: int, held: int | None = None, **fields: Any) -> RetentionRow:
    """A complete year that opened with 100,000.00, of which `kept` and `held` whole dollars were left."""
    held = kept if held is None else held
    cents = {
        "opening_cents": 10_000_000, "new_cents": 0, "expansion_cents": (held - kept) * 100, "upsell_cents": 0,
        "cross_sell_cents": 0, "contraction_cents": 10_000_000 - kept * 100, "churn_cents": 0, "reactivation_cents": 0,
        "fx_cents": 0, "closing_cents": held * 100, "base_parts": 100_000, "kept_parts": kept, "held_parts": held,
    }  # fmt: skip
    shape = {"period": "2024", "length": "year", "by": None, "slice": None, "currency": "USD", "complete": True}
    counts = {"accounts_open": 100, "accounts_closed": 100, "accounts_churned": 0, "unconverted_cents": {}}
    return RetentionRow.model_validate(shape | cents | counts | fields)


def _quarter(kept: int, period: str = "2024-Q1", **fields: Any) -> RetentionRow:
    return _row(kept, period=period, length="quarter", **fields)


@pytest.mark.parametrize(
    ("kept", "tier"),
    [
        (95_000, "excellent"), (94_999, "good"), (90_000, "good"), (89_999, "fair"), (85_000, "fair"),
        (84_999, "poor"), (80_000, "poor"), (79_999, "serious"), (70_000, "serious"), (69_999, "critical"),
    ],
)  # fmt: skip
def test_an_annual_grr_is_graded_by_its_tiers(kept: int, tier: str) -> None:
    grade = grade_grr(_row(kept), SETTINGS)
    assert grade is not None
    assert grade.tier == tier


@pytest.mark.parametrize(
    ("held", "tier"),
    [
        (120_000, "excellent"), (119_999, "good"), (106_000, "good"), (105_999, "fair"), (100_000, "fair"),
        (99_999, "poor"), (60_000, "poor"),
    ],
)  # fmt: skip
def test_an_annual_nrr_is_graded_by_its_tiers(held: int, tier: str) -> None:
    grade = grade_nrr(_row(60_000, held), SETTINGS)
    assert grade is not None
    assert grade.tier == tier


@pytest.mark.parametrize("grading", [grade_grr, grade_nrr, quadrant, weak_expansion, below_floor])
@pytest.mark.parametrize("fields", [{"length": "month"}, {"length": "quarter"}, {"complete": False}])
def test_benchmarks_are_annual_and_refuse_any_other_rate(grading: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(NotComparable, match="benchmarks are annual"):
        grading(_row(93_000, **fields), SETTINGS)


def test_a_year_that_nobody_opened_has_no_grade() -> None:
    empty = _row(0, opening_cents=0, base_parts=0, contraction_cents=0)
    assert [grade_grr(empty, SETTINGS), grade_nrr(empty, SETTINGS), quadrant(empty, SETTINGS)] == [None, None, None]


@pytest.mark.parametrize(
    ("kept", "held", "diagnosis"),
    [
        (90_000, 106_000, "growth engine"),
        (90_000, 105_999, "sticky but not expanding"),
        (89_999, 106_000, "leaky bucket propped up by upsell"),
        (89_999, 105_999, "danger zone"),
    ],
)
def test_a_year_is_diagnosed_by_its_quadrant(kept: int, held: int, diagnosis: str) -> None:
    assert quadrant(_row(kept, held), SETTINGS) == diagnosis


@pytest.mark.parametrize(("held", "weak"), [(99_999, True), (100_000, False)])
def test_expansion_below_ten_points_is_weak(held: int, weak: bool) -> None:
    assert weak_expansion(_row(90_000, held), SETTINGS) is weak


@pytest.mark.parametrize(
    ("segment", "kept", "alarming"),
    [("enterprise", 94_999, True), ("enterprise", 95_000, False), ("smb", 84_999, True), ("mid_market", 50_000, False)],
)
def test_a_segment_has_a_floor_of_its_own(segment: str, kept: int, alarming: bool) -> None:
    assert (below_floor(_row(kept, by="segment", slice=segment), SETTINGS) is not None) is alarming


@pytest.mark.parametrize(("kept", "alarming"), [(80_001, False), (80_000, True), (79_999, True)])
def test_a_drop_of_exactly_three_points_alarms_though_floats_say_less(kept: int, alarming: bool) -> None:
    assert 0.83 - 0.80 < 0.03
    alert = grr_drop(_quarter(kept, "2024-Q2"), _quarter(83_000), SETTINGS)
    assert (alert is not None) is alarming


def test_an_alert_says_what_fell_from_where_to_where() -> None:
    alert = grr_drop(_quarter(80_000, "2024-Q2"), _quarter(83_000), SETTINGS)
    assert alert is not None
    assert alert.because == (
        "GRR fell by 3.0 points, from 83.0 % in 2024-Q1 to 80.0 % in 2024-Q2, on an opening MRR of USD 100,000.00"
    )


@pytest.mark.parametrize(("opening_cents", "alarming"), [(1_000_000, True), (999_999, False)])
def test_a_small_base_does_not_alarm(opening_cents: int, alarming: bool) -> None:
    small = {"opening_cents": opening_cents, "base_parts": 2, "kept_parts": 1}
    alert = grr_drop(_quarter(0, "2024-Q2", **small), _quarter(100_000), SETTINGS)
    assert (alert is not None) is alarming


@pytest.mark.parametrize("fields", [{"length": "month"}, {"slice": "smb"}, {"currency": "EUR"}, {"complete": False}])
def test_only_like_windows_are_compared(fields: dict[str, Any]) -> None:
    with pytest.raises(NotComparable):
        grr_drop(_quarter(80_000, "2024-Q2").model_copy(update=fields), _quarter(83_000), SETTINGS)


def test_drops_are_looked_for_between_neighbours_of_each_slice() -> None:
    rows = [
        _quarter(kept, period, by="segment", slice=name)
        for name, series in {"smb": (90_000, 89_000, 80_000), "enterprise": (95_000, 92_000, 92_000)}.items()
        for kept, period in zip(series, ("2024-Q1", "2024-Q2", "2024-Q3"), strict=True)
    ]
    alerts = grr_drops([*rows, _row(50_000)], SETTINGS)
    assert [(alert.row.slice, alert.row.period) for alert in alerts] == [("smb", "2024-Q3"), ("enterprise", "2024-Q2")]


def test_lifetime_value_is_margin_over_churn_less_expansion() -> None:
    month = _row(97_000, 98_000, length="month", period="2024-03")
    assert lifetime_value(month, SETTINGS).cents == int(Fraction(100_000) * Fraction(4, 5) / Fraction(2, 100))


@pytest.mark.parametrize("held", [100_000, 104_000])
def test_lifetime_value_is_undefined_when_expansion_reaches_churn(held: int) -> None:
    found = lifetime_value(_row(97_000, held, length="month", period="2024-03"), SETTINGS)
    assert found.cents is None
    assert "expansion reached churn in 2024-03" in found.because


def test_a_capped_horizon_has_a_value_even_then() -> None:
    settings = LedgerConventions(ltv_horizon_months=3, ltv_annual_discount=Decimal(0))
    month = _row(90_000, 110_000, length="month", period="2024-03")
    assert lifetime_value(month, settings).cents is None
    assert capped_lifetime_value(month, settings).cents == round(80_000 * (1 + 1.1 + 1.21))


def test_a_capped_horizon_is_discounted_by_the_year() -> None:
    settings = LedgerConventions(ltv_horizon_months=13, ltv_annual_discount=Decimal(1), gross_margin=Decimal(1))
    steady = _row(100_000, length="month", period="2024-03")
    whole = sum(2 ** (-month / 12) for month in range(13)) * 100_000
    assert capped_lifetime_value(steady, settings).cents == round(whole)


@pytest.mark.parametrize("value", [lifetime_value, capped_lifetime_value])
def test_lifetime_value_needs_a_month_and_somebody_who_pays(value: Any) -> None:
    empty = _row(0, opening_cents=0, accounts_open=0, contraction_cents=0, length="month", period="2024-03")
    assert value(empty, SETTINGS).cents is None
    with pytest.raises(ValueError, match="needs a month's rates"):
        value(_row(90_000), SETTINGS)


@pytest.mark.parametrize(("opening_cents", "alarming"), [(1_000_000, True), (999_999, False)])
def test_a_floor_is_not_held_against_a_small_base(opening_cents: int, alarming: bool) -> None:
    row = _row(50_000, by="segment", slice="smb", opening_cents=opening_cents)
    assert (below_floor(row, SETTINGS) is not None) is alarming
