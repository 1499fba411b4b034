"""Knows how a holdout's comparison is told: both arms, the difference with its intervals, and a verdict in words."""

from domain.records import Currency, Name, Record
from retention.incremental.result import Verdict


class ArmTold(Record):
    """One arm as it was drawn.

    `drawn` accounts, of which the horizon of `over` has passed, and `renewed` of those lost nothing; `rate` is None
    while none is over. `arr_cents` is what those of known worth were worth at the draw, `kept_cents` what of it they
    kept. `let_through` were held out and then helped: they stay in their arm.
    """

    drawn: int
    over: int
    renewed: int
    rate: float | None
    arr_cents: int
    kept_cents: int
    let_through: int = 0


class Gap(Record):
    """A difference, treat minus holdout, with its interval; None where the arms are too small for one."""

    estimate: float | None
    low: float | None
    high: float | None


class HoldoutResult(Record):
    """What a plan has told so far, as assigned.

    * difference: of the shares renewed; its interval holds at every look, `p_value` likewise
    * once: the same with an interval that holds for one look alone, for contrast
    * per_account: of the ARR kept, in minor units of `currency` an account; the interval holds at every look
    * saved: `per_account` times the accounts of the treat arm that are over
    * verdict, published: the difference may be printed only where the evidence carries it
    """

    plan_hash: Name
    playbook: Name
    horizon_days: int
    confidence: float
    currency: Currency | None
    treat: ArmTold
    holdout: ArmTold
    difference: Gap
    p_value: float | None
    once: Gap
    per_account: Gap
    saved: Gap
    effect_hoped: float
    accounts_planned: int | None
    finished: bool
    verdict: Verdict
    published: float | None
    in_words: str
    reasons: tuple[str, ...]
