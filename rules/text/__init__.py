"""Knows what a customer's words say.

These calls are stable; docs/text.md has each with an example. Importing them costs nothing: what a call needs is loaded
when it is first made. No module of this package bears a call's name, because importing it would take the call's place.
"""

from collections.abc import Sequence

__all__ = ["cleaned", "language"]


def cleaned(bodies: Sequence[str]) -> list[str]:
    """What each message's author wrote for it, in order: no markup, quoted mail, signature, disclaimer or banner.

    Of each body the first 20,000 characters are read. Where nothing is left, the answer is an empty text.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.cleaning import cleaned as read

    return read(bodies)


def language(texts: Sequence[str]) -> list[str | None]:
    """The language of each text, in order, as ISO 639-1 in lower case (`en`, `de`); None where it is not sure.

    Source: docs/text.md, "Cleaning, language and masking".
    """
    from rules.text.languages import language as read

    return read(texts)
