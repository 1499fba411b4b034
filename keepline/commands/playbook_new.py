"""Writes a playbook into the user's file from a sentence and a few answers, and lets it be tried first."""

import re
import sys
from dataclasses import dataclass, replace
from getpass import getuser
from pathlib import Path

import typer
from pydantic import ValidationError

from config import documents
from config.playbook_text import add_entry, commented, playbook_yaml
from domain.errors import KeeplineError
from jobs.playbook_acts import Lawgiver, Said, short
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.conditions import Condition, NotUnderstood, parse_sentence, sentence
from rules.playbook_changes import said as in_english
from rules.playbooks import Playbook

_FILE = "playbooks.yaml"


@dataclass(frozen=True)
class Wanted:
    """What was said of the playbook on the command line; None is to be asked for."""

    when: str | None
    name: str | None
    id: str | None
    do: str | None
    owner: str
    within: str
    priority: str


def run(keepline: Keepline, wanted: Wanted, by: str | None, *, shadow: bool, as_json: bool) -> None:
    """Write the playbook, put it in shadow unless told otherwise, and say what comes next."""
    when, wanted = _answered(keepline, wanted)
    book = _playbook(wanted, when)
    if book.id in {each.id for each in keepline.rulebook.playbooks}:
        raise KeeplineError(f"there is a playbook {book.id} already; give this one another --id")
    path = keepline.settings.config_dir / _FILE
    line = _write(keepline, path, book)
    who = by or getuser()
    if shadow:
        playbooks = keepline.playbooks(path)
        lawgiver = Lawgiver(keepline.store, replace(keepline.rulebook, playbooks=playbooks))
        lawgiver.shadow(book, Said(who, "new, tried first", keepline.moment(None)))
    banner(keepline)
    if as_json:
        show.as_json({
            "id": book.id, "file": str(path), "line": line, "version": book.content_hash, "shadow": shadow,
            "said": in_english(book, keepline.rulebook.windows),
        })  # fmt: skip
        return
    _tell(keepline, book, path, line, shadow=shadow)


def _tell(keepline: Keepline, book: Playbook, path: Path, line: int, *, shadow: bool) -> None:
    show.line(f"Wrote {book.id}, version {short(book.content_hash)}, to {path}:{line}", "green")
    for told in in_english(book, keepline.rulebook.windows):
        show.line(f"  {told}")
    show.line(f"What it would have done last year: keepline replay {path} --playbook {book.id}")
    if shadow:
        show.line(f"It decides in shadow with the next runs: keepline playbooks compare {book.id}")
        show.line(f"Let it act: keepline playbooks activate {book.id} --because WHY")
    else:
        show.line("It acts from the next run on.")


def _write(keepline: Keepline, path: Path, book: Playbook) -> int:
    said = sentence(book.when, keepline.rulebook.windows)
    # A comment cannot be broken by what stands in it, if it stands on one line.
    comments = {"when": " ".join(said.split())[:500]}
    entry = commented(playbook_yaml(book.content), comments)
    return add_entry(path, documents.DEFAULTS / _FILE, entry, keepline.playbooks)


def _answered(keepline: Keepline, wanted: Wanted) -> tuple[Condition, Wanted]:
    """What was said, and what a person at the terminal answers; a sentence is asked for until it is understood."""
    asking = sys.stdin.isatty()
    missing = [f"--{word}" for word in ("when", "name", "do") if getattr(wanted, word) is None]
    if missing and not asking:
        raise KeeplineError(f"say {', '.join(missing)} too: keepline playbooks new --help")
    when = _condition(keepline, wanted.when, asking=asking)
    name = wanted.name or typer.prompt("What is it called")
    do = wanted.do or typer.prompt("What is to be done first")
    if missing:
        owner = typer.prompt("By whom", default=wanted.owner)
        within = typer.prompt("Within what time", default=wanted.within)
        wanted = replace(wanted, owner=owner, within=within)
    return when, replace(wanted, name=name, do=do, id=wanted.id or _id_of(name))


def _condition(keepline: Keepline, said: str | None, *, asking: bool) -> Condition:
    text = said
    while True:
        text = text or typer.prompt("When does it apply, such as: tickets in 7 days at least 5 and ACV known")
        try:
            return parse_sentence(text, windows=keepline.rulebook.windows)
        except (NotUnderstood, ValidationError) as error:
            told = str(error) if isinstance(error, NotUnderstood) else _first(error)
            if not asking:
                raise KeeplineError(f"--when {told}") from error
            show.say(told, "red")
            text = None


def _playbook(wanted: Wanted, when: Condition) -> Playbook:
    step = {"do": wanted.do, "owner": wanted.owner, "within": wanted.within}
    content = {"id": wanted.id, "name": wanted.name, "when": when, "priority": wanted.priority, "steps": [step]}
    try:
        return Playbook.model_validate(content)
    except ValidationError as error:
        raise KeeplineError(_first(error)) from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg'].removeprefix('Value error, ')}"


def _id_of(name: str) -> str:
    """`Many small tickets!` is many-small-tickets."""
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].rstrip("-")
    return word if word[:1].isalpha() else f"p-{word}"[:80]
