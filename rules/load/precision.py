"""Knows how often persons found a rule right, and how probable a loss is held to be because of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.playbooks import DecisionAnswer
from domain.tickets import Priority
from rules.kpis.certainty import Interval, of_share


@dataclass(frozen=True)
class Precision:
    """Of the escalations that persons answered, how many they found right."""

    agreed: int = 0
    disagreed: int = 0

    @property
    def answered(self) -> int:
        """All that count."""
        return self.agreed + self.disagreed

    @property
    def ratio(self) -> float | None:
        """`agreed / answered`; None where nobody answered."""
        return self.agreed / self.answered if self.answered else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's, 95 %."""
        return of_share(self.agreed, self.answered) if self.answered else None

    def __add__(self, other: "Precision") -> "Precision":
        """Of both together."""
        return Precision(self.agreed + other.agreed, self.disagreed + other.disagreed)


def standing_answers(answers: Iterable[DecisionAnswer]) -> dict[str, DecisionAnswer]:
    """The newest answer to each escalation, by its id; one that was withdrawn is none. `answers`: in their order."""
    newest = {answer.escalation_id: answer for answer in answers}
    return {name: answer for name, answer in newest.items() if answer.verdict != "withdrawn"}


def precisions(answers: Iterable[DecisionAnswer]) -> dict[str, Precision]:
    """How often each version of a rule was found right, by its hash. `answers`: those that stand."""
    found: dict[str, Precision] = {}
    for answer in answers:
        agreed = answer.verdict == "agree"
        one = Precision(int(agreed), int(not agreed))
        found[answer.rule_hash] = found.get(answer.rule_hash, Precision()) + one
    return found


@dataclass(frozen=True)
class Chance:
    """How probable a loss is held to be, and where that comes from."""

    ratio: float
    because: str


@dataclass(frozen=True)
class Chances:
    """What is known of how probable a loss is.

    * risk: the `churn_risk` of accounts, 0..1, where a model is in use
    * measured: the precision of each version of a rule
    * fewest: from how many answers a precision counts
    * by_priority: what is held to be so while nothing better is known
    """

    by_priority: Mapping[Priority, float]
    fewest: int = 10
    risk: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Precision] = field(default_factory=dict)

    def of(self, account_ref: str, rule_hash: str, priority: Priority) -> Chance:
        """The best that is known: the account's own risk, the rule's precision, or what its priority stands for."""
        risk = self.risk.get(account_ref)
        if risk is not None:
            return Chance(risk, f"churn_risk {_percent(risk)}")
        measured = self.measured.get(rule_hash, Precision())
        if measured.ratio is not None and measured.answered >= self.fewest:
            said = f"{measured.agreed} of {measured.answered} answers found this rule right"
            return Chance(measured.ratio, f"{_percent(measured.ratio)}, {said}")
        ratio = self.by_priority[priority]
        return Chance(ratio, f"{_percent(ratio)}, assumed for priority {priority}")


def middle(amounts: Sequence[int]) -> int | None:
    """The median of whole amounts, the lower one of two; None of none."""
    return sorted(amounts)[(len(amounts) - 1) // 2] if amounts else None


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.0f} %"
