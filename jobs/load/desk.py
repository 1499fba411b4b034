"""Gathers what must be known before a moment's new escalations are shared out: who is there, and what they hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw

from domain.escalations import LIVE_STATES, Escalation
from domain.playbooks import ParentItem
from jobs.rulebook import Rulebook
from rules.escalation import Changes, Standing
from rules.load.hours import day_at, working_hours
from rules.load.owners import AccountFacts, Hand, Rota
from rules.load.parents import Gathered, Hit, gather
from rules.load.precision import Chances, middle, precisions, standing_answers
from rules.load.sharing import Desk
from rules.step_work import Case
from storage.alert_load import LoadBook
from storage.store import Store

# So many stretches before say what is usual.
_BEFORE = 4
_SEEN = ("segment", "acv_band", "acv", "days_to_notice_deadline", "churn_risk")


def desk_at(
    store: Store, rulebook: Rulebook, signals: nw.DataFrame[Any], currency: str, cases: Sequence[Case], as_of: datetime
) -> tuple[Desk, tuple[ParentItem, ...]]:
    """What stands before the new escalations of a moment, and the items over accounts that were opened or closed.

    Raises:
        ValueError: an amount of `team.yaml` is not in the reporting currency.
    """
    team, levels = rulebook.team, rulebook.sla
    team.require_currency(currency)
    on = day_at(levels.default_calendar, as_of)
    every = [case.escalation for case in cases if case.escalation.opened_at <= as_of]
    gathered = parents_at(store, rulebook, as_of)
    rota = Rota(team, on, working_hours(team, levels, as_of), _kept(every))
    known = [cents for cents in _column(signals, "acv") if cents is not None]
    desk = Desk(
        rota=rota,
        accounts=_accounts(store, signals, as_of),
        chances=chances_at(store, rulebook, as_of, _risks(signals)),
        assumed_cents=middle(known),
        hands=_hands(every, rulebook, as_of),
        parents=gathered.by_account,
    )
    return desk, gathered.written


def parents_at(store: Store, rulebook: Rulebook, as_of: datetime) -> Gathered:
    """Which issues hit many accounts at a moment."""
    book, rule = LoadBook(store.engine), rulebook.team.parents
    standing = book.parents()
    if not rule.accounts and not standing:
        return Gathered()
    found = book.hits(as_of - rule.time, as_of)
    hits = [Hit(hit.issue_id, hit.label, hit.account_ref, hit.tickets) for hit in found]
    return gather(hits, standing, rule, as_of, book.usual(rule.time, _BEFORE, as_of) if rule.surge else {})


def chances_at(store: Store, rulebook: Rulebook, as_of: datetime, risk: Mapping[str, float]) -> Chances:
    """How probable losses are held to be, by what persons had answered by then."""
    standing = standing_answers(LoadBook(store.engine).answers(as_of))
    team = rulebook.team
    return Chances(team.chances, team.answers, risk, precisions(standing.values()))


def with_parents(changes: Changes, standing: Standing) -> Changes:
    """The changes, and with them the live escalations that stand below an item since this moment."""
    desk = standing.desk
    if desk is None or not desk.parents:
        return changes
    families = desk.rota.team.parents.families
    newest = {case.escalation.escalation_id: case for case in (*standing.cases, *changes.changed)}
    joined = {
        name: Case(case.escalation.model_copy(update={"parent_id": parent}), case.steps)
        for name, case in newest.items()
        if case.escalation.state in LIVE_STATES and case.escalation.family in families
        if (parent := desk.parents.get(case.escalation.account_ref)) not in {None, case.escalation.parent_id}
    }
    kept = tuple(case for case in changes.changed if case.escalation.escalation_id not in joined)
    return replace(changes, changed=(*kept, *joined.values()))


def _accounts(store: Store, signals: nw.DataFrame[Any], as_of: datetime) -> dict[str, AccountFacts]:
    kept = store.facts().accounts().select("id", "csm", "region").collect()
    own = {row["id"]: row for row in kept.iter_rows(named=True)}
    names = [name for name in _SEEN if name in signals.columns]
    today, found = as_of.date(), {}
    for row in signals.select("account_id", "account_ref", *names).iter_rows(named=True):
        days = row.get("days_to_notice_deadline")
        account = own.get(row["account_id"], {})
        found[str(row["account_ref"])] = AccountFacts(
            csm=account.get("csm"), segment=row.get("segment"), region=account.get("region"),
            band=row.get("acv_band"), notice_on=None if days is None else today + timedelta(days=days),
        )  # fmt: skip
    return found


def _column(signals: nw.DataFrame[Any], name: str) -> list[Any]:
    return signals[name].to_list() if name in signals.columns else []


def _risks(signals: nw.DataFrame[Any]) -> dict[str, float]:
    """The churn risk of the accounts for which a model in use gives one."""
    pairs = zip(signals["account_ref"].to_list(), _column(signals, "churn_risk"), strict=False)
    return {str(account): float(risk) for account, risk in pairs if risk is not None}


def _kept(every: Iterable[Escalation]) -> dict[str, str]:
    """Who took the last escalation of each account; `every`: the oldest first."""
    return {each.account_ref: each.owner for each in every if each.owner is not None}


def _hands(every: Iterable[Escalation], rulebook: Rulebook, as_of: datetime) -> dict[str, Hand]:
    """What each owner has in hand, and what she was given on the day of `as_of`."""
    calendar, found = rulebook.sla.default_calendar, dict[str, Hand]()
    on = day_at(calendar, as_of)
    for each in every:
        if each.owner is None:
            continue
        hand = found.setdefault(each.owner, Hand())
        if day_at(calendar, each.opened_at) == on:
            hand.give_today(each.parent_id)
        if each.state in LIVE_STATES:
            hand.live += 1
            hand.cents += each.arr_cents or 0
    return found
