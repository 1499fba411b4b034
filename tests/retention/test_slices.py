"""Into which slice an account's money falls."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.conventions import Cut, LedgerConventions, SegmentBands
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames, moment


def _closings(
    by: Cut, lines: list[dict[str, Any]], until: str = "2024-03-31", **frames: Any
) -> dict[str, dict[str | None, int]]:
    found: dict[str, dict[str | None, int]] = {}
    for row in retention_rows(ledger_frames(lines, **frames), "month", moment(until), by):
        found.setdefault(row.period, {})[row.slice] = row.closing_cents
    return found


@pytest.mark.parametrize(
    ("mrr_cents", "segment"),
    [(83_333, "smb"), (83_334, "mid_market"), (833_333, "mid_market"), (833_334, "enterprise")],
)
def test_an_account_without_a_segment_is_judged_by_twelve_times_its_mrr(mrr_cents: int, segment: str) -> None:
    assert _closings("segment", [a_line(amount_cents=mrr_cents)])["2024-02"] == {segment: mrr_cents}


@pytest.mark.parametrize(
    ("mrr_cents", "segment"), [(9_999, "smb"), (10_000, "mid_market"), (20_000, "mid_market"), (20_001, "enterprise")]
)
def test_the_bounds_of_the_bands_are_settings_and_belong_to_the_middle(mrr_cents: int, segment: str) -> None:
    bands = SegmentBands.model_validate({"enterprise_above": 2_400, "smb_below": 1_200})
    frames = ledger_frames([a_line(amount_cents=mrr_cents)])
    rows = retention_rows(frames, "month", moment("2024-02-29"), "segment", LedgerConventions(bands=bands))
    assert [row.slice for row in rows] == [segment, segment]
    assert bands.segment((rows[0].amount(mrr_cents)) * 12) == segment


def test_the_band_is_that_of_the_opening_so_that_growth_does_not_move_an_account() -> None:
    lines = [a_line(amount_cents=50_000), a_line(amount_cents=900_000, starts_on=date(2024, 3, 1))]
    closings = _closings("segment", lines, until="2024-04-30")
    assert (closings["2024-03"], closings["2024-04"]) == ({"smb": 950_000}, {"enterprise": 950_000})


def test_a_declared_segment_is_the_one_at_the_window_s_start() -> None:
    segments = [
        {"segment": "smb", "since": datetime(2024, 2, 1, tzinfo=UTC)},
        {"segment": "enterprise", "since": datetime(2024, 2, 1, 0, 1, tzinfo=UTC)},
    ]
    closings = _closings("segment", [a_line()], segments=segments)
    assert [list(closings[month]) for month in ("2024-01", "2024-02", "2024-03")] == [["smb"], ["smb"], ["enterprise"]]


@pytest.mark.parametrize(("declared", "shown"), [("Mid-Market", "mid_market"), (" SMB ", "smb"), ("  ", "smb")])
def test_a_declared_segment_is_written_as_the_bands_are(declared: str, shown: str) -> None:
    assert _closings("segment", [a_line()], segments=[{"segment": declared}])["2024-01"] == {shown: 10_000}


def test_a_migration_between_segments_is_no_churn() -> None:
    segments: list[dict[str, Any]] = [
        {"segment": "smb"},
        {"segment": "enterprise", "since": datetime(2024, 2, 10, tzinfo=UTC)},
    ]
    rows = retention_rows(ledger_frames([a_line()], segments=segments), "month", moment("2024-03-31"), "segment")
    assert [(row.period, row.slice, row.churn_cents, row.nrr == 1) for row in rows[1:]] == [
        ("2024-02", "smb", 0, True),
        ("2024-03", "enterprise", 0, True),
    ]


@pytest.mark.parametrize("by", ["industry", "region", "csm"])
def test_an_attribute_that_is_not_known_is_a_slice_of_its_own(by: Cut) -> None:
    lines = [a_line(), a_line(account_id=2)]
    closings = _closings(by, lines, accounts=[{"id": 1, by: "North"}])
    assert closings["2024-01"] == {"(unknown)": 10_000, "North": 10_000}


def test_a_cohort_is_the_month_of_the_first_closing_above_zero() -> None:
    lines = [a_line(ends_on=date(2024, 1, 20)), a_line(starts_on=date(2024, 2, 3)), a_line(account_id=2)]
    assert _closings("cohort", lines)["2024-03"] == {"2024-01": 10_000, "2024-02": 10_000}


def test_in_a_running_month_a_line_that_still_runs_today_makes_a_cohort() -> None:
    lines = [a_line(), a_line(account_id=2, starts_on=date(2024, 3, 2), ends_on=date(2024, 3, 20))]
    rows = retention_rows(ledger_frames(lines), "month", moment("2024-03-10"), "cohort", to_date=True)
    assert [(row.slice, row.closing_cents) for row in rows[-2:]] == [("2024-01", 10_000), ("2024-03", 10_000)]


@pytest.mark.parametrize("by", ["plan", "product"])
def test_a_change_of_plan_or_product_is_churn_of_the_one_and_new_in_the_other(by: Cut) -> None:
    change = date(2024, 2, 10)
    lines = [a_line(**{by: "Old"}, ends_on=change), a_line(**{by: "Next"}, starts_on=change)]
    rows = retention_rows(ledger_frames(lines), "month", moment("2024-02-29"), by)
    assert [(row.slice, row.new_cents, row.churn_cents, row.accounts_churned) for row in rows[1:]] == [
        ("Next", 10_000, 0, 0),
        ("Old", 0, 10_000, 1),
    ]
    whole = retention_rows(ledger_frames(lines), "month", moment("2024-02-29"))[-1]
    assert (whole.new_cents, whole.churn_cents, whole.accounts_churned) == (0, 0, 0)


def test_a_line_without_a_plan_is_in_the_slice_of_the_unknown() -> None:
    assert _closings("plan", [a_line(plan=None)])["2024-01"] == {"(unknown)": 10_000}


def test_only_a_cut_names_its_slice() -> None:
    frames = ledger_frames([a_line()])
    assert "slice" not in retention_rows(frames, "month", moment("2024-01-31"))[0].as_json()
    assert retention_rows(frames, "month", moment("2024-01-31"), "plan")[0].as_json()["slice"] == "Pro"
