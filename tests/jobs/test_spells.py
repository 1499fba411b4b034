"""Rules that must hold, or stay on, from one run to the next."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.playbooks import RuleSpell
from jobs.act import decide
from jobs.evaluate import look
from jobs.playbooks_in_force import InForce
from jobs.rulebook import Rulebook
from jobs.spells import standing_spells
from rules.escalation import Changes
from rules.playbooks import Playbook
from storage.spells import SpellBook
from storage.store import Store
from tests.jobs.desk import DAY, NOON, Desk, policies

SEEN = frozenset({
    "tickets_7d", "tickets_30d", "csat_30d", "acv", "acv_band", "segment", "renewal_on", "days_to_notice_deadline",
})  # fmt: skip


def a_playbook(**words: Any) -> Playbook:
    return Playbook.model_validate({
        "id": "near", "name": "Near", "when": {"signal": "tickets_7d", "op": ">=", "value": 1}, "cooldown": "0h",
        "steps": [{"do": "call", "owner": "csm", "within": "24h elapsed"}], **words,
    })  # fmt: skip


def run(store: Store, playbook: Playbook, as_of: datetime, acting: bool = True) -> tuple[int, Changes]:
    """One moment of the main job, as far as rules are concerned: how many decisions, and what they change."""
    rulebook: Rulebook = replace(policies(), playbooks=(playbook,))
    force = InForce((playbook,))
    evaluated = look(store.facts(), rulebook, as_of, as_of, SEEN).evaluated(
        as_of, force, standing_spells(store, force, as_of)
    )
    _, _, changes = decide(store, evaluated, rulebook, as_of, acting)
    return len(evaluated.evaluation.decisions), changes


def spells(store: Store, playbook: Playbook) -> list[tuple[int, int | None, int | None]]:
    """The days of each spell that was kept: true since, on since, ended."""
    book = SpellBook(store.engine)
    rows = book.begun_before([playbook.content_hash], NOON + 99 * DAY).iter_rows(named=True)
    found = [RuleSpell.model_validate({name: row[name] for name in RuleSpell.model_fields}) for row in rows]
    found += book.ended([playbook.content_hash], NOON, NOON + 99 * DAY)
    return sorted((_day(one.true_since), _maybe(one.on_since), _maybe(one.ended_at)) for one in found)


def _day(moment: datetime) -> int:
    return (moment - NOON).days


def _maybe(moment: datetime | None) -> int | None:
    return None if moment is None else _day(moment)


HELD = a_playbook(hold_for="2d")
STAYS = a_playbook(clear_when={"signal": "tickets_7d", "op": "==", "value": 0})


def test_a_rule_that_must_hold_decides_with_the_run_that_finds_it_held(sqlite_store: Store) -> None:
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    assert [run(sqlite_store, HELD, NOON + day * DAY)[0] for day in range(4)] == [0, 0, 1, 1]
    assert spells(sqlite_store, HELD) == [(0, 2, None)]
    assert {decision.since for decision in sqlite_store.decisions()} == {NOON + 2 * DAY}


def test_running_again_at_the_same_moment_changes_nothing(sqlite_store: Store) -> None:
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    for day in (0, 0, 1, 2, 2):
        fired, _ = run(sqlite_store, HELD, NOON + day * DAY)
    assert fired == 1
    assert spells(sqlite_store, HELD) == [(0, 2, None)]


def test_a_run_of_the_past_sees_the_spells_as_they_stood_and_leaves_them(sqlite_store: Store) -> None:
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    for day in range(4):
        run(sqlite_store, HELD, NOON + day * DAY)
    assert [run(sqlite_store, HELD, NOON + day * DAY, acting=False)[0] for day in range(4)] == [0, 0, 1, 1]
    assert spells(sqlite_store, HELD) == [(0, 2, None)]


def test_a_rule_that_has_not_cleared_opens_no_second_escalation(sqlite_store: Store) -> None:
    desk = Desk(sqlite_store)
    desk.ticket("T1", created_at=NOON - DAY)
    assert len(run(sqlite_store, STAYS, NOON)[1].opened) == 1
    desk.put("touch", external_id="W", account_ref="A", kind="csm_call", happened_at=NOON + DAY)
    [closed] = run(sqlite_store, STAYS, NOON + 2 * DAY)[1].changed
    assert closed.escalation.state == "resolved"
    _, later = run(sqlite_store, STAYS, NOON + 3 * DAY)
    assert not later.opened
    assert [each.until for each in later.suppressed] == [None]


def test_once_it_has_cleared_it_opens_again(sqlite_store: Store) -> None:
    desk = Desk(sqlite_store)
    desk.ticket("T1", created_at=NOON - DAY)
    run(sqlite_store, STAYS, NOON)
    desk.put("touch", external_id="W", account_ref="A", kind="csm_call", happened_at=NOON + DAY)
    run(sqlite_store, STAYS, NOON + 2 * DAY)
    assert run(sqlite_store, STAYS, NOON + 8 * DAY)[0] == 0
    desk.ticket("T2", created_at=NOON + 9 * DAY)
    assert len(run(sqlite_store, STAYS, NOON + 10 * DAY)[1].opened) == 1
    assert spells(sqlite_store, STAYS) == [(0, 0, 8), (10, 10, None)]


def test_while_a_rule_is_on_its_escalation_does_not_expire(sqlite_store: Store) -> None:
    stays = a_playbook(clear_when={"signal": "tickets_30d", "op": "==", "value": 0}, expires_after="3d")
    Desk(sqlite_store).ticket(created_at=NOON - DAY)
    run(sqlite_store, stays, NOON)
    assert not run(sqlite_store, stays, NOON + 20 * DAY)[1].changed
    run(sqlite_store, stays, NOON + 30 * DAY)
    [gone] = run(sqlite_store, stays, NOON + 34 * DAY)[1].changed
    assert gone.escalation.state == "expired"
