"""Gathers what a leader reads of support's part in revenue: three labels, what persons said of them, and the cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import narwhals as nw

from domain.effects import SaveDecision
from domain.errors import NotFound
from jobs.holdout_views import plan_views
from jobs.settle import Desk
from retention.at_risk.estimating import compared, estimated_effect, left_out
from retention.at_risk.following import followed_episodes
from retention.impact import Beside, impact
from retention.impact_report import ImpactReport
from retention.incremental_report import Incremental, told
from retention.opened_outcomes import Label, OpenedOutcome, opened
from retention.support_cost import support_cost
from retention.valuation import Results
from storage.episodes import EpisodeBook
from storage.holdouts import HoldoutBook
from storage.saves import SaveBook


@dataclass(frozen=True)
class ImpactDesk(Desk):
    """Everything that reports on impact at a moment are made from."""

    @cached_property
    def answers(self) -> dict[str, SaveDecision]:
        """What persons said of outcomes; it counts for every report, as any later correction does."""
        return SaveBook(self.store.engine).standing(self.known_on)

    @cached_property
    def episodes(self) -> Results:
        """The accounts at risk and what became of them: `following.followed_episodes`."""
        known, settled = EpisodeBook(self.store.engine).frame(), self.settlement
        if self.known_on is not None:
            known = known.filter(nw.col("recorded_at") <= self.known_on)
        return followed_episodes(
            known, settled.outcomes, settled.touches, self.facts.contracts(), settled.rates, self.as_of,
            self.rulebook.incremental, self.rulebook.credit,
        )  # fmt: skip

    @cached_property
    def arms(self) -> dict[tuple[int, str], str]:
        """The arm that an account was drawn for in a playbook's newest holdout, `holdout` or `treat`, as assigned."""
        drawn = HoldoutBook(self.store.engine).arms(until=self.as_of).sort("assigned_at")
        rows = drawn.select("account_id", "playbook", "arm").collect().iter_rows()
        return {(account_id, playbook): arm for account_id, playbook, arm in rows}

    @cached_property
    def incremental(self) -> Incremental:
        """What help made of the accounts at risk; where accounts were held out by lot, that comparison comes first."""
        episodes = self.episodes
        result = estimated_effect(episodes, self.rulebook.incremental)
        flags = compared(episodes)["flagged_at"].to_list()
        holdouts = [view.result for view in plan_views(self.store, self.rulebook, self.as_of)]
        return told(result, flags, left_out(episodes), holdouts)

    def report(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        model: str | None = None,
        all_models: bool = False,
    ) -> ImpactReport:
        """What was decided in `[since, until)`, by default the last year, and support's part in it."""
        end = min(until or self.as_of, self.as_of)
        begun = since or end - timedelta(days=365)
        settled, rulebook = self.settlement, self.rulebook
        cost = support_cost(rulebook.costs, self._work(begun, end), settled.rates, begun, end)
        return impact(
            settled.outcomes, settled.touches, settled.accounts, settled.rates, self.as_of, begun, model,
            rulebook.credit, until=end, beside=Beside(self.answers, self.incremental, cost, all_models),
        )  # fmt: skip

    def opened(self, report: ImpactReport, label: Label) -> tuple[OpenedOutcome, ...]:
        """The outcomes behind a label of a report, each with its touches and tickets."""
        tickets = self.facts.tickets(until=self.as_of)
        return opened(report, label, self.settlement.touches, tickets, self.rulebook.credit)

    def decide(self, decision: SaveDecision) -> None:
        """Keep what a person says of an outcome.

        Raises:
            NotFound: no such outcome is known, or there is no answer to take back.
        """
        known = set(self.settlement.outcomes.select("outcome_id").collect()["outcome_id"].to_list())
        if decision.outcome_id not in known:
            raise NotFound(f"no outcome {decision.outcome_id!r}; keepline saves lists them with their ids")
        book = SaveBook(self.store.engine)
        if decision.answer == "withdrawn" and decision.outcome_id not in book.standing():
            raise NotFound(f"nothing was said of {decision.outcome_id}, so nothing can be taken back")
        book.decide(decision)

    def _work(self, since: datetime, until: datetime) -> dict[str, int]:
        inside = self.settlement.touches.filter(nw.col("happened_at") >= since, nw.col("happened_at") < until)
        return dict(inside.group_by("kind").agg(touches=nw.len()).collect().iter_rows())
