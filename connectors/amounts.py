"""Knows the ways in which exports write numbers and money, and how many minor units each amount is."""

import re
from collections.abc import Sequence

import polars as pl

from connectors.vocabulary import CURRENCIES, SHARED_SIGNS, SIGNS
from domain.money import minor_digits

_PLAIN = r"^-?\d{1,15}(?:\.\d{1,30})?$"
_SPACES = r"[\s\u00a0\u202f'’_]"
# opening bracket, sign, currency, sign, number, currency, trailing sign, closing bracket
_MONEY = (
    r"^(\()?([+\-−])?([A-Za-z]{0,3}\p{Sc}|[A-Za-z]{3})?([+\-−])?(\d[\d.,]*|[.,]\d+)"
    r"(\p{Sc}|[A-Za-z]{3})?([\-−])?(\))?$"
)
_FRACTION = 12
_AMBIGUOUS = r"^-?\d{1,3}\.\d{3}$"
_COMMA_EVIDENCE = re.compile(r"[\d.]*\d,\d{1,2}|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
_POINT_EVIDENCE = re.compile(r"[\d,]*\d\.\d{1,2}|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}")


def numbers(text: pl.Series, decimal_comma: bool | None) -> pl.Series:
    """Numbers as plain text, `-1234.5`; null where the text is none.

    `decimal_comma` None takes each by itself: of two marks the last is the decimal one, a single comma before one or
    two digits is too, before groups of three it is not, and a point is.
    """
    if decimal_comma is not True and text.str.contains(_PLAIN).all():
        return text
    bare = text.str.replace_all(_SPACES, "").str.replace("−", "-")
    column = pl.col("n")
    with_point = pl.when(column.str.contains(r"^[+-]?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})?(?:\.\d*)?$")).then(
        column.str.replace_all(",", "")
    )
    with_comma = pl.when(column.str.contains(r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?$")).then(
        column.str.replace_all(".", "", literal=True).str.replace(",", ".")
    )
    expression = {True: with_comma, False: with_point, None: _by_itself(column, with_point, with_comma)}[decimal_comma]
    read = pl.DataFrame({"n": bare}).select(expression.str.strip_prefix("+")).to_series()
    read = read.str.replace(r"^(-?)\.", "${1}0.").str.strip_suffix(".")
    return read.set(~read.str.contains(_PLAIN).fill_null(False), None)


def _by_itself(column: pl.Expr, with_point: pl.Expr, with_comma: pl.Expr) -> pl.Expr:
    comma_decides = (column.str.contains(r",\d{1,2}$") & ~column.str.contains(r"\..*,.*\.|,.*,")) | column.str.contains(
        r"\.\d{3},\d+$|^[+-]?\d{1,3}(?:\.\d{3}){2,}$"
    )
    return pl.when(comma_decides).then(with_comma).otherwise(with_point)


def money(text: pl.Series, decimal_comma: bool | None) -> pl.DataFrame:
    """What amounts say: `number` as plain text, negative in brackets or with a minus, and `sign`.

    `sign` is the currency's sign or code as written in the cell, null without one.
    """
    if text.str.contains(_PLAIN).all():
        return pl.DataFrame(
            {"number": numbers(text, decimal_comma), "sign": pl.repeat(None, len(text), dtype=pl.String, eager=True)}
        )
    bare = text.str.replace_all(_SPACES, "")
    parts = bare.str.extract_groups(_MONEY).struct.unnest()
    parts.columns = ["opened", "minus", "before", "later_minus", "digits", "behind", "last_minus", "closed"]
    minus = pl.any_horizontal(pl.col("minus", "later_minus", "last_minus").is_in(["-", "−"]).fill_null(False))
    bracketed = pl.col("opened").is_not_null()
    sound = bracketed == pl.col("closed").is_not_null()
    parts = parts.with_columns(number=numbers(parts["digits"], decimal_comma))
    return parts.select(
        number=pl.when(sound).then(pl.when(minus | bracketed).then("-" + pl.col("number")).otherwise("number")),
        sign=pl.coalesce("before", "behind").str.to_uppercase(),
    )


def is_ambiguous(numbers_read: pl.Series) -> pl.Series:
    """Where a number like `1.234` may be a thousand or a fraction."""
    return numbers_read.str.contains(_AMBIGUOUS).fill_null(False)


def minor_units(number: pl.Series, currency: pl.Series) -> pl.Series:
    """Integer minor units of plain numbers, rounded half-even where finer than the currency's minor unit."""
    digits = currency.replace_strict(
        {code: minor_digits(code) for code in CURRENCIES}, default=2, return_dtype=pl.Int64
    )
    frame = pl.DataFrame({"number": number, "digits": digits}).with_columns(
        whole=pl.col("number").str.extract(r"^-?(\d+)").cast(pl.Int64),
        fraction=pl.col("number").str.extract(r"\.(\d+)$").fill_null(""),
        scale=pl.lit(10, dtype=pl.Int64).pow(pl.col("digits")),
    )
    frame = frame.with_columns(
        head=(pl.col("fraction") + "0" * _FRACTION).str.head(_FRACTION).cast(pl.Int64),
        beyond=pl.col("fraction").str.slice(_FRACTION).str.contains("[1-9]"),
        unit=pl.lit(10, dtype=pl.Int64).pow(_FRACTION - pl.col("digits")),
    )
    units = pl.col("whole") * pl.col("scale") + pl.col("head") // pl.col("unit")
    left = 2 * (pl.col("head") % pl.col("unit"))
    up = (left > pl.col("unit")) | ((left == pl.col("unit")) & (pl.col("beyond") | (units % 2 == 1)))
    signed = pl.when(pl.col("number").str.starts_with("-")).then(-1).otherwise(1)
    return frame.select(((units + up.cast(pl.Int64)) * signed).alias("cents")).to_series()


def integers(number: pl.Series) -> pl.Series:
    """Whole numbers of plain numbers; null where there is a fraction other than zeros."""
    return number.str.extract(r"^(-?\d+)(?:\.0*)?$").cast(pl.Int64, strict=False)


def positive_decimals(number: pl.Series) -> pl.Series:
    """Plain numbers above 0 with at most 10 digits and 8 decimals, without idle zeros; null where they are not."""
    trimmed = number.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".").str.replace(r"^0+(\d)", "$1")
    fits = trimmed.str.contains(r"^\d{1,10}(?:\.\d{1,8})?$") & trimmed.str.contains("[1-9]")
    return trimmed.set(~fits.fill_null(False), None)


def currency_codes(text: pl.Series) -> pl.Series:
    """ISO 4217 codes of codes in any case and of signs; null where the currency is not known."""
    upper = text.str.to_uppercase()
    return upper.replace_strict(dict(SIGNS) | {code: code for code in CURRENCIES}, default=None, return_dtype=pl.String)


def speaks_against(sign: pl.Series, currency: pl.Series) -> pl.Series:
    """Where the sign in an amount's cell is none, or names another currency than the row's (null: it has none)."""
    said = currency_codes(sign)
    frame = pl.DataFrame({"sign": sign, "said": said, "currency": currency})
    shared = pl.any_horizontal(
        pl.lit(False),
        *((pl.col("sign") == mark) & pl.col("currency").is_in(list(codes)) for mark, codes in SHARED_SIGNS.items()),
    )
    other = pl.col("currency").is_not_null() & (pl.col("said") != pl.col("currency")) & ~shared
    against = pl.col("sign").is_not_null() & (pl.col("said").is_null() | other)
    return frame.select(against.fill_null(False).alias("against")).to_series()


def decimal_comma_evidence(cells: Sequence[str]) -> bool | None:
    """Whether amounts are written with a decimal comma; None where nothing, or both, speaks for it."""
    bare = [re.sub(r"[^\d.,]", "", cell) for cell in cells]
    comma = any(_COMMA_EVIDENCE.fullmatch(cell) for cell in bare)
    point = any(_POINT_EVIDENCE.fullmatch(cell) for cell in bare)
    return comma if comma != point else None
