"""Knows how customers rate: a ticket by how it ended (CSAT, some CES), the company each quarter (NPS)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from keepline.demo.clock import DAY, HOUR, Calendar, seconds
from keepline.demo.dice import Dice
from keepline.demo.revenue import Life
from keepline.demo.speech import Phrases
from keepline.demo.threads import Thread

CSAT_SHARE, CES_SHARE, NPS_SHARE = 0.40, 0.06, 0.45
# Of those who answer so many days or fewer before they leave, this share says why.
FRANK_SHARE, FRANK_DAYS = 0.7, 150
# Scores from which one is drawn, by how the customer left the thread.
SCORES = {
    "relieved": (5, 5, 5, 5, 4),
    "thanks": (5, 5, 5, 4, 4, 4, 3),
    "unresolved": (1, 1, 2, 2, 3),
}
SOURNESS = {"friendly": 0.0, "neutral": 0.05, "frustrated": 0.45, "angry": 0.8}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered survey; `ticket` is the thread's place in its list, none for the quarterly question."""

    life: Life
    ticket: int | None
    kind: str
    score: int
    scale: tuple[int, int]
    comment: str
    answered: int


def _comment(dice: Dice, phrases: Phrases, mood: str) -> str:
    return str(dice.pick(phrases["survey"][mood])).format(product="Charts")


def ticket_answers(seed: int, threads: list[Thread], phrases: Phrases, calendar: Calendar) -> Iterator[Answer]:
    """About 40 % of the solved tickets are rated 1..5, a few more for effort 1..7, within two days."""
    dice = Dice(seed, "surveys")
    for number, thread in enumerate(threads):
        rated, effort, later = dice.chance(CSAT_SHARE), dice.chance(CES_SHARE), dice.whole(HOUR, 2 * DAY)
        score = dice.pick(SCORES[thread.ending]) - dice.chance(SOURNESS[thread.arrival.tone])
        if thread.resolved is None or thread.resolved + later >= calendar.closes:
            continue
        score, when, life = max(1, score), thread.resolved + later, thread.arrival.life
        if rated:
            mood = "bad" if score <= 2 else "middling" if score == 3 else "good"
            yield Answer(life, number, "csat", score, (1, 5), _comment(dice, phrases, mood), when)
        elif effort:
            yield Answer(life, number, "ces", min(7, score + dice.whole(0, 2)), (1, 7), "", when)


def _quarterly_days(calendar: Calendar) -> Iterator[date]:
    """The tenth of the last month of each quarter in the window."""
    day = calendar.window.begins_on
    while day <= calendar.window.ends_on:
        if day.month % 3 == 0 and day.day == 10:
            yield day
        day += timedelta(days=1)


def _is_there(life: Life, day: date) -> bool:
    return any(since <= day and (until is None or day < until) for since, until in life.stays)


def quarterly_answers(seed: int, lives: list[Life], phrases: Phrases, calendar: Calendar) -> Iterator[Answer]:
    """0..10 from the latent satisfaction, lower after trouble; nobody answers while silent."""
    dice, frank = Dice(seed, "nps"), Dice(seed, "leaving")
    for day in _quarterly_days(calendar):
        for life in lives:
            answers, luck, hours = dice.chance(NPS_SHARE), dice.between(-1.7, 2.4), dice.whole(8 * HOUR, 8 * DAY)
            troubles = [e for e in life.episodes if timedelta(0) <= day - e.began_on <= timedelta(days=100)]
            silent = any(e.kind == "silence" for e in life.episodes if abs((day - e.began_on).days) <= 60)
            if not answers or silent or not _is_there(life, day):
                continue
            score = round(3.9 + 7.0 * life.customer.satisfaction + luck - 3 * len(troubles))
            score = min(10, max(0, score))
            mood = "promoter" if score >= 9 else "detractor" if score <= 6 else "middling"
            comment = _comment(dice, phrases, mood)
            comment = _farewell(frank, phrases, life, day) or comment
            yield Answer(life, None, "nps", score, (0, 10), comment, min(seconds(day) + hours, calendar.closes - 1))


def _farewell(dice: Dice, phrases: Phrases, life: Life, day: date) -> str | None:
    """What is said by a customer who will leave soon, and is frank about it."""
    leaving = timedelta(days=FRANK_DAYS)
    reason = next((each.reason for each in life.departures if day < each.on <= day + leaving), None)
    return dice.pick(phrases["leaving"][reason]) if reason and dice.chance(FRANK_SHARE) else None
