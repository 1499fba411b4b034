"""Decides at the moment at which a playbook would act whether its plan holds the account out, and why not.

Nobody is held out who is worth more than the plan's limit or of unknown worth, who has an urgent ticket open or has
asked for an escalation, or for whom a person let help through. Where one of these comes true of an account that is
held out already, it is let through, and still analysed in the arm that it was drawn for.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from domain.effects import HoldoutAssignment, HoldoutPlan
from domain.escalations import Decision
from domain.money import with_currency
from rules.holdouts.plan import arm_of, holdout_of
from rules.holdouts.written import Holdout

RULE = "rule: "
SEVERITY = f"{RULE}severity-1"
ESCALATED = f"{RULE}escalation asked for"
TOO_LARGE = f"{RULE}ARR above the limit"
UNKNOWN_ARR = f"{RULE}ARR unknown"


@dataclass(frozen=True)
class AccountValue:
    """What is at stake with an account at the moment of opening, kept on the escalation as it was then."""

    arr_cents: int | None = None
    currency: str | None = None
    renews_on: date | None = None


@dataclass(frozen=True)
class Bar:
    """Why an account may not be held out: the rule, and what was seen."""

    rule: str
    because: str


@dataclass(frozen=True)
class Released:
    """A held out account that is let through from now on."""

    assignment: HoldoutAssignment
    by: str
    because: str


@dataclass(frozen=True)
class Answer:
    """What the plan says of one decision.

    * held: the sentence that the decision is kept with; None where the playbook acts
    * drawn: the arm that was drawn just now; None where it was drawn before, or the account is not drawn
    * released: the account was held out and is let through from now on
    * barred: why an account that was not drawn before is not drawn now
    """

    held: str | None = None
    drawn: HoldoutAssignment | None = None
    released: Released | None = None
    barred: Bar | None = None


ACTS = Answer()


@dataclass(frozen=True)
class Draw:
    """What stands before a moment's draws.

    * plans: the registered plan of each playbook that holds out, by playbook id
    * drawn: who was drawn before, by plan hash and account
    * critical: the accounts that may not be held out now, and why
    * let_through: playbook id and account where a person let help through, under whatever plan
    """

    as_of: datetime
    plans: Mapping[str, HoldoutPlan] = field(default_factory=dict)
    drawn: Mapping[tuple[str, str], HoldoutAssignment] = field(default_factory=dict)
    critical: Mapping[str, Bar] = field(default_factory=dict)
    let_through: Collection[tuple[str, str]] = frozenset()

    def releases(self) -> list[Released]:
        """Held out accounts that have become critical, whether or not anything is decided about them now."""
        held = (each for each in self.drawn.values() if self._is_held(each) and each.account_ref in self.critical)
        return [_released(each, self.critical[each.account_ref]) for each in held]

    def answer(self, decision: Decision, value: AccountValue) -> Answer:
        """Whether the account of a decision is held out; asked only where its playbook would open an escalation."""
        plan = self.plans.get(decision.playbook)
        if plan is None:
            return ACTS
        before = self.drawn.get((plan.plan_hash, decision.account_ref))
        bar = self.critical.get(decision.account_ref) or _bar_of_worth(holdout_of(plan), value)
        if before is None:
            return self._drawn_now(plan, decision, value, bar)
        if not self._is_held(before):
            return ACTS
        return Answer(held=_held(plan, before)) if bar is None else Answer(released=_released(before, bar))

    def _drawn_now(self, plan: HoldoutPlan, decision: Decision, value: AccountValue, bar: Bar | None) -> Answer:
        holdout, account = holdout_of(plan), decision.account_ref
        if self.as_of.date() > holdout.until:
            return ACTS
        if (plan.playbook, account) in self.let_through:
            return Answer(barred=Bar("a person", "a person let help through"))
        if bar is not None:
            return Answer(barred=bar)
        arm = arm_of(plan.plan_hash, account, holdout)
        drawn = HoldoutAssignment(
            plan_hash=plan.plan_hash, account_ref=account, arm=arm, assigned_at=self.as_of,
            because=f"drawn at {decision.because}"[:500], arr_cents=value.arr_cents, currency=value.currency,
        )  # fmt: skip
        return Answer(held=_held(plan, drawn) if arm == "holdout" else None, drawn=drawn)

    def _is_held(self, drawn: HoldoutAssignment) -> bool:
        plan = next((each for each in self.plans.values() if each.plan_hash == drawn.plan_hash), None)
        if plan is None or drawn.arm != "holdout" or drawn.overridden_by is not None:
            return False
        return self.as_of < drawn.assigned_at + holdout_of(plan).time


def let_through_by_persons(
    plans: Iterable[HoldoutPlan], drawn: Iterable[HoldoutAssignment]
) -> frozenset[tuple[str, str]]:
    """Playbook id and account where a person, and no rule, let help through."""
    playbooks = {plan.plan_hash: plan.playbook for plan in plans}
    by_person = (each for each in drawn if each.overridden_by and not each.overridden_by.startswith(RULE))
    return frozenset((playbooks[each.plan_hash], each.account_ref) for each in by_person)


def _bar_of_worth(holdout: Holdout, value: AccountValue) -> Bar | None:
    if value.arr_cents is None or value.currency is None:
        return Bar(UNKNOWN_ARR, "the ARR is unknown")
    if value.currency != holdout.currency or value.arr_cents > holdout.limit_cents:
        worth = with_currency(value.arr_cents, value.currency, digits=0)
        return Bar(TOO_LARGE, f"{worth} a year is above {holdout.max_arr}")
    return None


def _released(drawn: HoldoutAssignment, bar: Bar) -> Released:
    return Released(drawn, bar.rule, bar.because)


def _held(plan: HoldoutPlan, drawn: HoldoutAssignment) -> str:
    until = drawn.assigned_at + holdout_of(plan).time
    return f"held out under plan {plan.plan_hash[:8]} until {until:%Y-%m-%d} at the latest"


@dataclass(frozen=True)
class Held:
    """A decision that opened nothing because its account is held out by lot; `because` names the plan."""

    decision: Decision
    because: str


@dataclass(frozen=True)
class Barred:
    """A decision whose account its plan may not hold out, and why; the playbook acts."""

    decision: Decision
    because: str


class Lots:
    """Asks the plans about one decision after the other, and keeps what they said."""

    def __init__(self, draw: Draw | None) -> None:
        self._draw = draw or Draw(datetime.min.replace(tzinfo=UTC))
        self._answers: list[tuple[Decision, Answer]] = []

    def hold(self, decision: Decision, value: AccountValue) -> bool:
        """Whether the account of this decision is held out of its playbook."""
        answer = self._draw.answer(decision, value)
        self._answers.append((decision, answer))
        return answer.held is not None

    def held(self) -> tuple[Held, ...]:
        """The decisions that open nothing."""
        return tuple(Held(decision, answer.held) for decision, answer in self._answers if answer.held)

    def barred(self) -> tuple[Barred, ...]:
        """The decisions whose account could not be drawn."""
        return tuple(Barred(decision, answer.barred.because) for decision, answer in self._answers if answer.barred)

    def drawn(self) -> tuple[HoldoutAssignment, ...]:
        """The arms that were drawn just now."""
        return tuple(answer.drawn for _, answer in self._answers if answer.drawn)

    def released(self) -> tuple[Released, ...]:
        """Whom a rule lets through from now on, each once."""
        found = [*self._draw.releases(), *(answer.released for _, answer in self._answers if answer.released)]
        return tuple({(each.assignment.plan_hash, each.assignment.account_ref): each for each in found}.values())
