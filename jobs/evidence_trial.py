"""Shows what changed rules of evidence would find in messages that are there already; nothing is written."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from jobs.read_evidence import spans_of
from rules.text import cleaned, language, masked
from rules.text.findings import EvidenceReader, Span
from storage.evidence import EvidenceBook, Written
from storage.store import Store

Report = Callable[[str, int, int], None]
_MOST_SHOWN = 200


class Moved(NamedTuple):
    """A finding that only one of two sets of rules makes; its words are masked."""

    ticket: str
    sent_at: datetime
    kind: str
    rule: str
    said: str
    sentence: str


@dataclass
class Comparison:
    """What two sets of rules find in the same messages: messages by kind, and the first findings that differ."""

    read: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    gained: list[Moved] = field(default_factory=list)
    lost: list[Moved] = field(default_factory=list)


def compared(
    store: Store, before: EvidenceReader, after: EvidenceReader, since: datetime, until: datetime, report: Report
) -> Comparison:
    """Read the customers' messages sent in `(since, until]` by both."""
    book, found = EvidenceBook(store.engine), Comparison()
    total = book.count_written(since, until)
    for batch in book.written(since, until):
        texts = cleaned([message.text for message in batch])
        languages = language(texts)
        old, new = spans_of(before, texts, languages), spans_of(after, texts, languages)
        for message, earlier, later in zip(batch, old, new, strict=True):
            found.before.update({span.kind for span in earlier})
            found.after.update({span.kind for span in later})
            found.gained += _moved(message, _only(later, earlier), _MOST_SHOWN - len(found.gained))
            found.lost += _moved(message, _only(earlier, later), _MOST_SHOWN - len(found.lost))
        found.read += len(batch)
        report("Comparing rules", found.read, total)
    return found


def _only(some: Sequence[Span], others: Sequence[Span]) -> Iterator[Span]:
    """Those of a kind that the others do not have at that place."""
    for span in some:
        if not any(each.kind == span.kind and _overlap(each, span) for each in others):
            yield span


def _overlap(one: Span, other: Span) -> bool:
    return one.begins_at < other.ends_at and other.begins_at < one.ends_at


def _moved(message: Written, spans: Iterator[Span], room: int) -> list[Moved]:
    shown = list(spans)[: max(room, 0)]
    words = masked([text for span in shown for text in (span.said, span.sentence)])
    return [
        Moved(message.ticket, message.sent_at, span.kind, span.rule, words[2 * number], words[2 * number + 1])
        for number, span in enumerate(shown)
    ]
