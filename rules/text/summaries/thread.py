"""Reads a thread into sentences that can be quoted, each with what its words weigh; a thread without end in part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.tickets import Message
from rules.text.summaries.sentences import quotable
from rules.text.summaries.severity import Weighed, agent_weight, customer_weight
from rules.text.summaries.similarity import tokens

_FIRST_MESSAGES, _LAST_MESSAGES, _BETWEEN = 40, 100, 60
_FIRST_OF_MESSAGE, _LAST_OF_MESSAGE = 25, 15
_MOST_WEIGHED = 400
PERSONS = frozenset({"customer", "agent"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence: of which message of the thread, its text, the words that tell it from others, what it weighs."""

    message: int
    text: str
    words: tuple[str, ...]
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class ReadThread:
    """What persons wrote publicly, oldest first, and its sentences.

    * texts: the messages' own words, masked
    * written: how many messages there are; sampled: whether they, or their sentences, were not all read
    """

    messages: tuple[Message, ...]
    texts: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    written: int
    sampled: bool

    def is_customer(self, candidate: Candidate) -> bool:
        """Whether a customer wrote it."""
        return self.messages[candidate.message].author_kind == "customer"


def written_by_persons(messages: Sequence[Message]) -> list[Message]:
    """The public messages of customers and agents that no machine sent, oldest first."""
    written = [each for each in messages if each.public and not each.automatic and each.author_kind in PERSONS]
    return sorted(written, key=lambda each: each.sent_at)


def read_thread(messages: Sequence[Message]) -> ReadThread:
    """The sentences of a thread.

    Of more than 200 messages the first 40, the last 100 and 60 from between are read, of a message its first 25 and
    last 15 sentences, of a thread its first and last 200 sentences.
    """
    written = written_by_persons(messages)
    read = _sampled(written)
    texts = own_words(read)
    found, left_out = _sentences(texts)
    customers = [number for number, each in enumerate(read) if each.author_kind == "customer"]
    candidates = _weighed(found, frozenset(customers))
    return ReadThread(tuple(read), tuple(texts), candidates, len(written), left_out or len(read) < len(written))


def own_words(messages: Sequence[Message]) -> list[str]:
    """What the authors wrote themselves, masked; in order."""
    from rules.text import cleaned, masked

    return list(masked(cleaned([each.text for each in messages])))


def evidence_kinds(sentences: Sequence[str]) -> list[tuple[str, ...]]:
    """Which kinds of evidence stand in each sentence."""
    from rules.text.findings import evidence

    return [tuple(dict.fromkeys(span.kind for span in spans)) for spans in evidence(sentences)]


def _sampled(messages: list[Message]) -> list[Message]:
    between = messages[_FIRST_MESSAGES:-_LAST_MESSAGES]
    if len(between) <= _BETWEEN:
        return messages
    places = np.linspace(0, len(between) - 1, _BETWEEN).astype(int)
    return [*messages[:_FIRST_MESSAGES], *(between[place] for place in places), *messages[-_LAST_MESSAGES:]]


def _sentences(texts: Sequence[str]) -> tuple[list[tuple[int, str]], bool]:
    """`(message, sentence)`, and whether some were left out."""
    found, left_out = list[tuple[int, str]](), False
    for number, text in enumerate(texts):
        sentences = quotable(text)
        if len(sentences) > _FIRST_OF_MESSAGE + _LAST_OF_MESSAGE:
            sentences, left_out = [*sentences[:_FIRST_OF_MESSAGE], *sentences[-_LAST_OF_MESSAGE:]], True
        found += [(number, each.text) for each in sentences]
    if len(found) > _MOST_WEIGHED:
        half = _MOST_WEIGHED // 2
        return [*found[:half], *found[-half:]], True
    return found, left_out


def _weighed(found: Sequence[tuple[int, str]], customers: frozenset[int]) -> tuple[Candidate, ...]:
    said = dict.fromkeys(text for number, text in found if number in customers)
    kinds = dict(zip(said, evidence_kinds(list(said)), strict=True))
    candidates = []
    for number, text in found:
        words = tuple(tokens(text))
        is_customer = number in customers
        weight = customer_weight(text, len(words), kinds[text]) if is_customer else agent_weight(text, len(words))
        candidates.append(Candidate(number, text, words, weight))
    return tuple(candidates)
