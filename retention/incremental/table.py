"""Knows how a table given as columns, as rows or as any frame is read, and what to say of mistakes in it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from retention.incremental.ridge import Floats

_YES = {"1", "1.0", "true", "t", "yes", "y", "renewed", "kept", "treat", "treated", "treatment", "helped"}
_NO = {"0", "0.0", "false", "f", "no", "n", "churned", "lost", "holdout", "control", "untreated", "not helped"}
_SECONDS_A_DAY = 86_400


class Table:
    """Columns by name, all of one length; a row is an episode, numbered from 0 in messages."""

    def __init__(self, given: Any) -> None:
        self.columns = _columns(given)
        lengths = {name: len(cells) for name, cells in self.columns.items()}
        self.rows = max(lengths.values(), default=0)
        for name, length in lengths.items():
            if length != self.rows:
                raise ValueError(
                    f"column {name!r} has {length} rows where others have {self.rows}; give one per episode"
                )
        if not self.rows:
            raise ValueError("the table has no rows; give one row per at-risk episode")

    def cells(self, name: str) -> list[Any]:
        """A column's cells; what is missing (None, NaN, an empty text) is None."""
        if name not in self.columns:
            raise ValueError(f"the table has no column {name!r}; it has {', '.join(map(repr, self.columns))}")
        return [None if _is_missing(cell) else cell for cell in self.columns[name]]

    def flags(self, name: str) -> Floats:
        """A yes/no column as 1 and 0; missing is NaN."""
        quick = _quickly(self.columns.get(name, ()))
        if quick is not None and (np.isnan(quick) | (quick == 0) | (quick == 1)).all():
            return quick
        return np.array([_flag(cell, name, row) for row, cell in enumerate(self.cells(name))], np.float64)

    def numbers(self, name: str) -> Floats:
        """A column of numbers; missing is NaN."""
        found = _quickly(self.columns.get(name, ()))
        if found is None:
            cells = self.cells(name)
            row = next((row for row, cell in enumerate(cells) if not _is_number(cell)), None)
            if row is not None:
                raise ValueError(f"column {name!r}, row {row}: {cells[row]!r} is not a number; mend or empty it")
            found = np.array(cells, np.float64)
        if np.isinf(found).any():
            row = int(np.flatnonzero(np.isinf(found))[0])
            raise ValueError(f"column {name!r}, row {row}: it is infinite; give a finite number or leave it empty")
        return found

    def amounts(self, name: str, minor_digits: int = 0) -> Floats:
        """Amounts as minor units of a currency with so many digits; missing is NaN."""
        found = self.numbers(name) * 10**minor_digits
        if (below := np.flatnonzero(found < 0)).size:
            raise ValueError(
                f"column {name!r}, row {below[0]}: the amount is negative; give ARR at the flag, 0 or more"
            )
        rounded: Floats = np.round(found)
        return rounded

    def moments(self, name: str) -> Floats:
        """Moments as days since an origin of their own; missing is NaN.

        They may be datetimes (without a zone: UTC), dates, ISO 8601 texts or plain numbers of days.
        """
        cells = self.cells(name)
        return np.array([_days(cell, name, row) for row, cell in enumerate(cells)], np.float64)

    def labels(self, name: str) -> tuple[NDArray[np.intp], list[str]]:
        """A column as codes into its sorted distinct texts; missing has -1."""
        texts = [None if cell is None else str(cell) for cell in self.cells(name)]
        names = sorted({text for text in texts if text is not None})
        places = {text: place for place, text in enumerate(names)}
        return np.array([-1 if text is None else places[text] for text in texts], np.intp), names


def is_numeric(cells: Sequence[Any]) -> bool:
    """Whether all cells that are there are numbers, or texts that read as numbers."""
    return _quickly(cells) is not None or all(cell is None or _is_number(cell) for cell in cells)


def _quickly(cells: Sequence[Any]) -> Floats | None:
    """The cells as numbers where NumPy takes them all at once; None where each must be looked at."""
    if not len(cells) or isinstance(next((cell for cell in cells if cell is not None), None), np.datetime64):
        return None
    try:
        return np.array(cells, np.float64)
    except (TypeError, ValueError):
        return None


def _columns(given: Any) -> dict[str, Sequence[Any]]:
    if isinstance(given, Mapping):
        return {str(name): _listed(cells) for name, cells in given.items()}
    if isinstance(given, Sequence) and not isinstance(given, str):
        if not all(isinstance(row, Mapping) for row in given):
            raise ValueError("the table's rows must be mappings of column to value; or give a mapping of columns")
        names = dict.fromkeys(str(name) for row in given for name in row)
        return {name: [row.get(name) for row in given] for name in names}
    try:
        frame: Any = nw.from_native(given)
    except TypeError as error:
        raise ValueError("the table must be a mapping of columns, a list of rows, or a frame") from error
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return {name: eager.get_column(name).to_list() for name in eager.columns}


def _listed(cells: Any) -> Sequence[Any]:
    if isinstance(cells, str) or not hasattr(cells, "__iter__"):
        raise ValueError("a column must be a list or an array, with one cell per episode")
    return cells.tolist() if isinstance(cells, np.ndarray) and cells.dtype.kind != "M" else list(cells)


def _is_missing(cell: Any) -> bool:
    if cell is None or isinstance(cell, str):
        return cell is None or not cell.strip()
    return bool(cell != cell)  # noqa: PLR0124 - NaN and NaT are the values that differ from themselves


def _is_number(cell: Any) -> bool:
    if isinstance(cell, datetime | date | np.datetime64):
        return False
    try:
        float(cell)
    except (TypeError, ValueError):
        return cell is None
    return True


def _flag(cell: Any, name: str, row: int) -> float:
    if cell is None:
        return np.nan
    text = str(cell).strip().lower()
    if text in _YES or text in _NO:
        return float(text in _YES)
    raise ValueError(f"column {name!r}, row {row}: {cell!r} is neither yes nor no; give 1 or 0, or True or False")


def _days(cell: Any, name: str, row: int) -> float:
    if cell is None:
        return np.nan
    if _is_number(cell):
        return float(cell)
    try:
        moment = _moment(cell)
    except ValueError as error:
        raise ValueError(
            f"column {name!r}, row {row}: {cell!r} is no moment; give ISO 8601 or a number of days"
        ) from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.timestamp() / _SECONDS_A_DAY


def _moment(cell: Any) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=UTC)
    return datetime.fromisoformat(str(cell).strip()[:26] if isinstance(cell, np.datetime64) else str(cell).strip())
