"""Knows which words of a support question say what it is about, and how they are cut into comparable pieces."""

import re
from functools import lru_cache
from itertools import pairwise

# So much of a text is looked at: what an issue is stands at its beginning.
MOST_CHARACTERS = 2_000
_MOST_WORDS, _SPELT_WORDS = 200, 60
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+){0,2}")
_SMALLEST_GRAM, _LARGEST_GRAM = 3, 5
_SUFFIXES = ("ing", "edly", "ed", "es", "s", "ly")
_SHORTEST_STEM = 3

# Words with which anything can be asked: greetings, pronouns, questions, wishes, thanks.
COURTESY = frozenset(
    """
    a about all also am an and any are as at be been being but by can cannot can't could couldn't dear did didn't do
    does doesn't don't done dont for from get good got had has have having hello help hey hi how i i'd i'm i've id
    if im in into is isn't it it's its ive just kind know let like may me might morning must my need no not now of
    on or our out please regards shall should so some than thank thanks that that's the their them then there these
    they this those to too up us very want was wasn't we we're we've were what what's when where which who why will
    with won't would you your
    """.split()
)


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case, at most 200, of its first 2,000 characters; numbers alone are none."""
    found = _WORD.findall(text[:MOST_CHARACTERS].lower().replace("’", "'"))
    return [word for word in found[:_MOST_WORDS] if not word.isdigit()]


def telling_words(text: str) -> list[str]:
    """The words that say what it is about; all of them where none does."""
    words = plain_words(text)
    return [word for word in words if word not in COURTESY] or words


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word without an English ending: `cards` and `card`, `charged` and `charge` are one."""
    word = word.replace("'", "")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            word = word[: -len(suffix)]
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word.rstrip("e") if len(word) > _SHORTEST_STEM else word


@lru_cache(maxsize=50_000)
def grams(word: str) -> tuple[str, ...]:
    """The runs of 3 to 5 characters of a word and its ends: what survives a typing error or a compound."""
    bound = f"\x02{word[:30]}\x03"
    sizes = range(_SMALLEST_GRAM, _LARGEST_GRAM + 1)
    return tuple(bound[at : at + size] for size in sizes for at in range(len(bound) - size + 1))


def word_pieces(text: str) -> list[str]:
    """Stems and pairs of neighbouring stems of the words that tell."""
    stems = [stem(word) for word in telling_words(text)]
    return stems + [f"{first} {second}" for first, second in pairwise(stems)]


def letter_pieces(text: str) -> list[str]:
    """The runs of characters of its first 60 words."""
    return [gram for word in plain_words(text)[:_SPELT_WORDS] for gram in grams(word)]
