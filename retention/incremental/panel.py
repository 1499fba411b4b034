"""Knows how a table of a staggered roll-out is read: who had which outcome when, and since when it was treated."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retention.incremental.ridge import Floats
from retention.incremental.table import Table, is_numeric

NEVER = -1
ALWAYS = -2
_NEVER_WORDS = {"never", "none", "inf", "infinity", "nat", "-"}


@dataclass(frozen=True)
class Panel:
    """Units in rows, periods in columns.

    * outcomes: units × periods; NaN where a unit was not seen
    * first: the place of each unit's first treated period; NEVER without one, ALWAYS where it was treated from the
      table's first period on, or before: such a unit has no before
    * clusters: what belongs together, by unit
    """

    units: list[str]
    periods: list[str]
    outcomes: Floats
    first: NDArray[np.intp]
    clusters: NDArray[np.intp]
    notes: tuple[str, ...]


def read_panel(
    given: Any, unit: str, period: str, outcome: str, first_treated_period: str, cluster: str | None
) -> Panel:
    """The panel that a table describes, one row per unit and period.

    Raises:
        ValueError: names the column, the row and the remedy.
    """
    table = Table(given)
    codes, units = table.labels(unit)
    _require_all(codes >= 0, unit, "name the unit")
    moments, begins, periods = _times(table, period, first_treated_period)
    notes: list[str] = []
    if (zero := begins == 0).any() and min(moments) > 0:
        begins = np.where(zero, np.nan, begins)
        notes.append("0 as first treated period was read as never")
    known = np.unique(moments)
    places = np.searchsorted(known, moments)
    told = next((cell for cell in table.cells(outcome) if cell is not None), None)
    values = table.numbers(outcome) if is_numeric([told]) else table.flags(outcome)
    outcomes = np.full((len(units), len(known)), np.nan)
    _require_once(codes, places, unit, period)
    outcomes[codes, places] = values
    first = _first(codes, begins, known, units, first_treated_period)
    clusters = _clusters(table, cluster, codes, units)
    for count, what in (
        ((first == ALWAYS).sum(), "were treated from the first period on, so that nothing is known of before"),
        (int(np.isnan(values).sum()), "rows have no outcome"),
    ):
        if count:
            notes.append(f"{count:,} {'' if 'rows' in what else 'units '}{what}; left out")
    return Panel(units, [periods[moment] for moment in known.tolist()], outcomes, first, clusters, tuple(notes))


def _times(table: Table, period: str, first: str) -> tuple[Floats, Floats, dict[float, str]]:
    """Periods and first treated periods on one scale, never as NaN, and how each period is written."""
    cells = table.cells(period)
    begun = [None if _is_never(cell) else cell for cell in table.cells(first)]
    empty = next((row for row, cell in enumerate(cells) if cell is None), None)
    if empty is not None:
        raise ValueError(f"column {period!r}, row {empty}: it is empty; give the period of every row")
    joined = Table({period: [*cells, *begun]})
    scale = _scale(joined, period, cells, begun)
    names = {scale[row]: str(cell) for row, cell in enumerate(cells)}
    return scale[: len(cells)], scale[len(cells) :], {float(moment): name for moment, name in names.items()}


def _scale(joined: Table, period: str, cells: list[Any], begun: list[Any]) -> Floats:
    """Numbers and moments by their size; other texts, such as 2026-Q1, in the order of the alphabet."""
    both = [*cells, *begun]
    if is_numeric(both):
        return joined.numbers(period)
    if not all(cell is None or isinstance(cell, str) for cell in both):
        return joined.moments(period)
    try:
        return joined.moments(period)
    except ValueError:
        order = {text: float(place) for place, text in enumerate(sorted({str(cell).strip() for cell in both if cell}))}
        return np.array([np.nan if cell is None else order[str(cell).strip()] for cell in both], np.float64)


def _is_never(cell: Any) -> bool:
    if isinstance(cell, str):
        return cell.strip().lower() in _NEVER_WORDS
    return isinstance(cell, float) and np.isinf(cell)


def _first(codes: NDArray[np.intp], begins: Floats, known: Floats, units: list[str], column: str) -> NDArray[np.intp]:
    told = np.where(np.isnan(begins), np.inf, begins)
    lowest, highest = (np.full(len(units), start) for start in (np.inf, -np.inf))
    np.minimum.at(lowest, codes, told)
    np.maximum.at(highest, codes, told)
    if (differs := np.flatnonzero(lowest != highest)).size:
        row = int(np.flatnonzero(codes == differs[0])[0])
        raise ValueError(
            f"column {column!r}, row {row}: unit {units[differs[0]]!r} has more than one first treated period; "
            "give the same in all its rows, empty where it never was treated"
        )
    places = np.searchsorted(known, lowest)
    return np.where(lowest > known[-1], NEVER, np.where(places == 0, ALWAYS, places)).astype(np.intp)


def _clusters(table: Table, cluster: str | None, codes: NDArray[np.intp], units: list[str]) -> NDArray[np.intp]:
    if cluster is None:
        return np.arange(len(units))
    told, _ = table.labels(cluster)
    _require_all(told >= 0, cluster, "name the cluster")
    found = np.zeros(len(units), np.intp)
    found[codes] = told
    return found


def _require_all(is_known: NDArray[np.bool_], column: str, remedy: str) -> None:
    if (missing := np.flatnonzero(~is_known)).size:
        raise ValueError(f"column {column!r}, row {missing[0]}: it is empty; {remedy} in every row")


def _require_once(codes: NDArray[np.intp], places: NDArray[np.intp], unit: str, period: str) -> None:
    keys = codes * (places.max() + 1) + places
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if twice.size:
        first, second = order[twice[0]], order[twice[0] + 1]
        raise ValueError(
            f"rows {first} and {second} have the same {unit!r} and {period!r}; give one row per unit and period"
        )
