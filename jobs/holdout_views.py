"""Gathers what a plan has drawn, whom it could not draw, and what it has told so far."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Literal

import narwhals as nw

from domain.effects import HoldoutAssignment, HoldoutPlan
from domain.errors import NotFound
from jobs.playbooks_in_force import obeying
from jobs.rulebook import Rulebook
from jobs.settle import Settlement
from retention.holdout.analysis import Planned, as_assigned
from retention.holdout.following import followed_draws
from retention.holdout.result import HoldoutResult
from rules.holdouts.plan import design_of, holdout_of, plan_hash
from rules.holdouts.written import Holdout
from storage.holdouts import HoldoutBook
from storage.store import Store

State = Literal["drawing", "following up", "over", "replaced"]
Results = nw.DataFrame[Any]
ABOVE, UNKNOWN = "ARR above the limit", "ARR unknown"
OTHERWISE = "urgent ticket, escalation asked for, helped already, or let through by a person"


@dataclass(frozen=True)
class PlanView:
    """A plan as it stands.

    * state: `drawing`; `following up`: nobody is drawn any more, outcomes are awaited; `over`; `replaced`: the playbook
      has another plan or none, and whoever was held out is helped since `stopped_at` (None: not known since when)
    * drawn: everybody that was drawn or kept out, the oldest draw first
    * not_drawn: accounts for which the playbook acted while the plan drew, by why they were not drawn
    """

    plan: HoldoutPlan
    holdout: Holdout
    state: State
    stopped_at: datetime | None
    drawn: list[HoldoutAssignment]
    not_drawn: dict[str, int]
    result: HoldoutResult

    @property
    def power_in_words(self) -> str:
        """What was expected of the plan when it was registered."""
        return str(self.plan.content["power"].get("in_words", "unknown"))


def plan_views(store: Store, rulebook: Rulebook, as_of: datetime, named: str | None = None) -> list[PlanView]:
    """All plans registered by `as_of`, or the one whose hash begins with `named`, the oldest first.

    Raises:
        NotFound: no plan, or more than one, is named so.
    """
    kept = HoldoutBook(store.engine)
    plans = kept.plans(until=as_of)
    wanted = plans if named is None else [_one(plans, named)]
    if not wanted:
        return []
    view = _Views(store, rulebook, kept, as_of, plans)
    return [view.of(plan) for plan in wanted]


def _one(plans: list[HoldoutPlan], named: str) -> HoldoutPlan:
    found = [plan for plan in plans if plan.plan_hash.startswith(named)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{plan.plan_hash[:8]} ({plan.playbook})" for plan in plans) or "none"
    raise NotFound(f"{len(found)} plans are called {named!r}; known: {known}")


class _Views:
    def __init__(
        self, store: Store, rulebook: Rulebook, kept: HoldoutBook, as_of: datetime, plans: list[HoldoutPlan]
    ) -> None:
        self._kept, self._as_of, self._plans = kept, as_of, plans
        self._settled = Settlement(store.facts(), rulebook, as_of)
        self._escalations = store.facts().escalations().filter(nw.col("opened_at") <= as_of).collect()
        self._arms = kept.arms(until=as_of).collect()
        counting = obeying(store, rulebook, as_of).playbooks
        self._now = {plan_hash(design_of(book)) for book in counting if book.holdout is not None}

    def of(self, plan: HoldoutPlan) -> PlanView:
        holdout, drawn = holdout_of(plan), self._kept.assignments(plan.plan_hash, until=self._as_of)
        stopped_at = self._stopped_at(plan)
        draws = self._followed(plan, holdout, stopped_at)
        state = self._state(plan, holdout, draws, stopped_at)
        finished = state == "over"
        currency = self._settled.rates.reporting_currency
        result = as_assigned(draws, _planned(plan, holdout), currency, finished=finished)
        return PlanView(plan, holdout, state, stopped_at, drawn, self._not_drawn(plan, holdout, stopped_at), result)

    def _stopped_at(self, plan: HoldoutPlan) -> datetime | None:
        """When the playbook's next plan was registered."""
        place = self._plans.index(plan)
        later = (each.registered_at for each in self._plans[place + 1 :] if each.playbook == plan.playbook)
        return next(later, None)

    def _followed(self, plan: HoldoutPlan, holdout: Holdout, stopped_at: datetime | None) -> Results:
        """A replaced plan is compared by those whose horizon was over then: nobody is held out for it since."""
        draws = self._arms.filter(nw.col("plan_hash") == plan.plan_hash).lazy()
        told = followed_draws(draws, self._settled.outcomes, self._settled.rates, self._as_of, holdout.time)
        if stopped_at is None:
            return told
        return told.with_columns(over=nw.col("over") & (nw.col("assigned_at") <= nw.lit(stopped_at - holdout.time)))

    def _state(self, plan: HoldoutPlan, holdout: Holdout, draws: Results, stopped_at: datetime | None) -> State:
        if stopped_at is not None or plan.plan_hash not in self._now:
            return "replaced"
        if self._as_of.date() <= holdout.until:
            return "drawing"
        return "over" if len(draws) == len(draws.filter(nw.col("over"))) else "following up"

    def _not_drawn(self, plan: HoldoutPlan, holdout: Holdout, stopped_at: datetime | None) -> dict[str, int]:
        last = datetime.combine(holdout.until, time.max, tzinfo=UTC)
        until = last if stopped_at is None else min(last, stopped_at)
        ours = self._escalations.filter(
            nw.col("playbook") == plan.playbook, nw.col("opened_at") >= plan.registered_at,
            nw.col("opened_at") <= until,
        ).sort("opened_at")  # fmt: skip
        drawn = self._arms.filter(nw.col("plan_hash") == plan.plan_hash)["account_id"].to_list()
        others = ours.filter(~nw.col("account_id").is_in(drawn)).unique("account_id", keep="first", maintain_order=True)
        worth = others.select("arr_cents", "currency").iter_rows()
        return dict(Counter(_why(arr, currency, holdout) for arr, currency in worth).most_common())


def _why(arr_cents: int | None, currency: str | None, holdout: Holdout) -> str:
    if arr_cents is None:
        return UNKNOWN
    return ABOVE if currency != holdout.currency or arr_cents > holdout.limit_cents else OTHERWISE


def _planned(plan: HoldoutPlan, holdout: Holdout) -> Planned:
    power = plan.content["power"]
    return Planned(
        plan_hash=plan.plan_hash, playbook=plan.playbook, share=float(holdout.share_ratio),
        effect_hoped=float(holdout.effect_ratio), horizon_days=holdout.time.days,
        base_rate=power.get("base_rate"), accounts_needed=power.get("accounts_needed"),
    )  # fmt: skip
