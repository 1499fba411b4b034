"""Knows how arrays of numbers become columns: of moments, of lengths that may be unknown, and of words."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from rules.sla.ragged import NEVER, Bools
from rules.sla.zones import Ints

Columns: TypeAlias = dict[str, NDArray[Any]]
Words: TypeAlias = Mapping[str, Sequence[str | None]]

# Stands for a length that is not known.
UNKNOWN = np.iinfo(np.int64).min
_SECOND = 1_000_000


def seconds(micros: Ints, known: Bools) -> Ints:
    """Whole seconds, rounded down; UNKNOWN where they are not `known`."""
    return np.where(known, micros // _SECOND, UNKNOWN)


def frame(columns: Columns, words: Words) -> nw.DataFrame[Any]:
    """The columns as a frame; those of `words` are places in their lists, and null where they are negative.

    Microseconds in `_at` become Datetime("us", "UTC"), null for NEVER; `_seconds` are null for UNKNOWN.
    """
    numbers = nw.from_dict({name: column for name, column in columns.items() if name not in words}, backend="polars")
    return numbers.with_columns(
        *(_moment(name) for name in numbers.columns if name.endswith("_at")),
        *(_length(name) for name in numbers.columns if name.endswith("_seconds")),
        *(_worded(name, chosen, columns[name].astype(np.int64)) for name, chosen in words.items()),
    )


def _moment(name: str) -> nw.Expr:
    known = nw.when(nw.col(name) < NEVER).then(nw.col(name))
    return known.cast(nw.Datetime("us", "UTC")).alias(name)


def _length(name: str) -> nw.Expr:
    return nw.when(nw.col(name) != UNKNOWN).then(nw.col(name)).alias(name)


def _worded(name: str, words: Sequence[str | None], places: Ints) -> nw.Series[Any]:
    series = nw.new_series(name, [*words, None], nw.String, backend="polars")
    return series[np.where(places < 0, len(words), places)].alias(name)
