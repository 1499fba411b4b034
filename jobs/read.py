"""Reads the customers' new messages once, so that signals find a sentiment beside each."""

from collections.abc import Callable
from datetime import datetime

from rules.text.sentiment import READER, sentiment_scores
from storage.store import Store


def read_messages(store: Store, since: datetime, report: Callable[[str, int, int], None]) -> int:
    """Give the unread public messages of customers after `since` a sentiment, or none where it is unknown.

    Returns how many were read.
    """
    total = store.count_unread(READER, since)
    done = 0
    for batch in store.unread_messages(READER, since, batch=2_000):
        scores = sentiment_scores([text for _, text in batch])
        store.save_readings(READER, [(message, score) for (message, _), score in zip(batch, scores, strict=True)])
        done += len(batch)
        report("Reading messages", done, total)
    return done
