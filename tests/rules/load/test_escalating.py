"""What is held back opens nothing, draws nobody for a holdout, and lets another playbook of the family wait with it."""

from typing import Any

from rules.escalation import Changes, Standing, escalate
from rules.holdouts.draw import AccountValue, Draw
from rules.playbooks import Playbook
from tests.rules.load.desk import a_desk, a_team
from tests.rules.test_escalation import DAY, MONDAY, a_decision, a_playbook
from tests.rules.test_holdouts import BOOK, HELD, PLAN, TREATED, accounts_of

SMALL, LARGE = AccountValue(100_000, "USD"), AccountValue(900_000, "USD")


def run(budget: int | None, values: dict[str, AccountValue], *books: Playbook, draw: Draw | None = None) -> Changes:
    """All playbooks decide for all accounts on one day of the support lead."""
    told: dict[str, Any] = {} if budget is None else {"budgets": {"support_lead": budget}}
    desk = a_desk(a_team({"id": "lead", "roles": ["support_lead"]}, **told))
    decided = [a_decision(MONDAY, account, book) for book in books for account in values]
    return escalate(decided, books, Standing(values=values, draw=draw, desk=desk), MONDAY)


def test_the_weightiest_accounts_have_their_steps_and_an_owner() -> None:
    changes = run(1, {"A": SMALL, "B": LARGE}, a_playbook())
    assert [(case.escalation.account_ref, case.escalation.owner) for case in changes.opened] == [("B", "lead")]
    assert [alert.account_ref for alert in changes.held_back] == ["A"]
    assert changes


def test_a_matter_waits_as_a_whole_and_takes_one_place() -> None:
    high, low = a_playbook("high", family="f", priority="high"), a_playbook("low", family="f", priority="low")
    changes = run(1, {"A": SMALL, "B": LARGE}, low, high)
    assert [case.escalation.playbook for case in changes.opened] == ["high"]
    assert [evidence.decision.playbook for evidence in changes.evidence] == ["low"]
    assert [alert.playbook for alert in changes.held_back] == ["high"]


def test_what_is_held_back_draws_nobody() -> None:
    draw = Draw(MONDAY, {BOOK.id: PLAN})
    changes = run(0, {HELD: SMALL, TREATED: SMALL}, BOOK, draw=draw)
    assert (changes.drawn, changes.held, changes.opened) == ((), (), ())
    assert {alert.account_ref for alert in changes.held_back} == {HELD, TREATED}


def test_who_is_held_out_by_lot_takes_nobody_s_place() -> None:
    first, second = accounts_of("holdout", 2)
    draw = Draw(MONDAY, {BOOK.id: PLAN})
    changes = run(1, {first: LARGE, second: LARGE, TREATED: SMALL}, BOOK, draw=draw)
    assert [case.escalation.account_ref for case in changes.opened] == [TREATED]
    assert {held.decision.account_ref for held in changes.held} == {first, second}
    assert changes.held_back == ()


def test_a_live_escalation_takes_evidence_on_a_full_day() -> None:
    book = a_playbook()
    opened = run(None, {"A": SMALL}, book).opened
    later = a_decision(MONDAY + DAY, "A", book)
    standing = Standing(list(opened), desk=a_desk(a_team(budgets={"default": 0})))
    changes = escalate([later], [book], standing, MONDAY + DAY)
    assert [evidence.decision for evidence in changes.evidence] == [later]
    assert changes.held_back == ()
