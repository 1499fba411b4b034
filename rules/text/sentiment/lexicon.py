"""Knows what the words of a text are worth by two lexicons: TextBlob's, and one of what customers say to a helpdesk."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

Polar = tuple[float, float, float, bool]

NEGATIONS = frozenset(
    "no not never without hardly barely nor cannot neither nothing can't don't won't didn't doesn't isn't wasn't "
    "aren't weren't haven't hasn't hadn't couldn't wouldn't shouldn't ain't".split()
)
_TEXTBLOB_NEGATIONS = frozenset({"no", "not", "n't", "never"})
# Unknown words that change what stands around them.
_TELLING = _TEXTBLOB_NEGATIONS | {"!"}
# Words that come between a negation and what it turns: "not a very good", "don't really like".
_REACH = 3


class Rated(NamedTuple):
    """A phrase of the support lexicon in a text: tokens from `begins` to before `ends`, and its rating, −4..4."""

    begins: int
    ends: int
    rating: float


def polarity(tokens: Sequence[str]) -> tuple[float, float, int]:
    """TextBlob's polarity (−1..1) and subjectivity (0..1) of tokens in lower case, and how many words it knows.

    The same lexicon and the same rules as `TextBlob(text).sentiment`: a modifier strengthens the next word, a negation
    turns it to minus half. Only that "isn't" negates as "is not" does, which TextBlob means and its tokenizer hides.

    Source: textblob.en.sentiment.
    """
    known, apart = _textblob_words(), _clitics_apart(tokens)
    if known.keys().isdisjoint(apart):
        return 0.0, 0.0, 0
    assessed = _Assessed()
    for word in apart:
        polar = known.get(word)
        if polar is not None:
            assessed.known(word, polar)
        elif assessed.waits or word in _TELLING:
            assessed.unknown(word)
    found = assessed.found
    return (
        sum(worth * turn for worth, _, _, turn in found) / len(found),
        sum(subjective for _, subjective, _, _ in found) / len(found),
        len(found),
    )


class _Assessed:
    """Polarity, subjectivity, intensity and turn of each known word so far, and what waits for the next one."""

    __slots__ = ("_ly", "_modifies", "_negated", "found", "waits")

    def __init__(self) -> None:
        self.found: list[list[float]] = []
        self._modifies = self._ly = self._negated = self.waits = False

    def known(self, word: str, polar: Polar) -> None:
        worth, subjective, intensity, modifies = polar
        if self._modifies:
            last = self.found[-1]
            last[:3] = (_within(worth * last[2]), _within(subjective * last[2]), intensity)
        else:
            self.found.append([worth, subjective, intensity, 1.0])
        if self._negated:
            self.found[-1][2] = 1.0 / self.found[-1][2]
            self.found[-1][3] = -0.5
        self._negated, self._modifies, self._ly = word in _TEXTBLOB_NEGATIONS, modifies, word.endswith("ly")
        self.waits = self._negated or modifies

    def unknown(self, word: str) -> None:
        if word in _TEXTBLOB_NEGATIONS:
            self._negated = True
        elif self._negated and len(word.strip("'")) > 1:
            self._negated = False
        if self._negated and self._modifies and self._ly:
            self.found[-1][3] = -0.5
            self._negated = False
        elif self._modifies and len(word) > 2:
            self._modifies = False
        if word == "!" and self.found:
            self.found[-1][0] = _within(self.found[-1][0] * 1.25)
        self.waits = self._negated or self._modifies


def _within(worth: float) -> float:
    return max(-1.0, min(worth, 1.0))


def _clitics_apart(tokens: Sequence[str]) -> Sequence[str]:
    joined = " ".join(tokens)
    if "'" not in joined and "!!" not in joined:
        return tokens
    apart: list[str] = []
    for word in tokens:
        if word == "!!":
            apart += ("!", "!")
        elif "'" not in word or len(word) == 1:
            apart.append(word)
        elif word.endswith("n't"):
            apart += ("ca", "n't") if word == "can't" else (word[:-3], "n't")
        else:
            before, _, after = word.partition("'")
            apart += (before, "'" + after)
    return apart


def rated(tokens: Sequence[str]) -> list[Rated]:
    """The phrases of the support lexicon in a text: the longest at each place, turned after a negation."""
    phrases, found, free = _phrases(), list[Rated](), 0
    negated = not NEGATIONS.isdisjoint(tokens)
    for at in [at for at, word in enumerate(tokens) if word in phrases]:
        if at < free:
            continue
        choices = phrases[tokens[at]]
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        for words, rating in choices.get(after) or choices.get("", []):
            if len(words) <= 2 or tuple(tokens[at : at + len(words)]) == words:
                free = at + len(words)
                found.append(Rated(at, free, _turned(tokens, at, rating) if negated else rating))
                break
    return found


def _turned(tokens: Sequence[str], at: int, rating: float) -> float:
    if not NEGATIONS.isdisjoint(tokens[max(0, at - _REACH) : at]):
        return -0.6 * rating if rating > 0 else -0.3 * rating
    return rating


@cache
def _phrases() -> dict[str, dict[str, list[tuple[tuple[str, ...], float]]]]:
    """By first and by second word, the longest first; a first word that is a phrase alone ends each of its lists."""
    text = files(__package__).joinpath("support_lexicon.txt").read_text(encoding="utf-8")
    rates: dict[tuple[str, ...], float] = {}
    for line in text.splitlines():
        rate, colon, phrases = line.partition(":")
        if colon and not line.startswith("#"):
            rates |= {tuple(phrase.split()): float(rate) for phrase in phrases.split("|") if phrase.strip()}
    found: dict[str, dict[str, list[tuple[tuple[str, ...], float]]]] = {}
    for words, rating in sorted(rates.items(), key=lambda pair: -len(pair[0])):
        choices = found.setdefault(words[0], {})
        if len(words) > 1:
            choices.setdefault(words[1], []).append((words, rating))
        else:
            for some in choices.values():
                some.append((words, rating))
            choices[""] = [(words, rating)]
    return found


@cache
def _textblob_words() -> dict[str, Polar]:
    """Each word's polarity, subjectivity and intensity, and whether it modifies the next one."""
    # Importing TextBlob costs over a second.
    from textblob.en import sentiment

    sentiment.load()
    return {word: (*senses[None], "RB" in senses) for word, senses in dict.items(sentiment) if None in senses}
