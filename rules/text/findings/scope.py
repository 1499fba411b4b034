"""Knows whether words are meant: not denied, and not told of somebody else's contract."""

import re
from collections.abc import Collection, Sequence

from rules.text.findings.sentences import BREAK, Sentence

_BEFORE_NEGATION = 5
_BEFORE_OTHERS = 9
_AFTER_REACH = 8
# A negation reaches no further than to one of these.
_JOINTS = frozenset(
    {BREAK, "and", "but", "so", "because", "therefore", "then", "hence", "if", "as", "since", "otherwise"}
)
# What begins with its own subject is a clause of its own: `if it is not fixed today we leave`.
_SUBJECTS = frozenset({"i", "we"})
# ... but `not say we leave`, `no way we leave` reach over it.
_OVER_SUBJECTS = frozenset("think say saying believe mean expect suggest imply want way plans reason".split())
_ARTICLES = frozenset("a an our the one any each every another this that my some these those".split())
_THEIRS = frozenset({"their", "his", "her"})
_AFTER = frozenset({"of", "for"})


class Scope:
    """Looks at the words around a finding; the lists are those of the document.

    `negations` deny what follows; one that begins one of `no_negations` (`no choice`) denies nothing. `others` are
    people whose contracts are another matter, `other` one such person, with an article.
    """

    def __init__(
        self, negations: Collection[str], no_negations: Collection[str], others: Collection[str], other: Collection[str]
    ) -> None:
        self._negations = frozenset(negations)
        self._harmless = [tuple(phrase.split()) for phrase in no_negations]
        self._others, self._other = frozenset(others), frozenset(other)

    def is_denied(self, sentence: Sentence, first: int) -> bool:
        """Whether one of the five words before the word `first`, in its part of the clause, denies it."""
        words = sentence.words
        if words[first] in _SUBJECTS:
            return False
        has_subject = False
        for number in range(first - 1, max(first - 1 - _BEFORE_NEGATION, -1), -1):
            word = words[number]
            if word in _JOINTS:
                return False
            has_subject = has_subject or word in _SUBJECTS
            if word in self._negations:
                reaches = not has_subject or words[number + 1] in _OVER_SUBJECTS
                return reaches and not self._is_harmless(words, number)
        return False

    def _is_harmless(self, words: Sequence[str], number: int) -> bool:
        return any(
            phrase[at] == words[number] and tuple(words[number - at : number - at + len(phrase)]) == phrase
            for phrase in self._harmless
            for at in range(min(len(phrase), number + 1))
            if number - at >= 0
        )

    def is_of_others(self, sentence: Sentence, first: int, last: int) -> bool:
        """Whether the clause around the words `first..last` tells of other people's contracts."""
        words = sentence.words
        begins = first
        while begins > max(first - _BEFORE_OTHERS, 0) and words[begins - 1] != BREAK:
            begins -= 1
        for number in range(begins, last + 1):
            if self._is_other(words, number) or (number >= first and words[number] in _THEIRS):
                return True
        return any(
            words[number] in _AFTER and words[number + 1] in _ARTICLES and words[number + 2] in self._other
            for number in range(last + 1, min(last + 1 + _AFTER_REACH, len(words) - 2))
        )

    def _is_other(self, words: Sequence[str], number: int) -> bool:
        word, before = words[number], words[number - 1] if number else ""
        if word in self._others:
            return before not in {"your", "other"}
        if word not in self._other:
            return False
        has_article = before in _ARTICLES and (number < 2 or words[number - 2] != "as")
        return has_article or words[number + 1 : number + 2] == ["'s"]


def spaced(text: str) -> str:
    """Words with one space between them."""
    return re.sub(r"\s+", " ", text).strip()
