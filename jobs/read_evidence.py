"""Reads customers' messages for evidence, each once by the rules in force; changed rules read the window anew."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from domain.reading import TextEvidence
from jobs.rulebook import Rulebook
from rules.text import cleaned, language, masked
from rules.text.findings import EvidenceReader, Span
from storage.evidence import EvidenceBook
from storage.readings import ReadingBook
from storage.store import Store

Report = Callable[[str, int, int], None]
# The rules are English; where the language is not sure, words that fit them are English enough.
UNDERSTOOD = ("en", None)


def read_evidence(store: Store, rulebook: Rulebook, first: datetime, report: Report) -> int:
    """Look for evidence in the customers' unread messages that a signal from `first` on looks at.

    What former rules found in them goes. Returns how many messages were read.
    """
    reader = rulebook.evidence()
    since = first - timedelta(days=rulebook.windows.evidence_history_days)
    book, found = ReadingBook(store.engine, reader.reader, "customer", "sentiment"), EvidenceBook(store.engine)
    total, done = book.count_unread(since), 0
    for batch in book.unread(since, batch=2_000):
        texts = cleaned([text for _, text in batch])
        languages = language(texts)
        spans = spans_of(reader, texts, languages)
        found.save(_masked(reader.reader, [message for message, _ in batch], spans))
        book.save([(message, None) for message, _ in batch], languages)
        done += len(batch)
        report("Looking for evidence", done, total)
    found.forget_former(reader.reader)
    return done


def spans_of(reader: EvidenceReader, texts: Sequence[str], languages: Sequence[str | None]) -> list[list[Span]]:
    """What is found in each cleaned text; nothing in one of a language that the rules do not speak."""
    return [reader.spans(text) if spoken in UNDERSTOOD else [] for text, spoken in zip(texts, languages, strict=True)]


def _masked(reader: str, messages: Sequence[int], spans: Sequence[Sequence[Span]]) -> list[tuple[int, TextEvidence]]:
    found = [(message, span) for message, many in zip(messages, spans, strict=True) for span in many]
    said = masked([span.said for _, span in found])
    told = masked([span.sentence for _, span in found])
    return [
        (
            message,
            TextEvidence(
                reader=reader, kind=span.kind, rule=span.rule, begins_at=span.begins_at, ends_at=span.ends_at,
                said=words, sentence=sentence,
            ),
        )
        for (message, span), words, sentence in zip(found, said, told, strict=True)
    ]  # fmt: skip
