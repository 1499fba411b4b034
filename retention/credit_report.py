"""Knows how credit is told: side by side over models, in slices that sum to the whole, and opened down to a reply."""

from decimal import Decimal
from typing import Literal

from domain.conventions import CreditModel
from domain.records import Currency, Name, Record, UtcDatetime
from retention.attribution import Amount

CreditCut = Literal[
    "kind", "team", "agent", "playbook", "ticket", "account", "segment", "week", "month", "failure"
]  # fmt: skip
Amounts = dict[CreditModel, Decimal]


class CreditSlice(Record):
    """One slice of a cut: what each model credits to it, and the least and the most of these.

    `unattributed` came without a touch and is in no amount; only accounts and segments have both. `touches` (of a cut
    by failure: failures) and `outcomes` have a share under any of the models.
    """

    name: Name
    amounts: Amounts
    least: Decimal
    most: Decimal
    unattributed: Decimal
    touches: int
    outcomes: int


class CreditReport(Record):
    """What outcomes of `[since, until)` kept, or lost, shared over the touches before them; ARR in `currency`.

    `credited + unattributed = amount` under every model, and the slices sum to both. `pooled` is Markov's figure over
    all outcomes together, by kind; empty in other cuts. `unconverted` outcomes have no known rate and are in no sum.
    """

    of: Amount
    by: CreditCut
    since: UtcDatetime | None
    until: UtcDatetime
    currency: Currency
    look_back_days: int
    models: tuple[CreditModel, ...]
    amount: Decimal
    credited: Decimal
    unattributed: Decimal
    slices: tuple[CreditSlice, ...]
    pooled: dict[str, Decimal]
    outcomes: int
    unconverted: int


class CreditedReply(Record):
    """A public reply of an agent, with its equal part of its ticket's credit."""

    message: Name
    sent_at: UtcDatetime
    amounts: Amounts


class CreditedTouch(Record):
    """A touch before an outcome: its place among `steps`, whose work it was, and its share under each model.

    `weights` are the shares as part of the whole. A resolved ticket's `replies` sum to its amounts.
    """

    step: int
    touch_id: Name
    kind: Name
    happened_at: UtcDatetime
    agent: str | None
    team: str | None
    ticket: str | None
    playbook: str | None
    escalation_id: str | None
    amounts: Amounts
    weights: dict[CreditModel, Decimal]
    replies: tuple[CreditedReply, ...]


class CreditedOutcome(Record):
    """An outcome and every touch that counts for it, the earliest first."""

    outcome_id: Name
    account: Name
    kind: Name
    happened_at: UtcDatetime
    currency: Currency
    of: Amount
    amount: Decimal
    unattributed: Decimal
    steps: int
    touches: tuple[CreditedTouch, ...]
