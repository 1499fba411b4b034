"""Playbooks about tickets: what a run decides, opens and reports, and that the past is seen as it was then."""

from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import narwhals as nw

from jobs.act import decide
from jobs.evaluate import Evaluated, look
from jobs.playbooks_in_force import InForce
from jobs.replay import Past, recorded_as
from jobs.rulebook import Rulebook
from jobs.spells import standing_spells
from jobs.ticket_sight import TicketPanels, TicketWatch, look_at_tickets
from rules.escalation import Changes
from rules.evaluation import Unknown
from rules.playbooks import Playbook
from rules.replay.grid import NEVER, moment_of
from rules.replay.replaying import replay, signals_needed
from storage.store import Store
from tests.jobs.conftest import silent
from tests.jobs.desk import DAY, HOUR, NOON, Desk, policies, promising


def a_playbook(**words: Any) -> Playbook:
    return Playbook.model_validate({
        "id": "waits", "name": "A customer waits", "scope": "ticket", "cooldown": "0h",
        "when": {"signal": "customer_waiting", "op": ">=", "value": "4h elapsed"},
        "steps": [{"do": "answer", "owner": "support_lead", "within": "1h elapsed"}], **words,
    })  # fmt: skip


WAITS = a_playbook()


def run(store: Store, as_of: datetime, *playbooks: Playbook) -> tuple[Evaluated, Changes]:
    """One moment of the main job, as far as playbooks are concerned."""
    force = InForce(playbooks or (WAITS,))
    rulebook: Rulebook = replace(policies(promising()), playbooks=force.active)
    watch = TicketWatch(store, rulebook, [as_of])
    evaluated = look(store.facts(), rulebook, as_of, as_of, signals_needed(force.active)).evaluated(
        as_of, force, standing_spells(store, force, as_of), watch.at(as_of, force)
    )
    _, _, changes = decide(store, evaluated, rulebook, as_of, True)
    return evaluated, changes


def two_tickets(store: Store) -> Desk:
    desk = Desk(store)
    desk.ticket("T1", NOON, account_ref="A")
    desk.ticket("T2", NOON + HOUR, account_ref="A")
    return desk


def test_the_decision_and_the_escalation_name_the_ticket(store: Store) -> None:
    two_tickets(store)
    evaluated, changes = run(store, NOON + 4 * HOUR)
    [decision] = evaluated.evaluation.decisions
    assert (decision.ticket_ref, decision.account_ref) == ("files:T1", "A")
    assert decision.inputs == {"customer_waiting": 4 * 3_600}
    assert decision.because == "customer waiting for 4h"
    [case] = changes.opened
    assert case.escalation.ticket_ref == "files:T1"
    assert [each.ticket_ref for each in store.escalations()] == ["files:T1"]


def test_further_tickets_of_the_account_are_evidence(store: Store) -> None:
    two_tickets(store)
    run(store, NOON + 4 * HOUR)
    evaluated, changes = run(store, NOON + 5 * HOUR)
    assert [each.ticket_ref for each in evaluated.evaluation.decisions] == ["files:T1", "files:T2"]
    assert not changes.opened
    assert [each.decision.ticket_ref for each in changes.evidence] == ["files:T1", "files:T2"]
    assert len({each.decision_id for each in evaluated.evaluation.decisions}) == 2


def test_two_tickets_at_once_open_one_escalation_that_names_the_older(store: Store) -> None:
    two_tickets(store)
    _, changes = run(store, NOON + 5 * HOUR)
    assert [case.escalation.ticket_ref for case in changes.opened] == ["files:T1"]
    assert [each.decision.ticket_ref for each in changes.evidence] == ["files:T2"]


def test_running_again_at_the_same_moment_changes_nothing(store: Store) -> None:
    two_tickets(store)
    rule = a_playbook(when={"all": [
        {"signal": "customer_waiting", "op": ">=", "value": "4h elapsed"},
        {"not": {"signal": "open_playbook", "op": "==", "value": "waits"}},
    ]})  # fmt: skip
    first, _ = run(store, NOON + 4 * HOUR, rule)
    again, changes = run(store, NOON + 4 * HOUR, rule)
    assert again.evaluation.decisions == first.evaluation.decisions
    assert not changes


def test_a_ticket_without_an_account_is_unknown_and_counted(store: Store) -> None:
    desk = two_tickets(store)
    desk.ticket("T3", NOON, account_ref=None)
    evaluated, _ = run(store, NOON + 4 * HOUR)
    assert [each.ticket_ref for each in evaluated.evaluation.decisions] == ["files:T1"]
    assert evaluated.evaluation.unknown == {"waits": Unknown(1, {"account": 1}, "tickets")}


def test_nothing_is_read_where_no_playbook_is_about_tickets(store: Store) -> None:
    about_accounts = Playbook.model_validate(
        WAITS.model_dump(mode="json", by_alias=True, exclude_none=True)
        | {"scope": "account", "when": {"signal": "tickets_7d", "op": ">=", "value": 1}}
    )
    watch = TicketWatch(store, policies(promising()), [NOON])
    assert watch.at(NOON, InForce((about_accounts,))) is None
    assert watch.at(NOON, InForce((), (WAITS,))) is not None


