"""How decisions become escalations, how work completes them, and when they close."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.escalations import LIVE_STATES, Decision, EscalationState, Touch, TouchKind
from rules.escalation import Changes, Standing, account_values, escalate
from rules.evaluation import decision_id
from rules.holdouts.draw import AccountValue
from rules.playbooks import Playbook, parse
from rules.sla import Calendar
from rules.step_work import Case
from tests.rules.company import signal_frame

MONDAY = datetime(2025, 6, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def a_playbook(name: str = "rescue", **changed: Any) -> Playbook:
    steps = [
        {"do": "internal review", "owner": "support_lead", "within": "2h elapsed"},
        {"do": "CSM outreach", "owner": "csm", "within": "24h elapsed"},
        {"do": "second call", "owner": "csm", "within": "48h elapsed"},
    ]
    when = {"signal": "tickets_7d", "op": ">", "value": 5}
    return parse([{"playbooks": [{"id": name, "name": name, "when": when, "steps": steps, **changed}]}])[0]


RESCUE = a_playbook(cooldown="7d", expires_after="3d")


def a_decision(as_of: datetime = MONDAY, account: str = "A", playbook: Playbook = RESCUE) -> Decision:
    return Decision(
        decision_id=decision_id(playbook.content_hash, account, as_of), account_ref=account, playbook=playbook.id,
        rule_hash=playbook.content_hash, as_of=as_of, because="9 tickets", inputs={},
    )  # fmt: skip


def a_touch(
    at: datetime, kind: TouchKind = "playbook_step", account: str = "A", note: str | None = None, name: str = "t"
) -> Touch:
    return Touch(
        source="crm", external_id=f"{name}-{at.isoformat()}", account_ref=account, kind=kind, happened_at=at, note=note
    )


@dataclass
class Desk:
    """What is on record; each run's changes are written down as storage would."""

    playbooks: Sequence[Playbook] = (RESCUE,)
    cases: dict[str, Case] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    touches: list[Touch] = field(default_factory=list)
    values: dict[str, AccountValue] = field(default_factory=dict)

    def run(self, as_of: datetime, *decisions: Decision) -> Changes:
        standing = Standing(list(self.cases.values()), list(self.decisions.values()), self.touches, self.values)
        changes = escalate(decisions, self.playbooks, standing, as_of)
        for case in (*changes.opened, *changes.changed):
            self.cases[case.escalation.escalation_id] = case
        self.decisions |= {decision.decision_id: decision for decision in decisions}
        return changes

    def opened(self, as_of: datetime = MONDAY, playbook: Playbook = RESCUE) -> Case:
        return self.run(as_of, a_decision(as_of, playbook=playbook)).opened[0]

    def state(self, case: Case) -> str:
        return self.cases[case.escalation.escalation_id].escalation.state

    def done(self, case: Case) -> list[bool]:
        return [step.done_at is not None for step in self.cases[case.escalation.escalation_id].steps]

    def set_state(self, case: Case, state: EscalationState) -> None:
        changed = case.escalation.model_copy(update={"state": state})
        self.cases[case.escalation.escalation_id] = replace(case, escalation=changed)


