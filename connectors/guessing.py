"""Knows which field a column most likely is, by its name and its cells, and what a whole table most likely holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from connectors.column_profile import Profile
from connectors.headers import plain
from connectors.shapes import Field, fields_of
from connectors.synonyms import NOUNS, SYNONYMS
from connectors.vocabulary import CURRENCIES
from domain.imports import RecordName

_TYPED = {"date", "moment", "cents", "integer", "decimal", "flag", "months", "currency", "choice"}
# A name counts twice as much as the cells; below the floor a pair is no candidate.
_NAME_WEIGHT = 0.65
_FLOOR = 0.55
_ALIKE = 86
_OVERLAP = 0.6
_UNITS = {code.lower() for code in CURRENCIES} | {"utc", "in", "the", "of", "cents"}


@dataclass(frozen=True)
class Table:
    """A sampled file: its name without ending, and what its columns look like."""

    file: str
    columns: dict[str, Profile]


@dataclass(frozen=True)
class Match:
    """One column taken for one field."""

    field: str
    column: str
    score: float
    reason: str


@dataclass(frozen=True)
class AccountKeys:
    """The ids and names in the table of accounts, by which other tables' columns are known to point there."""

    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def share(self, column: Profile) -> float:
        """How many of a column's different cells are an account's id or name, 0..1."""
        if not column.values:
            return 0.0
        return max(len(column.values & keys) / len(column.values) for keys in (self.ids, self.names))

    def meant_by(self, column: Profile) -> str:
        """Whether a column holds accounts' `names` or their `ids`."""
        return "names" if len(column.values & self.names) > len(column.values & self.ids) else "ids"


def words(header: str) -> str:
    """A header in plain words: `createdAt`, `Created_At` and `created at` are the same."""
    return plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header))


def match_columns(table: Table, record: RecordName, keys: AccountKeys) -> dict[str, Match]:
    """The best assignment of columns to the fields of `record`: the surest pair first, each side used once."""
    found: dict[str, Match] = {}
    taken: set[str] = set()
    for match in sorted(_candidates(table, record, keys), key=lambda match: -match.score):
        if match.field not in found and match.column not in taken:
            found[match.field] = match
            taken.add(match.column)
    return found


def likeness(table: Table, record: RecordName, found: dict[str, Match]) -> float:
    """How much a table looks like `record`: how much of it that explains, and what it is called."""
    if not found:
        return 0.0
    explained = sum(match.score for match in found.values()) / max(len(table.columns), 1)
    missing = [name for name, field in fields_of(record).items() if field.must_be_mapped and name not in found]
    return explained + 0.6 * _is_called(table.file, record) - 0.25 * len(missing)


def _is_called(file: str, record: RecordName) -> float:
    """1 where the last noun of a file's name is the record's, less where another is."""
    called = words(re.sub(r"\d+", " ", file)).split()
    nouns = [noun for noun in NOUNS[record] if any(word in {noun, f"{noun}s", f"{noun[:-1]}ies"} for word in called)]
    return 1.0 if nouns else 0.0


def _candidates(table: Table, record: RecordName, keys: AccountKeys) -> Iterator[Match]:
    known = fields_of(record)
    for column, looks in table.columns.items():
        for name, synonyms in SYNONYMS[record].items():
            alike, synonym = _name_likeness(column, record, synonyms)
            pair = _weighed(known[name], looks, alike)
            if name == "account_ref" and keys.share(looks) >= _OVERLAP:
                yield Match(name, column, max(pair, 0.9), f"its cells are {keys.meant_by(looks)} of accounts")
            elif pair >= _FLOOR:
                yield Match(name, column, round(pair, 3), _why(known[name], looks, alike, synonym))


def _weighed(field: Field, looks: Profile, alike: float) -> float:
    if not alike:
        return 0.0
    fit = looks.fits(field)
    if field.kind in _TYPED and len(looks.text) and fit < 0.5:
        return 0.0
    return _NAME_WEIGHT * alike + (1 - _NAME_WEIGHT) * fit


def _name_likeness(column: str, record: RecordName, synonyms: tuple[str, ...]) -> tuple[float, str]:
    """How alike a header and a field's usual names are, and which name it is alike."""
    name = words(column)
    nouns = {noun for base in NOUNS[record] for noun in (base, f"{base}s")}
    without_unit = " ".join(word for word in name.split() if word not in _UNITS) or name
    without_noun = " ".join(word for word in without_unit.split() if word not in nouns)
    for form, worth in ((name, 1.0), (without_unit, 0.98), (without_noun, 0.95)):
        if form in synonyms:
            # Earlier synonyms are the more usual ones.
            return worth - 0.002 * synonyms.index(form), form
    bare = {_bare(synonym): at for at, synonym in reversed(list(enumerate(synonyms)))}
    if (form := _bare(without_noun or without_unit)) in bare:
        return 0.93 - 0.002 * bare[form], synonyms[bare[form]]
    best = process.extractOne(without_unit, synonyms, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE)
    return (0.8 * best[1] / 100, best[0]) if best else (0.0, "")


def _bare(name: str) -> str:
    """`started at`, `start date` and `starts on` without what only says that it is a time."""
    return " ".join(word for word in name.split() if word not in {"at", "on", "date", "time", "day"}) or name


def _why(field: Field, looks: Profile, alike: float, synonym: str) -> str:
    named = f"called like {synonym!r}" if alike < 0.9 else f"called {synonym!r}"
    if not len(looks.text):
        return f"{named}; its sampled cells are empty"
    if field.kind == "choice":
        return f"{named}; {looks.known_words(field):.0%} of its cells are known words"
    kind = {"cents": "amounts", "moment": "times", "date": "dates", "flag": "flags"}.get(field.kind)
    return f"{named}; {looks.fits(field):.0%} of its cells are {kind}" if kind else named
