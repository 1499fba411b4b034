"""Knows how credit is cut by work and by customer, so that every cut has each minor unit once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, get_args

import narwhals as nw

from domain.conventions import CreditConventions, CreditModel
from domain.money import decimal_amount
from retention.attribution import MODELS, UNATTRIBUTED, Amount, Credited
from retention.credit_report import CreditCut, CreditReport, CreditSlice
from retention.fx import RateTable
from retention.kind_shares import total_by_effect
from retention.ledger import Frame
from retention.valuation import Results, in_reporting_currency, total

CUTS: tuple[CreditCut, ...] = get_args(CreditCut)
UNKNOWN, NO_FAILURE = "(unknown)", "(no support failure)"
_MONEY = ("kept_cents", "lost_cents")
# What a touch without such a thing is called: it is known to have none, or nobody said.
_WITHOUT = {
    "team": UNKNOWN, "agent": UNKNOWN, "playbook": "(no playbook)", "ticket": "(no ticket)", "segment": UNKNOWN,
}  # fmt: skip
_OF_OUTCOMES = ("account", "segment")
_CALENDAR = {"week": "%G-W%V", "month": "%Y-%m"}
_LAST = (UNATTRIBUTED, NO_FAILURE, *_WITHOUT.values())


@dataclass(frozen=True)
class CreditBook:
    """The outcomes of `[since, until)` and the work before them, valued in the reporting currency.

    `outcomes` is `episodes.followed`, `touches` is `touch_details.with_details`, `accounts` storage's frame, `segments`
    each outcome's segment.
    """

    outcomes: Frame
    touches: Frame
    accounts: Frame
    rates: RateTable
    until: datetime
    since: datetime | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    conventions: CreditConventions = field(default_factory=CreditConventions)

    @cached_property
    def decided(self) -> Results:
        """The outcomes with `account`, `segment` and amounts in the reporting currency, null where no rate is known."""
        inside = self.outcomes.filter(nw.col("happened_at") < self.until)
        if self.since is not None:
            inside = inside.filter(nw.col("happened_at") >= self.since)
        named = inside.join(self.accounts.select("name", account_id="id"), on="account_id", how="left")
        named = named.with_columns(day=nw.col("happened_at").dt.date(), account=nw.coalesce("name", "account_ref"))
        found = in_reporting_currency(named, self.rates, "day", _MONEY)
        segments = [self.segments.get(outcome) for outcome in found["outcome_id"].to_list()]
        column = nw.new_series("segment", segments, nw.String, backend=found.implementation)
        return found.with_columns(column)

    @cached_property
    def known(self) -> Results:
        """The outcomes that can be valued; `currency` is the reporting one."""
        valued = self.decided.filter(~nw.col("kept_cents").is_null())
        return valued.with_columns(currency=nw.lit(self.rates.reporting_currency))

    @cached_property
    def work(self) -> Results:
        """The touches of the accounts that decided anything."""
        ours = self.known.lazy().select("account_id").unique()
        return self.touches.join(ours, on="account_id", how="semi").collect()

    @cached_property
    def credited(self) -> Credited:
        """Their journeys, read once for all models."""
        return Credited(self.known.lazy(), self.work.lazy(), self.conventions)

    def report(
        self, by: CreditCut = "kind", of: Amount = "kept", models: Sequence[CreditModel] = MODELS
    ) -> CreditReport:
        """Credit by each of the models, cut by kind, team, agent, playbook, ticket, account, segment, week or month.

        Weeks (ISO 8601) and months are those of the work. For a cut by failure: `failures.failure_book`.
        """
        shares = self.sliced(self.credited.shares(models, of), by, of)
        column = f"{of}_cents"
        slices = _ordered(self._slices(shares, models), by)
        alone = sum((each.unattributed for each in slices), Decimal(0))
        whole = self._amount(total(self.known, column))
        return CreditReport(
            of=of,
            by=by,
            since=self.since,
            until=self.until,
            currency=self.rates.reporting_currency,
            look_back_days=self.conventions.look_back_days,
            models=tuple(models),
            amount=whole,
            credited=whole - alone,
            unattributed=alone,
            slices=slices,
            pooled=self._pooled(whole - alone) if by == "kind" and of == "kept" and "markov" in models else {},
            outcomes=self.known.filter(nw.col(column) > 0).shape[0],
            unconverted=self.decided.shape[0] - self.known.shape[0],
        )

    def sliced(self, shares: Frame, by: CreditCut, of: Amount) -> Frame:
        """Rows of credit with `slice`, `cents` and `alone`, the part of it that no touch led to."""
        cents = nw.col("credit_cents" if of == "kept" else "lost_cents")
        nobody = nw.col("touch_id").is_null()
        told = shares.with_columns(cents=cents, alone=nw.when(nobody).then(cents).otherwise(nw.lit(0)))
        if by in _OF_OUTCOMES:
            there = self.known.lazy().select("outcome_id", slice=nw.col(by).fill_null(UNKNOWN))
            return told.join(there, on="outcome_id", how="left")
        if by in {"kind", "failure"}:
            found = nw.col("touch_kind")
        else:
            told = told.join(self.work.lazy().select("touch_id", slice=self._of_touch(by)), on="touch_id", how="left")
            found = nw.col("slice").fill_null(_WITHOUT.get(by, UNKNOWN))
        nobody_s = NO_FAILURE if by == "failure" else UNATTRIBUTED
        return told.with_columns(slice=nw.when(nobody).then(nw.lit(nobody_s)).otherwise(found))

    def _of_touch(self, by: CreditCut) -> nw.Expr:
        return nw.col("happened_at").dt.to_string(_CALENDAR[by]) if by in _CALENDAR else nw.col(by)

    def _slices(self, shares: Frame, models: Sequence[CreditModel]) -> list[CreditSlice]:
        rows = shares.collect()
        sums = rows.group_by("slice", "model").agg(nw.col("cents").sum(), nw.col("alone").sum())
        cents: dict[str, dict[str, int]] = {}
        alone: dict[str, int] = {}
        for name, model, amount, without in sums.iter_rows():
            cents.setdefault(name, {})[model] = amount - without
            alone[name] = max(alone.get(name, 0), without)
        counted = rows.group_by("slice").agg(
            nw.col("outcome_id").n_unique().alias("outcomes"), nw.col("touch_id").n_unique().alias("touches"),
            nw.col("touch_id").is_null().any().alias("has_none"),
        )  # fmt: skip
        counts = {name: (touches - int(none), outcomes) for name, outcomes, touches, none in counted.iter_rows()}
        return [self._slice(name, cents[name], alone[name], models, *counts[name]) for name in cents]

    def _slice(
        self,
        name: str,
        cents: Mapping[str, int],
        alone: int,
        models: Sequence[CreditModel],
        touches: int,
        outcomes: int,
    ) -> CreditSlice:
        amounts = {model: self._amount(cents.get(model, 0)) for model in models}
        return CreditSlice(
            name=name,
            amounts=amounts,
            least=min(amounts.values()),
            most=max(amounts.values()),
            unattributed=self._amount(alone),
            touches=touches,
            outcomes=outcomes,
        )

    def _pooled(self, credited: Decimal) -> dict[str, Decimal]:
        units = int(credited / self._amount(1))
        return {kind: self._amount(cents) for kind, cents in total_by_effect(units, self.credited.effects).items()}

    def _amount(self, cents: int | Any) -> Decimal:
        return decimal_amount(int(cents), self.rates.reporting_currency)


def _ordered(slices: Sequence[CreditSlice], by: CreditCut) -> tuple[CreditSlice, ...]:
    """The largest first, weeks and months in their order; last what nothing is known of, then what is nobody's."""
    nobody_s = (UNATTRIBUTED, NO_FAILURE)

    def place(one: CreditSlice) -> tuple[bool, bool, Decimal, str]:
        amount = Decimal(0) if by in _CALENDAR else -one.most
        return one.name in nobody_s, one.name in _LAST, amount, one.name

    return tuple(sorted(slices, key=place))
