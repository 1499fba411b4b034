"""Knows how outcomes, touches and credit become the report on support's part in kept and lost revenue."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.conventions import CreditConventions
from domain.money import decimal_amount
from domain.revenue import Outcome
from retention.attribution import UNATTRIBUTED, journeys, kept_credits, lost_credits, markov_effects, model_named
from retention.fx import RateTable
from retention.impact_report import (
    AccountShare,
    Attributed,
    Decided,
    ImpactReport,
    Incremental,
    InCurrency,
    KindShare,
    Lost,
    Touched,
    Unconverted,
)  # fmt: skip
from retention.kind_shares import total_by_effect
from retention.ledger import Frame
from retention.valuation import Results, in_reporting_currency, total

_MONEY = ("kept_cents", "lost_cents")


def impact(
    outcomes: Frame,
    touches: Frame,
    accounts: Frame,
    rates: RateTable,
    as_of: datetime,
    since: datetime | None = None,
    model: str | None = None,
    conventions: CreditConventions | None = None,
) -> ImpactReport:
    """Report on the outcomes of `[since, as_of)`, of all time before `as_of` where `since` is None.

    `outcomes` is `episodes.followed`, `touches` is `touches.all_touches`, `accounts` storage's frame. Credit is split
    after conversion, so every list sums to the report's own total to the cent.

    Raises:
        NotFound: no such model.
    """
    kept = conventions or CreditConventions()
    named = model_named(model or kept.shown_model)
    decided = _decided(outcomes, accounts, rates, as_of, since)
    # Read by three splits: only the accounts that decided something, once.
    before = touches.join(decided.lazy().select("account_id"), on="account_id", how="semi").collect().lazy()
    told = _Told(decided, before, kept, rates.reporting_currency)
    known = told.known
    return ImpactReport(
        since=since,
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
        attributed=_attributed(told, named),
        incremental=Incremental(),
        lost=_lost(told, named),
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
    return in_reporting_currency(named, rates, "day", _MONEY)


class _Told:
    """The outcomes of a report: those that can be valued, and how they are listed."""

    def __init__(self, found: Results, touches: Frame, conventions: CreditConventions, currency: str) -> None:
        self.found, self.touches, self.conventions, self.currency = found, touches, conventions, currency
        self.known = found.filter(~nw.col("kept_cents").is_null())
        self.rows = list(self.known.sort("happened_at", "outcome_id").iter_rows(named=True))
        self._kinds: dict[str, dict[str, int]] | None = None

    def amount(self, cents: int) -> Decimal:
        return decimal_amount(cents, self.currency)

    def sum(self, column: str) -> Decimal:
        return self.amount(total(self.known, column))

    def listed(self, rows: Iterable[dict[str, Any]], by: str) -> tuple[Decided, ...]:
        """The largest `by` first."""
        ordered = sorted(rows, key=lambda row: (-row[by], row["outcome_id"]))
        return tuple(self._one(row) for row in ordered)

    def _one(self, row: dict[str, Any]) -> Decided:
        kept, lost = self.amount(row["kept_cents"]), self.amount(row["lost_cents"])
        same = ("outcome_id", "account", "account_id", "kind", "happened_at", "flagged_at", "intervened_at")
        return Decided(
            at_stake=kept + lost, kept=kept, lost=lost, touches=self._touches_before(row["outcome_id"]),
            **{name: row[name] for name in same},
        )  # fmt: skip

    def _touches_before(self, outcome_id: str) -> dict[str, int]:
        if self._kinds is None:
            self._kinds = _kinds(journeys(self.frame(), self.touches, self.conventions))
        return self._kinds.get(outcome_id, {})

    def frame(self) -> Frame:
        """The known outcomes with the columns that credit is split from."""
        return (
            self.known.select("outcome_id", "account_id", "happened_at", *_MONEY)
            .with_columns(nw.lit(self.currency).alias("currency"))
            .lazy()
        )


def _kinds(led: Frame) -> dict[str, dict[str, int]]:
    counted = led.group_by("outcome_id", "touch_kind").agg(nw.len().alias("touches")).sort("outcome_id", "touch_kind")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for outcome_id, kind, touches in counted.collect().iter_rows():
        found[outcome_id][kind] = touches
    return found


def _touched(told: _Told) -> Touched:
    shown = told.listed((row for row in told.rows if _is_touched(row)), "kept_cents")
    return Touched(amount=sum((outcome.kept for outcome in shown), Decimal(0)), outcomes=shown)


def _is_touched(row: dict[str, Any]) -> bool:
    """`Outcome.touched` on a row: the record is where the order in time is defined."""
    fields = {name: row[name] for name in Outcome.model_fields if name in row}
    return Outcome.model_construct(**fields).touched


def _attributed(told: _Told, model: str) -> Attributed:
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


def _pooled(told: _Told, by_kind: tuple[KindShare, ...], cents: int) -> tuple[KindShare, ...]:
    """The shares beside Markov's figures over all outcomes; a kind may have one of these and no credit."""
    if not by_kind:
        return ()
    effects = markov_effects(told.frame(), told.touches, told.conventions)
    pooled = total_by_effect(cents, effects, told.known.implementation)
    shares = {share.kind: share for share in by_kind}
    shares |= {
        kind: KindShare(kind=kind, amount=told.amount(0), touches=0, outcomes=0)
        for kind, part in pooled.items()
        if part and kind not in shares
    }
    return tuple(
        share.model_copy(update={"pooled": told.amount(pooled.get(kind, 0))}) for kind, share in shares.items()
    )


def _lost(told: _Told, model: str) -> Lost:
    shares = lost_credits(told.frame(), told.touches, model, told.conventions)
    nobody = shares.filter(nw.col("touch_kind") == UNATTRIBUTED).select("lost_cents").collect()
    return Lost(
        amount=told.sum("lost_cents"),
        without_touch=told.amount(total(nobody, "lost_cents")),
        by_kind=_by_kind(told, shares, "lost_cents"),
        outcomes=told.listed((row for row in told.rows if row["lost_cents"] > 0), "lost_cents"),
    )


def _by_kind(told: _Told, shares: Frame, column: str) -> tuple[KindShare, ...]:
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
