"""Who is held out of a playbook: by lot, sticky, never above the limits, and not longer than the plan says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import islice
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.effects import HoldoutAssignment
from rules.escalation import Changes, Standing, escalate
from rules.holdouts.draw import AccountValue, Bar, Draw, let_through_by_persons
from rules.holdouts.plan import arm_of, design_of, holdout_of, plan_hash, plan_of
from rules.playbooks import Playbook, require_currency
from rules.step_work import Case
from tests.rules.test_escalation import DAY, MONDAY, a_decision, a_playbook

WRITTEN = {"share": "50 %", "max_arr": "25000 USD", "effect_hoped": "5 %", "until": "2027-06-30"}
SMALL = AccountValue(1_000_000, "USD")
CRITICAL = Bar("rule: severity-1", "urgent ticket T-1 is open")


def held_out(**changed: Any) -> Playbook:
    return a_playbook(holdout={**WRITTEN, **changed})


BOOK = held_out()
PLAN = plan_of(BOOK, {}, MONDAY)


def accounts_of(arm: str, count: int = 1, playbook: Playbook = BOOK) -> list[str]:
    """The first accounts that the plan draws for an arm."""
    assert playbook.holdout
    name = plan_hash(design_of(playbook))
    every = (f"A{number}" for number in range(10_000))
    drawn = (account for account in every if arm_of(name, account, playbook.holdout) == arm)
    return list(islice(drawn, count))


[HELD] = accounts_of("holdout")
[TREATED] = accounts_of("treat")


@dataclass
class Desk:
    """Runs one after the other; what each changes is written down as storage would."""

    playbooks: Sequence[Playbook] = (BOOK,)
    value: AccountValue = SMALL
    critical: dict[str, Bar] = field(default_factory=dict)
    let_through: frozenset[tuple[str, str]] = frozenset()
    cases: dict[str, Case] = field(default_factory=dict)
    drawn: dict[tuple[str, str], HoldoutAssignment] = field(default_factory=dict)

    def run(self, as_of: datetime, *accounts: str, playbook: Playbook | None = None) -> Changes:
        decided = [a_decision(as_of, account, each) for each in self.playbooks for account in accounts]
        plans = {each.id: plan_of(each, {}, MONDAY) for each in self.playbooks if each.holdout}
        draw = Draw(as_of, plans, self.drawn, self.critical, self.let_through)
        standing = Standing(list(self.cases.values()), values=dict.fromkeys(accounts, self.value), draw=draw)
        changes = escalate(decided, self.playbooks, standing, as_of)
        self.cases |= {case.escalation.escalation_id: case for case in (*changes.opened, *changes.changed)}
        self.drawn |= {(each.plan_hash, each.account_ref): each for each in changes.drawn}
        for each in changes.released:
            self.override(each.assignment, each.by, as_of)
        return changes

    def override(self, drawn: HoldoutAssignment, by: str, at: datetime) -> None:
        changed = drawn.model_copy(update={"overridden_by": by, "overridden_at": at})
        self.drawn[drawn.plan_hash, drawn.account_ref] = changed


def opened(changes: Changes) -> list[tuple[str, str]]:
    return [(case.escalation.account_ref, case.escalation.playbook) for case in changes.opened]


class TestWriting:
    def test_nobody_is_held_out_unless_it_is_written(self) -> None:
        assert a_playbook().holdout is None
        assert a_playbook(holdout=False).holdout is None
        assert a_playbook(holdout=None).content_hash == a_playbook().content_hash

    def test_what_is_written_is_read_exactly(self) -> None:
        holdout = held_out(share="12.5%", max_arr="25,000.00 USD", until=date(2027, 6, 30), horizon="26w").holdout
        assert holdout
        assert (holdout.share, holdout.share_ratio, holdout.effect_ratio) == (
            "12.5 %",
            Fraction(1, 8),
            Fraction(1, 20),
        )
        assert (holdout.max_arr, holdout.limit_cents, holdout.currency) == ("25000 USD", 2_500_000, "USD")
        assert (holdout.until, holdout.time) == (date(2027, 6, 30), timedelta(days=182))
        assert held_out(share=0.1) == held_out(share="10 %")

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"share": "60 %"}, "at most 50 %"),
            ({"share": "0 %"}, "more than 0 %"),
            ({"share": 10}, "write it like '10 %'"),
            ({"share": "ten"}, "write it like '10 %'"),
            ({"effect_hoped": "100 %"}, "percentage points hoped for"),
            ({"max_arr": 25000}, "write it like 25000 USD"),
            ({"max_arr": "0 USD"}, "would hold out nobody"),
            ({"until": "soon"}, "the last day of drawing"),
            ({"horizon": "2d"}, "write 14d to 1095d"),
            ({"horizon": "a year"}, "no length of time"),
            ({"shar": "10 %"}, "did you mean 'share'"),
        ],
    )
    def test_what_cannot_be_held_out_is_refused_with_its_place(self, changed: dict[str, Any], message: str) -> None:
        with pytest.raises(ValidationError, match=message) as refused:
            held_out(**changed)
        assert refused.value.errors()[0]["loc"][:3] == ("playbooks", 0, "holdout")

    @pytest.mark.parametrize("word", sorted(WRITTEN))
    def test_a_limit_that_is_left_out_is_missed(self, word: str) -> None:
        left = {name: value for name, value in WRITTEN.items() if name != word}
        with pytest.raises(ValidationError, match="Field required"):
            a_playbook(holdout=left)

    def test_something_else_is_refused_with_an_example(self) -> None:
        with pytest.raises(ValidationError, match=r"write \{share: 10 %"):
            a_playbook(holdout="10 %")

    def test_a_limit_in_another_currency_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"playbook rescue: holdout\.max_arr 25000 USD: write the amount in EUR"):
            require_currency([BOOK], "EUR")


class TestPlans:
    def test_a_plan_is_named_by_its_design_and_not_by_what_was_estimated(self) -> None:
        later = plan_of(held_out(), {"base_rate": 0.9}, MONDAY + DAY)
        assert later.plan_hash == PLAN.plan_hash
        assert holdout_of(PLAN) == BOOK.holdout

    @pytest.mark.parametrize(
        "changed", [{"share": "49 %"}, {"max_arr": "1 USD"}, {"effect_hoped": "6 %"}, {"horizon": "90d"}]
    )
    def test_another_design_is_another_plan(self, changed: dict[str, Any]) -> None:
        assert plan_of(held_out(**changed), {}, MONDAY).plan_hash != PLAN.plan_hash

    def test_another_condition_is_another_plan_and_another_name_is_not(self) -> None:
        when = {"signal": "tickets_7d", "op": ">", "value": 6}
        assert plan_of(a_playbook(holdout=WRITTEN, when=when), {}, MONDAY).plan_hash != PLAN.plan_hash
        named = a_playbook(holdout=WRITTEN).model_copy(update={"name": "Another name", "cooldown": "9d"})
        assert plan_of(named, {}, MONDAY).plan_hash == PLAN.plan_hash

    def test_a_playbook_without_a_holdout_has_no_plan(self) -> None:
        with pytest.raises(ValueError, match="has no holdout"):
            design_of(a_playbook())


class TestDrawing:
    @settings(deadline=None, max_examples=50)
    @given(st.permutations([f"A{number}" for number in range(30)]), st.integers(1, 29))
    def test_the_order_and_the_batch_of_arrival_do_not_matter(self, accounts: list[str], cut: int) -> None:
        in_parts, at_once = Desk(), Desk()
        in_parts.run(MONDAY, *accounts[:cut])
        in_parts.run(MONDAY, *accounts[cut:])
        at_once.run(MONDAY, *sorted(accounts))
        assert {key: each.arm for key, each in in_parts.drawn.items()} == {
            key: each.arm for key, each in at_once.drawn.items()
        }

    @given(st.text(min_size=1, max_size=20), st.integers(0, 400))
    def test_an_account_keeps_its_arm(self, account: str, days: int) -> None:
        desk = Desk()
        desk.run(MONDAY, account)
        first = dict(desk.drawn)
        assert desk.run(MONDAY + days * DAY, account).drawn == ()
        assert desk.drawn == first

    @pytest.mark.parametrize("share", ["1 %", "10 %", "50 %"])
    def test_the_share_is_roughly_kept(self, share: str) -> None:
        book = held_out(share=share)
        assert book.holdout
        name, count, wanted = plan_hash(design_of(book)), 20_000, float(book.holdout.share_ratio)
        drawn = sum(arm_of(name, f"account-{number}", book.holdout) == "holdout" for number in range(count))
        assert abs(drawn / count - wanted) < 4 * sqrt(wanted * (1 - wanted) / count)

    def test_another_plan_draws_independently(self) -> None:
        other = held_out(effect_hoped="6 %")
        assert BOOK.holdout
        assert other.holdout
        first, second = (plan_hash(design_of(each)) for each in (BOOK, other))
        names = [f"A{number}" for number in range(4_000)]
        both = [(arm_of(first, each, BOOK.holdout), arm_of(second, each, other.holdout)) for each in names]
        share = both.count(("holdout", "holdout")) / len(both)
        assert abs(share - 0.25) < 0.03


class TestActing:
    def test_a_held_out_account_gets_no_escalation_and_its_decision_says_so(self) -> None:
        changes = Desk().run(MONDAY, HELD, TREATED)
        assert opened(changes) == [(TREATED, "rescue")]
        [held] = changes.held
        assert held.decision.account_ref == HELD
        assert held.because == f"held out under plan {PLAN.plan_hash[:8]} until 2025-11-29 at the latest"
        assert {each.account_ref: each.arm for each in changes.drawn} == {HELD: "holdout", TREATED: "treat"}
        assert {each.arr_cents for each in changes.drawn} == {1_000_000}

    def test_running_again_draws_and_opens_nothing(self) -> None:
        desk = Desk()
        desk.run(MONDAY, HELD, TREATED)
        again = desk.run(MONDAY, HELD, TREATED)
        assert (again.opened, again.drawn, again.released) == ((), (), ())
        assert [each.decision.account_ref for each in again.held] == [HELD]
        assert not again.changed

    def test_help_comes_when_the_horizon_is_over(self) -> None:
        desk = Desk()
        desk.run(MONDAY, HELD)
        assert opened(desk.run(MONDAY + 179 * DAY, HELD)) == []
        assert opened(desk.run(MONDAY + 180 * DAY, HELD)) == [(HELD, "rescue")]

    def test_nobody_is_drawn_after_the_last_day_and_who_was_drawn_stays(self) -> None:
        book = held_out(until=MONDAY.date())
        early, late = accounts_of("holdout", 2, book)
        desk = Desk(playbooks=(book,))
        desk.run(MONDAY, early)
        changes = desk.run(MONDAY + DAY, early, late)
        assert opened(changes) == [(late, "rescue")]
        assert changes.drawn == ()

    def test_another_playbook_of_the_family_has_its_turn(self) -> None:
        urgent = a_playbook("urgent", family="volume", priority="urgent", holdout=WRITTEN)
        calm = a_playbook("calm", family="volume")
        [held] = accounts_of("holdout", playbook=urgent)
        [treated] = accounts_of("treat", playbook=urgent)
        changes = Desk(playbooks=(calm, urgent)).run(MONDAY, held, treated)
        assert sorted(opened(changes)) == sorted([(held, "calm"), (treated, "urgent")])

    def test_who_is_helped_already_is_not_drawn(self) -> None:
        desk = Desk(playbooks=(a_playbook(),))
        desk.run(MONDAY, HELD)
        desk.playbooks = (BOOK,)
        changes = desk.run(MONDAY + DAY, HELD)
        assert (changes.drawn, changes.held) == ((), ())
        assert len(changes.evidence) == 1


class TestWhoIsNeverHeldOut:
    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (AccountValue(2_500_001, "USD"), "above 25000 USD"),
            (AccountValue(None, None), "the ARR is unknown"),
            (AccountValue(100, "EUR"), "above 25000 USD"),
        ],
    )
    def test_an_account_above_the_limit_or_of_unknown_worth(self, value: AccountValue, why: str) -> None:
        changes = Desk(value=value).run(MONDAY, HELD)
        assert opened(changes) == [(HELD, "rescue")]
        assert changes.drawn == ()
        assert why in changes.barred[0].because

    def test_the_limit_itself_may_be_held_out(self) -> None:
        assert Desk(value=AccountValue(2_500_000, "USD")).run(MONDAY, HELD).held

    def test_an_account_with_a_critical_ticket_is_not_drawn_until_it_is_over(self) -> None:
        desk = Desk(critical={HELD: CRITICAL})
        changes = desk.run(MONDAY, HELD)
        assert opened(changes) == [(HELD, "rescue")]
        assert changes.barred[0].because == CRITICAL.because

    def test_an_account_that_becomes_critical_is_let_through_and_stays_in_its_arm(self) -> None:
        desk = Desk()
        desk.run(MONDAY, HELD)
        desk.critical = {HELD: CRITICAL}
        changes = desk.run(MONDAY + DAY, HELD)
        assert opened(changes) == [(HELD, "rescue")]
        [released] = changes.released
        assert (released.by, released.because) == ("rule: severity-1", CRITICAL.because)
        assert desk.drawn[PLAN.plan_hash, HELD].arm == "holdout"

    def test_it_is_let_through_even_where_nothing_is_decided_and_for_good(self) -> None:
        desk = Desk()
        desk.run(MONDAY, HELD)
        desk.critical = {HELD: CRITICAL}
        assert len(desk.run(MONDAY + DAY).released) == 1
        desk.critical = {}
        assert opened(desk.run(MONDAY + 2 * DAY, HELD)) == [(HELD, "rescue")]

    def test_an_account_that_grows_above_the_limit_is_let_through(self) -> None:
        desk = Desk()
        desk.run(MONDAY, HELD)
        desk.value = AccountValue(9_000_000, "USD")
        changes = desk.run(MONDAY + DAY, HELD)
        assert opened(changes) == [(HELD, "rescue")]
        assert changes.released[0].by == "rule: ARR above the limit"

    def test_a_person_lets_help_through(self) -> None:
        desk = Desk()
        desk.run(MONDAY, HELD)
        desk.override(desk.drawn[PLAN.plan_hash, HELD], "Ana", MONDAY + DAY)
        assert opened(desk.run(MONDAY + DAY, HELD)) == [(HELD, "rescue")]

    def test_for_whom_a_person_once_did_is_not_drawn_by_a_later_plan(self) -> None:
        ana = HoldoutAssignment(
            plan_hash=PLAN.plan_hash, account_ref=HELD, arm="holdout", because="drawn", assigned_at=MONDAY,
            overridden_by="Ana", overridden_at=MONDAY,
        )  # fmt: skip
        rule = ana.model_copy(update={"account_ref": "B", "overridden_by": "rule: severity-1"})
        let_through = let_through_by_persons([PLAN], [ana, rule])
        assert let_through == {("rescue", HELD)}
        later = held_out(effect_hoped="6 %")
        [account] = accounts_of("holdout", playbook=later)
        desk = Desk(playbooks=(later,), let_through=frozenset({("rescue", account)}))
        assert opened(desk.run(MONDAY, account)) == [(account, "rescue")]

    @settings(deadline=None, max_examples=50)
    @given(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 5_000_000) | st.none(), st.booleans()),
            min_size=1, max_size=25,
        )
    )  # fmt: skip
    def test_whatever_happens_nobody_above_a_limit_is_held(self, story: list[tuple[int, int | None, bool]]) -> None:
        desk, names, now = Desk(), accounts_of("holdout", 41), MONDAY
        for number, arr, critical in story:
            account, now = names[number], now + DAY
            desk.value = replace(SMALL, arr_cents=arr)
            desk.critical = {account: CRITICAL} if critical else {}
            changes = desk.run(now, account)
            if changes.held:
                assert not critical
                assert arr is not None
                assert arr <= 2_500_000