class TestOpening:
    def test_steps_are_due_from_the_opening(self) -> None:
        case = Desk().opened()
        assert case.escalation.state == "open"
        assert [step.due_at for step in case.steps] == [MONDAY + 2 * HOUR, MONDAY + DAY, MONDAY + 2 * DAY]
        assert [step.position for step in case.steps] == [1, 2, 3]
        assert case.escalation.due_at == MONDAY + 2 * HOUR
        assert case.escalation.because == "9 tickets"

    def test_steps_in_business_time_are_counted_by_the_calendar(self) -> None:
        counted = ("2h business", "2h elapsed")
        review = a_playbook(steps=[{"do": "review", "owner": "support_lead", "within": within} for within in counted])
        standing, friday = Standing(), datetime(2025, 6, 6, 16, tzinfo=UTC)
        office = Calendar.model_validate({"hours": {"mon-fri": ["09:00-17:00"]}})
        [case] = escalate([a_decision(friday, playbook=review)], [review], standing, friday, office).opened
        monday = friday + timedelta(days=3)
        assert [step.due_at for step in case.steps] == [monday.replace(hour=10), friday + 2 * HOUR]
        with pytest.raises(ValueError, match=r"playbook .*: 'review' within 2h business needs a calendar; .* sla.yaml"):
            escalate([a_decision(friday, playbook=review)], [review], standing, friday)

    def test_what_is_at_stake_is_kept_as_it_was(self) -> None:
        table = signal_frame([{"acv": 12_000_000, "renewal_on": date(2025, 7, 1)}, {}]).collect()
        values = account_values(table, "USD")
        assert values["A2"] == AccountValue(None, None, None)
        [case] = Desk(values=values).run(MONDAY, a_decision(account="A1")).opened
        escalation = case.escalation
        assert (escalation.arr_cents, escalation.currency, escalation.renews_on) == (
            12_000_000,
            "USD",
            date(2025, 7, 1),
        )

    def test_a_live_escalation_takes_further_decisions_as_evidence(self) -> None:
        desk = Desk()
        case = desk.opened()
        later = a_decision(MONDAY + DAY)
        changes = desk.run(MONDAY + DAY, later)
        assert changes.opened == ()
        assert [(one.escalation_id, one.decision) for one in changes.evidence] == [
            (case.escalation.escalation_id, later)
        ]

    def test_the_most_urgent_playbook_of_a_family_opens_and_the_others_are_evidence(self) -> None:
        calm = a_playbook("calm", family="volume", priority="normal")
        urgent = a_playbook("urgent", family="volume", priority="urgent")
        desk = Desk(playbooks=(calm, urgent))
        changes = desk.run(MONDAY, a_decision(playbook=calm), a_decision(playbook=urgent))
        assert [case.escalation.playbook for case in changes.opened] == ["urgent"]
        assert [one.decision.playbook for one in changes.evidence] == ["calm"]

    def test_families_and_accounts_do_not_block_each_other(self) -> None:
        other = a_playbook("other")
        desk = Desk(playbooks=(RESCUE, other))
        changes = desk.run(MONDAY, a_decision(), a_decision(playbook=other), a_decision(account="B"))
        assert len(changes.opened) == 3


