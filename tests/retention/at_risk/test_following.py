"""What became of accounts at risk: helped in time or not, renewed whole or not, and which are not compared and why."""

from datetime import date, timedelta

import pytest

from retention.at_risk.following import NO_REVENUE, NOT_OVER, NOTICE_BEFORE, TOO_FAR, TOO_SOON
from tests.retention.at_risk.world import FLAG, followed, outcome
from tests.retention.facts import day


@pytest.mark.parametrize(
    ("call", "treated"), [(0, False), (0.01, True), (30, True), (30.01, False), (-1, False), (89.7, False), (95, False)]
)
def test_helped_is_who_was_helped_after_the_flag_and_within_the_landmark(call: float, treated: bool) -> None:
    [row] = followed(outcomes=[outcome()], calls=[(1, call)])
    assert row["treated"] is treated
    assert row["excluded"] is None


def test_help_after_the_landmark_is_told_but_does_not_count() -> None:
    [row] = followed(outcomes=[outcome()], calls=[(1, 40)])
    assert (row["treated"], row["treated_at"], row["late_at"]) == (False, None, FLAG + timedelta(days=40))


def test_who_was_lost_early_is_no_untreated_loss() -> None:
    """To have been helped late one must have lasted so long: early losses would make any help look good."""
    early = followed(outcomes=[outcome(after=20, kind="churned")])
    assert [row["excluded"] for row in early] == [TOO_SOON]


@pytest.mark.parametrize(
    ("kind", "renewed", "kept"), [("renewed", True, 1_200_000), ("contracted", False, 800_000), ("churned", False, 0)]
)
def test_only_a_whole_renewal_is_one(kind: str, renewed: bool, kept: int) -> None:
    [row] = followed(outcomes=[outcome(kind=kind)])
    assert (row["renewed"], row["kept_cents"], row["outcome"]) == (renewed, kept, kind)


def test_several_contracts_on_one_day_are_one_outcome() -> None:
    whole = outcome()
    [row] = followed(outcomes=[whole, outcome(kind="contracted")])
    assert (row["renewed"], row["outcome"], row["kept_cents"]) == (False, "contracted", 800_000)


def test_the_next_outcome_counts_and_not_a_later_one() -> None:
    [row] = followed(outcomes=[outcome(after=90), outcome(after=120, kind="churned")])
    assert row["renewed"] is True


def test_what_was_not_lost_in_the_whole_horizon_was_kept() -> None:
    [row] = followed([{"days_to_renewal": None}], outcomes=[outcome(after=200, kind="churned")])
    assert (row["renewed"], row["outcome"], row["kept_cents"]) == (True, None, 1_200_000)


def test_kept_is_what_the_account_was_worth_at_the_flag_less_the_loss() -> None:
    [row] = followed([{"arr_cents": 300_000}], outcomes=[outcome(kind="contracted")])
    assert row["kept_cents"] == 0


def test_amounts_are_valued_at_the_rate_of_the_flag_s_day() -> None:
    [row] = followed([{"currency": "XXX"}], outcomes=[outcome()])
    assert row["excluded"] == NO_REVENUE


def test_without_revenue_nothing_was_at_risk() -> None:
    assert [row["excluded"] for row in followed([{"arr_cents": None}, {"arr_cents": 0}])] == [NO_REVENUE, NO_REVENUE]


@pytest.mark.parametrize(
    ("notice_on", "excluded"),
    [
        (date(2025, 1, 6), NOTICE_BEFORE),
        (date(2025, 1, 7), TOO_SOON),
        (date(2025, 2, 5), TOO_SOON),
        (date(2025, 2, 6), None),
    ],
)
def test_notice_is_a_decision_too(notice_on: date, excluded: str | None) -> None:
    contract = {"starts_on": date(2024, 4, 6), "renews_on": date(2025, 4, 6), "notice_on": notice_on}
    [row] = followed(outcomes=[outcome(kind="churned")], contracts=[contract])
    assert row["excluded"] == excluded


def test_help_after_notice_is_no_help() -> None:
    contract = {"starts_on": date(2024, 4, 6), "renews_on": date(2025, 4, 6), "notice_on": date(2025, 3, 1)}
    [row] = followed(outcomes=[outcome(kind="churned")], contracts=[contract], calls=[(1, 60)])
    assert (row["treated"], row["late_at"]) == (False, None)
    [in_time] = followed(outcomes=[outcome(kind="churned")], contracts=[contract], calls=[(1, 20)])
    assert in_time["treated"]


def test_a_notice_that_is_not_given_yet_is_not_known() -> None:
    contract = {"starts_on": date(2024, 4, 6), "renews_on": date(2025, 4, 6), "notice_on": date(2025, 3, 1)}
    [row] = followed(contracts=[contract], as_of=day("2025-02-20"))
    assert (row["notice_at"], row["excluded"]) == (None, NOT_OVER)


def test_a_renewal_beyond_the_horizon_decides_nothing() -> None:
    assert [row["excluded"] for row in followed([{"days_to_renewal": 181}])] == [TOO_FAR]


def test_whether_an_episode_is_over_does_not_depend_on_how_it_ended() -> None:
    """An early loss waits for the day on which those that go on are known as well."""
    lost, as_of = outcome(after=40, kind="churned"), day("2025-03-01")
    assert [row["excluded"] for row in followed(outcomes=[lost], as_of=as_of)] == [NOT_OVER]
    assert [row["excluded"] for row in followed(outcomes=[lost], as_of=day("2025-04-06", 1))] == [None]
    assert [row["excluded"] for row in followed(as_of=day("2025-04-06", 1))] == [NOT_OVER]
    assert [row["excluded"] for row in followed(as_of=FLAG + timedelta(days=180))] == [None]


def test_a_flag_that_lies_ahead_is_not_seen() -> None:
    assert followed(as_of=FLAG - timedelta(hours=1)) == []


def test_an_episode_inside_another_is_none_of_its_own() -> None:
    def at(days: float) -> dict[str, object]:
        return {"account_id": 1, "flagged_at": FLAG + timedelta(days=days)}

    every = followed([at(0), at(10), at(95), at(100), {"account_id": 2, "flagged_at": FLAG}], outcomes=[outcome()])
    assert [(row["account_id"], (row["flagged_at"] - FLAG).days) for row in every] == [(1, 0), (2, 0), (1, 95)]


def test_what_an_overlapping_one_hid_begins_after_all() -> None:
    episodes = [{"account_id": 1, "flagged_at": FLAG + timedelta(days=days)} for days in (0, 100, 200, 290)]
    assert [(row["flagged_at"] - FLAG).days for row in followed(episodes)] == [0, 200]


def test_the_settings_move_landmark_and_horizon() -> None:
    [row] = followed(outcomes=[outcome()], calls=[(1, 40)], landmark_days=45)
    assert row["treated"]
    [row] = followed([{"days_to_renewal": 120}], outcomes=[outcome(after=120)], horizon_days=90)
    assert row["excluded"] == TOO_FAR


def test_nothing_at_risk_gives_no_row() -> None:
    assert followed([]) == []
