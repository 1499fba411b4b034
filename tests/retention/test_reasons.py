"""A loss gets a reason from the path before it, with evidence, and a person has the last word."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reason_conventions import Fact, Failure
from domain.reasons import ReasonDecision
from retention.reasons.from_tickets import in_runs
from retention.reasons.losses import NO_FAILURE
from retention.reasons.summing import NO_TICKET, ReasonCut, shared, summed
from retention.reasons.words import said_in_words, sentence_with
from tests.retention.paths_of import LEFT, SHIPPED, before, facts, found, outcome, the_loss, ticket, told

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)


def said(outcome_id: str, reason: str | None, by: str = "Ada", note: str | None = None) -> ReasonDecision:
    return ReasonDecision(outcome_id=outcome_id, reason=reason, note=note, decided_by=by, decided_at=NOON)


def same_issue(days: list[float], **row: Any) -> list[dict[str, Any]]:
    return [ticket(each, tags='["export-fails"]', workflow="reporting", **row) for each in days]


def test_the_same_issue_again_and_again_is_an_unresolved_defect() -> None:
    loss = the_loss(facts(tickets=same_issue([40, 35, 30, 25])))
    assert (loss.reason, loss.status, loss.is_support_failure) == ("unresolved_defect", "proposed", True)
    assert loss.because == "4 tickets about a repeated issue (export-fails)"
    assert [piece.ref for piece in loss.evidence[0].pieces] == ["tickets-1", "tickets-2", "tickets-3", "tickets-4"]


@pytest.mark.parametrize(
    ("days", "is_repeated"), [([40, 35, 30], False), ([40, 35, 30, 9], False), ([40, 35, 30, 10], True)]
)
def test_an_issue_is_repeated_when_enough_tickets_lie_within_the_days(days: list[float], is_repeated: bool) -> None:
    assert bool(found(facts(tickets=same_issue(days)), "repeated_issue")) is is_repeated


def test_subjects_tell_the_issue_where_no_tag_does() -> None:
    tickets = [ticket(each, subject=f"RE: Export 4{number} fails") for number, each in enumerate([40, 35, 30, 25])]
    assert len(found(facts(tickets=tickets), "repeated_issue")) == 4


@pytest.mark.parametrize(("replied_after", "slow"), [(48, False), (48.1, True)])
def test_a_reply_is_slow_from_the_set_hours_on(replied_after: float, slow: bool) -> None:
    late = ticket(20, first_replied_at=before(20) + timedelta(hours=replied_after), resolved_at=before(1))
    assert bool(found(facts(tickets=[late]), "slow_reply")) is slow


def test_a_ticket_that_was_resolved_without_a_reply_was_not_slow() -> None:
    assert found(facts(tickets=[ticket(20, first_replied_at=None)]), "slow_reply") == []


def test_a_ticket_that_nobody_answered_waited_until_the_end() -> None:
    assert found(facts(tickets=[ticket(20, first_replied_at=None, resolved_at=None)]), "slow_reply") == ["tickets-1"]


@pytest.mark.parametrize(
    ("days", "resolved", "open_still"), [(7, None, False), (7.1, None, True), (30, -3, True), (30, 3, False)]
)
def test_a_ticket_stays_unresolved_when_it_is_open_at_the_path_s_end(
    days: float, resolved: float | None, open_still: bool
) -> None:
    late = ticket(days, resolved_at=None if resolved is None else before(resolved))
    assert bool(found(facts(tickets=[late]), "unresolved")) is open_still


@pytest.mark.parametrize(("hours", "dropped"), [(23, False), (25, True), (None, True)])
def test_a_hand_off_is_dropped_when_nobody_writes_in_time(hours: float | None, dropped: bool) -> None:
    handed = before(20) + timedelta(hours=1)
    messages = [] if hours is None else [
        {"ticket_id": 1, "author_kind": "agent", "sent_at": handed + timedelta(hours=hours)}
    ]  # fmt: skip
    moved = {"ticket_id": 1, "kind": "assignee", "from_value": "Ada", "to_value": "Bo", "happened_at": handed}
    of = facts(tickets=[ticket(20, resolved_at=before(2))], changes=[moved], messages=messages)
    assert (found(of, "hand_off"), bool(found(of, "dropped_hand_off"))) == (["tickets-1"], dropped)


def test_a_reopening_is_no_hand_off() -> None:
    again = {"ticket_id": 1, "kind": "status", "from_value": "solved", "to_value": "open", "happened_at": before(10)}
    of = facts(tickets=[ticket(20)], changes=[again])
    assert (found(of, "reopened"), found(of, "hand_off")) == (["tickets-1"], [])


@pytest.mark.parametrize(("hours", "left_alone"), [(23, False), (25, True), (None, True)])
def test_anger_is_left_alone_when_no_agent_answers_in_time(hours: float | None, left_alone: bool) -> None:
    angry = before(20) + timedelta(hours=1)
    answer = (
        [] if hours is None else [{"ticket_id": 1, "author_kind": "agent", "sent_at": angry + timedelta(hours=hours)}]
    )
    of = facts(
        tickets=[ticket(20, resolved_at=before(2))],
        messages=[{"ticket_id": 1, "sent_at": angry}, *answer],
        message_readings=[{"message_id": 1, "sentiment": -35}],
    )
    assert (found(of, "anger"), bool(found(of, "unanswered_anger"))) == (["tickets-1"], left_alone)


def test_broken_promises_are_told_apart() -> None:
    metrics = ["first_reply", "next_reply", "resolution", "outreach"]
    breaches = [
        {"account_id": 1, "ticket_id": 1, "ticket_ref": "T", "metric": metric, "breached_at": before(20)}
        for metric in metrics
    ]  # fmt: skip
    of = facts(tickets=[ticket(30)], breaches=breaches)
    assert [len(found(of, fact)) for fact in ("late_reply", "late_resolution", "late_care")] == [2, 1, 1]


@pytest.mark.parametrize(
    ("state", "closed", "unhandled"),
    [
        ("open", None, True),
        ("expired", 5, True),
        ("resolved", 5, False),
        ("resolved", -5, True),
        ("dismissed", 5, False),
    ],
)
def test_an_escalation_is_unhandled_unless_it_was_resolved_in_time_or_dismissed(
    state: str, closed: float | None, unhandled: bool
) -> None:
    closed_at = None if closed is None else before(closed)
    escalation = {"state": state, "opened_at": before(30), "closed_at": closed_at}
    assert bool(found(facts(escalations=[escalation]), "unhandled_escalation")) is unhandled


@pytest.mark.parametrize(("late", "reason"), [(0, "low_usage"), (30, "low_usage"), (70, "unknown")])
def test_low_use_is_proposed_where_usage_fell_far(late: int, reason: str) -> None:
    days = [
        {"used_on": before(day).date(), "quantity": late if day <= 28 else 100, "feature": "login"}
        for day in range(1, 113)
    ]  # fmt: skip
    assert the_loss(facts(usage_days=days)).reason == reason


@pytest.mark.parametrize(("active", "is_seen"), [(27, False), (28, True)])
def test_who_had_no_habit_of_using_it_cannot_use_it_less(active: int, is_seen: bool) -> None:
    days = [
        {"used_on": before(29 + day).date(), "quantity": 9, "feature": feature}
        for day in range(active)
        for feature in ("login", "export")
    ]
    assert bool(found(facts(usage_days=days), "usage_drop")) is is_seen


def test_an_account_that_used_to_write_and_fell_silent_is_seen() -> None:
    assert found(facts(tickets=[ticket(each) for each in (100, 90, 61)]), "silence") == ["tickets"]
    assert found(facts(tickets=[ticket(each) for each in (100, 90, 59)]), "silence") == []
    assert found(facts(tickets=[ticket(each) for each in (100, 61)]), "silence") == []


def test_what_a_customer_wrote_is_a_reason_with_its_sentence() -> None:
    text = "Hello. Our management decided to switch to a competitor in May. How do we cancel?"
    texts = [{"account_id": 1, "ticket_id": 1, "ref": "T-1", "sent_at": before(20), "text": text}]
    loss = the_loss(facts(tickets=[ticket(20)], texts=texts))
    assert (loss.reason, loss.is_support_failure) == ("competitor", False)
    assert loss.because == "the customer wrote “Our management decided to switch to a competitor in May.”"


def test_words_are_whole_words() -> None:
    texts = [{"account_id": 1, "ref": "T-1", "sent_at": before(20), "text": "We are cheapered out, notoutofbusiness."}]
    assert the_loss(facts(texts=texts)).reason == "unknown"


def test_words_count_until_the_loss_and_facts_until_the_notice() -> None:
    contract = {"renews_on": LEFT.date(), "ends_on": LEFT.date(), "notice_on": date(2025, 5, 1)}
    texts = [{"account_id": 1, "ref": "T-1", "sent_at": before(10), "text": "We switched to another tool."}]
    of = facts(tickets=same_issue([25, 24, 23, 22]), contracts=[contract], texts=texts)
    loss = the_loss(of)
    assert (loss.reason, loss.notice_on) == ("competitor", date(2025, 5, 1))
    assert found(of, "repeated_issue") == []


@pytest.mark.parametrize(
    ("churned_on", "reason"), [("2025-05-01", "price"), ("2025-07-02", "price"), ("2025-07-03", "unknown")]
)
def test_a_churn_report_near_the_loss_gives_its_reason(churned_on: str, reason: str) -> None:
    report = {"churned_on": date.fromisoformat(churned_on), "reason": "Too expensive"}
    assert the_loss(facts(churn_reports=[report])).reason == reason


def test_a_report_of_slow_support_without_a_slow_reply_is_no_support_failure() -> None:
    loss = the_loss(facts(churn_reports=[{"churned_on": LEFT.date(), "reason": "support"}]))
    assert (loss.reason, loss.is_support_failure, loss.main_failure) == ("slow_response", False, None)


def test_two_reports_that_say_otherwise_make_a_contested_reason() -> None:
    report = {"churned_on": LEFT.date(), "reason": "pricing", "comment": "switched to competitor"}
    loss = the_loss(facts(churn_reports=[report]))
    assert (loss.reason, loss.contested) == ("price", True)
    assert [candidate.reason for candidate in loss.candidates] == ["price", "competitor"]


def test_thin_evidence_is_unknown_and_says_what_is_missing() -> None:
    loss = the_loss(facts(tickets=[ticket(20)]))
    assert (loss.reason, loss.status) == ("unknown", "unknown")
    assert loss.because == "the path says too little: no survey, no usage, no churn report"


def test_nothing_before_the_path_or_after_it_counts() -> None:
    old, late = same_issue([190, 189, 188, 187]), same_issue([-1, -2, -3, -4])
    assert found(facts(tickets=[*old, *late]), "repeated_issue") == []


def test_tickets_of_another_account_count_for_nothing() -> None:
    assert the_loss(facts(tickets=same_issue([40, 35, 30, 25], account_id=2))).reason == "unknown"


def test_a_person_confirms_changes_and_takes_back() -> None:
    of = facts(tickets=same_issue([40, 35, 30, 25]))
    assert the_loss(of, said("o1", "unresolved_defect")).status == "confirmed"
    changed = the_loss(of, said("o1", "unresolved_defect"), said("o1", "price", "Bo", "the CFO told us"))
    assert (changed.reason, changed.status, changed.decided_by) == ("price", "changed", "Bo")
    assert (changed.note, changed.proposed, changed.is_support_failure) == (
        "the CFO told us",
        "unresolved_defect",
        False,
    )
    assert the_loss(of, said("o1", "price"), said("o1", None)).status == "proposed"


def test_a_failure_in_the_path_carries_the_money_once_and_is_held_against_what_was_kept() -> None:
    outcomes = [
        outcome(1),
        outcome(2, lost=50_000, kept=20_000),
        outcome(3, lost=0, kept=70_000),
        outcome(4, lost=30_000),
    ]
    tickets = [*same_issue([40, 35, 30, 25]), *same_issue([40, 35, 30, 25], account_id=3)]
    tickets.append(ticket(30, resolved_at=None, account_id=4))
    report = told(facts(outcomes, tickets))
    shares = {each.failure: each for each in report.by_failure}
    assert (shares["unresolved"].lost, shares["unresolved"].present) == (Decimal(300), 1)
    assert (shares["repeated_issue"].lost, shares["repeated_issue"].present) == (Decimal(1_000), 1)
    assert (shares["repeated_issue"].present_kept, shares["repeated_issue"].present_kept_ratio) == (1, 1.0)
    assert (shares[NO_FAILURE].lost, shares[NO_FAILURE].outcomes) == (Decimal(500), 1)
    assert (report.lost, report.with_failure) == (Decimal(1_800), Decimal(1_300))
    assert report.support_failures == Decimal(1_000)


def test_the_failure_that_the_reason_stands_on_carries_the_money_before_graver_ones() -> None:
    tickets = [*same_issue([40, 35, 30, 25]), *(ticket(each, resolved_at=None) for each in (20, 19, 18))]
    loss = the_loss(facts(tickets=tickets), said("o1", "slow_response"))
    assert (loss.failures, loss.main_failure) == ({"repeated_issue": 4.0, "unresolved": 3.0}, "unresolved")


def test_what_no_rate_is_known_for_is_named_and_counts_nowhere() -> None:
    report = told(facts([outcome(1, currency="XAU"), outcome(2)]))
    assert (report.lost, report.unconverted) == (Decimal(1_000), ("o1",))


def test_a_loss_is_shared_over_workflows_by_the_tickets_of_its_evidence() -> None:
    tickets = same_issue([40, 35, 30, 25])
    tickets[3]["workflow"] = "billing"
    sums = {each.slice: each.lost for each in summed(told(facts(tickets=tickets)), "workflow")}
    assert sums == {"reporting": Decimal(750), "billing": Decimal(250)}


def test_a_ticket_without_a_workflow_is_unknown_and_a_loss_without_a_ticket_is_said_to_be_one() -> None:
    tickets = [ticket(each, tags='["export-fails"]') for each in (40, 35, 30, 25)]
    sums = summed(told(facts([outcome(1), outcome(2)], tickets)), "workflow")
    assert {each.slice: each.lost for each in sums} == {"(unknown)": Decimal(1_000), NO_TICKET: Decimal(1_000)}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    numbers = range(1, 5)
    amounts = st.integers(0, 10**12)
    outcomes = [outcome(number, draw(amounts) + 1, draw(amounts)) for number in numbers]
    some = st.fixed_dictionaries(
        {
            "account_id": st.sampled_from(numbers),
            "workflow": st.sampled_from(["a", "b", "c", None]),
            "tags": st.sampled_from(['["x"]', '["x", "y"]', "[]", '["invoice-wrong"]']),
            "resolved_at": st.sampled_from([None, before(1)]),
            "first_replied_at": st.sampled_from([None, before(3)]),
        }
    )
    tickets = [ticket(draw(st.integers(2, 60)), **row) for row in draw(st.lists(some, max_size=30))]
    tickets = [row | {"id": number, "external_id": f"T-{number}"} for number, row in enumerate(tickets)]
    return outcomes, tickets, list(draw(st.permutations(tickets)))


@given(worlds())
@settings(max_examples=15, deadline=None)
def test_every_cut_comes_to_the_total_and_no_dollar_stands_twice(world: Any) -> None:
    report = told(facts(world[0], world[1]))
    for by in get_args(ReasonCut):
        assert sum(each.lost for each in summed(report, by)) == report.lost
        assert sum(each.support_failures for each in summed(report, by)) == report.support_failures
    assert sum(each.lost for each in report.by_failure) == report.lost
    assert report.support_failures <= report.with_failure <= report.lost


@given(worlds())
@settings(max_examples=8, deadline=None)
def test_the_order_in_which_tickets_came_does_not_matter(world: Any) -> None:
    assert told(facts(world[0], world[1])) == told(facts(world[0], world[2]))


@given(worlds())
@settings(max_examples=8, deadline=None)
def test_support_is_blamed_only_where_a_failure_stands_in_the_evidence(world: Any) -> None:
    for loss in told(facts(world[0], world[1])).losses:
        if loss.is_support_failure:
            assert {found.fact for found in loss.evidence} & set(loss.failures)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=25).map(sorted),
    st.integers(1, 20), st.integers(2, 4),
)  # fmt: skip
def test_runs_are_what_a_look_at_every_window_finds(rows: list[tuple[int, int]], span: int, times: int) -> None:
    group = np.array([f"g{each[0]}" for each in rows], dtype=object)
    seconds = np.array([each[1] for each in rows], dtype=np.int64)

    def window(start: tuple[int, int]) -> set[int]:
        return {n for n, row in enumerate(rows) if row[0] == start[0] and start[1] <= row[1] <= start[1] + span}

    wanted = {n for row in rows if len(window(row)) >= times for n in window(row)}
    assert set(np.flatnonzero(in_runs(group, seconds, span, times))) == wanted


@given(st.integers(0, 10**15), st.dictionaries(st.text(max_size=3), st.integers(0, 1_000), max_size=6))
def test_shares_come_to_the_amount_to_the_cent(cents: int, weights: dict[str, int]) -> None:
    parts = shared(cents, weights)
    assert sum(parts.values()) == (cents if sum(weights.values()) else 0)
    whole = sum(weights.values())
    assert all(abs(part * whole - cents * weights[name]) < whole for name, part in parts.items())


@pytest.mark.parametrize("fact", get_args(Fact))
def test_every_fact_has_words(fact: str) -> None:
    assert said_in_words(fact, 3, "this", 28)


def test_every_failure_is_a_fact_and_has_a_threshold() -> None:
    assert set(get_args(Failure)) < set(get_args(Fact))
    assert set(SHIPPED.failures) == set(get_args(Failure))


def test_a_long_sentence_is_shortened() -> None:
    assert len(sentence_with("word " * 100, "word")) <= 160
