"""Decides how alike two companies' names are: the same, alike, parts of one group, or others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from connectors.linking.lexicon import lexicon
from connectors.linking.names import CompanyName
from connectors.linking.profiles import Profile

Kind = Literal["same", "alike", "part", "other", "untold"]
_MISSPELT_AT = 88
_INITIALS = 3
# Forms that people write for each other without meaning another company.
_LOOSE = ({"inc", "corp"}, {"ltd", "coltd", "pvtltd", "ptyltd", "pteltd"}, {"sdnbhd", "bhd"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, and why in words. `untold`: one of the names stands for nobody."""

    kind: Kind
    because: str


def compare(party: Profile, account: Profile, label: str | None = None) -> Likeness:
    """How the names of a party and an account go together; `label` is of a domain that both have."""
    one, other = party.name, account.name
    if one.nobody or other.nobody:
        return Likeness("untold", "a name that stands for nobody")
    found = _words(one, other, label)
    if found.kind not in {"same", "alike"}:
        return found
    return next(filter(None, (differ(party, account) for differ in _QUALIFIERS)), found)


def _words(one: CompanyName, other: CompanyName, label: str | None) -> Likeness:
    if not one.keys.isdisjoint(other.keys):
        return Likeness("same", "the names are the same")
    mine, theirs = set(one.words), set(other.words)
    shared = one.telling & other.telling
    if one.numbers != other.numbers:
        return Likeness("part" if shared else "other", "the numbers in the names differ")
    if shared and mine != theirs and not (mine - theirs and theirs - mine):
        return _shortened(one, other, label)
    alike = _respelt(one, other)
    if alike:
        return Likeness("alike", alike)
    if shared - lexicon().common:
        return Likeness("part", f"the names share “{' '.join(sorted(shared))}”")
    return Likeness("other", "the names differ")


def _respelt(one: CompanyName, other: CompanyName) -> str | None:
    if set(one.words) == set(other.words):
        return "the names have the same words in another order"
    if _misspelt(one, other):
        return "the names differ in a few letters"
    return "one name is the other's initials" if are_initials(one, other) else None


def _shortened(one: CompanyName, other: CompanyName, label: str | None) -> Likeness:
    """All words of one name are among the other's."""
    known = lexicon()
    longer = one if len(one.words) > len(other.words) else other
    more = set(one.words) ^ set(other.words)
    said = f"one name also says “{' '.join(word for word in longer.words if word in more)}”"
    if more <= known.departments or label in longer.keys:
        return Likeness("alike", said)
    # "Acme Tools" of the helpdesk may be a daughter of the CRM's "Acme"; "Acme" is how people shorten "Acme Tools".
    shortened = longer is other and one.telling - known.common and not any(map(known.distinguishes, more))
    return Likeness("alike" if shortened else "part", said)


def _misspelt(one: CompanyName, other: CompanyName) -> bool:
    mine, theirs = set(one.words) - set(other.words), set(other.words) - set(one.words)
    known = lexicon()
    return (
        min(len(one.key), len(other.key)) >= 6
        and not any(len(word) < 3 for word in mine | theirs)
        # "east" is no misspelling of "west"; "hooldings" is one of "holdings"
        and not (any(map(known.distinguishes, mine)) and any(map(known.distinguishes, theirs)))
        and fuzz.ratio(one.key, other.key) >= _MISSPELT_AT
    )


def are_initials(one: CompanyName, other: CompanyName) -> bool:
    """Whether one name is the initials of the other's words."""
    short, long = sorted((one, other), key=lambda name: len(name.words))
    words = [word for word in long.words if word not in {"of", "the", "for", "de", "der", "und"}]
    return len(words) >= _INITIALS and len(short.words) == 1 and short.key == "".join(word[0] for word in words)


def _marked(party: Profile, account: Profile) -> Likeness | None:
    different = party.name.marks ^ account.name.marks
    return Likeness("part", f"one is marked “{min(different)}”") if different else None


def _placed(party: Profile, account: Profile) -> Likeness | None:
    different = party.name.places ^ account.name.places
    return Likeness("part", f"one name says “{min(different)}”") if different else None


def _incorporated(party: Profile, account: Profile) -> Likeness | None:
    mine, theirs = party.name.forms - {"company"}, account.name.forms - {"company"}
    if mine == theirs:
        return None
    if mine and theirs:
        loose = any(mine | theirs <= forms for forms in _LOOSE)
        return None if loose else Likeness("part", f"the legal forms differ: {_said(mine)}, {_said(theirs)}")
    formed, plain = (party, account) if mine else (account, party)
    seats = formed.name.seats
    elsewhere = plain.country and seats and plain.country not in seats and formed.country != plain.country
    return Likeness("part", f"no company in {plain.country} is a {_said(mine | theirs)}") if elsewhere else None


def _said(forms: frozenset[str]) -> str:
    return " ".join(sorted(forms))


_QUALIFIERS: tuple[Callable[[Profile, Profile], Likeness | None], ...] = (_marked, _placed, _incorporated)
