"""Decides whether an estimate is credible, suggestive or not enough evidence, and says why in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from retention.incremental.result import Balance, Control, Design, HiddenCause, Overlap, Sizes, Verdict
from retention.incremental.scores import Measured

BALANCED = 0.1
# Fewer renewals, or losses, than this in both arms together and no model can tell them apart.
FEWEST_OUTCOMES = 10
# A holdout whose interval reaches no further than this from its middle says something even where it holds zero.
NARROW = 0.03
# At least this share of the helped must have a counterpart.
COMPARABLE = 0.5


@dataclass(frozen=True)
class Evidence:
    """All that the verdict rests on."""

    design: Design
    effect: Measured | None
    sizes: Sizes
    renewals: int
    losses: int
    balance: tuple[Balance, ...]
    overlap: Overlap | None
    controls: tuple[Control, ...]
    hidden: HiddenCause | None
    minimum_per_arm: int


@dataclass(frozen=True)
class Judgement:
    """The verdict, why, and what would change it."""

    verdict: Verdict
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]


def judged(found: Evidence) -> Judgement:
    """Apply the rules of docs/incremental.md, the strictest first."""
    against = [*_too_little(found), *(() if found.effect is None else _unfair(found))]
    if against:
        return _told("not enough evidence", against)
    if found.design == "randomised":
        return _of_a_holdout(found)
    doubts = list(_doubts(found))
    if doubts:
        return _told("suggestive", [("The helped renewed differently from comparable others.", ""), *doubts])
    why = "The difference stands, the controls pass, and what could explain it away exceeds all that was measured."
    return _told("credible", [(why, "A randomised holdout would settle it.")])


def _told(verdict: Verdict, pairs: list[tuple[str, str]]) -> Judgement:
    changes = dict.fromkeys(change for _, change in pairs if change)
    return Judgement(verdict, tuple(reason for reason, _ in pairs), tuple(changes))


def _of_a_holdout(found: Evidence) -> Judgement:
    assigned = f"{found.sizes.treated} drawn to be helped, {found.sizes.untreated} held out; analysed as drawn"
    if found.effect and not _holds_zero(found.effect):
        return _told("credible", [(f"A randomised holdout shows a difference: {assigned}.", "")])
    return _told("credible", [(f"A randomised holdout shows little or no difference: {assigned}.", "")])


def _too_little(found: Evidence) -> Iterator[tuple[str, str]]:
    sizes, least = found.sizes, found.minimum_per_arm
    more = "More episodes, over a longer time or more playbooks."
    for arm, many in (("helped", sizes.treated), ("not helped", sizes.untreated)):
        if many < least:
            yield f"Only {many} episodes were {arm}; {least} are needed.", more
    for kind, many in (("renewed", found.renewals), ("lost", found.losses)):
        if many < FEWEST_OUTCOMES:
            yield f"Only {many} episodes were {kind}; {FEWEST_OUTCOMES} are needed to compare.", more
    if found.effect is None:
        yield "No difference can be computed.", more
    elif _holds_zero(found.effect) and not (found.design == "randomised" and _is_narrow(found.effect)):
        ends = f"{100 * found.effect.low:+.1f} to {100 * found.effect.high:+.1f} points"
        yield f"The interval, {ends}, holds zero: no effect at all is as well possible.", more


def _unfair(found: Evidence) -> Iterator[tuple[str, str]]:
    for control in found.controls:
        if control.result == "failed":
            yield (
                f"The {control.role} {control.name} fails: {control.because}.",
                f"Measure before the flag what moves {control.name}, and give it as a covariate.",
            )
    if found.design == "observational":
        yield from _unlike(found)


def _unlike(found: Evidence) -> Iterator[tuple[str, str]]:
    spread, least = found.overlap, found.minimum_per_arm
    if spread and min(spread.effective_treated, spread.effective_untreated) < least:
        yield (
            "Helped and not helped are hardly alike: weighted to be comparable they are worth "
            f"{spread.effective_treated:.0f} and {spread.effective_untreated:.0f} episodes; {least} each are needed.",
            "A holdout, or at-risk episodes that got no help for reasons unrelated to their risk.",
        )
    if found.sizes.comparable_treated < COMPARABLE * found.sizes.treated:
        yield (
            f"Of {found.sizes.treated} helped episodes only {found.sizes.comparable_treated} have any counterpart.",
            "A holdout: where everyone of a kind is helped there is nothing to compare with.",
        )
    far = [one for one in found.balance if abs(one.after) > allowed_imbalance(found.overlap)]
    if far:
        worst = max(far, key=lambda one: abs(one.after))
        yield (
            f"Even weighted, the arms differ in {worst.covariate} by {abs(worst.after):.2f} standard deviations.",
            "More episodes that are alike in it.",
        )


def allowed_imbalance(spread: Overlap | None) -> float:
    """0.1 standard deviations; more in small arms, where a fair draw by lot would differ as much."""
    if spread is None:
        return BALANCED
    return max(BALANCED, 1.5 * sqrt(1 / spread.effective_treated + 1 / spread.effective_untreated))


def _doubts(found: Evidence) -> Iterator[tuple[str, str]]:
    passed = [control for control in found.controls if control.result == "passed"]
    if not found.controls:
        yield (
            "Nothing rules out a hidden cause: no placebo outcome and no negative control was given.",
            "A placebo outcome that passes, such as the same measure before the flag; or a randomised holdout.",
        )
    elif not passed:
        why = "; ".join(f"{control.name}: {control.because}" for control in found.controls)
        yield f"No control rules out a hidden cause ({why}).", "A control with more data; or a randomised holdout."
    times = found.hidden.times_strongest if found.hidden else None
    if found.hidden and (times is None or times <= 1):
        yield (
            f"A hidden cause no stronger than one that was measured would do. {found.hidden.in_words}",
            "More episodes, or a randomised holdout.",
        )


def _holds_zero(effect: Measured) -> bool:
    return effect.low <= 0 <= effect.high


def _is_narrow(effect: Measured) -> bool:
    return effect.high - effect.low <= 2 * NARROW
