"""Knows how text is folded before it is compared: without case, accents, punctuation and doubled spaces."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+", re.UNICODE)
# Only Latin, Greek and Cyrillic accents: the marks of kana and Hangul make other letters.
_ACCENTS = re.compile("[\u0300-\u036f]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


def plain(written: str) -> str:
    """Text without case and accents."""
    if written.isascii():
        return written.casefold()
    lower = unicodedata.normalize("NFKC", written).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", lower)))


def folded(written: str) -> str:
    """The words of a text, folded, with one space between."""
    return " ".join(WORD.findall(plain(written)))
