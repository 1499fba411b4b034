"""Makes versions of playbooks count, be tried, pause and retire; asks who says so and why."""

import sys
from collections.abc import Callable
from getpass import getuser
from pathlib import Path

import typer

from domain.errors import KeeplineError
from jobs.playbook_acts import Acted, Lawgiver, Said, short
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.playbooks import Playbook

_DONE = {"activate": "is active now", "shadow": "decides in shadow now", "pause": "is paused", "retire": "is retired"}
_NEXT = {
    "shadow": "It decides with the next runs and does nothing: keepline playbooks compare {id} shows how it does.",
    "pause": "What it opened stays open. Resume it: keepline playbooks resume {id}",
}


def activate(
    keepline: Keepline, what: str, version: str | None, by: str | None, because: str | None, as_json: bool
) -> None:
    """Activate one version, or every playbook of a file that is not active as it stands there."""
    _each(keepline, what, version, by, because, as_json, Lawgiver.activate)


def shadow(
    keepline: Keepline, what: str, version: str | None, by: str | None, because: str | None, as_json: bool
) -> None:
    """Put one version in shadow, or every playbook of a file that is not active as it stands there."""
    _each(keepline, what, version, by, because, as_json, Lawgiver.shadow)


def pause(keepline: Keepline, playbook: str, by: str | None, because: str | None, as_json: bool) -> None:
    """Pause a playbook."""
    _one(keepline, by, because, as_json, lambda lawgiver, said: lawgiver.pause(playbook, said))


def resume(keepline: Keepline, playbook: str, by: str | None, because: str | None, as_json: bool) -> None:
    """Resume a paused playbook."""
    _one(keepline, by, because, as_json, lambda lawgiver, said: lawgiver.resume(playbook, said))


def roll_back(
    keepline: Keepline, playbook: str, to: str | None, by: str | None, because: str | None, as_json: bool
) -> None:
    """Go back to the version that was active before, or to the one named."""
    _one(keepline, by, because, as_json, lambda lawgiver, said: lawgiver.roll_back(playbook, said, to))


def retire(keepline: Keepline, playbook: str, by: str | None, because: str | None, as_json: bool) -> None:
    """Retire a playbook."""
    _one(keepline, by, because, as_json, lambda lawgiver, said: lawgiver.retire(playbook, said))


def _each(
    keepline: Keepline, what: str, version: str | None, by: str | None, because: str | None, as_json: bool,
    act: Callable[[Lawgiver, Playbook, Said], Acted],
) -> None:  # fmt: skip
    lawgiver = Lawgiver(keepline.store, keepline.rulebook)
    if not _is_file(what):
        book = lawgiver.named(what, version)
        _one(keepline, by, because, as_json, lambda _, said: act(lawgiver, book, said))
        return
    if version is not None:
        raise KeeplineError(f"{what} is a file and says itself what counts; leave --version out")
    books = keepline.playbooks(Path(what))
    standing = lawgiver.history.standing(keepline.moment(None))
    active = {each.active for each in standing.values()}
    changed = [book for book in books if book.content_hash not in active]
    if not changed:
        raise KeeplineError(f"everything in {what} is active already as it stands there")
    said = _said(keepline, by, because)
    _tell(keepline, [act(lawgiver, book, said) for book in changed], as_json)


def _one(
    keepline: Keepline, by: str | None, because: str | None, as_json: bool, act: Callable[[Lawgiver, Said], Acted]
) -> None:
    said = _said(keepline, by, because)
    _tell(keepline, [act(Lawgiver(keepline.store, keepline.rulebook), said)], as_json)


def _is_file(what: str) -> bool:
    return what.endswith((".yaml", ".yml")) or "/" in what


def _said(keepline: Keepline, by: str | None, because: str | None) -> Said:
    """Who and why; asked for at a terminal, required elsewhere.

    Raises:
        KeeplineError: nobody is there to say why.
    """
    at_terminal = sys.stdin.isatty()
    if because is None and at_terminal:
        by = by or typer.prompt("Who decides this", default=getuser())
        because = typer.prompt("Why (it stays on record)")
    if because is None or not because.strip():
        raise KeeplineError("say why, because it stays on record: --because 'too many alerts for small accounts'")
    return Said((by or getuser()).strip(), because.strip(), keepline.moment(None))


def _tell(keepline: Keepline, acts: list[Acted], as_json: bool) -> None:
    banner(keepline)
    if as_json:
        told = [each.decree.model_dump(mode="json") | {"undo": each.undo} for each in acts]
        show.as_json(told)
        return
    for each in acts:
        decree = each.decree
        version = f" version {short(each.version)}" if each.version else ""
        show.line(f"{decree.playbook}{version} {_DONE[decree.act]}, by {decree.by}: {decree.because}")
        if decree.act in _NEXT:
            show.line("  " + _NEXT[decree.act].format(id=decree.playbook))
        show.line(f"  Undo: {each.undo} --because WHY")
