"""Knows how a company's name is read: its own words, its legal form, the place it names, and what marks the record."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from connectors.linking.folding import WORD, plain
from connectors.linking.lexicon import Lexicon, Words, lexicon

_APOSTROPHES = re.compile(r"['’`´ʼ]")
# S.A., I.B.M., Sp. z o.o.: single letters with dots are one word, but only when all are dotted.
_DOTTED = re.compile(r"\b(?:\w\.){2,}|\b(?:\w\. ){1,}\w\.", re.UNICODE)
_PARTS = re.compile(r"\s+[-–—|/]\s+|[()\[\]{}|]|,\s")
_ALIASES = re.compile(
    r"\s*[(\[]?\b(?:d/?b/?a|t/a|a\.?k\.?a\.?|trading as|doing business as|formerly|former|ehemals)\b[.:]?\s+",
    re.IGNORECASE,
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_HAS_UMLAUTS = re.compile("[äöüåøÄÖÜÅØ\u0308\u030a]")
_AND = {"and", "und", "et", "og", "och", "en"}
_ROMAN = re.compile(r"^(?:i{2,3}|iv|vi{0,3}|ix)$")
# What every alias has: cheap to look for in names that have none.
_MAY_ALIAS = re.compile(r"[/.]a\b|[dD][bB][aA]|[aA][kK][aA]|\bas |ormer|hemals|ORMER|HEMALS")
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name taken apart. `words` are the company's own, in order; `keys` all that they are when run together.

    `forms` are legal forms, `places` countries and regions named beside the words, `marks` things like `trial`.
    `numbers` are the words with a digit and roman numerals, `telling` those that do not only describe a trade. `nobody`
    is true of a name that stands for no company.
    """

    words: Words
    keys: frozenset[str]
    forms: frozenset[str]
    places: frozenset[str]
    marks: frozenset[str]
    numbers: frozenset[str]
    telling: frozenset[str]
    nobody: bool

    @property
    def key(self) -> str:
        return "".join(self.words)

    @property
    def seats(self) -> frozenset[str]:
        """The countries where companies of its legal forms are registered; empty where any."""
        known = [seats for form in self.forms if (seats := lexicon().seats.get(form))]
        return frozenset.intersection(*known) or frozenset.union(*known) if known else frozenset()


def read_name(written: str) -> CompanyName:
    """Take a name apart."""
    first = (_ALIASES.split(written, maxsplit=1)[0] or written) if _MAY_ALIAS.search(written) else written
    name = _read(first, plain)
    if first.isascii() or not _HAS_UMLAUTS.search(first):
        return name
    return replace(name, keys=name.keys | _read(first, _umlauts_spelt_out).keys)


def _read(written: str, fold: Callable[[str], str]) -> CompanyName:
    known = lexicon()
    parts = [_split(part, fold) for part in _PARTS.split(written)]
    whole = tuple(chain.from_iterable(parts))
    found = _Qualifiers()
    words: list[str] = []
    for part in filter(None, parts):
        words.extend(found.taken_off(part, known, rest=bool(words)))
    if not words:
        words = list(whole)
    words = [word for word in words if word not in _AND] or words
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    numbers = frozenset(word for word in words if any(map(str.isdigit, word)) or _ROMAN.match(word))
    telling = frozenset(word for word in words if word not in known.descriptive and word not in known.structure)
    nobody = _is_nobody(whole, tuple(words), known)
    return CompanyName(
        tuple(words), frozenset({"".join(words)}), frozenset(found.forms), frozenset(found.places),
        frozenset(found.marks), numbers, telling, nobody,
    )  # fmt: skip


def _is_nobody(whole: Words, words: Words, known: Lexicon) -> bool:
    return len(set("".join(words))) < 2 or " ".join(whole) in known.nobody or " ".join(words) in known.nobody


class _Qualifiers:
    """What stands beside a company's own words; taken off from the ends."""

    def __init__(self) -> None:
        self.forms: set[str] = set()
        self.places: set[str] = set()
        self.marks: set[str] = set()

    def taken_off(self, words: Words, known: Lexicon, rest: bool) -> Words:
        """The words without qualifiers. `rest`: other words were found before, so that none need remain."""
        words = self._leading(words, known)
        while words:
            length, kept = self._last(words, known)
            left = words[:-length] if length else words
            if not length or not (left or rest):
                break
            if kept == "place" and not rest and not _stands_alone(left, known):
                break
            self._note(words[-length:], kept, known)
            words = left[:-1] if left and left[-1] in _AND and len(left) > 1 else left
        return words

    def _leading(self, words: Words, known: Lexicon) -> Words:
        if len(words) > 1 and words[0] in known.leading:
            self.forms.add(known.leading[words[0]])
            return words[1:]
        if not words or "".join(words).isascii():
            return words
        for glued, form in known.glued.items():
            if words[0].startswith(glued) and (len(words) > 1 or words[0] != glued):
                self.forms.add(form)
                return tuple(filter(None, (words[0].removeprefix(glued), *words[1:])))
            if words[-1].endswith(glued) and (len(words) > 1 or words[-1] != glued):
                self.forms.add(form)
                return tuple(filter(None, (*words[:-1], words[-1].removesuffix(glued))))
        return words

    @staticmethod
    def _last(words: Words, known: Lexicon) -> tuple[int, str]:
        """The length of the longest qualifier that ends the words, and its kind."""
        if words[-1] not in known.endings:
            return 0, ""
        for length in range(min(_LONGEST, len(words)), 0, -1):
            end = words[-length:]
            if end in known.forms:
                return length, "form"
            if end in known.marks:
                return length, "mark"
            if end in known.places:
                return length, "place"
        return 0, ""

    def _note(self, words: Words, kind: str, known: Lexicon) -> None:
        if kind == "form":
            self.forms.add(known.forms[words])
        elif kind == "mark":
            self.marks.add(known.marks[words])
        else:
            self.places.add(known.places[words])


def _stands_alone(words: Words, known: Lexicon) -> bool:
    # "Bank of America" is not a bank's American branch, and "Packaging Corporation of America" none of a corporation.
    return words[-1] not in {"of", "de", "do", "da"} and any(
        word not in known.descriptive and word not in known.structure for word in words
    )


def _split(written: str, fold: Callable[[str], str]) -> Words:
    text = fold(_APOSTROPHES.sub("", written).replace("&", " and ").replace("+", " and "))
    if "." in text:
        text = _DOTTED.sub(lambda dotted: dotted.group().replace(".", "").replace(" ", "") + " ", text)
    spellings = lexicon().spellings
    return tuple(spellings.get(word, word) for word in WORD.findall(text))


def _umlauts_spelt_out(written: str) -> str:
    return plain(unicodedata.normalize("NFC", written).casefold().translate(_UMLAUTS))
