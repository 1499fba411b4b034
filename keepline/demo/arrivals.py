"""Knows who writes when, about what and in which mood: the tickets of the demo before a word of them is spoken."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from keepline.demo.clock import Calendar, day_of
from keepline.demo.company import REGIONS
from keepline.demo.dice import Dice, apportioned, wheel
from keepline.demo.revenue import Life
from keepline.demo.speech import Issue
from keepline.demo.trouble import QUIET_DAYS, Episode

Tone = Literal["friendly", "neutral", "frustrated", "angry"]

# Of the threads whose issue the customer's own language has words for.
OWN_LANGUAGE_SHARE = 0.75
# So many of a customer's latest issues are not written about again: without trouble, issues take turns.
TURN_OF_ISSUES = 9
NEWCOMER_DAYS = 90
HINT_SHARE = 0.6
LARGEST_BURST_SHARE = 0.4


def _tones(friendly: float, neutral: float, frustrated: float, angry: float) -> list[Tone]:
    shares: dict[Tone, float] = {"friendly": friendly, "neutral": neutral, "frustrated": frustrated, "angry": angry}
    return wheel(shares, 100)


CALM = (_tones(0.27, 0.52, 0.18, 0.03), _tones(0.37, 0.50, 0.12, 0.01), _tones(0.48, 0.45, 0.07, 0.0))
MOODS = {
    "spike": _tones(0.06, 0.34, 0.45, 0.15),
    "silence": _tones(0.10, 0.70, 0.20, 0.0),
    "repeated_issue": _tones(0.02, 0.26, 0.54, 0.18),
    "anger": _tones(0.0, 0.02, 0.16, 0.82),
    "usage_drop": _tones(0.08, 0.52, 0.35, 0.05),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One ticket to be: whose, when (epoch seconds), what about, how said, and whether support was slow with it."""

    life: Life
    created: int
    issue: Issue
    tone: Tone
    language: str
    slow: bool


class Topics:
    """What can be written about, how often, and in which languages."""

    def __init__(self, issues: list[Issue], foreign: Mapping[str, frozenset[str]]) -> None:
        self.foreign = foreign
        self.by_tag = {issue.tag: issue for issue in issues}
        self.turning = [self.by_tag[tag] for tag in wheel({issue.tag: issue.weight for issue in issues}, 300)]
        self.first_steps = [issue for issue in issues if issue.workflow == "onboarding"]
        self.defects = [issue for issue in issues if issue.nature == "defect"]


class Writer:
    """One customer's turn of issues and moods."""

    def __init__(self, dice: Dice, life: Life, topics: Topics) -> None:
        self._dice, self._life, self._topics = dice, life, topics
        self._recent: deque[str] = deque(maxlen=TURN_OF_ISSUES)
        self._calm = CALM[min(2, int(life.customer.satisfaction * 3.2))]
        region = REGIONS[life.customer.region]
        self._offset, self._language = region.utc_offset, region.language

    def arrival(self, calendar: Calendar, weight: float, issue: Issue | None = None) -> Arrival:
        dice = self._dice
        created = calendar.written_at(dice, weight, self._offset)
        day = day_of(created)
        episode = next((e for e in self._life.episodes if e.colours(day)), None)
        tone = dice.pick(MOODS[episode.kind] if episode else self._calm)
        issue = issue or self._turn(day)
        own = issue.tag in self._topics.foreign.get(self._language, ()) and dice.chance(OWN_LANGUAGE_SHARE)
        language = self._language if own else "en"
        slow = episode is not None and episode.kind in {"spike", "anger", "repeated_issue"}
        return Arrival(self._life, created, issue, tone, language, slow)

    def _turn(self, day: date) -> Issue:
        newcomer = (day - self._life.customer.signed_up_on).days < NEWCOMER_DAYS
        choices = self._topics.first_steps if newcomer and self._dice.chance(0.3) else self._topics.turning
        issue = self._dice.pick(choices)
        while issue.tag in self._recent:
            issue = self._dice.pick(self._topics.turning)
        self._recent.append(issue.tag)
        return issue


