"""Knows how trouble comes over a customer, how it endangers the renewal, and what an intervention does about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from keepline.demo.company import Customer, Window
from keepline.demo.dice import Dice, wheel

EpisodeKind = Literal["spike", "silence", "repeated_issue", "anger", "usage_drop"]
Fate = Literal["renewed", "contracted", "churned"]

# An intervention multiplies the probabilities of churn and of contraction by this: the effect to be found again.
INTERVENTION_LEAVES = 0.5
QUIET_DAYS = 61
_KIND_SHARES: dict[EpisodeKind, float] = {
    "spike": 0.27, "silence": 0.19, "repeated_issue": 0.21, "anger": 0.21, "usage_drop": 0.12,
}  # fmt: skip
KINDS = wheel(_KIND_SHARES, 100)
# How long the mood of an episode lasts, in days from its beginning.
MOOD_DAYS = {"spike": 14, "silence": 35, "repeated_issue": 25, "anger": 30, "usage_drop": 30}
REASONS: dict[EpisodeKind, tuple[str, ...]] = {
    "spike": ("slow_response", "unresolved_defect", "onboarding_delay"),
    "silence": ("low_usage", "competitor", "handoff_dropped"),
    "repeated_issue": ("unresolved_defect", "unresolved_defect", "billing_error"),
    "anger": ("slow_response", "handoff_dropped", "competitor"),
    "usage_drop": ("low_usage", "competitor", "budget"),
}
CALM_REASONS = ("price", "price", "competitor", "budget", "onboarding_delay", "billing_error")


@dataclass(slots=True)
class Episode:
    """A time of trouble before one renewal.

    `*_without` and `*_with` are the probabilities of the outcome without and with an intervention; `contraction_*`
    holds among those who stay, and cuts `cut` of the revenue. `propensity` is the chance it had of an intervention:
    larger customers and worse trouble get more, so a plain comparison of touched and untouched is misleading.
    """

    kind: EpisodeKind
    severity: float
    began_on: date
    renews_on: date
    propensity: float
    churn_without: float
    contraction_without: float
    cut: float
    intervention: Literal["csm_call", "playbook_step"] | None = None
    intervened_on: date | None = None
    at_stake: int = 0
    kept: int | None = None
    kept_otherwise: int | None = None
    outcome: Fate | None = None
    outcome_otherwise: Fate | None = None

    @property
    def churn_with(self) -> float:
        return self.churn_without * INTERVENTION_LEAVES

    @property
    def contraction_with(self) -> float:
        return self.contraction_without * INTERVENTION_LEAVES

    def probabilities(self, *, treated: bool) -> tuple[float, float]:
        """Of churn, and of contraction among those who stay."""
        if treated:
            return self.churn_with, self.contraction_with
        return self.churn_without, self.contraction_without

    def expected_kept_ratio(self, *, treated: bool) -> float:
        churn, contraction = self.probabilities(treated=treated)
        return (1 - churn) * (1 - contraction * self.cut)

    def colours(self, day: date) -> bool:
        """Whether the mood of a ticket written on `day` is the episode's."""
        return self.began_on <= day < self.began_on + timedelta(days=MOOD_DAYS[self.kind])


def _episode(dice: Dice, customer: Customer, kind: EpisodeKind, began_on: date, renews_on: date) -> Episode:
    traits, severity = customer.traits, dice.between(0.6, 1.4)
    return Episode(
        kind=kind,
        severity=severity,
        began_on=began_on,
        renews_on=renews_on,
        propensity=min(0.92, traits.intervention * (0.55 + 0.45 * severity)),
        churn_without=min(0.9, traits.churn_in_trouble * severity),
        contraction_without=min(0.9, traits.contraction_in_trouble * severity),
        cut=dice.between(0.18, 0.42),
    )


def _working_day(began_on: date, days: int) -> date:
    """The day so many days after the beginning; from a weekend to a working day near by, one to five days after."""
    day = began_on + timedelta(days=days)
    if day.weekday() == 5:
        return day + timedelta(days=-1 if days > 1 else 2)
    if day.weekday() == 6:
        return day + timedelta(days=1 if days < 5 else -2)
    return day


def _intervene(dice: Dice, episode: Episode, probability: float, until: date) -> None:
    """Perhaps a call or a playbook step, one to five days after the trouble began."""
    wanted, days, by_call = dice.chance(probability), dice.whole(1, 5), dice.chance(0.6)
    day = _working_day(episode.began_on, days)
    if wanted and day <= until:
        episode.intervention, episode.intervened_on = ("csm_call" if by_call else "playbook_step"), day


def trouble_in_term(
    dice: Dice, customer: Customer, starts_on: date, renews_on: date, window: Window, *, comes: bool
) -> Episode | None:
    """The episode of a term, if it `comes` and begins inside the window; most begin one to four months ahead."""
    kind = dice.pick(KINDS)
    ahead = dice.whole(25, 110) if dice.chance(0.75) else dice.whole(111, 280)
    began_on = renews_on - timedelta(days=ahead)
    episode = _episode(dice, customer, kind, began_on, renews_on)
    _intervene(dice, episode, episode.propensity, window.ends_on)
    seen_from = began_on - timedelta(days=QUIET_DAYS + 20 if kind == "silence" else 0)
    inside = max(starts_on, window.begins_on) <= seen_from and began_on <= window.ends_on
    return episode if comes and inside else None


def trouble_now(dice: Dice, customer: Customer, kind: EpisodeKind, renews_on: date, window: Window) -> Episode:
    """An episode that a support lead finds in the queue on the window's last day; few have been dealt with yet."""
    days_ago = {
        "spike": dice.whole(2, 5),
        "silence": dice.whole(0, 16),
        "repeated_issue": dice.whole(3, 9),
        "anger": dice.whole(13, 20),
        "usage_drop": 6,
    }
    episode = _episode(dice, customer, kind, window.ends_on - timedelta(days=days_ago[kind]), renews_on)
    episode.severity = max(episode.severity, 1.1)
    _intervene(dice, episode, 0.15, window.ends_on)
    return episode


def reason_to_leave(dice: Dice, episode: Episode | None) -> str:
    return dice.pick(REASONS[episode.kind] if episode else CALM_REASONS)
