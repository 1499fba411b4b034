"""Knows what a customer's words say.

These calls are stable; docs/text.md has each with an example. Importing them costs nothing: what a call needs is loaded
when it is first made. No module of this package bears a call's name, because importing it would take the call's place.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.tickets import Message
    from rules.text.findings import EvidenceReader, Span
    from rules.text.summaries import Quoted

__all__ = ["churn_spans", "cleaned", "evidence", "is_automatic", "language", "masked", "summary"]


def cleaned(bodies: Sequence[str]) -> list[str]:
    """What each message's author wrote for it, in order: no markup, quoted mail, signature, disclaimer or banner.

    Of each body the first 20,000 characters are read. Where nothing is left, the answer is an empty text.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.cleaning import cleaned as read

    return read(bodies)


def churn_spans(texts: Sequence[str], *, rules: "EvidenceReader | None" = None) -> "list[list[Span]]":
    """Where the author of each text asks, plans, threatens or ponders to leave, in order.

    Each `Span` has characters of the text (`begins_at`, `ends_at`), the rule, the words `said`, and their sentence. The
    texts are cleaned ones; of each the first 10,000 characters are read. Without `rules` the shipped ones count.

    Source: docs/text.md, "Evidence".
    """
    from rules.text.findings import churn_spans as read

    return read(texts, rules=rules)


def evidence(texts: Sequence[str], *, rules: "EvidenceReader | None" = None) -> "list[list[Span]]":
    """The same for every kind of evidence: churn intent, a competitor, a sponsor leaving, praise, interest in more …

    Source: docs/text.md, "Evidence".
    """
    from rules.text.findings import evidence as read

    return read(texts, rules=rules)


def is_automatic(headers: Mapping[str, str] | None, subject: str | None, body: str | None) -> bool:
    """Whether no person wrote a message: an absence note, a bounce, a newsletter, an acknowledgement of receipt.

    The headers decide where there are any that tell (RFC 3834 and what mail systems add); otherwise the subject and the
    first words, which must leave little doubt: leaving out a complaint is worse than reading a note.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.automatic import is_automatic as read

    return read(headers, subject, body)


def language(texts: Sequence[str]) -> list[str | None]:
    """The language of each text, in order, as ISO 639-1 in lower case (`en`, `de`); None where it is not sure.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.languages import language as read

    return read(texts)


def masked(texts: Sequence[str]) -> list[str]:
    """The texts with personal data replaced by what they were: `[e-mail]`, `[phone]`, `[card]`, `[IBAN]`, `[key]` …

    Amounts, dates, versions, error codes and the numbers of tickets stay.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.masking import masked as read

    return read(texts)


def summary(messages: "Sequence[Message]", *, sentences: int = 5) -> "list[Quoted]":
    """The sentences of one thread that matter most, verbatim but masked, oldest first, each with who wrote it and when.

    `messages` are those of one ticket in any order; read are public ones of customers and agents that no machine sent.
    At most `sentences` (up to 100) come back, none twice.

    Source: docs/text.md, "Summaries and knowledge".
    """
    from rules.text.summaries import summary as read

    return read(messages, sentences=sentences)
