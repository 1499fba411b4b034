"""New escalations go to their owners, the weightiest first, until a day is full; nobody is drowned, nothing is lost."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.load.owners import AccountFacts, Hand
from rules.load.precision import Chances, Precision
from rules.load.sharing import Candidate, Desk, Sharing, share_out
from tests.rules.load.desk import NOON, TODAY, a_candidate, a_desk, a_team

AWAY = [{"from": TODAY.isoformat(), "to": TODAY.isoformat()}]


def shared(desk: Desk, candidates: Sequence[Candidate]) -> tuple[dict[str, str | None], list[str]]:
    """Who got each decision, and the decisions that were held back, in their order."""
    shares, given_to = Sharing(desk, NOON), dict[str, str | None]()
    for one in shares.ranked(candidates):
        place = shares.place(one)
        if place is not None:
            shares.take(one, place)
            given_to[one.decision_id] = place.owner
    return given_to, [one.decision_id for one in shares.held_back()]


def owner_of(desk: Desk, candidate: Candidate) -> str | None:
    return shared(desk, [candidate])[0][candidate.decision_id]


class TestOwners:
    def test_the_account_s_own_csm_takes_it(self) -> None:
        team = a_team({"id": "north", "csm": ["North team"]}, {"id": "south"})
        accounts = {"A": AccountFacts(csm="north TEAM"), "B": AccountFacts(csm="somebody else")}
        desk = a_desk(team, accounts, hands={"north": Hand(live=50)})
        assert owner_of(desk, a_candidate("A")) == "north"
        assert owner_of(desk, a_candidate("B")) == "somebody else"

    def test_a_team_without_the_file_goes_by_the_crm_and_the_role(self) -> None:
        desk = a_desk(a_team(), {"A": AccountFacts(csm="csm-1")})
        assert owner_of(desk, a_candidate("A")) == "csm-1"
        assert owner_of(desk, a_candidate("B", role="product")) == "product"
        assert share_out(None, NOON).place(a_candidate()) is not None

    def test_while_she_is_away_her_deputy_takes_it_then_the_next(self) -> None:
        people: list[dict[str, Any]] = [
            {"id": "a", "csm": ["A"], "deputy": "b", "absences": AWAY},
            {"id": "b", "deputy": "a"},
            {"id": "c"},
        ]
        accounts = {"A": AccountFacts(csm="A")}
        assert owner_of(a_desk(a_team(*people), accounts, hands={"b": Hand(live=9)}), a_candidate("A")) == "b"
        people[1]["absences"] = AWAY
        assert owner_of(a_desk(a_team(*people), accounts), a_candidate("A")) == "c"

    def test_where_all_are_away_it_waits_with_the_role_and_is_not_lost(self) -> None:
        team = a_team({"id": "a", "absences": AWAY}, {"id": "b", "absences": AWAY, "roles": ["product"]})
        assert owner_of(a_desk(team), a_candidate()) == "csm"

    @pytest.mark.parametrize(("day", "is_away"), [(-1, False), (0, True), (3, True), (4, False)])
    def test_an_absence_counts_from_its_first_to_its_last_day(self, day: int, is_away: bool) -> None:
        last = TODAY + timedelta(days=3)
        [one] = a_team({"id": "a", "absences": [{"from": str(TODAY), "to": str(last)}]}).people
        assert one.is_away(TODAY + timedelta(days=day)) is is_away

    def test_an_account_stays_with_who_took_its_last_escalation(self) -> None:
        team = a_team({"id": "a"}, {"id": "b"}, {"id": "c", "roles": ["product"]})
        busy = {"b": Hand(live=30)}
        assert owner_of(a_desk(team, hands=busy, kept={"A": "b"}), a_candidate("A")) == "b"
        assert owner_of(a_desk(team, hands=busy, kept={"A": "c"}), a_candidate("A")) == "a"

    def test_who_takes_only_some_accounts_gets_no_others(self) -> None:
        team = a_team(
            {"id": "big", "takes": {"segment": "Enterprise", "region": "DACH"}}, {"id": "rest"}, own_csm=False
        )
        accounts = {
            "A": AccountFacts(segment="enterprise", region="dach"), "B": AccountFacts(segment="enterprise"),
            "C": AccountFacts(segment="smb", region="DACH"),
        }  # fmt: skip
        desk = a_desk(team, accounts, hands={"rest": Hand(live=5)})
        assert [owner_of(desk, a_candidate(name)) for name in "ABC"] == ["big", "rest", "rest"]

    def test_who_works_half_the_hours_gets_half_as_much(self) -> None:
        team = a_team({"id": "half"}, {"id": "whole"})
        given_to, _ = shared(a_desk(team, hours={"half": 4.0, "whole": 8.0}), _many(30))
        assert Counter(given_to.values()) == {"whole": 20, "half": 10}

    def test_on_a_day_off_of_one_the_others_take_it_and_on_everybody_s_all_do(self) -> None:
        team = a_team({"id": "a"}, {"id": "b"})
        assert set(shared(a_desk(team, hours={"a": 0.0, "b": 8.0}), _many(6))[0].values()) == {"b"}
        assert set(shared(a_desk(team, hours={"a": 0.0, "b": 0.0}), _many(6))[0].values()) == {"a", "b"}


class TestTheDay:
    def test_the_weightiest_are_opened_and_the_rest_is_held_back(self) -> None:
        desk = a_desk(a_team({"id": "a"}, budgets={"csm": 2}))
        given_to, held = shared(desk, [a_candidate(name, arr) for name, arr in (("A", 1), ("B", 9), ("C", 5))])
        assert (list(given_to), held) == (["B-usage", "C-usage"], ["A-usage"])

    def test_what_was_given_today_counts(self) -> None:
        desk = a_desk(a_team({"id": "a"}, budgets={"csm": 2}), hands={"a": Hand(live=1, today=1)})
        assert len(shared(desk, _many(3))[0]) == 1

    def test_a_person_s_own_budget_goes_before_her_role_s_and_none_is_no_limit(self) -> None:
        assert len(shared(a_desk(a_team({"id": "a", "daily_budget": 4}, budgets={"csm": 2})), _many(9))[0]) == 4
        assert len(shared(a_desk(a_team({"id": "a"}, budgets={"default": 3})), _many(9))[0]) == 3
        assert len(shared(a_desk(a_team({"id": "a"})), _many(9))[0]) == 9

    def test_a_csm_whom_only_the_crm_knows_has_a_csm_s_day(self) -> None:
        accounts = {f"A{number}": AccountFacts(csm="csm-1") for number in range(9)}
        desk = a_desk(a_team(budgets={"csm": 2, "product": 1}), accounts)
        assert len(shared(desk, [a_candidate(name, role="product") for name in accounts])[0]) == 2

    def test_in_the_pool_who_has_room_goes_before_who_has_less_in_hand(self) -> None:
        team = a_team({"id": "a", "daily_budget": 1}, {"id": "b", "daily_budget": 5})
        given_to, held = shared(a_desk(team, hands={"b": Hand(live=20)}), _many(6))
        assert (Counter(given_to.values()), held) == ({"a": 1, "b": 5}, [])

    def test_what_is_held_back_says_whose_day_is_full_and_what_it_weighs(self) -> None:
        desk = a_desk(a_team({"id": "a"}, budgets={"csm": 0}))
        shares = Sharing(desk, NOON)
        assert shares.place(a_candidate("A", 12_000, renews_on=TODAY + timedelta(days=30))) is None
        [alert] = shares.held_back()
        assert (alert.owner, alert.held_on, alert.place, alert.at_risk_cents) == ("a", TODAY, 1, 1_200_000)
        assert alert.because == (
            "the day of a is full with 0 of 0: USD 12,000 × (15 %, assumed for priority normal) × 0.50 "
            "(about 30 days to the renewal) = USD 900"
        )

    def test_an_account_of_unknown_worth_is_ranked_in_the_middle(self) -> None:
        desk = a_desk(a_team({"id": "a"}, budgets={"csm": 0}))
        _, held = shared(desk, [a_candidate("A", 4_000), a_candidate("B", None), a_candidate("C", 6_000)])
        assert held == ["C-usage", "B-usage", "A-usage"]


class TestWhatMayNotWait:
    def test_the_urgent_is_opened_however_full_the_day_is(self) -> None:
        desk = a_desk(a_team({"id": "a"}, budgets={"csm": 0}))
        given_to, held = shared(desk, [a_candidate("A", priority="urgent"), a_candidate("B", priority="high")])
        assert (list(given_to), held) == (["A-usage"], ["B-usage"])

    @pytest.mark.parametrize(("arr", "waits"), [(249_999, True), (250_000, False), (250_001, False), (None, True)])
    def test_so_is_an_account_from_an_amount_on(self, arr: int | None, waits: bool) -> None:
        team = a_team({"id": "a"}, budgets={"csm": 0}, never_held_back={"arr_from": "250000 USD"})
        assert bool(shared(a_desk(team), [a_candidate(arr=arr)])[1]) is waits

    @pytest.mark.parametrize(("days", "waits"), [(-1, True), (0, False), (90, False), (91, True)])
    def test_so_is_a_near_renewal_of_a_band(self, days: int, waits: bool) -> None:
        team = a_team({"id": "a"}, budgets={"csm": 0}, never_held_back={"renewal": {"bands": "enterprise"}})
        desk = a_desk(team, {"A": AccountFacts(band="enterprise"), "B": AccountFacts(band="smb")})
        renews_on = TODAY + timedelta(days=days)
        _, held = shared(desk, [a_candidate("A", renews_on=renews_on), a_candidate("B", renews_on=renews_on)])
        assert held == (["A-usage", "B-usage"] if waits else ["B-usage"])

    def test_it_takes_its_place_so_that_others_wait(self) -> None:
        desk = a_desk(a_team({"id": "a"}, budgets={"csm": 1}))
        given_to, held = shared(desk, [a_candidate("A", 1, priority="urgent"), a_candidate("B", 99_000)])
        assert (list(given_to), held) == (["A-usage"], ["B-usage"])


class TestParents:
    def test_the_escalations_below_one_item_take_one_place(self) -> None:
        team = a_team({"id": "a"}, budgets={"csm": 2}, parents={"families": ["product"]})
        desk = a_desk(team, parents={"A": "p", "B": "p", "C": "p"})
        many = [a_candidate(name, 9_000, "product") for name in "ABC"]
        given_to, held = shared(desk, [*many, a_candidate("D", 5), a_candidate("E", 4)])
        assert (len(given_to), held) == (4, ["E-usage"])

    def test_another_family_of_the_account_stands_for_itself(self) -> None:
        team = a_team({"id": "a"}, parents={"families": ["product"]})
        shares = Sharing(a_desk(team, parents={"A": "p"}), NOON)
        places = [shares.place(a_candidate("A", family=family)) for family in ("product", "usage")]
        assert [place and place.parent_id for place in places] == ["p", None]


class TestChances:
    def test_the_account_s_risk_goes_before_the_rule_s_precision_before_the_priority(self) -> None:
        chances = Chances({"high": 0.3}, 10, {"A": 0.07}, {"h": Precision(8, 2), "few": Precision(9, 0)})
        assert chances.of("A", "h", "high").because == "churn_risk 7 %"
        assert chances.of("B", "h", "high").because == "80 %, 8 of 10 answers found this rule right"
        assert chances.of("B", "few", "high").because == "30 %, assumed for priority high"


def _many(count: int) -> list[Candidate]:
    return [a_candidate(f"A{number:02}") for number in range(count)]


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "away": st.booleans(),
            "deputy": st.integers(0, 4),
            "budget": st.sampled_from([None, 0, 1, 3]),
            "csm": st.booleans(),
        }
    ),
    max_size=5,
)
CANDIDATES = st.lists(
    st.tuples(
        st.integers(0, 30), st.sampled_from(["usage", "product"]), st.sampled_from([None, 1, 50, 900]),
        st.sampled_from(["urgent", "normal"]), st.sampled_from([0, 1, 2, 3, 4, None]),
    ),
    max_size=25, unique_by=lambda one: one[:2],
)  # fmt: skip


def a_day(people: list[dict[str, Any]], found: list[tuple[Any, ...]]) -> tuple[Desk, list[Candidate]]:
    told: list[dict[str, Any]] = [
        {
            "id": f"p{number}", "absences": AWAY if one["away"] else [], "csm": [f"crm{number}"] if one["csm"] else [],
            "daily_budget": one["budget"],
            **({"deputy": f"p{one['deputy']}"} if one["deputy"] < len(people) and one["deputy"] != number else {}),
        }
        for number, one in enumerate(people)
    ]  # fmt: skip
    accounts = {f"A{name}": AccountFacts(csm=None if csm is None else f"crm{csm}") for name, *_, csm in found}
    candidates = [
        a_candidate(f"A{name}", arr, family, priority=priority) for name, family, arr, priority, _ in found
    ]  # fmt: skip
    return a_desk(a_team(*told, budgets={"default": 2}), accounts), candidates


@settings(deadline=None, max_examples=100)
@given(PEOPLE, CANDIDATES)
def test_nobody_who_is_away_gets_any_and_none_is_lost(
    people: list[dict[str, Any]], found: list[tuple[Any, ...]]
) -> None:
    desk, candidates = a_day(people, found)
    given_to, held = shared(desk, candidates)
    away = {one.id for one in desk.rota.team.people if one.is_away(TODAY)}
    assert not away & set(given_to.values())
    assert sorted([*given_to, *held]) == sorted(one.decision_id for one in candidates)
    assert all(owner is not None for owner in given_to.values())
    assert not {one.decision_id for one in candidates if one.priority == "urgent"} & set(held)


@settings(deadline=None, max_examples=100)
@given(PEOPLE, CANDIDATES, st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_does_not_matter(
    people: list[dict[str, Any]], found: list[tuple[Any, ...]], chance: random.Random
) -> None:
    desk, candidates = a_day(people, found)
    shuffled = chance.sample(candidates, len(candidates))
    assert shared(desk, shuffled) == shared(desk, candidates)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 6), st.integers(0, 40), st.sampled_from([None, 2, 5]))
def test_between_equals_the_difference_is_at_most_one(people: int, count: int, budget: int | None) -> None:
    team = a_team(*({"id": f"p{number}", "daily_budget": budget} for number in range(people)))
    given_to, held = shared(a_desk(team), _many(count))
    counts = Counter(given_to.values())
    each = [counts[f"p{number}"] for number in range(people)]
    assert max(each) - min(each) <= 1
    assert not held or budget is None or each == [budget] * people


@settings(deadline=None, max_examples=100)
@given(CANDIDATES)
def test_what_is_held_back_weighs_no_more_than_what_was_opened(found: list[tuple[Any, ...]]) -> None:
    one_owner = [(*one[:4], None) for one in found]
    desk, candidates = a_day([{"away": False, "deputy": 9, "budget": 3, "csm": False}], one_owner)
    given_to, held = shared(desk, candidates)
    weights = {one.decision_id: desk.weight(one, NOON).ranked_cents for one in candidates}
    waiting = [one.decision_id for one in candidates if one.priority != "urgent"]
    lightest = min((weights[name] for name in waiting if name in given_to), default=None)
    assert lightest is None or all(weights[name] <= lightest for name in held)
