"""Proposes what to do with a rule: retire it, tighten it, or keep it. It never does so itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rules.conditions import Condition
from rules.load.alarms import Alarms
from rules.load.written import Reviewing
from rules.playbooks import Playbook

Proposed = Literal["retire", "tighten", "keep"]
_ORDERED = {">": True, ">=": True, "<": False, "<=": False}


@dataclass(frozen=True)
class Cut:
    """A threshold that would have left out disagreed alarms, and how many agreed ones with them.

    `op` and `threshold` are what to write; `from_` is what stands there now.
    """

    signal: str
    op: str
    threshold: float
    written: str
    disagreed_cut: int
    disagreed: int
    agreed_cut: int
    agreed: int

    @property
    def sentence(self) -> str:
        """What to write, and what it would have changed."""
        return (
            f"{self.signal} {self.op} {self.threshold:g} instead of {self.written} would have left out "
            f"{self.disagreed_cut} of {self.disagreed} disagreed and {self.agreed_cut} of {self.agreed} agreed alarms"
        )


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a rule, why, and the threshold that would help, where one was found."""

    alarms: Alarms
    proposed: Proposed
    because: str
    cut: Cut | None = None


def review(playbook: Playbook, alarms: Alarms, rule: Reviewing) -> Proposal:
    """What to do with a rule, by what became of its alarms."""
    unattended, precision = alarms.unattended_interval, alarms.precision
    if alarms.closed >= rule.cases and unattended is not None and unattended.low >= rule.unattended:
        return Proposal(alarms, "retire", f"nobody works on it: {_unattended(alarms)}")
    right = precision.interval
    if precision.answered >= rule.cases and right is not None and right.high < rule.precision:
        said = f"persons agreed with {precision.agreed} of {precision.answered}, at most {_percent(right.high)} (95 %)"
        cut = best_cut(playbook.when, alarms.wrong, alarms.right)
        return Proposal(alarms, "tighten", f"{said}; {cut.sentence}" if cut else f"{said}; no one threshold helps", cut)
    return Proposal(alarms, "keep", _kept(alarms, rule))


def _kept(alarms: Alarms, rule: Reviewing) -> str:
    if not alarms.opened:
        return "it opened nothing" if not alarms.fired else "what it decided opened nothing"
    if alarms.closed < rule.cases and alarms.precision.answered < rule.cases:
        return (
            f"too few to say: {alarms.closed} closed and {alarms.precision.answered} answered, "
            f"{rule.cases} of either are asked for"
        )
    known = alarms.precision.interval
    if known is None:
        return f"{_unattended(alarms)}; nobody has answered yet"
    return f"{_unattended(alarms)}; precision {_percent(known.low)} to {_percent(known.high)} (95 %)"


def _unattended(alarms: Alarms) -> str:
    known = alarms.unattended_interval
    if known is None:
        return "none is closed yet"
    share = f"{alarms.unattended} of {alarms.closed} closed expired without anybody's work"
    return f"{share} ({_percent(known.low)} to {_percent(known.high)}, 95 %)"


def best_cut(when: Condition, wrong: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> Cut | None:
    """The stricter threshold of one comparison that leaves out the most disagreed alarms for each agreed one.

    Only comparisons that must be true are moved: what stands under `any` or `not` may be true for another reason.
    None where every threshold would leave out at least as large a share of the agreed alarms.
    """
    cuts = [cut for leaf in _must_be_true(when) for cut in _cuts(leaf, wrong, right)]
    helping = [cut for cut in cuts if _gain(cut) > 0]
    return max(helping, key=lambda cut: (_gain(cut), -cut.agreed_cut, cut.signal), default=None)


def _gain(cut: Cut) -> float:
    return cut.disagreed_cut / max(cut.disagreed, 1) - cut.agreed_cut / max(cut.agreed, 1)


def _must_be_true(when: Condition) -> Iterator[Condition]:
    if when.all:
        for part in when.all:
            yield from _must_be_true(part)
    elif when.signal is not None and not when.by_segment and when.op in _ORDERED:
        yield when


def _cuts(leaf: Condition, wrong: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> Iterator[Cut]:
    name, upwards = str(leaf.signal), _ORDERED[str(leaf.op)]
    bad, good = _numbers(wrong, name), _numbers(right, name)
    # Just beyond each value that was disagreed with.
    for value in sorted(set(bad)):
        yield Cut(
            signal=name, op=">" if upwards else "<", threshold=value, written=f"{leaf.op} {leaf.value}",
            disagreed_cut=sum(_left_out(each, value, upwards) for each in bad), disagreed=len(wrong),
            agreed_cut=sum(_left_out(each, value, upwards) for each in good), agreed=len(right),
        )  # fmt: skip


def _left_out(seen: float, threshold: float, upwards: bool) -> bool:
    return seen <= threshold if upwards else seen >= threshold


def _numbers(seen: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    found = []
    for inputs in seen:
        try:
            found.append(float(inputs[name]))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