def test_a_condition_that_must_hold_begins_anew_with_a_ticket_that_is_opened_again(store: Store) -> None:
    desk = two_tickets(store)
    held = a_playbook(when={"signal": "priority", "op": "==", "value": "urgent"}, hold_for="2d")
    desk.ticket("T4", NOON, account_ref="A", priority="urgent")
    desk.becomes("status", "open", "solved", NOON + DAY + HOUR, "T4")
    desk.becomes("status", "solved", "open", NOON + 3 * DAY, "T4")
    fired = [len(run(store, NOON + day * DAY, held)[0].evaluation.decisions) for day in range(7)]
    assert fired == [0, 0, 0, 0, 0, 1, 1]


def test_many_moments_at_once_see_what_each_moment_saw(store: Store) -> None:
    desk = two_tickets(store)
    desk.says("customer", NOON, "T1")
    desk.says("agent", NOON + 6 * HOUR, "T1")
    desk.becomes("priority", "low", "urgent", NOON + 30 * HOUR, "T1")
    desk.becomes("status", "open", "solved", NOON + 2 * DAY, "T2")
    desk.becomes("status", "solved", "open", NOON + 3 * DAY, "T2")
    desk.keep(NOON + DAY)
    moments = [NOON + day * DAY for day in range(5)]
    rulebook = policies(promising())
    sight = look(store.facts(), rulebook, moments[0], moments[-1])
    accounts = [sight.signals(moment)[0] for moment in moments]
    dated = [
        each.with_columns(as_of=nw.lit(at).cast(nw.Datetime("us", "UTC")))
        for each, at in zip(accounts, moments, strict=True)
    ]
    many = TicketPanels(store, rulebook, moments, silent)(nw.concat(dated))
    for moment, seen in zip(moments, accounts, strict=True):
        panel = many.filter(nw.col("as_of") == moment)
        alone = look_at_tickets(store, rulebook, moment, moment).tickets(moment, seen)
        assert panel.drop("as_of").to_dict(as_series=False) == alone.to_dict(as_series=False)


SEVERAL = (
    a_playbook(family="one", expires_after="1d", cooldown="1d"),
    a_playbook(id="held", family="one", priority="urgent", hold_for="2d", expires_after="1d"),
    a_playbook(
        id="until-urgent", clear_when={"signal": "priority", "op": "==", "value": "urgent"}, expires_after="1d",
        when={"all": [
            {"signal": "priority", "op": "in", "value": ["normal", "high"]},
            {"signal": "days_to_renewal", "op": "<=", "value": 90},
        ]},
    ),
)  # fmt: skip


def a_month_of_tickets(store: Store, seed: int) -> None:
    """Two accounts whose tickets wait, are answered, become urgent, are solved and opened again."""
    dice, desk = Random(seed), Desk(store)  # noqa: S311 - no secret
    desk.put("account", external_id="B", name="Birch")
    desk.put("contract", external_id="D", account_ref="B", renews_on=NOON.date() + 80 * DAY, arr_cents=100)
    for number in range(8):
        name, at = f"T{number}", NOON + dice.randrange(60) * 6 * HOUR
        desk.ticket(name, at, account_ref=dice.choice("AB"), priority="normal")
        status, priority = "open", "normal"
        for _ in range(6):
            at += dice.randrange(1, 20) * 3 * HOUR
            desk.says(dice.choice(["customer", "agent"]), at, name)
            if dice.random() < 0.5:
                before, status = status, "open" if status == "solved" else "solved"
                desk.becomes("status", before, status, at + HOUR, name)
            if dice.random() < 0.6:
                before, priority = (
                    priority,
                    dice.choice([each for each in ("urgent", "high", "normal") if each != priority]),
                )
                desk.becomes("priority", before, priority, at + HOUR, name)


def test_a_replay_decides_and_opens_what_daily_runs_recorded(sqlite_store: Store) -> None:
    store = sqlite_store
    a_month_of_tickets(store, 4)
    moments = [NOON + day * DAY for day in range(1, 16)]
    for moment in moments:
        run(store, moment, *SEVERAL)
    decided = store.decisions(since=NOON, until=moments[-1] + DAY)
    rulebook = policies(promising())
    for playbook, table in zip(SEVERAL, recorded_as(store, rulebook, SEVERAL, moments), strict=True):
        lived = {(each.ticket_ref, each.account_ref, each.as_of) for each in decided if each.playbook == playbook.id}
        assert set(table.select("ticket_ref", "account_ref", "as_of").iter_rows()) == lived
        assert len(lived) > 1
    past = Past(store, rulebook, tuple(moments), frozenset(signals_needed(SEVERAL)))
    alerts = replay(past.panels(), {"these": SEVERAL}, past.grid, past.tickets(past.moments))["these"].alerts
    assert alerts.seen is not None
    opened = {
        (ticket, SEVERAL[playbook].id, moment_of(at), None if closed == NEVER else moment_of(closed))
        for ticket, playbook, at, closed in zip(
            alerts.seen["ticket_ref"], alerts.playbook, alerts.opened, alerts.closed, strict=True
        )
    }
    assert opened == {(each.ticket_ref, each.playbook, each.opened_at, each.closed_at) for each in store.escalations()}
    assert len(opened) > 4
