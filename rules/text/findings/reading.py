"""Knows how rules find evidence in a text, sentence by sentence, each finding with its words and its sentence."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rules.text.findings.document import CHURN, NEGATIONS, NO_NEGATIONS, OTHER, OTHERS, EvidenceDocument, EvidenceRule
from rules.text.findings.phrases import Line, Phrase, PhraseIndex
from rules.text.findings.scope import Scope
from rules.text.findings.sentences import BREAK, Sentence, sentences

_SHOWN_SENTENCE = 400
_TRIES = 3


@dataclass(frozen=True)
class Span:
    """One piece of evidence: characters `begins_at..ends_at` of the text, which are `said`, in their sentence."""

    begins_at: int
    ends_at: int
    kind: str
    rule: str
    said: str
    sentence: str


@dataclass(frozen=True, eq=False)
class _Tried:
    rule: EvidenceRule
    phrase: Phrase
    unless: tuple[Phrase, ...]


class EvidenceReader:
    """A document's rules, ready to read; `reader` names them by their content."""

    def __init__(self, document: EvidenceDocument) -> None:
        lists = document.lists
        self._lexicon = document.lexicon
        compiled = self._lexicon.compiled
        kinds = {name: tuple(compiled(each) for each in kind.unless) for name, kind in document.kinds.items()}
        self.document = document
        self.reader = f"evidence-1-{document.content_hash}"
        self._tried: list[_Tried] = []
        for rule in document.rules:
            unless = (*kinds[rule.kind], *(compiled(each) for each in rule.unless))
            self._tried += [_Tried(rule, compiled(each), unless) for each in rule.phrases]
        self._index = PhraseIndex([each.phrase for each in self._tried])
        self._scope = Scope(lists[NEGATIONS], lists[NO_NEGATIONS], lists[OTHERS], lists[OTHER])

    def spans(self, text: str) -> list[Span]:
        """What the rules find in a text, in its order; of findings of one kind that overlap the longest stays."""
        found = [span for sentence in sentences(text) for span in self._in_sentence(sentence, text)]
        return sorted(_longest(found), key=lambda span: (span.begins_at, span.ends_at, span.kind))

    def _in_sentence(self, sentence: Sentence, text: str) -> Iterator[Span]:
        worth_trying = self._index.worth_trying(sentence.words)
        if not worth_trying:
            return
        line = self._lexicon.line(sentence.words)
        for number in worth_trying:
            tried = self._tried[number]
            place = self._found(tried, sentence, line)
            if place is not None and not any(each.pattern.search(line.text) for each in tried.unless):
                yield _span(text, sentence, place, tried.rule)

    def _found(self, tried: _Tried, sentence: Sentence, line: Line) -> tuple[int, int] | None:
        """The numbers of the first and the last word of a place where the phrase is meant."""
        for count, match in enumerate(tried.phrase.pattern.finditer(line.text)):
            first, last = line.number_at(match.start()), line.number_at(match.end() - 1)
            rule = tried.rule
            is_denied = not rule.negated and self._scope.is_denied(sentence, first)
            if not is_denied and (rule.of_others or not self._scope.is_of_others(sentence, first, last)):
                return first, last
            if count + 1 >= _TRIES:
                break
        return None


def _span(text: str, sentence: Sentence, place: tuple[int, int], rule: EvidenceRule) -> Span:
    first, last = place
    while last > first and sentence.words[last] == BREAK:
        last -= 1
    begins_at, ends_at = sentence.places[first][0], sentence.places[last][1]
    opens, closes = sentence.begins_at, sentence.ends_at
    closes += text[closes : closes + 1] in {".", "!", "?"} and len(text[closes : closes + 1])
    if closes - opens > _SHOWN_SENTENCE:
        opens = max(opens, begins_at - _SHOWN_SENTENCE // 2)
        closes = max(ends_at, min(closes, opens + _SHOWN_SENTENCE))
    shown = " ".join(text[opens:closes].split())
    return Span(begins_at, ends_at, rule.kind, rule.id, text[begins_at:ends_at], shown)


def _longest(found: Sequence[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(found, key=lambda each: (each.begins_at - each.ends_at, each.begins_at, each.rule)):
        if not any(
            other.kind == span.kind and other.begins_at < span.ends_at and span.begins_at < other.ends_at
            for other in kept
        ):
            kept.append(span)
    return kept


def shipped_content() -> dict[str, Any]:
    """What the shipped `evidence.yaml` says."""
    content: dict[str, Any] = json.loads(resources.files(__package__).joinpath("shipped.json").read_text("utf-8"))
    return content


@cache
def shipped_reader() -> EvidenceReader:
    """The rules that ship with Keepline."""
    return EvidenceReader(EvidenceDocument.model_validate(shipped_content()))


def evidence(texts: Sequence[str], *, rules: EvidenceReader | None = None) -> list[list[Span]]:
    """What each text holds as evidence, in order: asking to leave, competitors, escalations, praise and so on.

    The texts are the authors' own words (`cleaned`); of each the first 10,000 characters are read, and English alone is
    understood. `rules` are the shipped ones where nothing else is said.

    Source: docs/text.md, "Churn intent and other evidence".
    """
    reader = rules or shipped_reader()
    return [reader.spans(text) for text in texts]


def churn_spans(texts: Sequence[str], *, rules: EvidenceReader | None = None) -> list[list[Span]]:
    """The same of churn intent alone: where the author asks, plans, threatens or ponders to leave."""
    return [[span for span in spans if span.kind == CHURN] for spans in evidence(texts, rules=rules)]
