"""An episode begins at the flag, once, and freezes what was known then and nothing later."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from retention.at_risk.beginning import Standing, begun, episode_id
from retention.at_risk.spells import open_spells
from tests.retention.at_risk.world import AS_OF, FLAG, around, flagged, signals
from tests.retention.facts import day, frame


def test_an_account_at_risk_is_written_down_once_however_often_it_is_flagged() -> None:
    episodes = flagged(0, 7, 14, 179)
    assert [each.flagged_at for each in episodes] == [FLAG]
    assert episodes[0].playbooks == ("volume-spike",)
    assert (episodes[0].arr_cents, episodes[0].currency) == (1_200_000, "USD")
    assert episodes[0].recorded_at == AS_OF


def test_the_horizon_ends_an_episode_and_the_next_flag_begins_another() -> None:
    assert [each.flagged_at for each in flagged(0, 179, 180)] == [FLAG, FLAG + timedelta(days=180)]


def test_an_outcome_ends_an_episode() -> None:
    decided = around(outcomes=[{"account_id": 1, "happened_at": FLAG + timedelta(days=10)}])
    found = flagged(0, 9, 11, 20, beside=decided)
    assert [each.flagged_at for each in found] == [FLAG, FLAG + timedelta(days=11)]
    assert [each.covariates.earlier_episodes for each in found] == [0, 1]


def test_an_outcome_of_another_account_or_before_the_flag_ends_nothing() -> None:
    beside = around(
        outcomes=[
            {"account_id": 2, "happened_at": FLAG + timedelta(days=1)},
            {"account_id": 1, "happened_at": FLAG - timedelta(days=1)},
        ]
    )
    assert len(flagged(0, 7, beside=beside)) == 1


def test_nothing_falls_due_inside_the_horizon_so_nothing_begins() -> None:
    assert flagged(0, days_to_renewal=181) == []
    assert len(flagged(0, days_to_renewal=180)) == 1
    assert len(flagged(0, days_to_renewal=None)) == 1


def test_what_is_unknown_stays_unknown() -> None:
    [episode] = flagged(0, sentiment=None, acv=None, days_to_renewal=None)
    assert (episode.covariates.sentiment, episode.covariates.tenure_days, episode.covariates.days_to_renewal) == (
        None, None, None,
    )  # fmt: skip
    assert (episode.arr_cents, episode.currency) == (None, None)
    assert (episode.covariates.open_tickets, episode.covariates.interventions_90d) == (0, 0)


def test_tenure_open_tickets_and_work_are_those_of_the_moment() -> None:
    beside = around(
        spells=[
            {"account_id": 1, "ticket_id": 1, "since": FLAG - timedelta(days=3), "until": None},
            {"account_id": 1, "ticket_id": 2, "since": FLAG - timedelta(days=3), "until": FLAG},
            {"account_id": 1, "ticket_id": 3, "since": FLAG, "until": FLAG + timedelta(days=3)},
            {"account_id": 1, "ticket_id": 4, "since": FLAG + timedelta(hours=1), "until": None},
        ],
        work=[{"account_id": 1, "happened_at": FLAG - timedelta(days=days)} for days in (-1, 0, 89, 90)],
        known=[{"account_id": 1, "known_on": date(2024, 1, 7)}],
    )
    [episode] = flagged(0, beside=beside)
    known = episode.covariates
    assert (known.open_tickets, known.interventions_90d, known.tenure_days) == (2, 2, 365)


def test_a_ticket_that_was_reopened_later_was_solved_in_between() -> None:
    ticket = {"created_at": day("2025-01-01"), "resolved_at": day("2025-01-20"), "status": "solved"}
    told = [("open", "01"), ("solved", "03"), ("open", "10"), ("solved", "20")]
    events: list[dict[str, Any]] = [
        {"ticket_id": 1, "kind": "status", "to_value": status, "happened_at": day(f"2025-01-{on}", hours=1)}
        for status, on in told
    ]
    spells = open_spells(frame("tickets", ticket), frame("ticket_events", *events)).collect().sort("since")
    assert list(spells.select("since", "until").iter_rows()) == [
        (day("2025-01-01"), day("2025-01-01", 1)),
        (day("2025-01-01", 1), day("2025-01-03", 1)),
        (day("2025-01-10", 1), day("2025-01-20", 1)),
    ]


def test_a_ticket_without_a_history_is_open_until_it_was_resolved() -> None:
    rows: list[dict[str, Any]] = [
        {"created_at": day("2025-01-01"), "resolved_at": day("2025-01-20")},
        {"created_at": day("2025-01-02")},
        {"created_at": day("2025-01-03"), "account_id": None},
    ]
    spells = open_spells(frame("tickets", *rows), frame("ticket_events")).collect().sort("since")
    assert list(spells.select("since", "until").iter_rows()) == [
        (day("2025-01-01"), day("2025-01-20")),
        (day("2025-01-02"), None),
    ]


def test_playbooks_that_mark_no_risk_begin_nothing() -> None:
    assert begun({}, signals({}), "USD", around(), Standing(), FLAG, 180, AS_OF) == []


def test_the_same_account_and_flag_have_the_same_name() -> None:
    assert episode_id("A", FLAG) == episode_id("A", FLAG)
    assert len({episode_id("A", FLAG), episode_id("B", FLAG), episode_id("A", AS_OF)}) == 3


_LATER = st.lists(st.integers(min_value=1, max_value=400), max_size=4)


@settings(max_examples=60, deadline=None)
@given(_LATER, _LATER, _LATER)
def test_nothing_later_than_the_flag_influences_what_is_frozen(
    decided: list[int], opened: list[int], worked: list[int]
) -> None:
    def moments(days: list[int]) -> list[dict[str, Any]]:
        return [{"account_id": 1, "happened_at": FLAG + timedelta(hours=hours)} for hours in days]

    spells = [
        {"account_id": 1, "ticket_id": number, "since": FLAG + timedelta(hours=hours), "until": None}
        for number, hours in enumerate(opened)
    ]
    known = [{"account_id": 1, "known_on": date(2025, 1, 7)}]
    later = around(outcomes=moments(decided), spells=spells, work=moments(worked), known=known)
    assert flagged(0, beside=later) == flagged(0)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(min_value=0, max_value=700), max_size=12), st.sets(st.integers(0, 700), max_size=4))
def test_episodes_of_an_account_never_overlap(days: set[int], decided: set[int]) -> None:
    outcomes = [FLAG + timedelta(days=after, hours=1) for after in sorted(decided)]
    beside = around(outcomes=[{"account_id": 1, "happened_at": moment} for moment in outcomes])
    found = [each.flagged_at for each in flagged(*sorted(days), beside=beside)]
    for earlier, later in pairwise(found):
        next_outcome = min((moment for moment in outcomes if moment > earlier), default=later)
        assert later >= min(next_outcome, earlier + timedelta(days=180))
    again = flagged(*sorted(days), standing=Standing({1: found}), beside=beside)
    assert again == []
