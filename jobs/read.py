"""Reads each new message once: how customers sound, and which of the agents' messages move their issue on."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from jobs.rulebook import Rulebook
from rules.text import impact, sentiment
from rules.text.automatic import opens_automatically
from rules.text.calibration import Calibration
from rules.text.cleaning import prose
from rules.text.languages import language
from rules.text.replies.standing_texts import SPAN, fingerprint, standing_texts
from storage.calibrations import CalibrationBook, calibrated_reader
from storage.readings import ReadingBook
from storage.store import Store

Report = Callable[[str, int, int], None]
Score = Callable[[Sequence[str]], Sequence[float | None]]


def readable_since(rulebook: Rulebook, first: datetime) -> datetime:
    """Older messages are looked at neither by a signal from `first` on nor on the path to an outcome of then."""
    look_back = first - timedelta(days=rulebook.credit.look_back_days)
    return min(look_back, rulebook.windows.messages_since(first))


def read_messages(store: Store, since: datetime, report: Report) -> int:
    """Give the unread public messages of customers after `since` a language and a sentiment, or none where unknown.

    Where a calibration is in force they are read by it, too, under a name of its own: the raw readings stay, and
    withdrawing the calibration brings them back. Returns how many were new to the reader in force.
    """
    raw = ReadingBook(store.engine, sentiment.READER, "customer", "sentiment")
    read = _read_sentiment(raw, since, sentiment.sentiment_scores, report)
    kept = CalibrationBook(store.engine).in_force(sentiment.READER)
    if kept is None:
        return read
    calibrated = Calibration.from_content(kept.content)
    name = calibrated_reader(sentiment.READER, kept.calibration_hash)
    book = ReadingBook(store.engine, name, "customer", "sentiment")
    return _read_sentiment(book, since, calibrated.score, report, tell_language=False)


def _read_sentiment(
    book: ReadingBook, since: datetime, score: Score, report: Report, *, tell_language: bool = True
) -> int:
    total, done = book.count_unread(since), 0
    for batch in book.unread(since, batch=2_000):
        # What a log says is no mood, and an absence note that its headers did not betray is nobody's.
        texts = ["" if opens_automatically(words) else words for words in prose([text for _, text in batch])]
        scores = [None if each is None else round(each) for each in score(texts)]
        read = [(message, each) for (message, _), each in zip(batch, scores, strict=True)]
        book.save(read, language(texts) if tell_language else None)
        done += len(batch)
        report("Reading messages", done, total)
    return done


def read_replies(store: Store, since: datetime, report: Report) -> int:
    """Say of agents' unread public messages after `since` whether they move their issue on, or that it is unknown.

    A first reply that many tickets got alike counts as boilerplate unless a phrase shows that it moves the issue on.
    Returns how many were read.
    """
    book = ReadingBook(store.engine, impact.READER, "agent", "impactful")
    oldest, total, done = book.oldest_unread(since), book.count_unread(since), 0
    standing = _standing(book, oldest) if oldest else frozenset()
    for batch in book.unread(since):
        readings = impact.impact_readings([text for _, text in batch])
        book.save([
            (message, impact.impactful(reading, stands=message in standing))
            for (message, _), reading in zip(batch, readings, strict=True)
        ])  # fmt: skip
        done += len(batch)
        report("Reading replies", done, total)
    return done


def _standing(book: ReadingBook, oldest: datetime) -> frozenset[int]:
    """The first replies that are standing texts, of those that are not older than the span before the oldest unread."""
    messages, prints, sent_at = list[int](), list[tuple[int, int]](), list[int]()
    for batch in book.first_of_tickets(oldest - SPAN):
        messages += [message for message, _, _ in batch]
        prints += [fingerprint(text) for _, text, _ in batch]
        sent_at += [int(sent.timestamp()) for _, _, sent in batch]
    stands = standing_texts(sent_at, prints)
    return frozenset(message for message, is_standing in zip(messages, stands, strict=True) if is_standing)
