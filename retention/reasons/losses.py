"""Knows what is told of a loss: its money, its proposed and decided reason, the evidence, and support's failures."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from domain.reason_conventions import UNKNOWN_REASON
from domain.records import Currency, Record

NO_FAILURE = "(no support failure)"
Status = Literal["proposed", "unknown", "confirmed", "changed"]


class Piece(Record):
    """One row behind a fact: a ticket, a message, a breach, a survey, a report; `text` is what stands there."""

    ref: str
    at: datetime | None
    workflow: str | None
    text: str | None


class Found(Record):
    """A fact that speaks for a reason, in words, with its points and the rows behind it."""

    fact: str
    amount: float
    points: int
    words: str
    pieces: tuple[Piece, ...]


class Candidate(Record):
    """A reason for which something speaks."""

    reason: str
    points: int
    evidence: tuple[Found, ...]


class Loss(Record):
    """One outcome that lost something.

    `proposed` is what the path says (`unknown` where it says too little; `missing` is then what there was none of),
    `reason` what counts: a person's answer where there is one. `failures` are the failures of support that stand in
    the path, with how much there was of each; `main_failure` is the one that carries the money. `is_support_failure`:
    the reason is one that support can mend, and a failure stands in its evidence.
    """

    outcome_id: str
    account: str
    account_id: int
    segment: str
    kind: str
    happened_at: datetime
    notice_on: date | None
    lost_cents: int
    lost: Decimal
    proposed: str
    points: int
    contested: bool
    candidates: tuple[Candidate, ...]
    missing: tuple[str, ...]
    failures: dict[str, float]
    main_failure: str | None
    is_support_failure: bool
    reason: str
    status: Status
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def evidence(self) -> tuple[Found, ...]:
        """What speaks for the reason that counts."""
        return next((each.evidence for each in self.candidates if each.reason == self.reason), ())

    @property
    def because(self) -> str:
        """The evidence in a sentence, or what is missing."""
        if self.evidence:
            return "; ".join(found.words for found in self.evidence)
        if self.status in ("confirmed", "changed"):
            return "said by a person; nothing on the path speaks for it"
        return "the path says too little" + (f": {', '.join(self.missing)}" if self.missing else "")

    def phrase(self, name: str) -> str:
        """`reason: slow response (proposed)`, where `name` is what people call the reason."""
        return "reason unknown" if self.reason == UNKNOWN_REASON else f"reason: {name} ({self.status})"


class FailureShare(Record):
    """What was lost with a kind of failure in the path; each loss is in one kind, `present` counts all that have it.

    `present_kept` counts the outcomes of the same time that were kept whole and have it too: where it is as common
    there, the failure tells little. No cause is claimed.
    """

    failure: str
    lost: Decimal
    outcomes: int
    present: int
    present_ratio: float | None
    present_kept: int
    present_kept_ratio: float | None


class Sum(Record):
    """What was lost under one reason, segment, workflow or month."""

    slice: str
    lost: Decimal
    outcomes: int
    support_failures: Decimal
    decided: int


class LossReport(Record):
    """All losses of `[since, as_of]`, the largest first; every list of sums comes to `lost`."""

    since: datetime | None
    as_of: datetime
    currency: Currency
    lost: Decimal
    with_failure: Decimal
    support_failures: Decimal
    losses: tuple[Loss, ...]
    by_failure: tuple[FailureShare, ...]
    unconverted: tuple[str, ...]
