"""Reads each new message once: how customers sound, and which of the agents' messages move their issue on."""

from collections.abc import Callable
from datetime import datetime

from rules.text import impact, sentiment
from rules.text.replies.standing_texts import SPAN, fingerprint, standing_texts
from storage.readings import ReadingBook
from storage.store import Store

Report = Callable[[str, int, int], None]


def read_messages(store: Store, since: datetime, report: Report) -> int:
    """Give the unread public messages of customers after `since` a sentiment, or none where it is unknown.

    Returns how many were read.
    """
    book = ReadingBook(store.engine, sentiment.READER, "customer", "sentiment")
    total, done = book.count_unread(since), 0
    for batch in book.unread(since, batch=2_000):
        scores = sentiment.sentiment_scores([text for _, text in batch])
        book.save([(message, score) for (message, _), score in zip(batch, scores, strict=True)])
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