class TestWork:
    def test_a_csm_call_completes_the_first_open_step_of_the_csm(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + HOUR, "csm_call")]
        desk.run(MONDAY + DAY)
        assert desk.done(case) == [False, True, False]
        assert desk.state(case) == "working"

    def test_a_playbook_step_completes_the_first_open_step(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + HOUR, note="had a look")]
        changed = desk.run(MONDAY + DAY).changed[0]
        assert desk.done(case) == [True, False, False]
        assert changed.escalation.due_at == MONDAY + DAY

    def test_a_note_names_the_step(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + HOUR, note="Done: second CALL with their buyer")]
        desk.run(MONDAY + DAY)
        assert desk.done(case) == [False, False, True]

    @pytest.mark.parametrize("kind", ["ticket_resolved", "escalation_handled"])
    def test_other_touches_complete_nothing(self, kind: TouchKind) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + HOUR, kind)]
        assert not desk.run(MONDAY + DAY)
        assert desk.done(case) == [False, False, False]

    @pytest.mark.parametrize(("at", "counts"), [(-HOUR, False), (0 * HOUR, False), (HOUR, True), (DAY + HOUR, False)])
    def test_only_work_between_the_opening_and_the_run_counts(self, at: timedelta, counts: bool) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + at)]
        desk.run(MONDAY + DAY)
        assert any(desk.done(case)) is counts

    def test_one_piece_of_work_completes_one_step_however_often_it_is_seen(self) -> None:
        other = a_playbook("other")
        desk = Desk(playbooks=(RESCUE, other))
        desk.run(MONDAY, a_decision(), a_decision(playbook=other))
        desk.touches = [a_touch(MONDAY + HOUR, "csm_call")]
        for day in range(1, 4):
            desk.run(MONDAY + day * DAY, a_decision(MONDAY + day * DAY))
        assert sum(sum(desk.done(case)) for case in desk.cases.values()) == 1

    def test_two_calls_at_the_same_moment_are_two_pieces_of_work(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + HOUR, "csm_call", name=name) for name in ("one", "two")]
        desk.run(MONDAY + 2 * HOUR)
        desk.run(MONDAY + 3 * HOUR)
        assert desk.done(case) == [False, True, True]

    def test_the_step_that_is_due_first_is_completed_among_several_escalations(self) -> None:
        slow = a_playbook("slow", steps=[{"do": "call", "owner": "csm", "within": "1w elapsed"}])
        desk = Desk(playbooks=(slow, RESCUE))
        desk.run(MONDAY, a_decision(playbook=slow), a_decision())
        desk.touches = [a_touch(MONDAY + HOUR, "csm_call")]
        changes = desk.run(MONDAY + DAY)
        assert [case.escalation.playbook for case in changes.changed] == ["rescue"]

    def test_the_last_step_resolves_at_the_moment_of_the_work(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + hours * HOUR) for hours in (1, 2, 3)]
        [changed] = desk.run(MONDAY + DAY).changed
        assert (changed.escalation.state, changed.escalation.closed_at) == ("resolved", MONDAY + 3 * HOUR)
        assert changed.escalation.due_at is None
        assert desk.done(case) == [True, True, True]

    def test_waiting_and_snoozed_stay_so_while_steps_are_left(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.set_state(case, "waiting")
        desk.touches = [a_touch(MONDAY + HOUR)]
        desk.run(MONDAY + DAY)
        assert desk.state(case) == "waiting"


class TestClosing:
    @pytest.mark.parametrize(("days", "state"), [(2, "open"), (3, "expired"), (4, "expired")])
    def test_an_untouched_one_expires_when_its_rule_has_not_applied_for_long_enough(
        self, days: int, state: str
    ) -> None:
        desk = Desk()
        case = desk.opened()
        desk.run(MONDAY + days * DAY)
        assert desk.state(case) == state

    def test_a_rule_that_still_applies_keeps_it_open(self) -> None:
        desk = Desk()
        case = desk.opened()
        for day in range(1, 6):
            desk.run(MONDAY + day * DAY, a_decision(MONDAY + day * DAY))
        assert desk.state(case) == "open"
        desk.run(MONDAY + 7 * DAY)
        assert desk.state(case) == "open"
        desk.run(MONDAY + 8 * DAY)
        assert desk.state(case) == "expired"

    @pytest.mark.parametrize("state", ["acked", "working", "waiting", "snoozed"])
    def test_what_people_have_begun_people_end(self, state: EscalationState) -> None:
        desk = Desk()
        case = desk.opened()
        desk.set_state(case, state)
        desk.run(MONDAY + 100 * DAY)
        assert desk.state(case) == state

    def test_work_that_stopped_expires_like_what_was_never_begun(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.touches = [a_touch(MONDAY + DAY)]
        desk.run(MONDAY + 2 * DAY)
        assert desk.state(case) == "working"
        desk.run(MONDAY + 3 * DAY)
        assert desk.state(case) == "working"
        desk.run(MONDAY + 4 * DAY)
        assert desk.state(case) == "expired"

    def test_a_playbook_that_is_gone_leaves_its_escalations_to_people(self) -> None:
        desk = Desk()
        case = desk.opened()
        desk.playbooks = ()
        desk.run(MONDAY + 100 * DAY, a_decision(MONDAY + 100 * DAY))
        assert desk.state(case) == "open"

    @pytest.mark.parametrize(("days", "opens"), [(6, False), (7, True), (8, True)])
    def test_the_family_stays_quiet_in_the_cooldown(self, days: int, opens: bool) -> None:
        desk = Desk()
        first = desk.opened()
        closed_at = MONDAY + 3 * HOUR
        desk.touches = [a_touch(MONDAY + hours * HOUR) for hours in (1, 2, 3)]
        desk.run(closed_at)
        again = closed_at + days * DAY
        changes = desk.run(again, a_decision(again))
        assert bool(changes.opened) is opens
        assert [one.until for one in changes.suppressed] == ([] if opens else [closed_at + 7 * DAY])
        assert desk.state(first) == "resolved"

    def test_without_a_cooldown_it_is_still_not_opened_at_the_moment_of_closing(self) -> None:
        hasty = a_playbook("hasty", cooldown="0d", steps=[{"do": "look", "owner": "csm", "within": "1h elapsed"}])
        desk = Desk(playbooks=(hasty,))
        desk.opened(playbook=hasty)
        desk.touches = [a_touch(MONDAY + DAY)]
        decision = a_decision(MONDAY + DAY, playbook=hasty)
        assert desk.run(MONDAY + DAY, decision).opened == ()
        assert not desk.run(MONDAY + DAY, decision)

    def test_a_run_of_an_earlier_day_neither_opens_a_second_one_nor_closes_the_later(self) -> None:
        desk = Desk()
        case = desk.opened(MONDAY + 10 * DAY)
        assert desk.run(MONDAY, a_decision()).opened == ()
        assert desk.state(case) == "open"


_VOLUME = (
    a_playbook("spike", family="volume", priority="high", cooldown="2d", expires_after="2d"),
    a_playbook("growth", family="volume", cooldown="0d", expires_after="1d"),
    a_playbook("silence", cooldown="1d", expires_after="0d"),
)
_FIRED = st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 2)), max_size=4, unique=True)
_TOUCHED = st.lists(
    st.tuples(
        st.sampled_from("AB"), st.sampled_from(["playbook_step", "csm_call", "ticket_resolved"]), st.integers(-30, 24)
    ),
    max_size=3,
)
_RUNS = st.lists(st.tuples(st.integers(1, 40), _FIRED, _TOUCHED), min_size=1, max_size=12)


