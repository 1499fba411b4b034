"""Gathers what an article about an issue could be made of: how customers ask, what agents advise, what solved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from rules.text.summaries.gist import is_solved
from rules.text.summaries.matters import Thread
from rules.text.summaries.quoted import Quoted
from rules.text.summaries.similarity import centrality, likeness, weighted
from rules.text.summaries.thread import Candidate, ReadThread, read_thread

# So many threads of an issue are read, the newest; more say nothing new.
MOST_THREADS = 60
_ASKED, _STEPS, _FIXED = 5, 8, 3
_ALIKE, _REPEATS = 0.4, 0.5
_ADVISES = 0.5
_ASKS = frozenset({"asks", "asks for something"})


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence with its source, and the tickets in which something like it was written."""

    quote: Quoted
    tickets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The material of an article: sentences as they were written, masked.

    * asked: what customers ask; steps: what agents advised and explained; fixed: how the last of it was put before the
      ticket was solved
    * tickets: of so many tickets, of which `solved` are solved
    """

    label: str
    asked: tuple[Point, ...]
    steps: tuple[Point, ...]
    fixed: tuple[Point, ...]
    tickets: int
    solved: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    quote: Quoted
    candidate: Candidate


def draft(label: str, threads: Sequence[Thread], as_of: datetime) -> Draft:
    """What the newest 60 threads about an issue give; steps and fixes come from the solved ones alone."""
    newest = sorted(threads, key=lambda each: (each.created_at, each.ticket_ref))[-MOST_THREADS:]
    solved = [each for each in newest if is_solved(each.facts, as_of)]
    read = {each.ticket_ref: read_thread(each.messages) for each in newest}
    asked = [sentence for each in newest for sentence in _asked(read[each.ticket_ref])]
    advised = [sentence for each in solved for sentence in _advised(read[each.ticket_ref])]
    last = [sentence for each in solved for sentence in _last_advised(read[each.ticket_ref])]
    fixed = _points(last, _FIXED)
    told = {point.quote.line for point in fixed}
    steps = [point for point in _points(advised, _STEPS + _FIXED) if point.quote.line not in told]
    return Draft(label, _points(asked, _ASKED), tuple(steps[:_STEPS]), fixed, len(newest), len(solved))


def _asked(thread: ReadThread) -> list[_Sentence]:
    """The sentences of the customer's first message that say something."""
    first = next((number for number, each in enumerate(thread.messages) if each.author_kind == "customer"), None)
    return [
        _sentence(thread, each)
        for each in thread.candidates
        if each.message == first and each.weighed.points >= 0 and len(each.words) >= 3
    ]


def _advised(thread: ReadThread) -> list[_Sentence]:
    """What agents wrote that moves the issue on, other than asking."""
    return [
        _sentence(thread, each)
        for each in thread.candidates
        if not thread.is_customer(each)
        and each.weighed.points >= _ADVISES
        and each.weighed.because not in _ASKS
        and not each.text.rstrip().endswith("?")
    ]


def _last_advised(thread: ReadThread) -> list[_Sentence]:
    advised = _advised(thread)
    certain = [each for each in advised if each.candidate.weighed.because] or advised
    last = certain[-1].candidate.message if certain else None
    return [each for each in advised if each.candidate.message == last]


def _sentence(thread: ReadThread, candidate: Candidate) -> _Sentence:
    message = thread.messages[candidate.message]
    why = candidate.weighed.because
    quote = Quoted(message.ticket_ref, message.external_id, message.author_kind, message.sent_at, candidate.text, why)
    return _Sentence(quote, candidate)


def _points(sentences: Sequence[_Sentence], most: int) -> tuple[Point, ...]:
    """The sentences that stand for most others, none like another; those of most tickets first."""
    sentences = sentences[-400:]
    if not sentences:
        return ()
    alike = likeness(weighted([each.candidate.words for each in sentences]))
    prior = np.array([max(each.candidate.weighed.points, 0.05) for each in sentences])
    worth = centrality(alike, prior) + 0.3 * prior
    taken = list[int]()
    for place in sorted(range(len(sentences)), key=lambda each: (-worth[each], each)):
        if len(taken) == most:
            break
        if not taken or float(alike[place, taken].max()) < _REPEATS:
            taken.append(place)
    found = [Point(sentences[place].quote, _tickets(sentences, alike[place], place)) for place in taken]
    return tuple(sorted(found, key=lambda each: -len(each.tickets)))


def _tickets(sentences: Sequence[_Sentence], alike: np.ndarray, place: int) -> tuple[str, ...]:
    near = [number for number in range(len(sentences)) if number == place or alike[number] >= _ALIKE]
    return tuple(dict.fromkeys(sentences[number].quote.ticket_ref for number in near))