def arrivals(seed: int, lives: list[Life], topics: Topics, calendar: Calendar, count: int) -> list[Arrival]:
    """Exactly `count` tickets in order of time: bursts of trouble, hints of leaving, the rest everyday needs."""
    dice = Dice(seed, "arrivals")
    writers = [Writer(dice, life, topics) for life in lives]
    stays = [_talking(life, calendar) for life in lives]
    rates = [dice.between(*life.customer.traits.tickets_a_month) for life in lives]
    found: list[Arrival] = []
    for life, writer in zip(lives, writers, strict=True):
        found += _bursts(dice, life, writer, topics, calendar)
    found = _thinned(dice, found, int(count * LARGEST_BURST_SHARE))
    weights = {n: rate * sum(b - a for a, b in stays[n]) for n, rate in enumerate(rates) if stays[n]}
    for number, tickets in apportioned(weights, count - len(found)).items():
        found += _everyday(dice, writers[number], stays[number], tickets, calendar)
    return sorted(found, key=lambda arrival: (arrival.created, arrival.life.customer.number))


def _thinned(dice: Dice, found: list[Arrival], most: int) -> list[Arrival]:
    return found if len(found) <= most else dice.shuffled(found)[:most]


def _talking(life: Life, calendar: Calendar) -> list[tuple[float, float]]:
    """Stretches of weighted time in which the customer is there and not silent."""
    cuts = sorted(_silence(e, calendar.window.ends_on) for e in life.episodes if e.kind == "silence")
    stretches = []
    for since, until in life.stays:
        start, end = since, until or calendar.window.ends_on + timedelta(days=1)
        for quiet_from, quiet_until in cuts:
            if start < quiet_from < end:
                stretches.append((start, quiet_from))
                start = min(quiet_until, end)
        stretches.append((start, end))
    spans = [(calendar.weight_before(start), calendar.weight_before(end)) for start, end in stretches]
    return [(start, end) for start, end in spans if end > start]


def _silence(episode: Episode, ends_on: date) -> tuple[date, date]:
    """Quiet long enough to be noticed when the episode begins, and for some weeks more."""
    back = min(episode.began_on + timedelta(days=25), ends_on + timedelta(days=1))
    return episode.began_on - timedelta(days=QUIET_DAYS), back


def _everyday(
    dice: Dice, writer: Writer, stretches: list[tuple[float, float]], tickets: int, calendar: Calendar
) -> list[Arrival]:
    """Tickets at jittered even distances: people write again and again, and no customer falls silent by chance."""
    found = []
    step = sum(end - start for start, end in stretches) / max(tickets, 1)
    for number in range(tickets):
        place = (number + 0.15 + 0.7 * dice.roll()) * step
        for start, end in stretches:
            if place < end - start:
                found.append(writer.arrival(calendar, start + place))
                break
            place -= end - start
        else:
            found.append(writer.arrival(calendar, stretches[-1][1] - 1e-6))
    return found


def _bursts(dice: Dice, life: Life, writer: Writer, topics: Topics, calendar: Calendar) -> list[Arrival]:
    found: list[Arrival] = []
    weekly = sum(life.customer.traits.tickets_a_month) / 2 / 4.35
    for episode in life.episodes:
        found += _burst(dice, episode, writer, topics, calendar, weekly)
    for departure in life.departures:
        day = departure.on - timedelta(days=dice.whole(10, 60))
        hinted = dice.chance(HINT_SHARE) and calendar.window.begins_on <= day <= calendar.window.ends_on
        tag = dice.pick(("cancellation", "cancellation", "renewal-price"))
        if hinted and not any(e.kind == "silence" for e in life.episodes):
            found.append(writer.arrival(calendar, calendar.weight_before(day) + 1e-6, topics.by_tag[tag]))
    return found


def _burst(
    dice: Dice, episode: Episode, writer: Writer, topics: Topics, calendar: Calendar, weekly: float
) -> list[Arrival]:
    """The tickets that an episode adds: many at once, one issue again and again, or a few in anger."""
    sizes = {
        "spike": (4.4 * weekly + 3.0, 6),
        "repeated_issue": (5.0 + 0.3 * weekly, 9),
        "anger": (4.0 + 1.6 * weekly, 12),
        "usage_drop": (1.0, 14),
        "silence": (0.0, 1),
    }
    size, days = sizes[episode.kind]
    again = dice.pick(topics.defects)
    since = calendar.weight_before(episode.began_on)
    until = calendar.weight_before(episode.began_on + timedelta(days=days))
    found = []
    for _ in range(round(size * (0.8 + 0.2 * episode.severity))):
        place = since + (until - since) * dice.roll() ** 1.4
        found.append(writer.arrival(calendar, place, again if episode.kind == "repeated_issue" else None))
    return found
