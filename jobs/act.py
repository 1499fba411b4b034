"""Turns decisions into escalations with due steps, and lets the work that was done complete them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.effects import Episode
from domain.escalations import LIVE_STATES, Decision
from domain.playbooks import ParentItem, PreparedAction
from jobs.evaluate import Evaluated
from jobs.holdouts import draw_at, keep_draws, with_reasons
from jobs.load.desk import desk_at, with_parents
from jobs.rulebook import Rulebook
from jobs.spells import last_applied, spells_to_keep
from rules.actions import prepared
from rules.branches import asks_for_replies
from rules.escalation import Changes, Standing, account_values, escalate
from rules.step_work import Case
from storage.actions import customer_messages
from storage.alert_load import KeptLoad
from storage.store import Store


def decide(
    store: Store,
    evaluated: Evaluated,
    rulebook: Rulebook,
    as_of: datetime,
    acting: bool,
    episodes: Sequence[Episode] = (),
) -> tuple[int, int, Changes]:
    """Keep the decisions of a moment and, where `acting`, what they and the work done change, in one transaction.

    Escalations are opened, worked off, expired, and given new evidence; `episodes` that begin are kept, acting or not:
    they are observed. Who is drawn for a holdout is written down before. Returns how many decisions and episodes were
    new.
    """
    decisions = evaluated.evaluation.decisions
    changes, parents = Changes(), tuple[ParentItem, ...]()
    if acting:
        standing, parents = _standing(store, evaluated, rulebook, as_of)
        changes = escalate(decisions, rulebook.playbooks, standing, as_of, rulebook.sla.default_calendar)
        changes = with_parents(changes, standing)
        keep_draws(store, changes, as_of)
    written = (*changes.opened, *changes.changed)
    new, begun = store.save_decided(
        with_reasons(decisions, changes),
        [case.escalation for case in written],
        [step for case in written for step in case.steps],
        [(evidence.escalation_id, evidence.decision.decision_id) for evidence in changes.evidence],
        episodes,
        spells_to_keep(evaluated, as_of) if acting else None,
        KeptLoad(changes.held_back, parents),
        _prepared(decisions, rulebook, changes),
    )
    return new, begun, changes


def _prepared(decisions: Sequence[Decision], rulebook: Rulebook, changes: Changes) -> tuple[PreparedAction, ...]:
    made = {decision.decision_id: decision for decision in decisions}
    books = {playbook.id: playbook for playbook in rulebook.playbooks}
    opened = (case.escalation for case in changes.opened)
    return tuple(action for each in opened for action in prepared(books[each.playbook], each, made[each.decision_id]))


def cases(store: Store) -> list[Case]:
    """All escalations with their steps, the oldest first."""
    steps = store.escalation_steps()
    return [
        Case(escalation, tuple(step for step in steps.get(escalation.escalation_id, ())))
        for escalation in store.escalations()
    ]


def _standing(
    store: Store, evaluated: Evaluated, rulebook: Rulebook, as_of: datetime
) -> tuple[Standing, tuple[ParentItem, ...]]:
    """What stands before the run, and the items over many accounts that it opens or closes."""
    every = cases(store)
    desk, parents = desk_at(store, rulebook, evaluated.signals, evaluated.currency, every, as_of)
    cooldown = max((playbook.quiet_time for playbook in rulebook.playbooks), default=timedelta())
    live_since = (case.escalation.opened_at for case in every if case.escalation.state in LIVE_STATES)
    since = min(live_since, default=as_of)
    stays_since = min((each.since for each in evaluated.evaluation.decisions if each.since is not None), default=as_of)
    # What was closed since the oldest live one was opened has spent touches that must not count twice.
    relevant = [
        case
        for case in every
        if _matters_since(case, min(since, as_of - cooldown)) or case.escalation.opened_at >= stays_since
    ]
    standing = Standing(
        cases=relevant,
        earlier=store.decisions(since=since, until=as_of),
        touches=store.touches(since=since, until=as_of),
        values=account_values(evaluated.signals, evaluated.currency),
        draw=draw_at(store, rulebook, as_of),
        replies=_replies(store, relevant, as_of),
        applied=last_applied(store, evaluated, since, as_of),
        desk=desk,
    )
    return standing, parents


def _replies(store: Store, relevant: Sequence[Case], as_of: datetime) -> dict[str, list[datetime]]:
    waiting = [case.escalation for case in relevant if asks_for_replies(case)]
    since = min((escalation.opened_at for escalation in waiting), default=as_of)
    return customer_messages(store.engine, {escalation.account_ref for escalation in waiting}, since, as_of)


def _matters_since(case: Case, since: datetime) -> bool:
    closed_at = case.escalation.closed_at
    return case.escalation.state in LIVE_STATES or (closed_at is not None and closed_at >= since)
