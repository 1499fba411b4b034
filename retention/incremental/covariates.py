"""Knows how what was known at the flag becomes a matrix: categories as columns, the unknown as a fact itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from retention.incremental.ridge import Floats
from retention.incremental.table import Table, is_numeric

_MOST_CATEGORIES = 20
_FEWEST_EPISODES = 10
_REST = "(others)"
_UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Covariates:
    """Episodes × columns without gaps. `names` tells each column, `owners` the covariate that it comes from."""

    matrix: Floats
    names: tuple[str, ...]
    owners: tuple[str, ...]


def covariates(table: Table, chosen: Sequence[str], kept: np.ndarray, amount: Floats | None = None) -> Covariates:
    """Read the chosen columns of the kept rows; `amount`, of all rows, joins as its logarithm.

    A missing number takes the mean, and a column says that it was missing. Categories with fewer than 10 episodes, or
    beyond the 20 most frequent, are put together.
    """
    found: list[tuple[str, str, Floats]] = []
    for name in chosen:
        found += _of(table, name, kept)
    if amount is not None:
        found += _numeric("log ARR", np.log1p(amount[kept]))
    found = [(owner, name, column) for owner, name, column in found if column.size and np.ptp(column) > 0]
    matrix = np.column_stack([column for *_, column in found]) if found else np.empty((int(kept.sum()), 0))
    return Covariates(matrix, tuple(name for _, name, _ in found), tuple(owner for owner, *_ in found))


def _of(table: Table, name: str, kept: np.ndarray) -> list[tuple[str, str, Floats]]:
    cells = table.cells(name)
    if is_numeric(cells):
        return _numeric(name, table.numbers(name)[kept])
    if all(cell is None or isinstance(cell, date | datetime | np.datetime64) for cell in cells):
        return _numeric(name, table.moments(name)[kept])
    texts = [_UNKNOWN if cell is None else str(cell) for cell, keep in zip(cells, kept, strict=True) if keep]
    return _categories(name, texts)


def _numeric(name: str, column: Floats) -> list[tuple[str, str, Floats]]:
    missing = np.isnan(column)
    if not missing.any():
        return [(name, name, column)]
    if missing.all():
        return []
    filled = np.where(missing, column[~missing].mean(), column)
    return [(name, name, filled), (name, f"{name} {_UNKNOWN}", missing.astype(np.float64))]


def _categories(name: str, texts: list[str]) -> list[tuple[str, str, Floats]]:
    counts = Counter(texts)
    if len(counts) > _MOST_CATEGORIES and max(counts.values()) < _FEWEST_EPISODES:
        raise ValueError(
            f"column {name!r} has {len(counts)} different texts, each rare: it names episodes rather than telling "
            "them apart; leave it out of covariates (or give it as cluster)"
        )
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    own = {text for text in ordered[:_MOST_CATEGORIES] if counts[text] >= _FEWEST_EPISODES or len(ordered) == 2}
    array = np.array([text if text in own else _REST for text in texts])
    shown = [text for text in [*ordered, _REST] if (array == text).any()]
    # The most frequent category is what the others are compared with.
    return [(name, f"{name}: {text}", (array == text).astype(np.float64)) for text in shown[1:]]
