"""Knows how recurring revenue is agreed, billed, reported lost, and what came of a renewal."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from domain.records import Currency, Name, Record, Sourced, UtcDatetime

Pricing = Literal["flat", "seats", "usage"]


class Contract(Sourced):
    """An agreement with a renewal date. Notice given, last effect and renewal are three different dates."""

    account_ref: Name
    starts_on: date
    renews_on: date | None = None
    notice_on: date | None = None
    ends_on: date | None = None
    arr_cents: int = Field(ge=0)
    currency: Currency
    product_lines: tuple[str, ...] = ()
    auto_renew: bool | None = None


class SubscriptionLine(Sourced):
    """What an account pays for one product, in force on `[starts_on, ends_on)`.

    `amount_cents` is charged every `interval_months`, net of discounts. `pricing` says what the amount follows, where
    the source tells it. `recorded_at` is when we learned this version of the line: a correction is another row with a
    later `recorded_at`, so that the past can be read as it was known.
    """

    account_ref: Name
    product: Name
    plan: str | None = None
    seats: int | None = Field(default=None, ge=0)
    amount_cents: int = Field(ge=0)
    currency: Currency
    interval_months: int = Field(ge=1, le=120)
    starts_on: date
    ends_on: date | None = None
    trial: bool = False
    pricing: Pricing | None = None
    reported_arr_cents: int | None = None
    reported_churned: bool | None = None
    recorded_at: UtcDatetime

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "SubscriptionLine":
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("ends_on is before starts_on")
        return self


class ChurnReport(Sourced):
    """Another system's claim that an account left on a day; kept as a claim and compared with the subscriptions."""

    account_ref: Name
    churned_on: date
    reason: str | None = None
    comment: str | None = None
    reactivation: bool | None = None


class FxRate(Sourced):
    """One unit of `base` is worth `rate` units of `quote` on a day."""

    base: Currency
    quote: Currency
    on: date
    rate: Decimal = Field(gt=0, max_digits=18, decimal_places=8)


class Outcome(Record):
    """What became of an account's recurring revenue on a renewal or at its loss.

    `at_stake_cents` is the ARR that was decided on that day (what the contract carried just before, or what fell),
    `kept_cents` what of it went on, `lost_cents` the rest; all in `currency`.
    """

    outcome_id: Name
    account_ref: Name
    kind: Literal["renewed", "contracted", "churned"]
    happened_at: UtcDatetime
    at_stake_cents: int = Field(ge=0)
    kept_cents: int = Field(ge=0)
    lost_cents: int = Field(ge=0)
    currency: Currency
    flagged_at: UtcDatetime | None = None
    intervened_at: UtcDatetime | None = None

    @model_validator(mode="after")
    def _conserves_money(self) -> "Outcome":
        if self.kept_cents + self.lost_cents != self.at_stake_cents:
            raise ValueError("kept and lost must sum to what was at stake")
        return self

    @property
    def touched(self) -> bool:
        """Flagged, then intervened, then renewed: "saved (touched)", which claims no cause."""
        return (
            self.kind == "renewed"
            and self.flagged_at is not None
            and self.intervened_at is not None
            and self.flagged_at < self.intervened_at < self.happened_at
        )


class Credit(Record):
    """A model's share of one outcome for one touch; `touch_id` is None for what no touch led to."""

    outcome_id: Name
    model: Name
    touch_id: str | None
    touch_kind: Name
    credit_cents: int
    currency: Currency


class Payment(Sourced):
    """What became of one charge: paid, failed, or overdue since `happened_at`.

    `external_id` names the charge, which has a record for each state that it came into.
    """

    account_ref: Name
    state: Literal["paid", "failed", "overdue"]
    amount_cents: int = Field(ge=0)
    currency: Currency
    happened_at: UtcDatetime
