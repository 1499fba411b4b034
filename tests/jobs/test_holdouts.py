"""A run draws for the holdouts that playbooks ask for: once, within the limits, and as the plan says."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from domain.errors import NotFound
from jobs.account import view_account
from jobs.holdout_views import plan_views
from jobs.holdouts import held_now, release
from jobs.rulebook import Rulebook
from jobs.run import run
from rules.holdouts.written import Holdout
from rules.load import Team
from rules.playbooks import parse
from storage import tables
from storage.holdouts import HoldoutBook
from storage.store import Store
from tests.jobs.conftest import CLOCK, WEEK, load, silent
from tests.jobs.test_importing import dump

LIMIT = 60_000_00
WRITTEN = {"share": "50 %", "max_arr": "60000 USD", "effect_hoped": "20 %", "until": date(2026, 12, 31)}
BEGUN = CLOCK - 4 * WEEK


ALWAYS = {
    "id": "always", "name": "Whoever pays", "when": {"signal": "acv", "op": "is_known"},
    "steps": [{"do": "health check", "owner": "csm", "within": "24h elapsed"}],
}  # fmt: skip


def holding_out(rulebook: Rulebook, **changed: Any) -> Rulebook:
    """A shipped playbook and one that always applies, each with a holdout; every day has room for all."""
    holdout = Holdout.model_validate(WRITTEN | changed)
    books = [book for book in rulebook.playbooks if book.id == "usage-drop"] + list(parse([{"playbooks": [ALWAYS]}]))
    with_holdout = tuple(book.model_copy(update={"holdout": holdout}) for book in books)
    return replace(rulebook, playbooks=with_holdout, team=Team())


@pytest.fixture(scope="module")
def rules(rulebook: Rulebook) -> Rulebook:
    return holding_out(rulebook)


@pytest.fixture(scope="module")
def drawn_database(tmp_path_factory: pytest.TempPathFactory, exports: Path, rules: Rulebook) -> Path:
    """The small company after four weekly runs with holdouts."""
    path = tmp_path_factory.mktemp("drawn") / "keepline.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        load(store, exports)
        run(store, rules, CLOCK, silent, since=BEGUN)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def company(drawn_database: Path, tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{shutil.copy(drawn_database, tmp_path / 'company.db')}")) as store:
        yield store


def test_every_plan_was_registered_before_its_first_draw(company: Store, rules: Rulebook) -> None:
    kept = HoldoutBook(company.engine)
    registered = {plan.plan_hash: plan.registered_at for plan in kept.plans()}
    assert len(registered) == len(rules.playbooks)
    drawn = kept.assignments()
    assert {each.arm for each in drawn} == {"holdout", "treat"}
    assert all(registered[each.plan_hash] <= each.assigned_at for each in drawn)


def test_nobody_above_the_limit_is_drawn(company: Store) -> None:
    drawn = HoldoutBook(company.engine).assignments()
    assert all(each.arr_cents is not None and each.arr_cents <= LIMIT for each in drawn)


def test_a_held_out_account_has_no_escalation_of_that_playbook_and_its_decisions_say_why(
    company: Store, rules: Rulebook
) -> None:
    held = held_now(company, rules, CLOCK)
    assert held
    opened = {(each.account_ref, each.playbook) for each in company.escalations() if each.opened_at >= BEGUN}
    for each in held:
        key = (each.assignment.account_ref, each.plan.playbook)
        assert key not in opened
        decisions = [one for one in company.decisions(key[0]) if one.playbook == key[1]]
        assert f"held out under plan {each.plan.plan_hash[:8]}" in decisions[0].because


def test_running_again_changes_nothing(company: Store, rules: Rulebook) -> None:
    before = dump(company)
    again = run(company, rules, CLOCK, silent)
    assert (again.drawn, again.let_through, again.opened) == (0, 0, 0)
    assert dump(company) == before


def test_a_person_lets_help_through_and_the_next_run_acts(company: Store, rules: Rulebook) -> None:
    held = _still_decided(company, rules)
    account = held.assignment.account_ref
    said = release(company, rules, account, "Ana", "an executive asked", CLOCK)
    assert any(f"of {held.plan.playbook}: let through from now on, analysed as drawn" in each for each in said)
    assert any("let through before, by Ana" in each for each in release(company, rules, account, "Ben", "too", CLOCK))
    run(company, rules, CLOCK, silent)
    assert (account, held.plan.playbook) in {(each.account_ref, each.playbook) for each in company.escalations()}
    arms = HoldoutBook(company.engine).arms().collect()
    assert ("holdout", account) in set(arms.select("arm", "account_ref").iter_rows())


def test_an_account_with_a_fresh_urgent_ticket_is_let_through(company: Store, rules: Rulebook) -> None:
    held = _still_decided(company, rules)
    account = held.assignment.account_ref
    key = view_account(company, rules, account, CLOCK).account["id"]
    ticket = tables.tickets
    with company.engine.begin() as connection:
        newest = connection.scalar(select(func.max(ticket.c.id)).where(ticket.c.account_id == key))
        fresh = {"priority": "urgent", "status": "open", "resolved_at": None}
        connection.execute(update(ticket).where(ticket.c.id == newest).values(fresh))
    done = run(company, rules, CLOCK, silent)
    assert done.let_through >= 1
    [now] = [
        each for each in HoldoutBook(company.engine).assignments(held.plan.plan_hash) if each.account_ref == account
    ]
    assert (now.arm, now.overridden_by) == ("holdout", "rule: severity-1")
    assert now.overridden_because is not None
    assert "urgent ticket" in now.overridden_because
    assert (account, held.plan.playbook) in {(each.account_ref, each.playbook) for each in company.escalations()}


def _still_decided(company: Store, rules: Rulebook) -> Any:
    """A held out account for which the playbook still fires at the clock."""
    fired = {(each.account_ref, each.playbook) for each in company.decisions(since=CLOCK, until=CLOCK)}
    return next(
        each for each in held_now(company, rules, CLOCK) if (each.assignment.account_ref, each.plan.playbook) in fired
    )


def test_a_plan_tells_its_arms_and_whom_it_did_not_draw(company: Store, rules: Rulebook) -> None:
    views = plan_views(company, rules, CLOCK)
    assert len(views) == len(rules.playbooks)
    for view in views:
        told = view.result
        assert view.state == "drawing"
        assert told.treat.drawn + told.holdout.drawn == len(view.drawn)
        assert told.treat.over == 0
        assert told.in_words.startswith("Too early")
    [one] = plan_views(company, rules, CLOCK, views[0].plan.plan_hash[:6])
    assert one.plan == views[0].plan
    with pytest.raises(NotFound, match="0 plans are called 'zzz'; known: "):
        plan_views(company, rules, CLOCK, "zzz")
    assert plan_views(company, rules, BEGUN - WEEK) == []


def test_outcomes_come_when_the_horizon_is_over(company: Store, rules: Rulebook) -> None:
    views = plan_views(company, rules, CLOCK + timedelta(days=181))
    assert sum(view.result.holdout.over for view in views) > 0
    assert all(view.result.holdout.over == view.result.holdout.drawn for view in views)


def test_another_plan_draws_anew_and_the_old_one_stays(company: Store, rules: Rulebook) -> None:
    other = holding_out(rules, effect_hoped="21 %")
    later = CLOCK + timedelta(hours=1)
    run(company, other, later, silent)
    views = plan_views(company, other, later)
    assert len(views) == 2 * len(rules.playbooks)
    old = [view for view in views if view.state == "replaced"]
    assert len(old) == len(rules.playbooks)
    assert {view.stopped_at for view in old} == {later}


def test_without_a_holdout_in_the_playbooks_nobody_is_held_out(company: Store, rulebook: Rulebook) -> None:
    later = CLOCK + timedelta(hours=1)
    done = run(company, rulebook, later, silent)
    assert (done.drawn, done.held_out) == (0, 0)
    assert held_now(company, rulebook, later) == []
    assert {view.state for view in plan_views(company, rulebook, later)} == {"replaced"}
    with pytest.raises(NotFound, match=r"docs/holdouts\.md"):
        release(company, rulebook, "A-1", "Ana", "why", later)
