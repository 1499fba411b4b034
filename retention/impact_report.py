"""Knows how support's part in kept and lost revenue is told: three labels, each with its own meaning, never mixed."""

from decimal import Decimal

from domain.conventions import CreditModel
from domain.records import Currency, Name, Record, UtcDatetime

WITHHELD = (
    "Not estimated. Showing that revenue would have been lost without support needs comparable at-risk accounts that "
    "got no help, or a randomised holdout; this release has neither, so it gives no figure rather than a guess."
)


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


class Touched(Record):
    """Flagged, then intervened, then renewed, in that order in time. It claims no cause."""

    label: Name = "saved (touched)"
    amount: Decimal
    outcomes: tuple[Decided, ...]


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


class AccountShare(Record):
    """What an account kept: the part credited to touches and the part that no touch led to."""

    account: Name
    account_id: int
    amount: Decimal
    unattributed: Decimal


class Attributed(Record):
    """Kept revenue, shared over the touches before it. `amount + unattributed` is what was kept."""

    label: Name = "influenced"
    amount: Decimal
    unattributed: Decimal
    by_kind: tuple[KindShare, ...]
    by_account: tuple[AccountShare, ...]


class Incremental(Record):
    """What would have been lost without support: the only figure that may be called saved without a qualifier."""

    label: Name = "saved"
    amount: Decimal | None = None
    withheld: Name | None = WITHHELD


class Lost(Record):
    """Revenue that was lost, and the touches before it, by the same weights as credit."""

    label: Name = "lost"
    amount: Decimal
    without_touch: Decimal
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
    """What was decided about recurring revenue in `[since, as_of)`, ARR in `currency`, and support's part in it.

    Amounts are converted at the rate of the outcome's day. `kept + lost_amount = at_stake`; `continued` are the
    outcomes that kept anything.
    """

    since: UtcDatetime | None
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
    by_currency: tuple[InCurrency, ...]
    unconverted: tuple[Unconverted, ...]
