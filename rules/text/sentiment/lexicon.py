"""Knows what the words of a text are worth by two lexicons: TextBlob's, and one of what customers say to a helpdesk."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
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
_UNKNOWN: Polar = (0.0, 0.0, 0.0, False)
_NO_PHRASES: list[tuple[tuple[str, ...], float]] = []
# Words whose parts are remembered.
_REMEMBERED = 50_000


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
    found = _assessed(apart, _telling_words().get)
    worth = subjective = 0.0
    for each, share, _, turn in found:
        worth += each * turn
        subjective += share
    return worth / len(found), subjective / len(found), len(found)


def _assessed(words: Sequence[str], get: Callable[[str], Polar | None]) -> list[list[float]]:
    """Polarity, subjectivity, intensity and turn of each known word, as the words around it have changed them.

    In one loop, because most of the time that a text takes is spent here.
    """
    found: list[list[float]] = []
    modifies = ly = negated = waits = False
    for word in words:
        polar = get(word)
        if polar is None:
            if not waits:
                continue
        elif polar is not _UNKNOWN:
            worth, subjective, intensity, strengthens = polar
            if modifies:
                last = found[-1]
                last[:3] = (_within(worth * last[2]), _within(subjective * last[2]), intensity)
            else:
                found.append([worth, subjective, intensity, 1.0])
            if negated:
                found[-1][2] = 1.0 / found[-1][2]
                found[-1][3] = -0.5
            negated, modifies, ly = word in _TEXTBLOB_NEGATIONS, strengthens, word.endswith("ly")
            waits = negated or modifies
            continue
        negated, modifies = _changed(found, word, (negated, modifies, ly))
        waits = negated or modifies
    return found


def _changed(found: list[list[float]], word: str, waiting: tuple[bool, bool, bool]) -> tuple[bool, bool]:
    """What an unknown word makes of the known one before it, and whether a negation and a modifier wait on."""
    negated, modifies, ly = waiting
    if word in _TEXTBLOB_NEGATIONS:
        negated = True
    elif negated and len(word.strip("'")) > 1:
        negated = False
    if negated and modifies and ly:
        found[-1][3] = -0.5
        negated = False
    elif modifies and len(word) > 2:
        modifies = False
    if word == "!" and found:
        found[-1][0] = _within(found[-1][0] * 1.25)
    return negated, modifies


def _within(worth: float) -> float:
    return max(-1.0, min(worth, 1.0))


def _clitics_apart(tokens: Sequence[str]) -> Sequence[str]:
    if "'" not in " ".join(tokens) and "!!" not in tokens:
        return tokens
    return [part for word in tokens for part in _parts(word)]


@lru_cache(maxsize=_REMEMBERED)
def _parts(word: str) -> tuple[str, ...]:
    if word == "!!":
        return "!", "!"
    if "'" not in word or len(word) == 1:
        return (word,)
    if word.endswith("n't"):
        return ("ca", "n't") if word == "can't" else (word[:-3], "n't")
    before, _, after = word.partition("'")
    return before, "'" + after


def rated(tokens: Sequence[str]) -> list[Rated]:
    """The phrases of the support lexicon in a text: the longest at each place, turned after a negation."""
    return [Rated(*each) for each in _phrases_in(tokens)]


def ratings(tokens: Sequence[str]) -> list[float]:
    """The ratings of these phrases, in order."""
    return [rating for _, _, rating in _phrases_in(tokens)]


def _phrases_in(tokens: Sequence[str]) -> list[tuple[int, int, float]]:
    phrases, found, free = _phrases(), list[tuple[int, int, float]](), 0
    begins = [at for at, word in enumerate(tokens) if word in phrases]
    if not begins:
        return found
    negations = [] if NEGATIONS.isdisjoint(tokens) else [at for at, word in enumerate(tokens) if word in NEGATIONS]
    following = [*tokens[1:], ""]
    for at in begins:
        if at < free:
            continue
        choices = phrases[tokens[at]]
        for words, rating in choices.get(following[at]) or choices.get("", _NO_PHRASES):
            size = len(words)
            if size <= 2 or tuple(tokens[at : at + size]) == words:
                free = at + size
                found.append((at, free, _turned(negations, at, rating) if negations else rating))
                break
    return found


def _turned(negations: Sequence[int], at: int, rating: float) -> float:
    for place in negations:
        if place < at <= place + _REACH:
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


@cache
def _telling_words() -> dict[str, Polar]:
    """The known words, and as _UNKNOWN those that change what stands around them."""
    return {**dict.fromkeys(_TELLING, _UNKNOWN), **_textblob_words()}
