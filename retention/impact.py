"""Knows how outcomes, touches and credit become the report on support's part in kept and lost revenue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import narwhals as nw

from domain.conventions import CreditConventions
from domain.effects import SaveDecision
from domain.money import decimal_amount
from retention.attribution import UNATTRIBUTED, kept_credits, lost_credits, markov_effects, model_named
from retention.fx import RateTable
from retention.impact_report import (
    AccountShare,
    Attributed,
    ImpactReport,
    InCurrency,
    KindAcrossModels,
    KindShare,
    Lost,
    Touched,
    Unconverted,
)  # fmt: skip
from retention.incremental_report import Incremental
from retention.kind_shares import total_by_effect
from retention.ledger import Frame
from retention.model_spread import model_spread
from retention.support_cost import Cost
from retention.told_outcomes import MONEY, ToldOutcomes, is_touched, summed
from retention.valuation import Results, in_reporting_currency, total


@dataclass(frozen=True)
class Beside:
    """What stands beside the outcomes in a report.

    * answers: what persons said of saves and losses, by outcome
    * incremental: the estimate, as `incremental_report.told` tells it
    * cost: what support cost in the time of the report
    * all_models: whether credit is told under all models side by side
    """

    answers: Mapping[str, SaveDecision] = field(default_factory=dict)
    incremental: Incremental = field(default_factory=Incremental)
    cost: Cost | None = None
    all_models: bool = False


def impact(
    outcomes: Frame,
    touches: Frame,
    accounts: Frame,
    rates: RateTable,
    as_of: datetime,
    since: datetime | None = None,
    model: str | None = None,
    conventions: CreditConventions | None = None,
    *,
    until: datetime | None = None,
    beside: Beside | None = None,
) -> ImpactReport:
    """Report on the outcomes of `[since, until)`, up to `as_of` where `until` is None, from the first without `since`.

    `outcomes` is `episodes.followed`, `touches` is `touches.all_touches`, `accounts` storage's frame. Credit is split
    after conversion, so every list sums to the report's own total to the cent.

    Raises:
        NotFound: no such model.
    """
    kept = conventions or CreditConventions()
    named = model_named(model or kept.shown_model)
    end, told_beside = min(until or as_of, as_of), beside or Beside()
    decided = _decided(outcomes, accounts, rates, end, since)
    # Read by three splits: only the accounts that decided something, once.
    before = touches.join(decided.lazy().select("account_id"), on="account_id", how="semi").collect().lazy()
    told = ToldOutcomes(decided, before, kept, rates.reporting_currency, told_beside.answers)
    known = told.known
    return ImpactReport(
        since=since,
        until=end,
        as_of=as_of,
        currency=told.currency,
        model=named,
        look_back_days=kept.look_back_days,
        at_stake=told.sum("kept_cents") + told.sum("lost_cents"),
        kept=told.sum("kept_cents"),
        lost_amount=told.sum("lost_cents"),
        counts={kind: known.filter(nw.col("kind") == kind).shape[0] for kind in ("renewed", "contracted", "churned")},
        continued=told.listed((row for row in told.rows if row["kept_cents"] > 0), "kept_cents"),
        touched=_touched(told),
        attributed=_attributed(told, named, told_beside.all_models),
        incremental=told_beside.incremental,
        lost=_lost(told, named),
        cost=told_beside.cost,
        by_currency=_by_currency(told.found),
        unconverted=_unconverted(told.found),
    )


def _decided(outcomes: Frame, accounts: Frame, rates: RateTable, as_of: datetime, since: datetime | None) -> Results:
    inside = outcomes.filter(nw.col("happened_at") < as_of)
    if since is not None:
        inside = inside.filter(nw.col("happened_at") >= since)
    named = inside.join(accounts.select("name", account_id="id"), on="account_id", how="left").with_columns(
        day=nw.col("happened_at").dt.date(), account=nw.coalesce("name", "account_ref")
    )
    return in_reporting_currency(named, rates, "day", MONEY)


def _touched(told: ToldOutcomes) -> Touched:
    """What persons rejected is claimed no longer, and stays visible."""
    claimed = told.listed((row for row in told.rows if is_touched(row)), "kept_cents")
    rejected = tuple(each for each in claimed if each.answer is not None and each.answer.answer == "rejected")
    remaining = tuple(each for each in claimed if each not in rejected)
    return Touched(
        amount=summed(remaining, "kept"),
        claimed=summed(claimed, "kept"),
        rejected=summed(rejected, "kept"),
        confirmed=summed(remaining, "kept", "confirmed"),
        outcomes=remaining,
        rejected_outcomes=rejected,
    )


def _attributed(told: ToldOutcomes, model: str, all_models: bool) -> Attributed:
    credit = kept_credits(told.frame(), told.touches, model, told.conventions)
    accounts = told.known.select("outcome_id", "account", "account_id").lazy()
    by_account = credit.join(accounts, on="outcome_id", how="left").with_columns(
        nobody=nw.when(nw.col("touch_id").is_null()).then("credit_cents").otherwise(nw.lit(0))
    )
    sums = by_account.group_by("account", "account_id").agg(nw.col("credit_cents", "nobody").sum()).collect()
    nobody = total(sums, "nobody")
    by_kind = _by_kind(told, credit, "credit_cents")
    if model == "markov":
        by_kind = _pooled(told, by_kind, total(sums, "credit_cents") - nobody)
    return Attributed(
        amount=told.amount(total(sums, "credit_cents") - nobody),
        unattributed=told.amount(nobody),
        by_kind=by_kind,
        by_model=_by_model(told) if all_models else (),
        by_account=tuple(
            AccountShare(
                account=account,
                account_id=account_id,
                amount=told.amount(cents - alone),
                unattributed=told.amount(alone),
            )
            for account, account_id, cents, alone in sorted(sums.iter_rows(), key=lambda row: (-row[2], row[1]))
        ),
    )


def _by_model(told: ToldOutcomes) -> tuple[KindAcrossModels, ...]:
    spread = model_spread(told.frame(), told.touches, told.conventions)
    return tuple(
        KindAcrossModels(
            kind=each.kind,
            amounts={one.model: told.amount(one.by_kind[each.kind]) for one in spread.models},
            least=told.amount(each.least_cents),
            most=told.amount(each.most_cents),
            least_model=each.least_model,
            most_model=each.most_model,
        )
        for each in spread.kinds
    )


def _pooled(told: ToldOutcomes, by_kind: tuple[KindShare, ...], cents: int) -> tuple[KindShare, ...]:
    """The shares beside Markov's figures over all outcomes; a kind may have one of these and no credit."""
    if not by_kind:
        return ()
    effects = markov_effects(told.frame(), told.touches, told.conventions)
    pooled = total_by_effect(cents, effects)
    shares = {share.kind: share for share in by_kind}
    shares |= {
        kind: KindShare(kind=kind, amount=told.amount(0), touches=0, outcomes=0)
        for kind, part in pooled.items()
        if part and kind not in shares
    }
    return tuple(
        share.model_copy(update={"pooled": told.amount(pooled.get(kind, 0))}) for kind, share in shares.items()
    )


