"""Knows whether rules keep what their own examples promise."""

from collections.abc import Iterator
from typing import NamedTuple

from rules.text.findings.reading import EvidenceReader, Span


class BrokenExample(NamedTuple):
    """A sentence that a rule names; `found` is what was wrongly found in it, empty where something was missed."""

    rule: str
    kind: str
    sentence: str
    found: tuple[Span, ...]


def broken_examples(reader: EvidenceReader) -> Iterator[BrokenExample]:
    """Examples in which nothing of the rule's kind is found, and counterexamples in which something is."""
    for rule in reader.document.rules:
        for sentence in rule.examples:
            if not _of_kind(reader, rule.kind, sentence):
                yield BrokenExample(rule.id, rule.kind, sentence, ())
        for sentence in rule.counterexamples:
            found = _of_kind(reader, rule.kind, sentence)
            if found:
                yield BrokenExample(rule.id, rule.kind, sentence, found)


def count_examples(reader: EvidenceReader) -> tuple[int, int]:
    """How many examples and how many counterexamples the rules name."""
    rules = reader.document.rules
    return sum(len(rule.examples) for rule in rules), sum(len(rule.counterexamples) for rule in rules)


def _of_kind(reader: EvidenceReader, kind: str, sentence: str) -> tuple[Span, ...]:
    return tuple(span for span in reader.spans(sentence) if span.kind == kind)
