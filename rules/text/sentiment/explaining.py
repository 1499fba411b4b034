"""Knows which phrases of a text make its score, and by how many points each."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rules.text.languages import language
from rules.text.sentiment.reading import Unread, points, readings, score, why_unread
from rules.text.sentiment.tokens import READ_CHARACTERS

_WORD = re.compile(r"\S+")
_MOST_PHRASES = 8
# Less is noise: in points, and as a share of the score.
_LEAST_POINTS, _LEAST_SHARE = 3.0, 0.1
# Phrases of up to three words are tried; a longer one is preferred where it moves the score by so much more.
_LONGEST, _WORTH_A_WORD = 3, 3.0
# A text of more words than this is tried in longer steps.
_MOST_STEPS = 100

Place = tuple[int, int]


@dataclass(frozen=True)
class Phrase:
    """Words of a text as they are written, where they stand in it, and by how many points they move its score."""

    said: str
    begins_at: int
    ends_at: int
    points: float


@dataclass(frozen=True)
class Explained:
    """A score, the text's language, the phrases that move it most, and why it is unknown where it is.

    The phrases' points and `rest` (what all other words, the length and the marks give together) sum to the score.
    """

    score: float | None
    language: str | None
    phrases: tuple[Phrase, ...] = ()
    rest: float = 0.0
    unknown_because: Unread | None = None


def explained(text: str) -> Explained:
    """A text's score with the phrases that make it.

    A phrase's points are the mean of what it says alone and of what the score loses without it: a furious text is
    furious without any one of its words. Phrases that together say more than the score share it out. The same text
    always gives the same phrases. Of a long text only so many phrases are tried.
    """
    (found,), (why,) = language([text]), why_unread([text])
    if why is not None:
        return Explained(None, found, unknown_because=why)
    (shown,) = score([text])
    assert shown is not None  # noqa: S101 - it has been said that it is read
    phrases = _shared_out(_phrases(text[:READ_CHARACTERS], shown), shown)
    return Explained(shown, found, phrases, round(shown - sum(each.points for each in phrases), 1) + 0.0)


def _phrases(text: str, shown: float) -> tuple[Phrase, ...]:
    """The phrases that move the score most, in the order in which they stand."""
    places = list(_places(text))
    moves = _moves(text, places, shown)
    chosen: list[Phrase] = []
    for (begins, ends), moved in sorted(zip(places, moves, strict=True), key=_most_telling(text)):
        if abs(moved) < max(_LEAST_POINTS, _LEAST_SHARE * abs(shown)) or len(chosen) == _MOST_PHRASES:
            break
        if all(ends <= other.begins_at or begins >= other.ends_at for other in chosen):
            chosen.append(Phrase(text[begins:ends], begins, ends, moved))
    return tuple(sorted(chosen, key=lambda phrase: phrase.begins_at))


def _moves(text: str, places: Sequence[Place], shown: float) -> list[float]:
    """By how many points each phrase moves the score: the mean of what it says alone and of what goes with it."""
    alone = _points([text[begins:ends] for begins, ends in places])
    without = _points([text[:begins] + " " + text[ends:] for begins, ends in places])
    return [round((said + shown - rest) / 2, 1) for said, rest in zip(alone, without, strict=True)]


def _points(texts: Sequence[str]) -> list[float]:
    chances = readings(texts).chances.tolist() if texts else []
    return [points((each[0], each[1], each[2])) for each in chances]


def _shared_out(phrases: tuple[Phrase, ...], shown: float) -> tuple[Phrase, ...]:
    """Phrases that together say more than the whole score share it out among them."""
    total = sum(each.points for each in phrases)
    if total * shown <= 0 or abs(total) <= abs(shown):
        return phrases
    return tuple(replace(each, points=round(each.points * shown / total, 1)) for each in phrases)


def _most_telling(text: str) -> Callable[[tuple[Place, float]], tuple[float, int, int]]:
    """Orders phrases by the points that they move, less what their length costs."""

    def order(phrase: tuple[Place, float]) -> tuple[float, int, int]:
        (begins, ends), moved = phrase
        return _WORTH_A_WORD * len(text[begins:ends].split()) - abs(moved), begins, ends

    return order


def _places(text: str) -> Iterator[Place]:
    """Where phrases of one to three words stand; in a long text, of one to three steps of some words."""
    words = [found.span() for found in _WORD.finditer(text)]
    step = -(-len(words) // _MOST_STEPS) or 1
    steps = [(some[0][0], some[-1][1]) for some in (words[at : at + step] for at in range(0, len(words), step))]
    for count in range(1, min(_LONGEST, len(steps)) + 1):
        for first in range(len(steps) - count + 1):
            yield steps[first][0], steps[first + count - 1][1]
