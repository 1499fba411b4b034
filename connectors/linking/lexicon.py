"""Knows the words that company names are made of: legal forms, places, and words that tell no company from another."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from connectors.linking.folding import folded

Words = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """The lists of `names.toml`, ready to look up. Phrases are tuples of words."""

    forms: Mapping[Words, str]
    leading: Mapping[str, str]
    glued: Mapping[str, str]
    seats: Mapping[str, frozenset[str]]
    places: Mapping[Words, str]
    structure: frozenset[str]
    descriptive: frozenset[str]
    common: frozenset[str]
    nobody: frozenset[str]
    marks: Mapping[Words, str]
    endings: frozenset[str]
    spellings: Mapping[str, str]
    departments: frozenset[str]

    def distinguishes(self, word: str) -> bool:
        """Whether a word tells one part of a group from another."""
        return word in self.structure or (word,) in self.places


@cache
def lexicon() -> Lexicon:
    """The shipped lists; read once."""
    lists = tomllib.loads(files("connectors.linking").joinpath("names.toml").read_text(encoding="utf-8"))
    told: dict[str, dict[str, Any]] = lists["forms"]
    forms = {tuple(spelt.split()): form for form, about in told.items() for spelt in about["spelt"]}
    places = dict(_places(lists))
    marks = {tuple(mark.split()): mark for mark in lists["marks"]["words"]}
    return Lexicon(
        forms=forms,
        leading=lists["leading"]["spelt"],
        glued=lists["glued"]["spelt"],
        seats={form: frozenset(about["in"]) for form, about in told.items()},
        places=places,
        structure=frozenset(lists["structure"]["words"]),
        descriptive=frozenset(lists["descriptive"]["words"]),
        common=frozenset(lists["common"]["words"]),
        nobody=frozenset(lists["nobody"]["names"]),
        marks=marks,
        endings=frozenset(phrase[-1] for phrase in (*forms, *places, *marks)),
        spellings=lists["spellings"]["words"],
        departments=frozenset(lists["departments"]["words"]),
    )


def _places(lists: Mapping[str, Any]) -> Iterator[tuple[Words, str]]:
    for region in lists["regions"]["words"]:
        yield tuple(region.split()), region
    for country, words in lists["countries"].items():
        yield from ((tuple(word.split()), country) for word in words)


def country_code(written: str | None) -> str | None:
    """`DE` for `Germany`, `Deutschland`, `de` or `DEU`; what is unknown stays as it is, in lower case."""
    if not written or not written.strip():
        return None
    name = folded(written.replace(".", ""))
    if len(name) == 2:
        return {"uk": "GB", "el": "GR"}.get(name, name.upper())
    return _LETTERS.get(name) or lexicon().places.get(tuple(name.split()), name)


_LETTERS = {
    "usa": "US", "gbr": "GB", "deu": "DE", "fra": "FR", "esp": "ES", "ita": "IT", "nld": "NL", "bel": "BE",
    "aut": "AT", "che": "CH", "can": "CA", "aus": "AU", "nzl": "NZ", "ind": "IN", "jpn": "JP", "chn": "CN",
    "bra": "BR", "mex": "MX", "irl": "IE", "dnk": "DK", "swe": "SE", "nor": "NO", "fin": "FI", "pol": "PL",
    "prt": "PT", "zaf": "ZA", "sgp": "SG", "isr": "IL", "are": "AE", "tur": "TR",
}  # fmt: skip
