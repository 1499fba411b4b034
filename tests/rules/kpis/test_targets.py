"""When a figure is excellent or good, when it has changed, and when there is too little to say so."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from rules.kpis import KpiSettings
from tests.rules.kpis.desk import AS_OF, HOUR, WINDOW, Desk, at

FEW = KpiSettings(minimum=2)


def _graded(desk: Desk, name: str, settings: KpiSettings = FEW) -> str | None:
    grade = desk.figure(name, settings=settings).grade
    return grade.tier if grade else None


@pytest.mark.parametrize(
    ("hours", "tier"),
    [
        (4 - 1 / HOUR, "excellent"),
        (4, "good"),
        (12, "good"),
        (12 + 1 / HOUR, "below"),
    ],
)
def test_an_e_mail_s_first_reply_is_graded_by_hours(hours: float, tier: str) -> None:
    desk = Desk()
    for _ in range(2):
        desk.replied(hours, channel="email")
    assert _graded(desk, "first_reply_email") == tier
    assert _graded(desk, "first_reply") is None


@pytest.mark.parametrize(("easy", "tier"), [(9, "excellent"), (8, "good"), (7, "below")])
def test_effort_is_graded_by_share(easy: int, tier: str) -> None:
    """Of ten answers; exactly 90 % is excellent, exactly 80 % good."""
    desk = Desk()
    for number in range(10):
        desk.answered("ces", 7 if number < easy else 1, (1, 7))
    assert _graded(desk, "ces") == tier


@pytest.mark.parametrize(("satisfied", "tier"), [(80, "excellent"), (79, "good"), (70, "good"), (69, "below")])
def test_satisfaction_is_graded_by_share(satisfied: int, tier: str) -> None:
    desk = Desk()
    for number in range(100):
        desk.answered("csat", 5 if number < satisfied else 3, (1, 5))
    assert _graded(desk, "csat") == tier


@pytest.mark.parametrize(("promoters", "tier"), [(50, "excellent"), (49, "good"), (30, "good"), (29, "below")])
def test_nps_is_graded_by_points(promoters: int, tier: str) -> None:
    desk = Desk()
    for number in range(100):
        desk.answered("nps", 9 if number < promoters else 7, (0, 10))
    assert _graded(desk, "nps") == tier


@pytest.mark.parametrize(("once", "tier"), [(7, "excellent"), (6, "good"), (5, "below")])
def test_first_contact_resolution_is_graded_by_share(once: int, tier: str) -> None:
    desk = Desk()
    for number in range(10):
        ticket = desk.ticket(at(1))
        desk.said(ticket, at(1, 1), *([] if number < once else [at(1, 2)]))
        desk.status(ticket, ("solved", at(2)))
    assert _graded(desk, "first_contact_resolution") == tier


@pytest.mark.parametrize(("back", "tier"), [(1, "excellent"), (2, "good"), (3, "below")])
def test_where_less_is_better_the_bounds_are_upper_ones(back: int, tier: str) -> None:
    """Of twenty tickets; exactly 5 % is excellent, exactly 10 % good."""
    settings = KpiSettings.model_validate({"shares": {"reopen_rate": {"excellent_from": 5, "good_from": 10}}})
    desk = Desk()
    for number in range(20):
        turns = [("solved", at(2)), *([("open", at(3))] if number < back else [])]
        desk.status(desk.ticket(at(1)), *turns)
    assert _graded(desk, "reopen_rate", settings) == tier


def test_fewer_than_twenty_cases_are_too_few() -> None:
    desk = Desk()
    for _ in range(19):
        desk.replied(1, channel="email")
    assert _graded(desk, "first_reply_email", KpiSettings()) == "too few"
    desk.replied(1, channel="email")
    assert _graded(desk, "first_reply_email", KpiSettings()) == "excellent"


def test_the_target_says_what_it_is_held_against() -> None:
    desk = Desk()
    desk.replied(1, channel="email")
    grade = desk.figure("first_reply_email").grade
    assert grade is not None
    assert grade.target == "median business: excellent below 4 h, good to 12 h"


def test_what_others_published_stands_beside_the_resolution() -> None:
    assert Desk().figure("resolution").references == (
        "average B2B SaaS 11.4 h (mean, elapsed)",
        "enterprise issues 24.2 h (mean, elapsed)",
    )


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            {"times": {"first_reply": {"email": {"excellent_below": "4h", "good_to": "12h business"}}}},
            "write '4h business'",
        ),
        (
            {"times": {"first_reply": {"email": {"excellent_below": "4h elapsed", "good_to": "12h business"}}}},
            "counted alike",
        ),
        (
            {"times": {"first_reply": {"email": {"excellent_below": "5h elapsed", "good_to": "4h elapsed"}}}},
            "must not exceed",
        ),
        ({"shares": {"csat": {"excellent_from": 60, "good_from": 70}}}, "excellent_from must not be less"),
        ({"shares": {"reopen_rate": {"excellent_from": 10, "good_from": 5}}}, "excellent_from must not exceed"),
        ({"shares": {"cast": {"excellent_from": 60, "good_from": 70}}}, "csat"),
        ({"minimum": 1}, "greater than or equal to 2"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_meant_is_refused(written: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        KpiSettings.model_validate(written)


def test_a_target_may_be_of_any_channel_and_of_the_slowest_tenth() -> None:
    tier = {"excellent_below": "1h elapsed", "good_to": "9h elapsed", "of": "p90"}
    settings = KpiSettings.model_validate({"minimum": 2, "times": {"first_reply": {"any": tier}}})
    desk = Desk()
    for hours in range(1, 11):
        desk.replied(hours)
    assert _graded(desk, "first_reply", settings) == "good"


# What has changed


def _two_windows(now: list[float], before: list[float]) -> Desk:
    desk = Desk()
    for start, hours in ((WINDOW.since, now), (WINDOW.before.since, before)):
        for each in hours:
            desk.replied(each, created_at=start + timedelta(days=1))
    return desk


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        ([1.0 + n / 10 for n in range(30)], [9.0 + n / 10 for n in range(30)], "better"),
        ([9.0 + n / 10 for n in range(30)], [1.0 + n / 10 for n in range(30)], "worse"),
        ([4.0 + n / 10 for n in range(30)], [4.1 + n / 10 for n in range(30)], "no clear change"),
        ([1.0 + n / 10 for n in range(19)], [9.0 + n / 10 for n in range(30)], "too few"),
        ([1.0 + n / 10 for n in range(30)], [9.0 + n / 10 for n in range(19)], "too few"),
    ],
)
def test_a_median_is_better_where_its_interval_says_so(now: list[float], before: list[float], verdict: str) -> None:
    change = _two_windows(now, before).figure("first_reply").change
    assert change is not None
    assert change.verdict == verdict
    assert change.before_n == len(before)
    assert change.difference is not None
    assert change.low is not None
    assert change.high is not None
    assert change.low <= change.difference <= change.high


def test_a_share_is_worse_where_its_interval_says_so() -> None:
    desk = Desk()
    for number in range(100):
        desk.answered("csat", 5 if number < 60 else 1, (1, 5))
        desk.answered("csat", 5 if number < 80 else 1, (1, 5), answered_at=at(-3))
    change = desk.figure("csat").change
    assert change is not None
    assert (change.verdict, change.before) == ("worse", 0.8)
    assert change.difference == pytest.approx(-0.2)


def test_without_anything_before_there_is_no_difference() -> None:
    desk = Desk()
    desk.replied(1)
    change = desk.figure("first_reply").change
    assert change is not None
    assert (change.verdict, change.before, change.difference) == ("too few", None, None)


def test_the_same_facts_give_the_same_figures() -> None:
    desk = _two_windows([1.0, 2.0, 3.0], [2.0, 4.0])
    assert desk.figures() == desk.figures()
    assert desk.figures(as_of=AS_OF + timedelta(days=40))[0] == desk.figures()[0]