def _lost(told: ToldOutcomes, model: str) -> Lost:
    losses = told.listed((row for row in told.rows if row["lost_cents"] > 0), "lost_cents")
    shares = lost_credits(told.frame(), told.touches, model, told.conventions)
    nobody = shares.filter(nw.col("touch_kind") == UNATTRIBUTED).select("lost_cents").collect()
    return Lost(
        amount=told.sum("lost_cents"),
        without_touch=told.amount(total(nobody, "lost_cents")),
        confirmed=summed(losses, "lost", "confirmed"),
        not_support=summed(losses, "lost", "rejected"),
        by_kind=_by_kind(told, shares, "lost_cents"),
        outcomes=losses,
    )


def _by_kind(told: ToldOutcomes, shares: Frame, column: str) -> tuple[KindShare, ...]:
    by_kind = shares.filter(nw.col("touch_kind") != UNATTRIBUTED).group_by("touch_kind")
    sums = by_kind.agg(nw.col(column).sum(), touches=nw.len(), outcomes=nw.col("outcome_id").n_unique()).collect()
    rows = sorted(sums.iter_rows(named=True), key=lambda row: (-row[column], row["touch_kind"]))
    return tuple(
        KindShare(
            kind=row["touch_kind"], amount=told.amount(row[column]), touches=row["touches"], outcomes=row["outcomes"]
        )
        for row in rows
    )


def _by_currency(found: Results) -> tuple[InCurrency, ...]:
    own = found.group_by("currency").agg(
        nw.col("own_kept_cents").sum(), nw.col("own_lost_cents").sum(), outcomes=nw.len()
    )
    return tuple(
        InCurrency(
            currency=name, at_stake=decimal_amount(kept + lost, name), kept=decimal_amount(kept, name),
            lost=decimal_amount(lost, name), outcomes=count,
        )
        for name, kept, lost, count in own.sort("currency").iter_rows()
    )  # fmt: skip


def _unconverted(found: Results) -> tuple[Unconverted, ...]:
    rows = found.filter(nw.col("kept_cents").is_null()).sort("happened_at", "outcome_id")
    return tuple(
        Unconverted(
            kept=decimal_amount(row["own_kept_cents"], row["currency"]),
            lost=decimal_amount(row["own_lost_cents"], row["currency"]),
            **{name: row[name] for name in ("outcome_id", "account", "currency", "happened_at")},
        )
        for row in rows.iter_rows(named=True)
    )
