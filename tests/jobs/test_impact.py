"""Support's part in revenue over a whole company: episodes, labels, what persons say, cost."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.effect_conventions import CostConventions
from domain.effects import HoldoutAssignment, HoldoutPlan, SaveDecision
from domain.errors import NotFound
from jobs.impact import ImpactDesk
from jobs.rulebook import Rulebook
from jobs.run import run
from rules.conditions import Condition
from rules.load.written import Team
from storage.episodes import EpisodeBook
from storage.holdouts import HoldoutBook
from storage.saves import SaveBook
from storage.store import Store
from tests.jobs.conftest import CLOCK, WEEK, load, silent

SINCE = CLOCK - 26 * WEEK
_USAGE_LOST = Condition.model_validate({"all": [
    {"signal": "usage_drop_7d", "op": ">=", "value": 0.5}, {"signal": "usage_prior_7d", "op": ">=", "value": 20},
    {"signal": "active_days_prior_7d", "op": ">=", "value": 3}, {"signal": "acv", "op": "is_known"},
]})  # fmt: skip


@pytest.fixture(scope="session")
def rulebook(rulebook: Rulebook) -> Rulebook:
    """What ships, but every alarm finds room and any loss of usage counts: more episodes to look at."""
    playbooks = tuple(
        book.model_copy(update={"when": _USAGE_LOST}) if book.id == "usage-drop" else book
        for book in rulebook.playbooks
    )
    return replace(rulebook, team=Team(), playbooks=playbooks)


@pytest.fixture(scope="session")
def loaded_database(tmp_path_factory: pytest.TempPathFactory, exports: Path) -> Path:
    """The small company before any run."""
    path = tmp_path_factory.mktemp("loaded") / "keepline.db"
    store = Store(f"sqlite:///{path}")
    load(store, exports)
    return _closed(store, path)


@pytest.fixture(scope="session")
def caught_up_database(tmp_path_factory: pytest.TempPathFactory, loaded_database: Path, rulebook: Rulebook) -> Path:
    """The small company after a catch-up of half a year."""
    path = Path(shutil.copy(loaded_database, tmp_path_factory.mktemp("caught") / "keepline.db"))
    store = Store(f"sqlite:///{path}")
    run(store, rulebook, CLOCK, silent, since=SINCE)
    return _closed(store, path)


def _closed(store: Store, path: Path) -> Path:
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def company(caught_up_database: Path, tmp_path: Path) -> Iterator[Store]:
    """That company, to be changed as a test likes."""
    path = shutil.copy(caught_up_database, tmp_path / "company.db")
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture(scope="session")
def quick(rulebook: Rulebook) -> Rulebook:
    """What ships, with a smaller bootstrap."""
    return replace(rulebook, incremental=rulebook.incremental.model_copy(update={"bootstrap_rounds": 20}))


def test_a_catch_up_writes_down_who_was_at_risk_from_when_on(company: Store) -> None:
    episodes = EpisodeBook(company.engine).episodes()
    assert {episode.recorded_at for episode in episodes} == {CLOCK}
    assert min(episode.flagged_at for episode in episodes) < CLOCK - 8 * WEEK
    fired = {(decision.account_ref, decision.as_of, decision.playbook) for decision in company.decisions()}
    for episode in episodes:
        assert {(episode.account_ref, episode.flagged_at, playbook) for playbook in episode.playbooks} <= fired


def test_a_routine_is_no_risk(company: Store) -> None:
    assert "renewal-enterprise" in {decision.playbook for decision in company.decisions()}
    named = {playbook for episode in EpisodeBook(company.engine).episodes() for playbook in episode.playbooks}
    assert "renewal-enterprise" not in named


def test_catching_up_again_changes_no_episode(company: Store, rulebook: Rulebook) -> None:
    before = EpisodeBook(company.engine).episodes()
    again = run(company, rulebook, CLOCK, silent, since=SINCE)
    assert again.episodes == 0
    assert EpisodeBook(company.engine).episodes() == before


def test_a_run_week_by_week_records_what_a_catch_up_does(
    company: Store, loaded_database: Path, tmp_path: Path, rulebook: Rulebook
) -> None:
    """What is known at a flag is the same whether the run came then or later, when more was known."""
    live = Store(f"sqlite:///{shutil.copy(loaded_database, tmp_path / 'live.db')}")
    for weeks in (4, 5, 6):
        run(live, rulebook, SINCE + weeks * WEEK, silent, since=SINCE)
    recorded, caught_up = (_frozen(store, SINCE + 6 * WEEK) for store in (live, company))
    live.close()
    assert recorded
    assert recorded == caught_up


def _frozen(store: Store, until: datetime) -> set[tuple[str, str]]:
    # From when on a ticket has had a target, or stood in an issue, depends on when a run first gave it one.
    return {
        (each.episode_id, each.covariates.model_dump_json(exclude={"sla_breaches_30d", "repeated_issue_count"}))
        for each in EpisodeBook(store.engine).episodes()
        if each.flagged_at <= until
    }


def test_the_incremental_figure_is_given_or_withheld_with_its_reason(company: Store, quick: Rulebook) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    told = desk.incremental
    assert told.verdict == "not enough evidence"
    assert told.amount is None
    assert told.withheld
    assert told.evidence is not None
    sizes = told.evidence.sizes
    assert sizes.episodes == len(desk.episodes) == sizes.treated + sizes.untreated + sum(sizes.excluded.values())
    assert desk.report().incremental == told


def test_a_report_is_of_its_period_alone(company: Store, quick: Rulebook) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    middle = CLOCK - 13 * WEEK
    early, late = desk.report(SINCE, middle), desk.report(middle, CLOCK)
    whole = desk.report(SINCE, CLOCK)
    assert early.at_stake + late.at_stake == whole.at_stake > 0
    assert early.touched.claimed + late.touched.claimed == whole.touched.claimed
    assert (early.until, late.since) == (middle, middle)


def test_every_model_stands_beside_the_others_and_shares_the_same_sum(company: Store, quick: Rulebook) -> None:
    report = ImpactDesk(company, quick, CLOCK).report(all_models=True)
    kinds = report.attributed.by_model
    assert len(kinds[0].amounts) == 8
    for model in kinds[0].amounts:
        assert sum(kind.amounts[model] for kind in kinds) == report.attributed.amount
    for kind in kinds:
        assert (kind.least, kind.most) == (min(kind.amounts.values()), max(kind.amounts.values()))


def say(desk: ImpactDesk, outcome: str, answer: str, hours: int = 0) -> ImpactDesk:
    """After somebody said so."""
    told = {"outcome_id": outcome, "answer": answer, "reason": "its price", "decided_by": "Ada"}
    desk.decide(SaveDecision.model_validate(told | {"decided_at": CLOCK + timedelta(hours=hours)}))
    return ImpactDesk(desk.store, desk.rulebook, desk.as_of, desk.known_on)


def test_a_rejected_save_is_out_of_the_figure_and_stays_visible(company: Store, quick: Rulebook) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    before = desk.report().touched
    first, second = before.outcomes[:2]
    after = say(say(desk, first.outcome_id, "rejected"), second.outcome_id, "confirmed").report().touched
    assert (after.claimed, after.rejected, after.confirmed) == (before.amount, first.kept, second.kept)
    assert after.amount == before.amount - first.kept
    [rejected] = after.rejected_outcomes
    assert rejected.outcome_id == first.outcome_id
    assert rejected.answer is not None
    assert (rejected.answer.by, rejected.answer.reason) == ("Ada", "its price")
    again = say(desk, first.outcome_id, "withdrawn", hours=1).report().touched
    assert (again.amount, again.rejected) == (before.amount, Decimal(0))
    assert len(SaveBook(company.engine).history(first.outcome_id)) == 2


def test_what_is_said_later_is_not_known_on_an_earlier_day(company: Store, quick: Rulebook) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    first = desk.report().touched.outcomes[0]
    say(desk, first.outcome_id, "rejected", hours=2)
    assert ImpactDesk(company, quick, CLOCK).report().touched.rejected == first.kept
    known = ImpactDesk(company, quick, CLOCK, CLOCK + timedelta(hours=1)).report().touched
    assert known.rejected == 0


def test_a_loss_stays_lost_whatever_is_said_of_it(company: Store, quick: Rulebook) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    before = desk.report().lost
    after = say(desk, before.outcomes[0].outcome_id, "rejected").report().lost
    assert (after.amount, after.not_support, after.confirmed) == (before.amount, before.outcomes[0].lost, Decimal(0))


def test_an_answer_needs_an_outcome(company: Store, quick: Rulebook) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    with pytest.raises(NotFound, match="keepline saves lists them"):
        say(desk, "nothing", "rejected")
    with pytest.raises(NotFound, match="nothing can be taken back"):
        say(desk, desk.report().touched.outcomes[0].outcome_id, "withdrawn")


@pytest.mark.parametrize("label", ["touched", "attributed", "lost"])
def test_a_label_opens_into_touches_whose_shares_sum_to_it(company: Store, quick: Rulebook, label: str) -> None:
    desk = ImpactDesk(company, quick, CLOCK)
    report = desk.report(model="markov")
    found = desk.opened(report, label)  # type: ignore[arg-type]
    assert found
    for each in found:
        shares = sum((touch.amount for touch in each.touches), each.unattributed)
        assert shares == (each.outcome.lost if label == "lost" else each.outcome.kept)
        assert sum(each.outcome.touches.values()) == len(each.touches)
        assert all(ticket.created_at < each.outcome.happened_at for ticket in each.tickets)
    if label == "attributed":
        named = sum((touch.amount for each in found for touch in each.touches), Decimal(0))
        assert named == report.attributed.amount


def test_an_episode_knows_the_arm_that_its_account_was_drawn_for(company: Store, quick: Rulebook) -> None:
    episode = EpisodeBook(company.engine).episodes()[0]
    book, at = HoldoutBook(company.engine), episode.flagged_at
    plan = {"plan_hash": "p1", "playbook": episode.playbooks[0], "content": {}, "registered_at": at}
    book.register(HoldoutPlan.model_validate(plan))
    drawn = {"plan_hash": "p1", "account_ref": episode.account_ref, "arm": "holdout", "because": "lot"}
    book.assign([HoldoutAssignment.model_validate(drawn | {"assigned_at": at})])
    assert list(ImpactDesk(company, quick, CLOCK).arms.values()) == ["holdout"]
    assert {playbook for _, playbook in ImpactDesk(company, quick, CLOCK).arms} == {episode.playbooks[0]}


def test_an_episode_written_down_later_is_not_known_on_an_earlier_day(company: Store, quick: Rulebook) -> None:
    assert len(ImpactDesk(company, quick, CLOCK, CLOCK).episodes) > 0
    assert len(ImpactDesk(company, quick, CLOCK, CLOCK - WEEK).episodes) == 0


def test_the_cost_is_that_of_the_period_where_one_is_configured(company: Store, quick: Rulebook) -> None:
    assert ImpactDesk(company, quick, CLOCK).report().cost is None
    costs = CostConventions(per_agent_hour=Decimal(60), minutes_per_touch={"ticket_resolved": Decimal(30)})
    desk = ImpactDesk(company, replace(quick, costs=costs), CLOCK)
    whole, half = desk.report(CLOCK - 8 * WEEK).cost, desk.report(CLOCK - 4 * WEEK).cost
    assert whole is not None
    assert half is not None
    assert whole.amount is not None
    assert half.amount is not None
    assert 0 < half.amount < whole.amount
    assert "csm_call" in (whole.because or "")
