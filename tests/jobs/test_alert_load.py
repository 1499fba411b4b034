"""A run gives what it opens to owners, holds back what has no room, and gathers issues that hit many accounts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from domain.errors import NotFound
from domain.escalations import Decision, Escalation
from domain.reading import Issue, TicketIssue
from jobs.act import cases, decide
from jobs.evaluate import Evaluated
from jobs.issues import READER
from jobs.load.answers import answer
from jobs.load.reviewing import measured, review_rules
from jobs.load.weighing import items_over_accounts, weigh
from jobs.playbooks_in_force import InForce
from jobs.queue import open_queue
from rules.evaluation import Evaluation, decision_id
from rules.load import Team
from rules.playbooks import Playbook, parse
from storage.alert_load import LoadBook
from storage.issues import IssueBook
from storage.store import Store
from tests.jobs.desk import DAY, NOON, Desk, policies

STEPS = [{"do": "call", "owner": "csm", "within": "24h elapsed"}]


def a_playbook(name: str = "usage", **further: Any) -> Playbook:
    when = {"signal": "tickets_7d", "op": ">=", "value": 1}
    told = {"id": name, "name": name, "when": when, "steps": STEPS, "cooldown": "0d", **further}
    return parse([{"playbooks": [told]}])[0]


USAGE, PRODUCT, URGENT = a_playbook(), a_playbook("product"), a_playbook("rescue", priority="urgent")


class Company(Desk):
    """Accounts A to E, worth 1,000 to 5,000 a year, whose CSM is North; and what a run decides about them."""

    def __init__(self, store: Store, team: dict[str, Any]) -> None:
        rules = replace(policies(), playbooks=(USAGE, PRODUCT, URGENT), team=Team.model_validate(team))
        super().__init__(store, rules)
        for name in "ABCDE":
            self.put("account", external_id=name, name=f"Account {name}", csm="North")

    def run(self, accounts: str, at: Any = NOON, playbook: Playbook = USAGE) -> list[Escalation]:
        """Decide for these accounts; returns what was opened."""
        made = [
            Decision(
                decision_id=decision_id(playbook.content_hash, name, at), account_ref=name, playbook=playbook.id,
                rule_hash=playbook.content_hash, as_of=at, because=f"{name} writes", inputs={"tickets_7d": 3},
            )
            for name in accounts
        ]  # fmt: skip
        ids = dict(self.store.facts().accounts().select("external_id", "id").collect().iter_rows())
        rows = [
            {"account_id": ids[name], "account_ref": name, "acv": 100_000 * number, "renewal_on": None}
            for number, name in enumerate("ABCDE", start=1)
        ]
        signals = nw.from_native(pl.DataFrame(rows, schema_overrides={"renewal_on": pl.Date}), eager_only=True)
        by = InForce(self.rulebook.playbooks)
        evaluated = Evaluated(signals, Evaluation(made, {}), "USD", by, Evaluation([], {}))
        _, _, changes = decide(self.store, evaluated, self.rulebook, at, acting=True)
        return [case.escalation for case in changes.opened]

    def held(self) -> list[tuple[str, date]]:
        book = LoadBook(self.store.engine)
        return [(one.account_ref, one.held_on) for one in book.held_back(NOON - 99 * DAY, NOON + 99 * DAY)]


def a_company(store: Store, **team: Any) -> Company:
    return Company(store, {"budgets": {"csm": 2}, **team})


def test_the_day_s_weightiest_are_opened_and_the_rest_is_tried_again(store: Store) -> None:
    company = a_company(store)
    opened = company.run("ABCD")
    assert [(each.account_ref, each.owner) for each in opened] == [("D", "North"), ("C", "North")]
    assert company.held() == [("B", NOON.date()), ("A", NOON.date())]
    assert company.run("AB", NOON + timedelta(hours=1)) == []
    assert [each.account_ref for each in company.run("AB", NOON + DAY)] == ["B", "A"]


def test_what_may_not_wait_is_opened_on_a_full_day(store: Store) -> None:
    company = a_company(store)
    company.run("CD")
    assert [each.account_ref for each in company.run("AB", playbook=URGENT)] == ["B", "A"]


def test_a_moment_that_is_run_again_changes_nothing(store: Store) -> None:
    company = a_company(store)
    company.run("ABCD")
    before = (cases(store), company.held())
    assert company.run("ABCD") == []
    assert (cases(store), company.held()) == before


def test_without_a_team_everything_is_opened(store: Store) -> None:
    assert len(Company(store, {}).run("ABCDE")) == 5


def _same_trouble(company: Company, accounts: str, at: Any = NOON - timedelta(hours=2)) -> None:
    """One ticket of each account about one issue."""
    book = IssueBook(company.store.engine, READER)
    for name in accounts:
        company.ticket(f"T{name}{at:%d%H}", created_at=at, account_ref=name, subject="Export fails")
    texts = book.unplaced(NOON - 30 * DAY, NOON + 30 * DAY, 100)
    issue = Issue(issue_id="i", reader=READER, label="export", terms=("export",), first_seen_at=at)
    placing = TicketIssue(reader=READER, issue_id="i", similarity=1.0, placed_at=at)
    book.save([issue], [(text.ticket_id, placing) for text in texts])


def test_an_issue_that_hits_many_accounts_is_one_item_and_takes_one_place(store: Store) -> None:
    company = a_company(store, parents={"accounts": 3, "families": "product"})
    assert [each.parent_id for each in company.run("A", NOON - DAY, PRODUCT)] == [None]
    _same_trouble(company, "ABCD")
    opened = company.run("BCD", playbook=PRODUCT)
    [item] = LoadBook(store.engine).parents()
    assert {each.parent_id for each in opened} == {item.parent_id}
    assert len(opened) == 3
    joined = [case.escalation for case in cases(store) if case.escalation.account_ref == "A"]
    assert [each.parent_id for each in joined] == [item.parent_id]
    assert company.run("E", NOON + timedelta(minutes=1)) != []

    entries = open_queue(store, NOON + timedelta(hours=1))
    [over] = items_over_accounts(store, company.rulebook, entries, NOON + timedelta(hours=1))
    assert (over.accounts, len(over.escalations)) == (tuple(f"Account {name}" for name in "ABCD"), 4)

    company.run("", NOON + 9 * DAY)
    assert [each.closed_at for each in LoadBook(store.engine).parents()] == [NOON + 9 * DAY]
    assert items_over_accounts(store, company.rulebook, entries, NOON + 10 * DAY) == []


def test_the_queue_is_ordered_by_weight(store: Store) -> None:
    company = Company(store, {})
    company.run("AB", playbook=URGENT)
    company.run("CDE")
    found = weigh(store, company.rulebook, open_queue(store, NOON), NOON)
    assert [one.entry.escalation.account_ref for one in found] == ["B", "E", "D", "A", "C"]
    assert found[0].weight.chance.because == "50 %, assumed for priority urgent"


class TestAnswers:
    def test_the_newest_answer_counts_and_can_be_taken_back(self, store: Store) -> None:
        company = Company(store, {})
        [one] = company.run("A")
        name, rules = one.escalation_id[:8], company.rulebook
        answer(store, rules, name, "agree", "lead", NOON)
        given, found = answer(store, rules, name, "disagree", "lead", NOON, "too-noisy", "again")
        assert (found, given.rule_hash) == (one, USAGE.content_hash)
        assert measured(store, USAGE.content_hash, NOON).ratio == 0
        answer(store, rules, name, "withdrawn", "lead", NOON)
        assert measured(store, USAGE.content_hash, NOON).ratio is None
        assert [each.verdict for each in LoadBook(store.engine).answers()] == ["agree", "disagree", "withdrawn"]

    def test_an_answer_counts_from_the_moment_on_at_which_it_was_given(self, store: Store) -> None:
        company = Company(store, {})
        [one] = company.run("A")
        answer(store, company.rulebook, one.escalation_id, "agree", "lead", NOON + DAY)
        assert measured(store, USAGE.content_hash, NOON).answered == 0
        assert measured(store, USAGE.content_hash, NOON + DAY).answered == 1

    @pytest.mark.parametrize(
        ("name", "reason", "remedy"),
        [
            ("zzzz", "other", "keepline queue --json lists them"),
            ("", "other", "no escalation"),
            ("{id}", "noisy", "did you mean 'too-noisy'"),
        ],
    )
    def test_what_cannot_be_is_told_with_the_remedy(self, store: Store, name: str, reason: str, remedy: str) -> None:
        company = Company(store, {})
        [one] = company.run("A")
        with pytest.raises(NotFound, match=remedy):
            answer(store, company.rulebook, name.format(id=one.escalation_id), "disagree", "lead", NOON, reason)
        with pytest.raises(NotFound, match="nothing was said"):
            answer(store, company.rulebook, one.escalation_id, "withdrawn", "lead", NOON)

    def test_enough_answers_replace_the_assumed_probability(self, store: Store) -> None:
        company = Company(store, {"answers": 2})
        for one in company.run("AB"):
            answer(store, company.rulebook, one.escalation_id, "agree", "lead", NOON)
        [first, *_] = weigh(store, company.rulebook, open_queue(store, NOON), NOON)
        assert (first.weight.chance.ratio, first.verdict) == (1.0, "agree")


def test_a_rule_that_nobody_works_on_is_proposed_to_be_retired(store: Store) -> None:
    company = Company(store, {"review": {"cases": 3, "unattended": 0.3}})
    company.run("ABCDE")
    company.run("", NOON + 20 * DAY)
    found = review_rules(store, company.rulebook, NOON + 21 * DAY)
    [first] = [one for one in found.proposals if one.alarms.playbook == "usage"]
    assert first.proposed == "retire"
    assert (first.alarms.fired, first.alarms.opened, first.alarms.unattended) == (5, 5, 5)
    assert found.weekly == {("North", NOON.date()): 5}
    assert found.proposals[0] is first
