"""Knows how to guess a mapping for files of unknown making, and says how sure it is of each column and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from connectors.amounts import decimal_comma_evidence
from connectors.column_profile import profile
from connectors.completion import Draft, completed
from connectors.guessing import AccountKeys, Match, Table, likeness, match_columns
from connectors.layout import find_layout
from connectors.mapping import Limits, Mapping
from connectors.moments import day_first_evidence
from connectors.raw_rows import sample_rows
from connectors.shapes import fields_of
from connectors.synonyms import SYNONYMS
from domain.imports import RecordName

_LIKE_ENOUGH = 0.45
_SAME_IN_LINES = ("external_id", "account_ref", "starts_on", "ends_on", "currency")


@dataclass(frozen=True)
class HeaderSample:
    """A file's name, its header and its first rows."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ColumnGuess:
    """What a column is taken for; `field` None means that it is left unread. `confidence` is 0..1."""

    column: str
    field: str | None
    confidence: float
    reason: str


@dataclass(frozen=True)
class TableGuess:
    """What a file is taken for; `missing` are required fields without a column, `notes` what a person should check."""

    file: str
    record: RecordName | None
    columns: tuple[ColumnGuess, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A guess for each file. `document` is the mapping as YAML has it; `mapping` is None where nothing is complete."""

    tables: tuple[TableGuess, ...]
    document: dict[str, Any]
    mapping: Mapping | None


def sample_of(path: Path, limits: Limits | None = None) -> HeaderSample:
    """A file's header and first rows.

    Raises:
        FileRefused: it cannot be read at all.
    """
    layout = find_layout(path, limits=limits)
    return HeaderSample(path.name, layout.header, tuple(sample_rows(path, layout, limits).iter_rows()))


def propose(tables: Sequence[HeaderSample], name: str = "own", source: str = "own") -> Proposal:
    """Guess what each file holds and which column is which field.

    The table of accounts is found first: a column elsewhere whose cells are accounts' ids or names points to them,
    whatever it is called.
    """
    looked_at = [_table(sample) for sample in tables]
    keys = _account_keys(looked_at)
    guessed = [_guess(table, keys) for table in looked_at]
    rules = [
        rule
        for table, record, found, draft in guessed
        if draft and not draft.missing
        for rule in _rules(table, draft, keys)
    ]
    has_lines = any(rule["record"] == "subscription_line" for rule in rules)
    rules += [] if has_lines else list(_lines_of_contracts(rules))
    document = {"name": name, "source": source, "defaults": _defaults(tables), "files": _unlike(rules)}
    guesses = tuple(_told(table, record, found, draft) for table, record, found, draft in guessed)
    return Proposal(guesses, document, Mapping.model_validate(document) if rules else None)


_Guessed = tuple[Table, RecordName | None, dict[str, Match], Draft | None]


def _table(sample: HeaderSample) -> Table:
    cells = zip(*sample.rows, strict=True) if sample.rows else [()] * len(sample.header)
    return Table(
        PurePath(sample.file).stem, {name: profile(column) for name, column in zip(sample.header, cells, strict=True)}
    )


def _account_keys(tables: Iterable[Table]) -> AccountKeys:
    """Ids and names of the table that looks most like one of accounts."""
    best: tuple[float, AccountKeys] = (_LIKE_ENOUGH, AccountKeys())
    for table in tables:
        record, found = _best_record(table, AccountKeys())
        score = likeness(table, "account", found)
        if record == "account" and score > best[0]:
            values = {name: table.columns[match.column].values for name, match in found.items()}
            names = values.get("name", frozenset())
            best = (score, AccountKeys(values.get("external_id", names), names))
    return best[1]


def _best_record(table: Table, keys: AccountKeys) -> tuple[RecordName | None, dict[str, Match]]:
    ranked = [
        (likeness(table, record, found), record, found)
        for record in SYNONYMS
        if (found := match_columns(table, record, keys))
    ]
    if not ranked:
        return None, {}
    score, record, found = max(ranked, key=lambda one: one[0])
    return (record, found) if score >= _LIKE_ENOUGH else (None, {})


def _guess(table: Table, keys: AccountKeys) -> _Guessed:
    record, found = _best_record(table, keys)
    return table, record, found, completed(table, record, found) if record else None


def _rules(table: Table, draft: Draft, keys: AccountKeys) -> Iterable[dict[str, Any]]:
    yield {"record": draft.record, "file": f"*{table.file}*", "fields": draft.fields}
    if draft.record == "account" and draft.fields["external_id"] != draft.fields["name"]:
        # Other tables may know an account by its name.
        yield {
            "record": "account_identity",
            "beside": "account",
            "only_if": {draft.fields["name"]: "present"},
            "fields": {"external_id": draft.fields["name"], "account_ref": draft.fields["external_id"]},
        }


def _lines_of_contracts(rules: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Without a table of subscriptions, contracts say what is paid: a year's value every twelve months."""
    for rule in rules:
        if rule["record"] == "contract":
            fields = rule["fields"]
            same = {name: fields[name] for name in _SAME_IN_LINES if name in fields}
            paid = {"amount_cents": fields["arr_cents"], "interval_months": {"constant": "12"}}
            yield {"record": "subscription_line", "beside": "contract", "fields": same | paid}


def _unlike(rules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules without repeats: two years' tickets in two files need one."""
    kept: list[dict[str, Any]] = []
    for rule in rules:
        if not any(rule["record"] == one["record"] and rule["fields"] == one["fields"] for one in kept):
            kept.append(rule)
    return kept


def _defaults(tables: Iterable[HeaderSample]) -> dict[str, Any]:
    """What the cells of all files together say about the order of dates and the decimal mark."""
    cells = [cell for table in tables for row in table.rows for cell in row]
    day, month = day_first_evidence(cells)
    found: dict[str, Any] = {"time_zone": "UTC"}
    if bool(day) != bool(month):
        found["day_first"] = bool(day)
    comma = decimal_comma_evidence([cell for cell in cells if len(cell) < 20 and any(mark.isdigit() for mark in cell)])
    return found | ({} if comma is None else {"decimal_comma": comma})


def _told(table: Table, record: RecordName | None, found: dict[str, Match], draft: Draft | None) -> TableGuess:
    by_column = {match.column: match for match in found.values()}
    columns = tuple(
        ColumnGuess(name, match.field, match.score, match.reason)
        if (match := by_column.get(name))
        else ColumnGuess(name, None, 0.0, "no field is called like this")
        for name in table.columns
    )
    if draft is None:
        return TableGuess(table.file, None, columns, notes=("no record looks like this table",))
    known = fields_of(draft.record)
    return TableGuess(
        table.file, record, columns, tuple(name for name in draft.missing if name in known), tuple(draft.notes)
    )
