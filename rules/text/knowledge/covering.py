"""Decides whether an article answers an issue: whether both share more words than unrelated texts of the team do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules.text.summaries.similarity import likeness, tokens, weighted

# With fewer pairs of the team's own, chance cannot be told from likeness.
_LEAST_PAIRS = 30
_QUANTILE, _LEAST, _WITHOUT_PAIRS = 0.99, 0.12, 0.25
_TITLE_COUNTS = 3
# One word in common, however rare, says nothing.
_LEAST_SHARED = 2
_READ_CHARACTERS, _MOST_WORDS = 20_000, 2_000


@dataclass(frozen=True, slots=True)
class IssueText:
    """What customers ask in an issue, and `thread`, some whole threads of it: questions with their answers."""

    issue_id: str
    questions: str
    thread: str


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article without markup."""

    article_ref: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The article nearest to an issue (None: there is none), how alike both are, 0..1, and from where it answers."""

    issue_id: str
    article_ref: str | None
    similarity: float
    threshold: float

    @property
    def is_answered(self) -> bool:
        """Whether the article is about the issue."""
        return self.article_ref is not None and self.similarity >= self.threshold


def coverage(issues: Sequence[IssueText], articles: Sequence[ArticleText]) -> list[Coverage]:
    """For each issue the article that is nearest to it, by words weighted by how rare they are (TF-IDF, cosine).

    An article answers an issue from a likeness on that only one of a hundred pairs of an issue's questions with threads
    about *another* issue reaches, at least 0.12; with fewer than 30 such pairs 0.25. The thread nearest to an issue is
    no such pair: it may be about the same under another name. One word in common is none; a title counts three times.
    """
    questions = [_words(each.questions) for each in issues]
    threads = [_words(each.thread) for each in issues]
    written = [_words(each.title) * _TITLE_COUNTS + _words(each.body) for each in articles]
    rows = weighted([*questions, *threads, *written], like=[*questions, *written])
    asked, told, answers = np.split(rows, [len(questions), 2 * len(questions)])
    threshold = _threshold(likeness(asked, told))
    shared = (asked > 0).astype(float) @ (answers > 0).T
    alike = np.where(shared >= _LEAST_SHARED, likeness(asked, answers), 0.0)
    return [
        _nearest(issue.issue_id, [each.article_ref for each in articles], alike[place], threshold)
        for place, issue in enumerate(issues)
    ]


def _threshold(alike: np.ndarray) -> float:
    others = np.sort(np.where(np.eye(len(alike), dtype=bool), -1.0, alike), axis=1)[:, 1:-1]
    if others.size < _LEAST_PAIRS:
        return _WITHOUT_PAIRS
    return max(_LEAST, float(np.quantile(others, _QUANTILE)))


def _nearest(issue_id: str, refs: Sequence[str], alike: np.ndarray, threshold: float) -> Coverage:
    if not refs:
        return Coverage(issue_id, None, 0.0, round(threshold, 3))
    best = int(alike.argmax())
    return Coverage(issue_id, refs[best], round(float(alike[best]), 3), round(threshold, 3))


def _words(text: str) -> list[str]:
    return tokens(text[:_READ_CHARACTERS])[:_MOST_WORDS]
