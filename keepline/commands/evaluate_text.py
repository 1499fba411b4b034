"""Shows how well the readers of texts agree with a file of labelled texts."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

from connectors.labelled_texts import Column, labelled_texts
from jobs.evaluate_text import Asked, Calibrating, Evaluation, Flagging, Grouping, evaluate
from keepline import show
from rules.text.measures.sentiment import Agreement, Measure

_NONE = "–"
_ROWS: tuple[tuple[str, str, int], ...] = (
    ("AUC, negative against the rest", "auc", 3),
    ("Macro-F1 of neg, neu, pos", "macro_f1", 3),
    ("F1 of score ≤ −35 for negative", "bad_f1", 3),
    ("  if a quarter were negative", "bad_f1_at_quarter", 3),
    ("r with persons' scores", "pearson", 3),
    ("ECE of the chance of negative", "ece", 3),
)


def run(file: Path, named: dict[Column, str | None], limit: int | None, asked: Asked, as_json: bool) -> None:
    """Print what the labels of `file` say of our readers and of others."""
    found = labelled_texts(file, named, limit)
    with show.progress() as report:
        told = evaluate(found, asked, perf_counter, report)
    if as_json:
        show.as_json(asdict(told))
        return
    columns = ", ".join(f"{name} from {column!r}" for name, column in told.columns.items())
    show.line(f"{told.texts:,} texts of {told.file}: {columns}.")
    if told.readers:
        _print_readers(told)
    if told.calibrated:
        _print_calibrated(told.calibrated)
    if told.churn:
        _print_churn(told.churn)
    if told.issues:
        _print_issues(told.issues)
    if told.languages:
        right, unknown = told.languages.accuracy, told.languages.unknown_ratio
        show.line(f"Language: {_share(right)} right of those that were told; {unknown:.1%} unknown.")
    show.line("What each figure means: docs/text.md, “Measured on your own tickets”.")


def _print_readers(told: Evaluation) -> None:
    names = [reader.name for reader in told.readers]
    rows = [
        [title, *(_number(getattr(reader.agreement, name), digits) for reader in told.readers)]
        for title, name, digits in _ROWS
        if any(getattr(reader.agreement, name).value is not None for reader in told.readers)
    ]
    rows.append(["Texts without a score", *(f"{reader.agreement.unknown_ratio:.1%}" for reader in told.readers)])
    rows.append([
        "Texts a second",
        *(_NONE if reader.texts_per_second is None else f"{reader.texts_per_second:,.0f}" for reader in told.readers),
    ])  # fmt: skip
    show.line()
    show.table("Sentiment", ["", *names], rows, numbers=names)
    for name, why in told.left_out.items():
        show.line(f"{name} is left out: {why}.")
    show.line("In brackets what holds the figure in 95 of 100 samples. A text without a score counts as 0.")


def _print_calibrated(told: Calibrating) -> None:
    columns = ["", "Before", "After"]
    rows = []
    for title, name, digits in _ROWS:
        before, after = (_mean(each, name) for each in (told.before, told.after))
        if before is not None and after is not None:
            rows.append([title, f"{before:.{digits}f}", f"{after:.{digits}f}"])
    show.line()
    title = f"Calibrated with {told.labels} labels, held against the others; the mean of {len(told.after)} draws"
    show.table(title, columns, rows, numbers=columns[1:])
    show.line(
        f"In {told.accepted} of {len(told.after)} draws the labels made the scores better, and were put in force."
    )


def _mean(told: Sequence[Agreement], name: str) -> float | None:
    values = [getattr(each, name).value for each in told]
    return None if not values or None in values else fmean(values)


def _print_churn(told: Flagging) -> None:
    columns = ["", "Share", "95 % between"]
    named = (("Precision", told.precision), ("Recall", told.recall), ("False flags of the others", told.false_flags))
    rows = [[title, _percent(each), _between(each)] for title, each in named]
    show.line()
    show.table("Wish to leave", columns, rows, numbers=columns[1:])
    show.line(f"F1 {_NONE if told.f1 is None else format(told.f1, '.3f')}.")


def _print_issues(told: Grouping) -> None:
    columns = ["", "Precision", "Recall", "F1"]
    named = (("Two texts are the same issue", told.pairs), ("This issue came before", told.repeats))
    rows = [
        [title, *(_NONE if each is None else f"{value:.3f}" for value in each or (0, 0, 0))] for title, each in named
    ]
    show.line()
    show.table("The same issue again", columns, rows, numbers=columns[1:])
    whose = "of the same account" if told.per_account else "over all texts: the file names no accounts"
    show.line(f"{told.groups:,} groups for {told.issues:,} issues, {whose}.")


def _number(told: Measure, digits: int) -> str:
    if told.value is None:
        return _NONE
    if told.low is None or told.high is None:
        return f"{told.value:.{digits}f}"
    return f"{told.value:.{digits}f} ({told.low:.{digits}f} to {told.high:.{digits}f})".replace("-", "−")


def _percent(told: Measure) -> str:
    return _NONE if told.value is None else f"{told.value:.1%}"


def _between(told: Measure) -> str:
    return _NONE if told.low is None or told.high is None else f"{told.low:.1%} to {told.high:.1%}"


def _share(told: Measure) -> str:
    return _percent(told) if told.low is None else f"{_percent(told)} ({_between(told)})"


def columns(**named: str | None) -> dict[Column, Any]:
    """The columns as the command line names them."""
    return {name: column for name, column in named.items() if column is not None}  # type: ignore[misc]
