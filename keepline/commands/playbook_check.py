"""Checks a file of playbooks: every mistake with its place and remedy, or what the file would change."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from domain.errors import ConfigError
from jobs.playbook_acts import short
from jobs.playbook_trial import Difference, differences, further_mistakes
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.playbook_changes import Change
from rules.playbooks import Playbook


@dataclass(frozen=True)
class _Read:
    """What a file says, or what is wrong in it."""

    playbooks: tuple[Playbook, ...]
    mistakes: list[ConfigError]


def run(keepline: Keepline, file: Path | None, as_json: bool) -> None:
    """Print the mistakes and end with exit code 1, or print what the file would change."""
    path = keepline.document("playbooks") if file is None else file
    found = _read(keepline, path)
    banner(keepline)
    if found.mistakes:
        _tell_mistakes(path, found.mistakes, as_json)
        raise typer.Exit(1)
    told = differences(keepline.store, keepline.rulebook, found.playbooks, keepline.moment(None))
    if as_json:
        show.as_json({"file": str(path), "mistakes": [], "would": [_json(each) for each in told]})
        return
    _tell(path, len(found.playbooks), told)


def _read(keepline: Keepline, path: Path) -> _Read:
    try:
        playbooks = keepline.playbooks(path)
    except ConfigError as error:
        return _Read((), [error, *error.more])
    further = further_mistakes(keepline.store, keepline.rulebook, playbooks, keepline.moment(None))
    return _Read(playbooks, [ConfigError(path, found, remedy) for found, remedy in further])


def _tell_mistakes(path: Path, mistakes: list[ConfigError], as_json: bool) -> None:
    if as_json:
        told = [{"line": each.line, "found": each.found, "remedy": each.remedy} for each in mistakes]
        show.as_json({"file": str(path), "mistakes": told, "would": []})
        return
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes):,} mistakes"
    show.line(f"{path}: {count}", "red")
    for each in mistakes:
        show.line(f"  {_first_line(each)}")


def _first_line(error: ConfigError) -> str:
    return str(error).partition("\n")[0]


def _tell(path: Path, count: int, told: list[Difference]) -> None:
    show.line(f"{path}: {count:,} playbooks, no mistake.", "green")
    changing = [each for each in told if each.kind != "same"]
    if not changing:
        show.line("It says what counts now.")
        return
    for each in changing:
        show.line(f"{each.playbook}: {_WORDS[each.kind]}{_version(each)}", "bold")
        for sentence in each.said:
            show.line(f"  {sentence}")
        for change in each.changes if each.kind == "changed" else ():
            show.line(f"  {_changed(change)}")
    show.line("Try it on the past: keepline replay FILE. Beside what counts: keepline playbooks shadow ID|FILE")


_WORDS = {
    "new": "new", "changed": "would count otherwise", "gone": "counts now and is not in this file",
    "off": "paused or retired by a person, and stays so", "tried": "in shadow, and stays so",
}  # fmt: skip


def _version(each: Difference) -> str:
    return f", version {short(each.version)}" if each.version else ""


def _changed(change: Change) -> str:
    return f"{change.place}: {change.before or 'nothing'} → {change.after or 'nothing'}"


def _json(each: Difference) -> dict[str, Any]:
    return {
        "playbook": each.playbook, "kind": each.kind, "version": each.version, "said": each.said,
        "changes": [vars(change) for change in each.changes],
    }  # fmt: skip
