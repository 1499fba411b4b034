"""Registers the plans of holdouts before they draw, and gathers what the draws of a moment must know."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw

from domain.effects import HoldoutAssignment, HoldoutPlan
from domain.errors import NotFound
from domain.escalations import Decision
from jobs.playbooks_in_force import obeying
from jobs.rulebook import Rulebook
from jobs.settle import Settlement
from retention.holdout.following import followed_draws
from retention.holdout.power import Power, estimate
from rules.escalation import Changes
from rules.holdouts.draw import ESCALATED, SEVERITY, Bar, Draw, let_through_by_persons
from rules.holdouts.plan import design_of, holdout_of, plan_hash, plan_of
from rules.holdouts.written import Holdout
from rules.playbooks import Playbook
from storage.holdouts import HoldoutBook
from storage.store import Store

_YEAR = timedelta(days=365)
_MONTH_DAYS = 365 / 12
_LONGEST_BECAUSE = 500
Results = nw.DataFrame[Any]


def draw_at(store: Store, rulebook: Rulebook, as_of: datetime) -> Draw | None:
    """What stands before the draws of a moment; None where no playbook holds anybody out.

    A plan that is not on record is registered first, with its power as it can be estimated now.
    """
    books = [playbook for playbook in rulebook.playbooks if playbook.holdout is not None]
    if not books:
        return None
    kept = HoldoutBook(store.engine)
    known = {plan.plan_hash: plan for plan in kept.plans()}
    plans = {
        book.id: known.get(plan_hash(design_of(book))) or _registered(store, rulebook, book, as_of) for book in books
    }
    drawn = kept.assignments()
    return Draw(
        as_of=as_of,
        plans={playbook: plan for playbook, plan in plans.items() if plan is not None},
        drawn={(each.plan_hash, each.account_ref): each for each in drawn},
        critical=_critical(kept, as_of),
        let_through=let_through_by_persons([*known.values(), *filter(None, plans.values())], drawn),
    )


def keep_draws(store: Store, changes: Changes, as_of: datetime) -> None:
    """Write down who was drawn and who is let through, before anything is done about it."""
    kept = HoldoutBook(store.engine)
    kept.assign(changes.drawn)
    for each in changes.released:
        drawn = each.assignment
        kept.override(drawn.plan_hash, drawn.account_ref, each.by, each.because, as_of)


def with_reasons(decisions: list[Decision], changes: Changes) -> list[Decision]:
    """The decisions, those of held out accounts with the plan that holds them out in their reason."""
    held = {each.decision.decision_id: each.because for each in changes.held}
    return [_with_reason(each, held.get(each.decision_id)) for each in decisions]


def _with_reason(decision: Decision, held: str | None) -> Decision:
    if held is None:
        return decision
    left = _LONGEST_BECAUSE - len(held) - 2
    return decision.model_copy(update={"because": f"{decision.because[:left]}; {held}"})


def _registered(store: Store, rulebook: Rulebook, playbook: Playbook, as_of: datetime) -> HoldoutPlan | None:
    """The plan, registered now; None where its last day is over."""
    if playbook.holdout is None or as_of.date() > playbook.holdout.until:
        return None
    before = history(store, rulebook, playbook, playbook.holdout.time, as_of)
    power = before.power(playbook.holdout, as_of.date())
    plan = plan_of(playbook, power.model_dump(mode="json"), as_of)
    HoldoutBook(store.engine).register(plan)
    return plan


def _critical(kept: HoldoutBook, as_of: datetime) -> dict[str, Bar]:
    """Why an account may not be held out now; an urgent ticket is told before one that was escalated."""
    found: dict[str, Bar] = {}
    for account, ticket, is_urgent in kept.critical_tickets(as_of):
        if is_urgent:
            found[account] = Bar(SEVERITY, f"urgent ticket {ticket} is open")
        else:
            found.setdefault(account, Bar(ESCALATED, f"an escalation was asked for in ticket {ticket}"))
    return found


@dataclass(frozen=True)
class History:
    """The accounts for which a playbook opened an escalation: how many, how many a month, and how many renewed."""

    accounts: int
    accounts_a_month: float | None
    renewal_rate: float | None

    def power(self, holdout: Holdout, day: date) -> Power:
        """What a holdout that begins on that day could tell."""
        return estimate(
            share=float(holdout.share_ratio), effect=float(holdout.effect_ratio), horizon_days=holdout.time.days,
            months_until=max((holdout.until - day).days, 0) / _MONTH_DAYS, base_rate=self.renewal_rate,
            accounts_a_month=self.accounts_a_month, accounts_seen=self.accounts,
        )  # fmt: skip


def history(store: Store, rulebook: Rulebook, playbook: Playbook, horizon: timedelta, as_of: datetime) -> History:
    """Of the last year, and of the horizon before it; each account with its first escalation.

    Those are counted that the playbook's holdout may draw; all of known worth where it has none.
    """
    settled = Settlement(store.facts(), rulebook, as_of)
    begun = _history(store, playbook, as_of - _YEAR - horizon, as_of)
    if playbook.holdout is not None:
        within = nw.col("arr_cents") <= playbook.holdout.limit_cents
        begun = begun.filter(within, nw.col("currency") == playbook.holdout.currency)
    told = followed_draws(begun.lazy(), settled.outcomes, settled.rates, as_of, horizon)
    over = told.filter(nw.col("over"))
    recent = begun.filter(nw.col("assigned_at") > as_of - _YEAR)
    return History(
        accounts=len(begun),
        accounts_a_month=len(recent) / _months_seen(recent, as_of) if len(recent) else None,
        renewal_rate=int(over["renewed"].sum()) / len(over) if len(over) else None,
    )


def _history(store: Store, playbook: Playbook, since: datetime, as_of: datetime) -> Results:
    """A row per account with its first escalation by the playbook in `(since, as_of]`, shaped like draws."""
    rows = store.facts().escalations().filter(
        nw.col("playbook") == playbook.id, nw.col("opened_at") > since, nw.col("opened_at") <= as_of,
        ~nw.col("arr_cents").is_null(),
    )  # fmt: skip
    shaped = rows.sort("opened_at", "escalation_id").collect()
    first = shaped.unique("account_id", keep="first", maintain_order=True)
    nobody = nw.lit(None).cast(nw.Datetime("us", "UTC"))
    return first.select(
        "account_id", "arr_cents", "currency", assigned_at="opened_at", arm=nw.lit("treat"), let_through_at=nobody
    )


def _months_seen(recent: Results, as_of: datetime) -> float:
    """How long the accounts took to come: since the first of them, a month at least and a year at most."""
    first: datetime = recent["assigned_at"].min()
    return max((as_of - first).days / _MONTH_DAYS, 1.0)


def release(store: Store, rulebook: Rulebook, account_ref: str, by: str, because: str, at: datetime) -> list[str]:
    """Let help through for an account in every plan in force. Returns what that came to, a sentence a plan.

    An account that was not drawn yet is kept out of the draw for good.

    Raises:
        NotFound: no plan is in force.
    """
    draw = draw_at(store, obeying(store, rulebook, at), at)
    if draw is None or not draw.plans:
        raise NotFound("no playbook holds anybody out now; docs/holdouts.md says how one does")
    kept, told = HoldoutBook(store.engine), []
    for plan in draw.plans.values():
        name = f"plan {plan.plan_hash[:8]} of {plan.playbook}"
        drawn = draw.drawn.get((plan.plan_hash, account_ref))
        if drawn is None:
            kept.assign([_kept_out(plan, account_ref, by, because, at)])
            told.append(f"{name}: kept out of the draw for good")
        elif drawn.overridden_by is not None:
            told.append(f"{name}: let through before, by {drawn.overridden_by}")
        elif drawn.arm == "treat":
            told.append(f"{name}: was never held out")
        else:
            kept.override(plan.plan_hash, account_ref, by, because, at)
            told.append(f"{name}: let through from now on, analysed as drawn")
    return told


def _kept_out(plan: HoldoutPlan, account_ref: str, by: str, because: str, at: datetime) -> HoldoutAssignment:
    return HoldoutAssignment(
        plan_hash=plan.plan_hash, account_ref=account_ref, arm="kept_out", because="kept out before it was drawn",
        assigned_at=at, overridden_by=by, overridden_at=at, overridden_because=because,
    )  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """The arm that an account was drawn for, and under which plan."""

    plan: HoldoutPlan
    assignment: HoldoutAssignment

    @property
    def ends_at(self) -> datetime:
        """Until when the account is held back at the latest."""
        return self.assignment.assigned_at + holdout_of(self.plan).time


def draws_of(store: Store, account_ref: str, as_of: datetime) -> list[Drawn]:
    """What an account was drawn for by `as_of`, under whatever plan, the oldest draw first."""
    return [each for each in _draws(store, as_of) if each.assignment.account_ref == account_ref]


def held_now(store: Store, rulebook: Rulebook, as_of: datetime) -> list[Drawn]:
    """Who is held out by the plans in force."""
    counting = obeying(store, rulebook, as_of).playbooks
    in_force = {plan_hash(design_of(book)) for book in counting if book.holdout is not None}
    return [
        each
        for each in _draws(store, as_of)
        if each.plan.plan_hash in in_force and each.assignment.arm == "holdout"
        if each.assignment.overridden_at is None and as_of < each.ends_at
    ]  # fmt: skip


def _draws(store: Store, as_of: datetime) -> list[Drawn]:
    kept = HoldoutBook(store.engine)
    plans = {plan.plan_hash: plan for plan in kept.plans(until=as_of)}
    return [Drawn(plans[each.plan_hash], each) for each in kept.assignments(until=as_of) if each.plan_hash in plans]
