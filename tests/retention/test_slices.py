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


@pytest.mark.parametrize(
    ("mrr_cents", "band"),
    [
        (83_333, "under 10,000"),
        (83_334, "10,000 to 100,000"),
        (833_333, "10,000 to 100,000"),
        (833_334, "over 100,000"),
    ],
)
def test_a_band_is_of_the_money_whatever_segment_is_declared(mrr_cents: int, band: str) -> None:
    lines = [a_line(amount_cents=mrr_cents)]
    assert _closings("acv_band", lines, segments=[{"segment": "enterprise"}])["2024-02"] == {band: mrr_cents}


def test_bands_stand_in_the_order_of_their_size() -> None:
    lines = [a_line(account_id=number, amount_cents=cents) for number, cents in ((1, 900_000), (2, 1_000), (3, 90_000))]
    assert list(_closings("acv_band", lines)["2024-02"]) == ["under 10,000", "10,000 to 100,000", "over 100,000"]


@pytest.mark.parametrize(
    ("first_paid", "stage"),
    [(date(2024, 4, 2), "in_life"), (date(2024, 4, 3), "onboarding"), (date(2024, 7, 2), "onboarding")],
)
def test_onboarding_is_the_first_ninety_days_at_the_window_s_start(first_paid: date, stage: str) -> None:
    assert list(_closings("journey_stage", [a_line(starts_on=first_paid)], "2024-07-31")["2024-07"]) == [stage]


def test_who_comes_back_is_onboarded_again() -> None:
    lines = [a_line(ends_on=date(2024, 2, 5)), a_line(starts_on=date(2024, 12, 5))]
    assert list(_closings("journey_stage", lines, "2024-12-31")["2024-12"]) == ["onboarding"]


@pytest.mark.parametrize(
    ("renews_on", "ends_on", "stage"),
    [
        (date(2024, 9, 1), None, "renewal_window"),
        (date(2024, 11, 30), None, "renewal_window"),
        (date(2024, 12, 1), None, "in_life"),
        (date(2024, 8, 31), None, "in_life"),
        (date(2024, 9, 20), date(2024, 9, 1), "in_life"),
        (None, date(2024, 9, 20), "in_life"),
    ],
)
def test_the_renewal_window_is_the_ninety_days_before_a_known_renewal(
    renews_on: date | None, ends_on: date | None, stage: str
) -> None:
    contract = {"renews_on": renews_on, "ends_on": ends_on}
    closings = _closings("journey_stage", [a_line()], "2024-09-30", contracts=[contract])
    assert list(closings["2024-09"]) == [stage]


@pytest.mark.parametrize(
    ("told", "workflow"),
    [
        ([("billing", 9, 1)], "(no ticket)"),
        ([("billing", 8, 31)], "billing"),
        ([("billing", 3, 5)], "billing"),
        ([("billing", 3, 4)], "(no ticket)"),
        ([("billing", 8, 1), ("access", 8, 2)], "access"),
        ([("billing", 8, 1), ("access", 8, 2), ("billing", 8, 3)], "billing"),
        ([(None, 8, 1), (None, 8, 2), ("billing", 8, 3)], "billing"),
        ([(None, 8, 1)], "(unknown)"),
    ],
)
def test_an_account_s_workflow_is_that_of_most_of_its_tickets_before_the_window(
    told: list[tuple[str | None, int, int]], workflow: str
) -> None:
    tickets = [{"workflow": name, "created_at": datetime(2024, month, day, tzinfo=UTC)} for name, month, day in told]
    assert list(_closings("workflow", [a_line()], "2024-09-30", tickets=tickets)["2024-09"]) == [workflow]


def test_a_quarter_s_cohort_holds_its_months() -> None:
    lines = [a_line(account_id=number, starts_on=date(2024, number, 3)) for number in (1, 3, 4)]
    assert _closings("cohort_quarter", lines, "2024-04-30")["2024-04"] == {"2024-Q1": 20_000, "2024-Q2": 10_000}
