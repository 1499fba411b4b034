"""Knows what support and success did with customers: interventions in trouble, and routine calls away from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from keepline.demo.clock import HOUR, Calendar, seconds
from keepline.demo.dice import Dice
from keepline.demo.revenue import Life
from keepline.demo.trouble import Episode

FOLLOW_UP_SHARE = 0.4
ROUTINE_EVERY = {"enterprise": 90, "mid_market": 180}
NOTES = {
    "spike": "Call about the many open tickets; one contact person agreed.",
    "silence": "Health check after two quiet months.",
    "repeated_issue": "Defect raised with the product team; customer told the date.",
    "anger": "Sponsor apologised and agreed a plan with weekly reports.",
    "usage_drop": "Looked at the fall in logins together; training offered.",
}
FOLLOW_UP, ROUTINE = "Checked that the agreed steps were done.", "Routine review."


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
        yield from _interventions(dice, life, episode, actor)
    every = ROUTINE_EVERY.get(life.customer.segment)
    if every is None:
        return
    for since, until in life.stays:
        day = max(since, calendar.window.begins_on) + timedelta(days=dice.whole(5, every))
        while day < (until or calendar.window.ends_on):
            if day.weekday() < 5 and not _near_trouble(life, day):
                yield Contact(life, "csm_call", _office_time(dice, day), actor, ROUTINE)
            day += timedelta(days=every + dice.whole(-6, 6))


def _interventions(dice: Dice, life: Life, episode: Episode, actor: str) -> Iterator[Contact]:
    happened = _office_time(dice, episode.intervened_on) if episode.intervened_on else None
    follows, later = dice.chance(FOLLOW_UP_SHARE), dice.whole(2, 8)
    if happened is None or episode.intervention is None or episode.intervened_on is None:
        return
    yield Contact(life, episode.intervention, happened, actor, NOTES[episode.kind])
    day = episode.intervened_on + timedelta(days=later)
    if follows and day < episode.renews_on and day.weekday() < 5:
        yield Contact(life, "playbook_step", _office_time(dice, day), actor, FOLLOW_UP)


def _near_trouble(life: Life, day: date) -> bool:
    """From shortly before an episode to its renewal a routine call would pass for an intervention that was none."""
    return any(e.began_on - timedelta(days=10) <= day <= e.renews_on for e in life.episodes)


def _office_time(dice: Dice, day: date) -> int:
    return seconds(day) + dice.whole(13 * HOUR, 19 * HOUR)
