"""Knows how a column of text becomes one field's column, and which cells cannot."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl
from rapidfuzz import process

from connectors import amounts, moments
from connectors.headers import zone_in
from connectors.mapping import Defaults, FieldRule
from connectors.shapes import Field, Kind
from connectors.vocabulary import FLAGS, INTERVALS, MISSING, choice_words

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_NAME_LENGTH = 500
_MONTHS_IN = {"months": 1, "quarters": 3, "years": 12}
_SPAN_MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 1440}

Expected = str | Callable[[str], str]


@dataclass(frozen=True)
class Problem:
    """Rows (a Boolean column) whose cell in `column` is wrong, the cells, and what would be right."""

    rows: pl.Series
    column: str
    found: pl.Series
    expected: Expected


@dataclass(frozen=True)
class Reading:
    """One field's values, null where missing or wrong, and what is wrong."""

    values: pl.Series
    problems: list[Problem] = field(default_factory=list)


def clean(cells: pl.Series) -> pl.Series:
    """Stripped text without control characters; null where the cell says "nothing here"."""
    if cells.str.contains(r"[\x00-\x08\x0b-\x1f\x7f]").any():
        cells = cells.str.replace_all("\r\n?", "\n").str.replace_all(_CONTROL, "")
    text = cells.str.strip_chars()
    return text.set(text.is_in(MISSING), None)


def translated(text: pl.Series, rule: FieldRule, words: dict[str, str] | None = None) -> pl.Series:
    """Text after the mapping's value map and default; `words` are known without being mapped."""
    given = {word.strip().lower(): meant for word, meant in rule.values.items()}
    missing, other = given.pop("", None), given.pop("*", None)
    known = (words or {}) | given
    if known or other is not None:
        found = text.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)
        rest = pl.repeat(other, len(text), dtype=pl.String, eager=True) if other is not None else text
        text = found.zip_with(found.is_not_null() | text.is_null(), rest)
    if missing is not None or rule.default is not None:
        text = text.fill_null(missing if missing is not None else rule.default)
    # A value that is mapped to nothing is missing.
    return text.set(text == "", None) if "" in rule.values.values() else text


