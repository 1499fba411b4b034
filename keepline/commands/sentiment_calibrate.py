"""Learns a team's calibration, shows what it changes, puts it in force and takes it back."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from domain.reading import SentimentCalibration
from jobs.calibrate import (
    Answers,
    answers_from_csat,
    answers_from_labels,
    calibrations,
    learn,
    put_in_force,
    withdraw,
)
from jobs.read import readable_since
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.sentiment_label import answer_named, read_rows
from keepline.wording import banner, rate
from rules.text import masked
from rules.text.calibration import Calibrated

_SHOWN_CHARACTERS = 90


def run(keepline: Keepline, source: str, as_json: bool, *, dry_run: bool) -> None:
    """Learn, show before and after, and put it in force unless it is a dry run or does not help."""
    answers, now = _answers(keepline, source), keepline.moment(None)
    learned = learn(answers)
    kept = None
    if learned.accepted and not dry_run:
        since = readable_since(keepline.rulebook, now)
        with show.progress() as report:
            kept = put_in_force(keepline.store, learned, now, since, report)
    banner(keepline)
    if as_json:
        show.as_json(_printed(learned, kept))
        return
    _print_figures(learned)
    _print_changes(learned, answers)
    if kept is not None:
        show.line(f"Calibration {kept.calibration_hash[:12]} is in force: signals and thresholds act on its scores.")
        show.line(f"To take it back: keepline sentiment calibrations --withdraw {kept.calibration_hash[:12]}")
    elif learned.accepted:
        show.line("A dry run: nothing was put in force.")
    else:
        show.line(f"Refused, all stays as it was: {learned.because}.")


def history(keepline: Keepline, withdrawn: str | None, as_json: bool) -> None:
    """List the calibrations, after taking one out of force where that was asked for."""
    if withdrawn is not None:
        withdraw(keepline.store, withdrawn, keepline.moment(None))
    found = calibrations(keepline.store)
    banner(keepline)
    if as_json:
        show.as_json([each.model_dump(mode="json", exclude={"content"}) for each in found])
    elif not found:
        show.line(
            "Nothing was calibrated yet: keepline sentiment label, and with 50 answers keepline sentiment calibrate."
        )
    else:
        columns = ("calibration", "reader", "since", "answers", "log loss", "ECE", "state")
        rows = [_row(each) for each in found]
        show.table("Calibrations of the sentiment reader", columns, rows, numbers=("answers", "log loss", "ECE"))


def _answers(keepline: Keepline, source: str) -> Answers:
    if source == "labels":
        return answers_from_labels(keepline.store)
    if source == "csat":
        return answers_from_csat(keepline.store)
    file = Path(source)
    rows = read_rows(file, "text", "label")
    labels = [answer_named(row["label"], file, number) for number, row in enumerate(rows, start=2)]
    return Answers([row["text"] or "" for row in rows], list(labels), [None] * len(rows))


def _print_figures(learned: Calibrated) -> None:
    before, after = learned.before, learned.after
    rows = [
        ["log loss", f"{before.log_loss:.3f}", f"{after.log_loss:.3f}"],
        ["calibration error of p(negative)", _share(before.calibration_error), _share(after.calibration_error)],
        ["scores ≤ −35", rate(before.bad_ratio), rate(after.bad_ratio)],
    ]
    show.line(f"{before.answers:,} answers; the figures are of answers that it had not seen.")
    show.table("Before and after", ("", "before", "after"), rows, numbers=("before", "after"))


def _print_changes(learned: Calibrated, answers: Answers) -> None:
    texts = masked([answers.texts[each.place] for each in learned.changes])
    rows = [
        [f"{each.before:+.0f}", f"{each.after:+.0f}", answers.labels[each.place], _short(text)]
        for each, text in zip(learned.changes, texts, strict=True)
    ]
    show.table("What changes most", ("before", "after", "you said", "text"), rows, numbers=("before", "after"))


def _printed(learned: Calibrated, kept: SentimentCalibration | None) -> dict[str, Any]:
    return {
        "accepted": learned.accepted,
        "because": learned.because,
        "in_force": None if kept is None else kept.calibration_hash,
        "before": asdict(learned.before),
        "after": asdict(learned.after),
    }


def _row(each: SentimentCalibration) -> list[str]:
    before, after = each.evaluation["before"], each.evaluation["after"]
    state = "in force" if each.withdrawn_at is None else f"withdrawn {each.withdrawn_at:%Y-%m-%d}"
    losses = f"{before['log_loss']:.3f} → {after['log_loss']:.3f}"
    errors = f"{_share(before['calibration_error'])} → {_share(after['calibration_error'])}"
    name, since = each.calibration_hash[:12], f"{each.calibrated_at:%Y-%m-%d}"
    return [name, each.reader, since, f"{after['answers']:,}", losses, errors, state]


def _share(error: float | None) -> str:
    return "–" if error is None else f"{error:.3f}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN_CHARACTERS else flat[: _SHOWN_CHARACTERS - 1] + "…"
