"""Takes what persons say of sentiment scores: one message, a file of answers, or asked one by one."""

import csv
import getpass
from pathlib import Path
from typing import cast, get_args

import typer

from domain.errors import KeeplineError
from domain.reading import LabelAnswer
from jobs.calibrate import answers_from_labels, label, label_message, worth_labelling
from jobs.read import readable_since
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.text import masked
from rules.text.calibration.calibrating import LEAST_ANSWERS

_SHOWN_CHARACTERS = 600
_KEYS: dict[str, LabelAnswer] = {
    "r": "right", "h": "too_harsh", "m": "too_mild", "-": "neg", "0": "neu", "+": "pos"
}  # fmt: skip


def one(keepline: Keepline, message: str, answer: str, by: str | None, as_json: bool) -> None:
    """Keep the answer about one message."""
    said, now = cast("LabelAnswer", answer), keepline.moment(None)
    labelled = label_message(keepline.store, message, said, _who(by), now)
    banner(keepline)
    if as_json:
        told = {"message": labelled.ref, "shown": labelled.sentiment, "answer": said, "by": _who(by)}
        show.as_json(told | {"answers": len(answers_from_labels(keepline.store).texts)})
        return
    show.line(f"{labelled.ref} was read as {labelled.sentiment:+d}; you say: {said}.")
    _how_many(keepline)


def take(keepline: Keepline, file: Path, by: str | None, as_json: bool) -> None:
    """Keep the answers of a CSV file with columns `message` and `label`; nothing is kept if one cannot be."""
    rows = read_rows(file, "message", "label")
    answers = [(row["message"], answer_named(row["label"], file, number)) for number, row in enumerate(rows, start=2)]
    now = keepline.moment(None)
    taken = 0
    problems = []
    for message, answer in answers:
        try:
            label_message(keepline.store, message, answer, _who(by), now)
            taken += 1
        except KeeplineError as error:
            problems.append(str(error))
    banner(keepline)
    if as_json:
        show.as_json({"taken": taken, "problems": problems})
        return
    show.line(f"{taken:,} answers were taken, {len(problems):,} were not.")
    for problem in problems[:5]:
        show.line(f"  {problem}")
    _how_many(keepline)


def ask(keepline: Keepline, most: int, by: str | None) -> None:
    """Show messages one by one, those that teach most, and keep the answers as they come."""
    now = keepline.moment(None)
    found = worth_labelling(keepline.store, readable_since(keepline.rulebook, now), most)
    banner(keepline)
    if not found:
        show.line("No message waits for an answer: keepline run reads the customers' messages first.")
        return
    show.line("Is the score right? r right, h too harsh (it sounds better), m too mild (it sounds worse),")
    show.line("or how it sounds: - negative, 0 neutral, + positive; s skips, q ends.")
    texts = masked([each.text[:_SHOWN_CHARACTERS] for each in found])
    for place, (each, text) in enumerate(zip(found, texts, strict=True), start=1):
        show.line()
        show.line(f"{place}/{len(found)}  {each.ref}  score {each.sentiment:+d}", style="bold")
        show.line(text)
        key = typer.prompt("r/h/m/-/0/+/s/q", type=str).strip().lower()[:1]
        if key == "q":
            break
        if key in _KEYS:
            label(keepline.store, each, _KEYS[key], _who(by), now)
    _how_many(keepline)


def read_rows(file: Path, *columns: str) -> list[dict[str, str]]:
    """The rows of a CSV file that must have these columns."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                wanted = ", ".join(columns)
                raise KeeplineError(
                    f"{file} has no column {' and no '.join(missing)}; its first line must name {wanted}"
                )
            return list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KeeplineError(f"{file} cannot be read ({error}); give a CSV file in UTF-8") from error


def answer_named(written: str | None, file: Path, line: int) -> LabelAnswer:
    """What a cell of a file says.

    Raises:
        KeeplineError: it is no answer.
    """
    answer = (written or "").strip().lower().replace(" ", "_")
    short = {"negative": "neg", "neutral": "neu", "positive": "pos"}.get(answer, answer)
    if short not in get_args(LabelAnswer):
        raise KeeplineError(f"{file}, line {line}: {written!r} is no answer; write {', '.join(get_args(LabelAnswer))}")
    return cast("LabelAnswer", short)


def _who(by: str | None) -> str:
    return (by or getpass.getuser()).strip()


def _how_many(keepline: Keepline) -> None:
    given = len(answers_from_labels(keepline.store).texts)
    missing = LEAST_ANSWERS - given
    rest = f"{missing} more and you can calibrate" if missing > 0 else "keepline sentiment calibrate learns from them"
    show.line(f"{given:,} messages have an answer; {rest}.")
