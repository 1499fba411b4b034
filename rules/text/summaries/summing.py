"""Sums a thread up in its own sentences."""

from collections.abc import Sequence

from domain.tickets import Message
from rules.text.summaries.choosing import chosen
from rules.text.summaries.quoted import Quoted, Summary
from rules.text.summaries.thread import ReadThread, read_thread

# More than this is no summary.
MOST_SENTENCES = 100


def summary(messages: Sequence[Message], *, sentences: int = 5) -> list[Quoted]:
    """The sentences of one thread that matter, verbatim but masked, oldest first; never more than asked for, or 100.

    Read are public messages of customers and agents that no machine sent. What a reader needs comes first: what the
    customer's first message is about, the agent's last move, the customer's last word; then whatever is central and
    grave and not said yet. Code, logs, greetings and signatures are never quoted; nothing is told twice.

    Source: docs/text.md, "Summaries and knowledge".
    """
    return list(summarise(messages, sentences=sentences).quotes)


def summarise(messages: Sequence[Message], *, sentences: int = 5) -> Summary:
    """`summary`, with how much was read for it."""
    return summed_up(read_thread(messages), sentences)


def summed_up(thread: ReadThread, sentences: int, wanted: int | None = None) -> Summary:
    """The summary of a thread that was read already; with its candidate at `wanted`, where one is."""
    places = sorted(chosen(thread, min(sentences, MOST_SENTENCES), wanted).items())
    quotes = tuple(_quoted(thread, place, why) for place, why in places)
    return Summary(quotes, thread.written, len(thread.candidates), thread.sampled)


def _quoted(thread: ReadThread, place: int, why: str) -> Quoted:
    candidate = thread.candidates[place]
    message = thread.messages[candidate.message]
    return Quoted(message.ticket_ref, message.external_id, message.author_kind, message.sent_at, candidate.text, why)
