"""Knows what support and success did with customers: interventions in trouble, and routine calls away from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from keepline.demo.clock import HOUR, Calendar, seconds
from keepline.demo.dice import Dice
from keepline.demo.revenue import Life
from keepline.demo.trouble import Episode, EpisodeKind

# The steps of the shipped playbooks that an intervention works off, a few days apart.
STEPS: dict[EpisodeKind, tuple[str, ...]] = {
    "spike": ("Executive sponsor check-in", "Deep-dive meeting for root causes"),
    "silence": ("Proactive engagement campaign", "Health check"),
    "repeated_issue": ("Escalate to product for a fix",),
    "anger": ("Executive sponsor outreach", "CSM outreach"),
    "usage_drop": ("Support intervention",),
}
BEFORE_A_RENEWAL = ("Internal review", "CSM outreach")
RENEWAL_WINDOW = timedelta(days=90)
REVIEWED_SHARE = 0.85
ROUTINE_EVERY = {"enterprise": 90, "mid_market": 180}
NOTES = {
    "spike": "Call about the many open tickets; one contact person agreed.",
    "silence": "Health check after two quiet months.",
    "repeated_issue": "Defect raised with the product team; customer told the date.",
    "anger": "Sponsor apologised and agreed a plan with weekly reports.",
    "usage_drop": "Looked at the fall in logins together; training offered.",
}
ROUTINE = "Routine review."


@dataclass(frozen=True, slots=True)
class Contact:
    """One touch as the CRM exports it."""

    life: Life
    kind: str
    happened: int
    actor: str
    note: str


def contacts(seed: int, lives: list[Life], calendar: Calendar) -> list[Contact]:
    """All touches in order of time, none before the window or after it."""
    found = [contact for life in lives for contact in _of(Dice(seed, "touches", life.customer.number), life, calendar)]
    inside = [contact for contact in found if calendar.opens <= contact.happened < calendar.closes]
    return sorted(inside, key=lambda contact: (contact.happened, contact.life.customer.number))


def _of(dice: Dice, life: Life, calendar: Calendar) -> Iterator[Contact]:
    actor = life.customer.csm or "csm-8"
    for episode in life.episodes:
        yield from _interventions(dice, life, episode, actor, calendar)
    yield from _renewal_reviews(dice, life, actor)
    every = ROUTINE_EVERY.get(life.customer.segment)
    if every is None:
        return
    for since, until in life.stays:
        day = max(since, calendar.window.begins_on) + timedelta(days=dice.whole(5, every))
        while day < (until or calendar.window.ends_on):
            if day.weekday() < 5 and not _near_trouble(life, day):
                yield Contact(life, "csm_call", _office_time(dice, day), actor, ROUTINE)
            day += timedelta(days=every + dice.whole(-6, 6))


def _interventions(dice: Dice, life: Life, episode: Episode, actor: str, calendar: Calendar) -> Iterator[Contact]:
    happened = _office_time(dice, episode.intervened_on) if episode.intervened_on else None
    if happened is None or episode.intervention is None or episode.intervened_on is None:
        return
    yield Contact(life, episode.intervention, happened, actor, NOTES[episode.kind])
    steps = STEPS[episode.kind]
    if episode.renews_on - episode.began_on <= RENEWAL_WINDOW:
        steps += BEFORE_A_RENEWAL
    yield from _worked_off(dice, life, steps, episode.intervened_on, episode.renews_on, actor)


def _worked_off(
    dice: Dice, life: Life, steps: tuple[str, ...], begun_on: date, until: date, actor: str
) -> Iterator[Contact]:
    """A step every one to three days after `begun_on`, on working days before `until`."""
    day = begun_on
    for step in steps:
        day += timedelta(days=dice.whole(1, 3))
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        if day < until:
            yield Contact(life, "playbook_step", _office_time(dice, day), actor, f"{step}: done.")


def _renewal_reviews(dice: Dice, life: Life, actor: str) -> Iterator[Contact]:
    """The large customers' renewals are looked at as their window opens, whether there is trouble or not."""
    if life.customer.segment != "enterprise":
        return
    for term in life.terms:
        opens_on = term.renews_on - RENEWAL_WINDOW
        if dice.chance(REVIEWED_SHARE) and not _near_trouble(life, opens_on + timedelta(days=8)):
            # The week in which the Monday's run has seen the window open.
            yield from _worked_off(dice, life, BEFORE_A_RENEWAL, opens_on + timedelta(days=7), term.renews_on, actor)


def _near_trouble(life: Life, day: date) -> bool:
    """From shortly before an episode to its renewal a routine call would pass for an intervention that was none."""
    return any(e.began_on - timedelta(days=10) <= day <= e.renews_on for e in life.episodes)


def _office_time(dice: Dice, day: date) -> int:
    return seconds(day) + dice.whole(13 * HOUR, 19 * HOUR)
