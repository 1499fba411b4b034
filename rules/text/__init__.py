"""Knows what a customer's words say.

These calls are stable; docs/text.md has each with an example. Importing them costs nothing: what a call needs is loaded
when it is first made. No module of this package bears a call's name, because importing it would take the call's place.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.tickets import Message
    from rules.text.calibration import Answer, Calibrated
    from rules.text.findings import EvidenceReader, Span
    from rules.text.sentiment import Explained
    from rules.text.summaries import Quoted

__all__ = [
    "calibrate", "churn_spans", "cleaned", "evidence", "explained", "is_automatic", "issue_groups", "language",
    "masked", "probabilities", "score", "summary",
]  # fmt: skip


def calibrate(
    texts: Sequence[str], labels: "Sequence[Answer]", shown: Sequence[float | None] | None = None
) -> "Calibrated":
    """Learn from a team's answers how its customers write; `.score(texts)` and `.probabilities(texts)` then read so.

    `labels` are `neg`, `neu` or `pos` (`not_neg`, `not_pos` where two are open), or what was said of the score in
    `shown`: `right`, `too_harsh`, `too_mild`. `.before` and `.after` tell how well both fit answers that were
    not learned from; without being `.accepted`, the calibration is no better than nothing.

    Raises:
        TooFewAnswers: fewer than 50 answers about readable texts, or none that tells negative from the rest.
        ValueError: the lists differ in length, or an answer is unknown or speaks of a score that was not given.

    Source: docs/text.md, "Levels, drift and calibration".
    """
    from rules.text.calibration import calibrate as learn

    return learn(texts, labels, shown)


def cleaned(bodies: Sequence[str]) -> list[str]:
    """What each message's author wrote for it, in order: no markup, quoted mail, signature, disclaimer or banner.

    Of each body the first 20,000 characters are read. Where nothing would be left, all words stand.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.cleaning import cleaned as read

    return read(bodies)


def churn_spans(texts: Sequence[str], *, rules: "EvidenceReader | None" = None) -> "list[list[Span]]":
    """Where the author of each text asks, plans, threatens or ponders to leave, in order.

    Each `Span` has characters of the text (`begins_at`, `ends_at`), the rule, the words `said`, and their sentence. The
    texts are cleaned ones; of each the first 10,000 characters are read. Without `rules` the shipped ones count.

    Source: docs/text.md, "Churn intent and other evidence".
    """
    from rules.text.findings import churn_spans as read

    return read(texts, rules=rules)


def evidence(texts: Sequence[str], *, rules: "EvidenceReader | None" = None) -> "list[list[Span]]":
    """The same for every kind of evidence: churn intent, a competitor, a sponsor leaving, praise, interest in more …

    Source: docs/text.md, "Churn intent and other evidence".
    """
    from rules.text.findings import evidence as read

    return read(texts, rules=rules)


def explained(text: str) -> "Explained":
    """One text's score, opened: its `language`, its `phrases` with their points, the `rest`, and why it is unknown.

    The points of the phrases and `rest` add up to `score`; a phrase's points are the mean of what it says alone and of
    what the score loses without it.

    Source: docs/text.md, "Sentiment".
    """
    from rules.text.sentiment import explained as read

    return read(text)


def is_automatic(headers: Mapping[str, str] | None, subject: str | None, body: str | None) -> bool:
    """Whether no person wrote a message: an absence note, a bounce, a newsletter, an acknowledgement of receipt.

    The headers decide where there are any that tell (RFC 3834 and what mail systems add); otherwise the subject and the
    first words, which must leave little doubt: leaving out a complaint is worse than reading a note.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.automatic import is_automatic as read

    return read(headers, subject, body)


def issue_groups(
    texts: Sequence[str | None],
    *,
    accounts: Sequence[Hashable] | None = None,
    background: Sequence[str | None] | None = None,
    embeddings: bool = False,
) -> list[int]:
    """Which texts are about the same trouble: equal numbers, given in the order in which groups begin.

    With `accounts` texts are the same only within one account. How alike is alike enough is told by the texts
    themselves, or by `background`: other tickets of the same team. `embeddings` compares meanings instead of words; it
    needs the extra `keepline[embeddings]`.

    Source: docs/text.md, "The same issue again".
    """
    from rules.text.issues import issue_groups as group

    return group(texts, accounts=accounts, background=background, embeddings=embeddings)


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


def probabilities(texts: Sequence[str]) -> list[tuple[float, float, float] | None]:
    """How likely each text is negative, neutral and positive, in order; they add up to 1. None where `score` is None.

    Source: docs/text.md, "Sentiment".
    """
    from rules.text.sentiment import probabilities as read

    return read(texts)


def score(texts: Sequence[str], *, clean: bool = False) -> list[float | None]:
    """How each text sounds, in order, from −100 (worst) to 100 (best): 100 × (likely positive − likely negative).

    None where it cannot be known: an empty text, one in an unsupported or unsure language, or one without a word. With
    `clean` the author's own prose is taken out first, without code and logs. Of each text the first 4,000 characters
    are read; no text changes another's score.

    Source: docs/text.md, "Sentiment".
    """
    from rules.text.sentiment import score as read

    return read(texts, clean=clean)


def summary(messages: "Sequence[Message]", *, sentences: int = 5) -> "list[Quoted]":
    """The sentences of one thread that matter most, verbatim but masked, oldest first, each with who wrote it and when.

    `messages` are those of one ticket in any order; read are public ones of customers and agents that no machine sent.
    At most `sentences` (up to 100) come back, none twice.

    Source: docs/text.md, "Summaries and knowledge".
    """
    from rules.text.summaries import summary as read

    return read(messages, sentences=sentences)