def _days(runs: list[Any]) -> list[tuple[datetime, list[Decision], list[Touch]]]:
    """Each run as its moment, its decisions and the work that was imported before it, some of it late."""
    as_of, days = MONDAY, []
    for number, (hours, fired, touched) in enumerate(runs):
        as_of += hours * HOUR
        decisions = [a_decision(as_of, account, _VOLUME[index]) for account, index in fired]
        touches = [
            a_touch(as_of + back * HOUR, kind, account, name=f"{number}-{place}")
            for place, (account, kind, back) in enumerate(touched)
        ]
        days.append((as_of, decisions, touches))
    return days


class TestLaws:
    @given(runs=_RUNS)
    @settings(max_examples=60, deadline=None)
    def test_the_second_run_at_a_moment_changes_nothing(self, runs: list[Any]) -> None:
        desk = Desk(playbooks=_VOLUME)
        for as_of, decisions, touches in _days(runs):
            desk.touches += touches
            desk.run(as_of, *decisions)
            before = dict(desk.cases)
            assert not desk.run(as_of, *decisions)
            assert desk.cases == before

    @given(runs=_RUNS)
    @settings(max_examples=60, deadline=None)
    def test_an_account_has_one_live_escalation_in_a_family_and_none_opens_again(self, runs: list[Any]) -> None:
        desk = Desk(playbooks=_VOLUME)
        for as_of, decisions, touches in _days(runs):
            desk.touches += touches
            closed = {name: case for name, case in desk.cases.items() if case.escalation.state not in LIVE_STATES}
            desk.run(as_of, *decisions)
            live = [case.escalation for case in desk.cases.values() if case.escalation.state in LIVE_STATES]
            assert len({(one.account_ref, one.family) for one in live}) == len(live)
            assert {name: desk.cases[name] for name in closed} == closed

    @given(runs=_RUNS)
    @settings(max_examples=60, deadline=None)
    def test_work_is_spent_once_and_resolves_exactly_what_is_done(self, runs: list[Any]) -> None:
        desk = Desk(playbooks=_VOLUME)
        for as_of, decisions, touches in _days(runs):
            desk.touches += touches
            desk.run(as_of, *decisions)
            done = [step for case in desk.cases.values() for step in case.steps if step.done_at is not None]
            work = [t for t in desk.touches if t.kind in {"playbook_step", "csm_call"} and t.happened_at <= as_of]
            assert len(done) <= len(work)
            for case in desk.cases.values():
                ended = all(step.done_at is not None for step in case.steps)
                assert (case.escalation.state == "resolved") is ended
                assert (case.escalation.closed_at is None) is (case.escalation.state in LIVE_STATES)
                assert all(case.escalation.opened_at < step.done_at <= as_of for step in case.steps if step.done_at)

    @given(runs=_RUNS)
    @settings(max_examples=60, deadline=None)
    def test_the_cooldown_lies_between_two_escalations_of_a_matter(self, runs: list[Any]) -> None:
        desk = Desk(playbooks=_VOLUME)
        for as_of, decisions, touches in _days(runs):
            desk.touches += [touch for touch in touches if touch.happened_at > as_of - HOUR]
            desk.run(as_of, *decisions)
        books = {playbook.id: playbook for playbook in _VOLUME}
        every = sorted((case.escalation for case in desk.cases.values()), key=lambda one: one.opened_at)
        for matter in {(one.account_ref, one.family) for one in every}:
            mine = [one for one in every if (one.account_ref, one.family) == matter]
            for earlier, later in pairwise(mine):
                assert earlier.closed_at is not None
                assert later.opened_at >= earlier.closed_at + books[later.playbook].quiet_time

    @given(runs=_RUNS, random=st.randoms())
    @settings(max_examples=40, deadline=None)
    def test_the_order_in_which_facts_are_handed_over_does_not_matter(self, runs: list[Any], random: Any) -> None:
        desk = Desk(playbooks=_VOLUME)
        *before, (as_of, decisions, touches) = _days(runs)
        for moment, fired, worked in before:
            desk.touches += worked
            desk.run(moment, *fired)
        desk.touches += touches
        shuffled = Standing(
            *(
                random.sample(list(part), len(part))
                for part in (desk.cases.values(), desk.decisions.values(), desk.touches)
            )
        )
        other = escalate(random.sample(decisions, len(decisions)), _VOLUME, shuffled, as_of)
        mine = desk.run(as_of, *decisions)
        assert (other.opened, other.evidence, other.suppressed) == (mine.opened, mine.evidence, mine.suppressed)
        assert {case.escalation.escalation_id: case for case in other.changed} == {
            case.escalation.escalation_id: case for case in mine.changed
        }
