"""Knows how a file of texts that persons have labelled is read: which column says what, and which cell is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from connectors.headers import plain
from connectors.layout import Layout, find_layout
from connectors.raw_rows import raw_batches
from domain.errors import FileRefused

Column = Literal["text", "label", "score", "churn", "issue", "account", "language"]
COLUMNS: tuple[Column, ...] = ("text", "label", "score", "churn", "issue", "account", "language")
# What people call them, the more usual names first.
_NAMES: Mapping[Column, tuple[str, ...]] = {
    "text": ("text", "body", "message", "comment", "content", "tweet", "sentence", "description"),
    "label": ("label", "sentiment", "polarity", "airline sentiment", "class"),
    "score": ("score", "sentiment score", "valence"),
    "churn": ("churn", "churn intent", "is churn", "wants to leave"),
    "issue": ("issue", "intent", "duplicate of", "cluster"),
    "account": ("account", "account id", "customer", "customer id", "company"),
    "language": ("language", "lang", "language code"),
}
_LABELS: Mapping[str, str] = {
    "neg": "neg", "negative": "neg", "angry": "neg", "neu": "neu", "neutral": "neu", "pos": "pos", "positive": "pos",
    "not_neg": "not_neg", "not neg": "not_neg", "non negative": "not_neg", "neu_or_pos": "not_neg",
}  # fmt: skip
_FLAGS: Mapping[str, bool] = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}


@dataclass
class LabelledTexts:
    """The rows of a file, in its order; a column that the file does not have is missing in `columns`.

    Cells that are empty are None: not labelled. `label` is neg, neu, pos or not_neg, `score` −100..100, `churn` a flag.
    """

    file: str
    columns: dict[Column, str]
    texts: list[str] = field(default_factory=list)
    cells: dict[Column, list[Any]] = field(default_factory=dict)


def labelled_texts(
    path: Path, named: Mapping[Column, str | None] | None = None, limit: int | None = None
) -> LabelledTexts:
    """Read a CSV, TSV, JSON Lines, Parquet or XLSX file; `named` says which column is which where names do not.

    Raises:
        FileRefused: it is no such file, has no column of texts or nothing to compare with, or a label is no label.
    """
    if not path.is_file():
        raise FileRefused(path, "there is no such file", "name a CSV or JSON Lines file with a column of texts")
    layout = find_layout(path)
    read = LabelledTexts(path.name, _columns(path.name, layout, dict(named or {})))
    read.cells = {column: [] for column in read.columns if column != "text"}
    for batch in raw_batches(path, layout):
        if batch.broken:
            first = batch.broken[0]
            raise FileRefused(f"{path.name}:{first.line}", f"found {first.found}", f"expected {first.expected}")
        rows = batch.cells.select(list(read.columns.values())).iter_rows()
        for line, cells in zip(batch.lines, rows, strict=True):
            if limit is not None and len(read.texts) >= limit:
                return read
            _add(read, line, dict(zip(read.columns, cells, strict=True)))
    return read


def _columns(file: str, layout: Layout, named: Mapping[Column, str | None]) -> dict[Column, str]:
    header = {plain(name): name for name in layout.header}
    found: dict[Column, str] = {}
    for column in COLUMNS:
        wanted = named.get(column)
        if wanted is not None and wanted not in layout.header:
            raise FileRefused(file, f"no column {wanted!r}", f"name one of {', '.join(layout.header)} with --{column}")
        name = wanted or next((header[each] for each in _NAMES[column] if each in header), None)
        if name is not None and name not in found.values():
            found[column] = name
    if "text" not in found:
        raise FileRefused(file, f"the columns {', '.join(layout.header)}", "name the one with the texts: --text NAME")
    if not found.keys() & {"label", "score", "churn", "issue", "language"}:
        remedy = "name what persons said: --label, --score, --churn, --issue or --language NAME"
        raise FileRefused(file, f"the columns {', '.join(layout.header)}", remedy)
    return found


def _add(read: LabelledTexts, line: int, cells: Mapping[Column, str | None]) -> None:
    read.texts.append(cells["text"] or "")
    for column, known in read.cells.items():
        cell = (cells[column] or "").strip()
        try:
            known.append(_READ[column](cell) if cell else None)
        except (KeyError, ValueError):
            place, right = f"{read.file}:{line}", _RIGHT[column]
            raise FileRefused(place, f"{read.columns[column]} is {cell[:40]!r}", f"write {right}") from None


def _label(cell: str) -> str:
    return _LABELS[cell.lower().replace("-", " ") if cell.lower() not in _LABELS else cell.lower()]


def _score(cell: str) -> float:
    score = float(cell)
    if not -100 <= score <= 100:
        raise ValueError(cell)
    return score


_READ: Mapping[Column, Callable[[str], Any]] = {
    "label": _label,
    "score": _score,
    "churn": lambda cell: _FLAGS[cell.lower()],
    "issue": str,
    "account": str,
    "language": lambda cell: cell.lower().replace("_", "-").split("-")[0],
}
_RIGHT: Mapping[Column, str] = {
    "label": "neg, neu or pos (or not_neg where no more is known); numbers go into a column of scores: --score NAME",
    "score": "a number from −100 (worst) to 100 (best)",
    "churn": "1 or 0",
}
