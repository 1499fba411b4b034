"""The main job: the same facts and moment give the same decisions, on every database, however often it runs."""

import csv
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.conventions import Cut, Period
from jobs.digest import digest
from jobs.impact import ImpactDesk
from jobs.ledger import retention
from jobs.queue import open_queue
from jobs.reconcile import reconcile
from jobs.rulebook import Rulebook
from jobs.run import run
from jobs.settle import Settlement
from retention.attribution import MODELS
from retention.digest.weeks import last_week
from storage.store import Store
from tests.jobs.conftest import CLOCK, WEEK, load, silent
from tests.jobs.test_importing import dump


@pytest.fixture(scope="session")
def settled_database(tmp_path_factory: pytest.TempPathFactory, exports: Path, rulebook: Rulebook) -> Path:
    """The small company after eight weekly runs."""
    path = tmp_path_factory.mktemp("settled") / "keepline.db"
    store = Store(f"sqlite:///{path}")
    load(store, exports)
    run(store, rulebook, CLOCK, silent, since=CLOCK - 8 * WEEK)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def company(settled_database: Path, tmp_path: Path) -> Any:
    """The small company, to be changed as a test likes."""
    copy = tmp_path / "company.db"
    shutil.copy(settled_database, copy)
    store = Store(f"sqlite:///{copy}")
    yield store
    store.close()


def test_running_again_at_the_same_moment_changes_nothing(company: Store, rulebook: Rulebook) -> None:
    before = dump(company)
    again = run(company, rulebook, CLOCK, silent)
    assert (again.new_decisions, again.opened, again.completed_or_closed) == (0, 0, 0)
    assert dump(company) == before


def test_an_account_has_at_most_one_live_escalation_in_a_family(company: Store) -> None:
    live = [(entry.escalation.account_ref, entry.escalation.family) for entry in open_queue(company, CLOCK)]
    assert live
    assert len(live) == len(set(live))


def test_every_decision_says_why_and_keeps_what_it_saw(company: Store) -> None:
    decisions = company.decisions()
    assert decisions
    for decision in decisions:
        assert decision.because
        assert decision.inputs
        assert len(decision.rule_hash) == 32


def test_a_run_before_the_last_one_leaves_the_escalations_alone(company: Store, rulebook: Rulebook) -> None:
    before = dump(company)
    early = run(company, rulebook, CLOCK - timedelta(days=3), silent)
    after = dump(company)
    assert not early.acted
    assert (after["escalations"], after["escalation_steps"]) == (before["escalations"], before["escalation_steps"])


def test_nothing_from_the_future_is_seen(exports: Path, rulebook: Rulebook, tmp_path: Path) -> None:
    """What is decided as of a day is what would have been decided on that day, with the exports of that day."""
    day = datetime(2026, 3, 30, 6, tzinfo=CLOCK.tzinfo)
    whole, cut = Store(f"sqlite:///{tmp_path / 'whole.db'}"), Store(f"sqlite:///{tmp_path / 'cut.db'}")
    load(whole, exports)
    load(cut, without_what_came_later(exports, tmp_path / "then", day))
    for store in (whole, cut):
        run(store, rulebook, day, silent)
    known = [[decision.model_dump() for decision in store.decisions()] for store in (whole, cut)]
    whole.close()
    cut.close()
    assert known[0]
    assert known[0] == known[1]


def without_what_came_later(exports: Path, folder: Path, day: datetime) -> Path:
    """The exports without the tickets, messages, surveys, usage and touches after a moment."""
    folder.mkdir()
    moments = {"surveys.csv": "answered_at", "usage.csv": "used_on", "touches.csv": "happened_at"}
    for file in exports.iterdir():
        if file.name in moments:
            head, *lines = file.read_text(encoding="utf-8").splitlines()
            place = head.split(",").index(moments[file.name])
            kept = [line for line in lines if _column(line, place) <= day.isoformat()]
            (folder / file.name).write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
        else:
            shutil.copy(file, folder / file.name)
    return folder


def _column(line: str, place: int) -> str:
    return next(csv.reader([line]))[place]


def test_sqlite_and_postgresql_decide_and_count_alike(
    store: Store, company: Store, exports: Path, rulebook: Rulebook
) -> None:
    load(store, exports)
    run(store, rulebook, CLOCK, silent, since=CLOCK - 8 * WEEK)
    here, there = store.facts(), company.facts()
    assert store.decisions() == company.decisions()
    assert [each.model_dump() for each in store.escalations()] == [each.model_dump() for each in company.escalations()]
    assert store.outcomes() == company.outcomes()
    assert retention(here, "quarter", CLOCK, rulebook.ledger) == retention(there, "quarter", CLOCK, rulebook.ledger)
    kinds = [sorted(each.kind for each in reconcile(facts, CLOCK, rulebook.ledger)) for facts in (here, there)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(
    ("period", "by"), [("month", "segment"), ("quarter", "cohort"), ("quarter", "plan"), ("year", "industry")]
)
def test_every_slice_adds_up_to_the_total(company: Store, rulebook: Rulebook, period: Period, by: Cut) -> None:
    facts = company.facts()
    totals = {row.period: row for row in retention(facts, period, CLOCK, rulebook.ledger)}
    sums: dict[str, list[int]] = {}
    for row in retention(facts, period, CLOCK, rulebook.ledger, by):
        opening, closing = sums.setdefault(row.period, [0, 0])
        sums[row.period] = [opening + row.opening_cents, closing + row.closing_cents]
    assert sums == {
        name: [row.opening_cents, row.closing_cents]
        for name, row in totals.items()
        if row.opening_cents + row.closing_cents
    }


@pytest.mark.parametrize("model", MODELS)
def test_credit_sums_to_what_was_kept(company: Store, rulebook: Rulebook, model: str) -> None:
    report = ImpactDesk(company, rulebook, CLOCK).report(model=model)
    assert report.attributed.amount + report.attributed.unattributed == report.kept
    assert sum((each.amount for each in report.attributed.by_kind), Decimal(0)) == report.attributed.amount
    assert report.incremental.amount is None
    assert report.kept + report.lost_amount == report.at_stake
    pooled = [each.pooled for each in report.attributed.by_kind if each.pooled is not None]
    assert sum(pooled) == (report.attributed.amount if model == "markov" else 0)


def test_every_model_can_be_settled(company: Store, rulebook: Rulebook) -> None:
    document = rulebook.credit.model_copy(update={"models": MODELS})
    settled, credit = Settlement(company.facts(), replace(rulebook, credit=document), CLOCK).records()
    for model in MODELS:
        assert sum(one.credit_cents for one in credit if one.model == model) == sum(one.kept_cents for one in settled)


def test_the_digest_counts_what_the_commands_show(company: Store, rulebook: Rulebook) -> None:
    content = digest(company, rulebook, CLOCK, last_week(CLOCK), "A company", is_demo=True)
    assert content.is_demo
    assert content.at_risk.escalations == len(open_queue(company, CLOCK))
    months = retention(company.facts(), "month", CLOCK, rulebook.ledger)
    assert content.retention.trend[-1].period == months[-1].period
