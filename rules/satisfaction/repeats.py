"""Knows when a customer says on a ticket what had been said on it before, word for word."""

from collections.abc import Iterable

from rules.text.replies.own_words import own_sentences

# Shorter sentences are greetings and thanks.
_LEAST_WORDS = 4


def said_again(messages: Iterable[tuple[int, int, str]]) -> dict[int, int]:
    """How many sentences of each message its ticket's customers had written before, by message id.

    `messages` are `(ticket id, message id, text)`, each ticket's together and in the order of time. Messages that
    repeat nothing are left out. Quotes and signatures are not the author's words.
    """
    found: dict[int, int] = {}
    of_ticket, known = None, set[str]()
    for ticket, message, text in messages:
        if ticket != of_ticket:
            of_ticket, known = ticket, set()
        sentences = {words for sentence in own_sentences(text) if (words := _worded(sentence))}
        if again := len(sentences & known):
            found[message] = again
        known |= sentences
    return found


def _worded(sentence: str) -> str | None:
    """The sentence without its punctuation; None where it is too short to be repeated on purpose."""
    kept = "".join(sign if sign.isalnum() else " " for sign in sentence).split()
    return " ".join(kept) if len(kept) >= _LEAST_WORDS else None