def read_field(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    """Read cleaned text as `wanted`. Money is not read here: it needs the currency, see `read_money`."""
    words = choice_words(wanted.name, wanted.choices) if wanted.kind == "choice" else None
    return _READERS[wanted.kind](wanted, translated(text, rule, words), rule, column, habits)


def read_money(
    text: pl.Series, currency: pl.Series, given: pl.Series, rule: FieldRule, column: str, habits: Defaults
) -> Reading:
    """Minor units of `currency`; `given` is the row's currency where its own column says one, null elsewhere."""
    text = translated(text, rule)
    comma = habits.decimal_comma
    said = amounts.money(text, comma)
    number, in_cents = said["number"], rule.unit == "cents"
    problems = [
        Problem(text.is_not_null() & number.is_null(), column, text, "an amount such as 1234.50"),
        Problem(
            amounts.speaks_against(said["sign"], given) & number.is_not_null(),
            column,
            text,
            "an amount in the row's currency",
        ),
    ]
    if comma is None and not in_cents:
        expected = (
            "an amount with two decimals or none; say `decimal_comma: true` if the point marks thousands, else false"
        )
        problems.append(Problem(amounts.is_ambiguous(number), column, text, expected))
    if in_cents:
        cents = amounts.integers(number)
        problems.append(
            Problem(
                number.is_not_null() & cents.is_null(), column, text, "whole cents, or `unit: dollars` in the mapping"
            )
        )
    else:
        cents = amounts.minor_units(number, currency)
    return Reading(cents, problems)


def currency_in_cells(text: pl.Series) -> pl.Series:
    """The currency that amounts name beside the number; null where they name none."""
    return amounts.currency_codes(amounts.money(text, None)["sign"])


def within_bounds(reading: Reading, wanted: Field, column: str, found: pl.Series) -> Reading:
    """Add the record's own bounds."""
    low, high = wanted.at_least, wanted.at_most
    problems = list(reading.problems)
    if low is not None:
        problems.append(Problem((reading.values < low).fill_null(False), column, found, f"{low} or more"))
    if high is not None:
        problems.append(Problem((reading.values > high).fill_null(False), column, found, f"{high} or less"))
    return Reading(reading.values, problems)


def added_span(reading: Reading, text: pl.Series, unit: str, column: str, habits: Defaults) -> Reading:
    """A moment plus the span in another column; missing where the span is."""
    number = amounts.numbers(text, habits.decimal_comma)
    micros = (number.cast(pl.Float64) * _SPAN_MINUTES[unit] * 60_000_000).round().cast(pl.Int64)
    bad = (text.is_not_null() & number.is_null()) | (micros < 0).fill_null(False)
    moved = reading.values + micros.cast(pl.Duration("us"))
    return Reading(moved, [*reading.problems, Problem(bad, column, text, f"a number of {unit}, 0 or more")])


def _checked(text: pl.Series, values: pl.Series, column: str, expected: Expected) -> Reading:
    return Reading(values, [Problem(text.is_not_null() & values.is_null(), column, text, expected)])


def _texts(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    return Reading(text)


def _names(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    long = (text.str.len_chars() > _NAME_LENGTH).fill_null(False)
    return Reading(text, [Problem(long, column, text.str.head(80), f"at most {_NAME_LENGTH} characters")])


def _choices(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    known = choice_words(wanted.name, wanted.choices)
    return _checked(text, text.set(~text.is_in(wanted.choices), None), column, one_of(wanted.choices, known))


def _currencies(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    return _checked(text, amounts.currency_codes(text), column, "an ISO 4217 currency code such as USD")


def _flags(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    read = text.str.to_lowercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
    return _checked(text, read, column, one_of(("true", "false"), FLAGS))


def one_of(choices: Iterable[str], words: Iterable[str]) -> Callable[[str], str]:
    """What would be right in place of a word that is none of the choices: the nearest known one, or a mapping."""

    def expected(found: str) -> str:
        near = process.extractOne(found.lower(), list(words), score_cutoff=70)
        hint = f"; did you mean {near[0]!r}?" if near else "; or map it under `values`"
        return f"one of {', '.join(choices)}{hint}"

    return expected


def _months(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    words = text.str.to_lowercase().replace_strict(INTERVALS, default=None, return_dtype=pl.Int64)
    counted = amounts.integers(amounts.numbers(text, False)) * _MONTHS_IN[rule.unit or "months"]
    months = words.zip_with(words.is_not_null(), counted)
    reading = _checked(text, months, column, "monthly, quarterly, annual or a number of months")
    return within_bounds(reading, wanted, column, text)


def _integers(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    read = amounts.integers(amounts.numbers(text, habits.decimal_comma))
    return within_bounds(_checked(text, read, column, "a whole number"), wanted, column, text)


def _decimals(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    number = amounts.positive_decimals(amounts.numbers(text, habits.decimal_comma))
    return _checked(text, number, column, "a number above 0 with at most 8 decimals")


def _times(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    day_first = bool(habits.day_first)
    if wanted.kind == "date":
        read, usual = moments.dates(text, rule.format, day_first), "2024-12-31"
    else:
        zone = rule.time_zone or zone_in(column) or habits.time_zone
        read, usual = moments.moments(text, rule.format, zone, day_first), "2024-12-31 23:59"

    def expected(found: str) -> str:
        if not rule.format and moments.day_first_evidence([found])[0 if not day_first else 1]:
            order = "day" if day_first else "month"
            return f"a date written {order} first; `day_first: {str(not day_first).lower()}` reads this one"
        return f"a date written as {rule.format}" if rule.format else f"a date such as {usual}"

    return _checked(text, read, column, expected)


def shifted(values: pl.Series, days: int) -> pl.Series:
    """Dates moved by whole days."""
    return values + timedelta(days=days)


def _lists(text: pl.Series, separator: str | None) -> pl.Series:
    """JSON text of lists, spelt as `json.dumps(items, ensure_ascii=False)` spells it."""
    is_json = text.str.starts_with("[").fill_null(False)
    between = r"[;|\s,]+" if separator == " " else r"[;|\n]"
    parts = (
        text.str.split(separator)
        if separator and separator != " "
        else text.str.replace_all(between, ",").str.split(",")
    )
    element = pl.element().str.strip_chars()
    parts = parts.list.eval(element.filter(element != ""))
    escaped = parts.list.eval(
        pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
        .str.replace_all("\n", "\\n", literal=True).str.replace_all("\t", "\\t", literal=True)
    )  # fmt: skip
    joined = pl.DataFrame({"items": escaped}).select(
        pl.when(pl.col("items").list.len() > 0)
        .then(pl.format('["{}"]', pl.col("items").list.join('", "')))
        .when(pl.col("items").is_not_null())
        .then(pl.lit("[]"))
    )
    lists = joined.to_series()
    if not is_json.any():
        return lists
    # Few spellings, each read once.
    spelt = {one: _respelt(one) for one in text.filter(is_json).unique()}
    return lists.zip_with(~is_json, text.replace_strict(spelt, default=None, return_dtype=pl.String))


def _respelt(text: str) -> str:
    try:
        items = json.loads(text)
    except ValueError:
        items = [part.strip(" []\"'") for part in text.split(",")]
    return json.dumps([str(item).strip() for item in items if str(item).strip()], ensure_ascii=False)


def _list_items(wanted: Field, text: pl.Series, rule: FieldRule, column: str, habits: Defaults) -> Reading:
    return Reading(_lists(text, rule.separator))


_READERS: dict[Kind, Callable[[Field, pl.Series, FieldRule, str, Defaults], Reading]] = {
    "text": _texts,
    "name": _names,
    "list": _list_items,
    "choice": _choices,
    "currency": _currencies,
    "flag": _flags,
    "months": _months,
    "integer": _integers,
    "decimal": _decimals,
    "date": _times,
    "moment": _times,
}
