"""Knows how support's part in kept and lost revenue is told: three labels, each with its own meaning, never mixed."""

from decimal import Decimal
from typing import Literal

from domain.conventions import CreditModel
from domain.records import Currency, Name, Record, UtcDatetime
from retention.incremental_report import Incremental
from retention.support_cost import Cost

Answered = Literal["confirmed", "rejected"]


class Answer(Record):
    """What a person said of a save or a loss, and why."""

    answer: Answered
    by: Name
    at: UtcDatetime
    reason: str | None = None


class Decided(Record):
    """One outcome as a report lists it; amounts in the reporting currency.

    `touches` counts, by kind, what happened inside the look-back before it.
    """

    outcome_id: Name
    account: Name
    account_id: int
    kind: Name
    happened_at: UtcDatetime
    at_stake: Decimal
    kept: Decimal
    lost: Decimal
    flagged_at: UtcDatetime | None
    intervened_at: UtcDatetime | None
    touches: dict[str, int]
    answer: Answer | None = None


class Touched(Record):
    """Flagged, then intervened, then renewed, in that order in time. It claims no cause.

    `claimed` is what the facts alone give, `rejected` what persons said was no save, `amount` what remains of it and
    `confirmed` the part of that which a person confirmed. `outcomes` remain, `rejected_outcomes` do not.
    """

    label: Name = "saved (touched)"
    amount: Decimal
    claimed: Decimal
    rejected: Decimal
    confirmed: Decimal
    outcomes: tuple[Decided, ...]
    rejected_outcomes: tuple[Decided, ...] = ()


class KindShare(Record):
    """What one kind of touch is credited with, by how many touches, in how many outcomes.

    `pooled` is Markov's figure for the kind over all outcomes together, None under other models; it sums to what the
    amounts sum to.
    """

    kind: Name
    amount: Decimal
    pooled: Decimal | None = None
    touches: int
    outcomes: int


class KindAcrossModels(Record):
    """What each model credits to one kind of touch, with the least and the most: how much of it is the model's choice.

    The amounts of one model over all kinds sum to `Attributed.amount`.
    """

    kind: Name
    amounts: dict[CreditModel, Decimal]
    least: Decimal
    most: Decimal
    least_model: CreditModel
    most_model: CreditModel


class AccountShare(Record):
    """What an account kept: the part credited to touches and the part that no touch led to."""

    account: Name
    account_id: int
    amount: Decimal
    unattributed: Decimal


class Attributed(Record):
    """Kept revenue, shared over the touches before it. `amount + unattributed` is what was kept.

    `by_model` has all models side by side where they were asked for.
    """

    label: Name = "influenced"
    amount: Decimal
    unattributed: Decimal
    by_kind: tuple[KindShare, ...]
    by_model: tuple[KindAcrossModels, ...] = ()
    by_account: tuple[AccountShare, ...]


class Lost(Record):
    """Revenue that was lost, and the touches before it, by the same weights as credit.

    The amount is what the ledger lost, whatever persons say of it: `not_support` is the part of which a person said
    that support had no part in it, `confirmed` the part of which one said that it had.
    """

    label: Name = "lost"
    amount: Decimal
    without_touch: Decimal
    confirmed: Decimal
    not_support: Decimal
    by_kind: tuple[KindShare, ...]
    outcomes: tuple[Decided, ...]


class InCurrency(Record):
    """Sums in a currency of their own, before any conversion."""

    currency: Currency
    at_stake: Decimal
    kept: Decimal
    lost: Decimal
    outcomes: int


class Unconverted(Record):
    """An outcome that no known exchange rate converts; it is in none of the sums."""

    outcome_id: Name
    account: Name
    currency: Currency
    happened_at: UtcDatetime
    kept: Decimal
    lost: Decimal


class ImpactReport(Record):
    """What was decided about recurring revenue in `[since, until)`, ARR in `currency`, and support's part in it.

    Seen from `as_of`. Amounts are converted at the rate of the outcome's day. `kept + lost_amount = at_stake`;
    `continued` are the outcomes that kept anything. `incremental` rests on all episodes at risk that were over by
    `as_of`, not only on those of the stretch of time. `cost` is None where none is configured.
    """

    since: UtcDatetime | None
    until: UtcDatetime
    as_of: UtcDatetime
    currency: Currency
    model: CreditModel
    look_back_days: int
    at_stake: Decimal
    kept: Decimal
    lost_amount: Decimal
    counts: dict[str, int]
    continued: tuple[Decided, ...]
    touched: Touched
    attributed: Attributed
    incremental: Incremental
    lost: Lost
    cost: Cost | None
    by_currency: tuple[InCurrency, ...]
    unconverted: tuple[Unconverted, ...]
