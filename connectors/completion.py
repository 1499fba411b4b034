"""Knows what can stand in for columns that a table lacks: ids of several columns, intervals and currencies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

from connectors.guessing import Match, Table, words
from connectors.shapes import fields_of
from connectors.vocabulary import CURRENCIES, SIGNS, choice_words
from domain.imports import RecordName

# What makes a row of a table without ids its own: of these fields, those that are found.
_KEYS: dict[RecordName, tuple[str, ...]] = {
    "contract": ("account_ref", "starts_on"),
    "subscription_line": ("account_ref", "product", "plan", "starts_on"),
    "churn_report": ("account_ref", "churned_on"),
    "fx_rate": ("base", "quote", "on"),
    "message": ("ticket_ref", "sent_at"),
    "ticket_event": ("ticket_ref", "kind", "happened_at"),
    "survey": ("account_ref", "ticket_ref", "answered_at"),
    "usage_day": ("account_ref", "subscription_ref", "used_on", "feature"),
    "touch": ("account_ref", "kind", "happened_at"),
    "article_view": ("account_ref", "visitor", "article_ref", "viewed_at"),
}
_PER = (
    ({"month", "monthly", "mrr"}, 1),
    ({"quarter", "quarterly"}, 3),
    ({"year", "yearly", "annual", "arr", "acv"}, 12),
)
_STATUS_STEMS = (
    ("clos", "closed"), ("resolv", "solved"), ("solv", "solved"), ("done", "solved"), ("complet", "solved"),
    ("wait", "pending"), ("pend", "pending"), ("await", "pending"), ("hold", "on_hold"), ("new", "new"),
)  # fmt: skip


@dataclass
class Draft:
    """A rule in the making: its fields as they stand in YAML, what a person should check, what is still missing."""

    record: RecordName
    fields: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields without an origin."""
        known = fields_of(self.record)
        return tuple(name for name, one in known.items() if one.must_be_mapped and name not in self.fields)


def completed(table: Table, record: RecordName, found: dict[str, Match]) -> Draft:
    """The fields that were found, and stand-ins for what can be made of them."""
    draft = Draft(record, {name: match.column for name, match in found.items()})
    if record == "account":
        _name_for_id(draft)
    if "external_id" not in draft.fields:
        _id_of_parts(draft)
    if record == "subscription_line" and "interval_months" not in draft.fields and "amount_cents" in draft.fields:
        _interval(draft)
    if record == "survey" and "kind" not in draft.fields:
        _survey_kind(draft, table)
    if record == "ticket" and "status" not in draft.fields and "resolved_at" in draft.fields:
        draft.fields["status"] = {"column": draft.fields["resolved_at"], "values": {"": "open", "*": "closed"}}
    _currency(draft, table)
    _choices(draft, table)
    draft.fields = {name: draft.fields[name] for name in fields_of(record) if name in draft.fields}
    return draft


def _name_for_id(draft: Draft) -> None:
    given = [name for name in ("external_id", "name") if name in draft.fields]
    if len(given) == 1:
        other = "name" if given[0] == "external_id" else "external_id"
        draft.fields[other] = draft.fields[given[0]]
        draft.notes.append(f"{draft.fields[other]} is both id and name of an account")


def _id_of_parts(draft: Draft) -> None:
    parts = [draft.fields[name] for name in _KEYS.get(draft.record, ()) if name in draft.fields]
    if len(parts) > 1 and not any(brace in part for part in parts for brace in "{}"):
        draft.fields["external_id"] = {"template": "-".join(f"{{{part}}}" for part in parts)}
        draft.notes.append(f"no id column; {', '.join(parts)} together stand for it, so each combination may come once")


def _interval(draft: Draft) -> None:
    column = draft.fields["amount_cents"]
    named = set(words(column).split())
    months = next((months for marks, months in _PER if marks & named), None)
    draft.fields["interval_months"] = {"constant": str(months or 1)}
    if months is None:
        draft.notes.append(f"no billing interval; {column} is read as per month: set `interval_months` if it is not")


def _survey_kind(draft: Draft, table: Table) -> None:
    named = f"{words(table.file)} {' '.join(words(column) for column in table.columns)}".split()
    kind = next((kind for kind in ("nps", "ces", "csat") if kind in named), "csat")
    draft.fields["kind"] = {"constant": kind}
    draft.notes.append(f"no kind of survey; read as {kind}")


def _currency(draft: Draft, table: Table) -> None:
    money = next(
        (name for name, one in fields_of(draft.record).items() if one.kind == "cents" and name in draft.fields), None
    )
    if money is None or "currency" in draft.fields:
        return
    column = draft.fields[money]
    named = [
        word.upper()
        for word in words(column).split()
        if word.upper() in CURRENCIES and word.upper() not in {"ALL", "TOP", "TRY"}
    ]
    signed = any(sign in cell for cell in table.columns[column].values for sign in SIGNS)
    if named:
        draft.fields["currency"] = {"constant": named[0]}
    elif not signed:
        draft.fields["currency"] = {"constant": "USD"}
        draft.notes.append(f"no currency; {column} is read as USD: set `currency` if it is not")


def _choices(draft: Draft, table: Table) -> None:
    """Map words that are not known: a state by its stem, anything else that may be missing to nothing."""
    for name, one in fields_of(draft.record).items():
        column = draft.fields.get(name)
        if one.kind != "choice" or not isinstance(column, str):
            continue
        known = choice_words(name, one.choices)
        strange = sorted({cell.lower() for cell in table.columns[column].values} - set(known))
        if strange:
            values = {word: _likely_choice(name, word, list(known), known, one.nullable) for word in strange}
            draft.fields[name] = {"column": column, "values": values}
            told = ", ".join(f"{word} → {meant or 'nothing'}" for word, meant in values.items())
            draft.notes.append(f"{column}: {told}")


def _likely_choice(name: str, word: str, words_known: Sequence[str], known: dict[str, str], nullable: bool) -> str:
    if name == "status":
        return next((meant for stem, meant in _STATUS_STEMS if stem in word), "open")
    near = process.extractOne(word, words_known, scorer=fuzz.token_set_ratio, score_cutoff=85)
    if near:
        return known[near[0]]
    return "" if nullable else next(iter(known.values()))
