"""Knows the signals that a team makes of its own fields about accounts: as a source told them, at that moment.

A field is named with its kind, so that a condition knows what it may be compared with: `text_field_plan_tier`,
`number_field_owner_score`, `date_field_next_review`. Which fields there are is told by `custom_fields` in signals.yaml.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

import narwhals as nw

from rules.signals.facts import SignalFacts
from rules.signals.measures import Events, Happening, Newest
from rules.signals.signal import Kind, Shown, Signal
from rules.signals.windows import CustomField, SignalWindows
from rules.words import unknown_word

_PREFIXES: dict[str, Kind] = {"text_field_": "text", "number_field_": "number", "date_field_": "date"}
PATTERN = r"^(text|number|date)_field_[a-z][a-z0-9_]{0,60}$"
# What a number may be written with: 1,200.50 and 1 200.50 are 1200.50.
_IN_NUMBERS = r"[,\s_]"
_NUMBER = r"^[+-]?\d+(\.\d+)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"


def signal_name(field: CustomField) -> str:
    """The name by which conditions know a field."""
    return f"{field.kind}_field_{field.name}"


def is_field(name: str) -> bool:
    """Whether a name is one of a field of one's own."""
    return name.startswith(tuple(_PREFIXES))


@cache
def field_signal(name: str) -> Signal | None:
    """The signal of this name, if it is the name of a field of one's own."""
    for prefix, kind in _PREFIXES.items():
        field = name.removeprefix(prefix)
        if field != name and field.isidentifier() and field == field.lower():
            return _signal(name, kind, field)
    return None


def _signal(name: str, kind: Kind, field: str) -> Signal:
    words = field.replace("_", " ")
    reads = {"number": " It is read as a number.", "date": " It is read as a date such as 2025-01-31."}.get(kind, "")

    def phrase(shown: Shown) -> str:
        return f"{words} {shown.number(name)}"

    return Signal(
        name=name, kind=kind, unit="date" if kind == "date" else "", noun=words,
        meaning=f"The account's own field {field}, as a source told it last.{reads}",
        unknown_when="no source told it, it was emptied"
        + (f", or it is no {kind}" if kind != "text" else "")
        + ", or signals.yaml does not name it under custom_fields",
        phrase=phrase,
    )  # fmt: skip


class Vocabulary(Mapping[str, Signal]):
    """The signals of a catalogue with all fields of one's own beside them, which are no part of its list."""

    def __init__(self, catalogue: Mapping[str, Signal]) -> None:
        self._catalogue = catalogue

    def __getitem__(self, name: str) -> Signal:
        if name in self._catalogue:
            return self._catalogue[name]
        found = field_signal(name) if isinstance(name, str) else None
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue)

    def __len__(self) -> int:
        return len(self._catalogue)


def field_signals(windows: SignalWindows) -> dict[str, Signal]:
    """The signals of the configured fields, by name."""
    names = (signal_name(field) for field in windows.custom_fields)
    return {name: signal for name in names if (signal := field_signal(name)) is not None}


def not_configured(name: object, windows: SignalWindows) -> str | None:
    """What is to be said of a field's name that signals.yaml does not list; None of others."""
    known = field_signals(windows)
    if not isinstance(name, str) or field_signal(name) is None or name in known:
        return None
    kind, field = name.split("_field_", 1)
    entry = f"{{name: {field}, kind: {kind}}}"
    none = f"no field of your own is configured, and {name} is one"
    wrong = unknown_word(name, known, "field of your own") if known else none
    return f"{wrong}; list it under custom_fields in signals.yaml: {entry}"


def with_fields(table: nw.DataFrame[Any], names: Collection[str]) -> nw.DataFrame[Any]:
    """A table of signals that has a column for each of these names that is a field's: unknown where nobody told it.

    A rule may outlive the field that it compares.
    """
    lacking = [name for name in dict.fromkeys(names) if is_field(name) and name not in table.columns]
    types: dict[str, Any] = {"text": nw.String, "number": nw.Float64, "date": nw.Date}
    return table.with_columns(nw.lit(None, types[name.split("_", 1)[0]]).alias(name) for name in lacking)


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """The newest value of each configured field, as text."""
    if facts.account_fields is None or not windows.custom_fields:
        return []
    linked = facts.account_fields.filter(~nw.col("account_id").is_null())
    # A field that was emptied has a newest value, too: that it has none.
    told = linked.with_columns(nw.col("value").fill_null(""), name=_plain_name())
    takes = tuple(
        Newest(f"_{signal_name(field)}", "value", where=nw.col("name") == field.name) for field in windows.custom_fields
    )
    return [Events(told, "recorded_at", takes)]


def _plain_name() -> nw.Expr:
    """A field's name as conditions write it: `Plan Tier` is plan_tier."""
    return nw.col("name").str.strip_chars().str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_")


def columns(facts: SignalFacts, windows: SignalWindows) -> list[nw.Expr]:
    """Each configured field as its kind; unknown where it is empty or cannot be read so."""
    return [_read(field, known=facts.account_fields is not None) for field in windows.custom_fields]


def _read(field: CustomField, *, known: bool) -> nw.Expr:
    name = signal_name(field)
    text = nw.col(f"_{name}").str.strip_chars() if known else nw.lit(None, dtype=nw.String)
    if field.kind == "number":
        plain = text.str.replace_all(_IN_NUMBERS, "")
        value = nw.when(plain.str.contains(_NUMBER)).then(plain).cast(nw.Float64)
    elif field.kind == "date":
        day = text.str.slice(0, 10)
        value = nw.when(day.str.contains(_DATE)).then(day).str.to_date(format="%Y-%m-%d")
    else:
        value = nw.when(text != "").then(text)
    return value.alias(name)
