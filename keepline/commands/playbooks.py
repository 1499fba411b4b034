"""Shows the playbooks: which version counts, what it says, how two versions differ, and what became of each."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from config.playbook_text import playbook_yaml
from domain.errors import ConfigError, KeeplineError
from jobs.playbook_acts import Lawgiver, short
from jobs.playbook_views import PlaybookView, playbook_story, playbook_view, playbook_views
from jobs.playbooks_in_force import history
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.conditions import sentence
from rules.playbook_changes import changes, marked, said
from rules.playbooks import Playbook, playbook_schema

_FILES = {
    "same": "",
    "counts from the next run": "the file says otherwise: counts from the next run",
    "another version": "the file says otherwise",
    "not in the file": "not in the file",
}


def run(keepline: Keepline, as_of: datetime | None, *, retired: bool, as_json: bool) -> None:
    """Print a row a playbook."""
    now = keepline.moment(as_of)
    views = playbook_views(keepline.store, keepline.rulebook, now, retired=retired)
    banner(keepline)
    if as_json:
        show.as_json([_json(keepline, view) for view in views])
        return
    if not views:
        show.line("There are no playbooks: keepline init writes the shipped ones into your configuration.")
        return
    rows = [
        [
            view.id, _state(view), short(view.version.content_hash), _since(view), _by(view),
            f"{view.fired.decisions:,}", f"{view.fired.accounts:,}", f"{view.fired.opened:,}",
            sentence(view.version.when, keepline.rulebook.windows),
        ]
        for view in views
    ]  # fmt: skip
    columns = ["Playbook", "State", "Version", "Since", "By", "Fired in 30 days", "Accounts", "Opened", "When"]
    show.table("Playbooks", columns, rows, numbers=["Fired in 30 days", "Accounts", "Opened"])
    show.line("Open one: keepline playbooks show ID. Write one: keepline playbooks new. docs/writing-playbooks.md")


def _state(view: PlaybookView) -> str:
    parts: list[str] = ["new: counts from the next run" if view.state == "new" else view.state]
    if view.shadow is not None and view.state == "active":
        parts.append(f"{short(view.shadow.content_hash)} in shadow")
    if view.state != "new" and _FILES[view.in_file]:
        parts.append(_FILES[view.in_file])
    return "; ".join(parts)


def _since(view: PlaybookView) -> str:
    return "" if view.newest is None else f"{view.newest.at:%Y-%m-%d}"


def _by(view: PlaybookView) -> str:
    return "" if view.newest is None else view.newest.by


def _json(keepline: Keepline, view: PlaybookView) -> dict[str, Any]:
    newest = None if view.newest is None else view.newest.model_dump(mode="json")
    return {
        "id": view.id, "name": view.version.name, "state": view.state, "version": view.version.content_hash,
        "shadow": None if view.shadow is None else view.shadow.content_hash, "in_file": view.in_file,
        "newest_act": newest, "fired_30d": view.fired._asdict(), "in_shadow_30d": view.in_shadow._asdict(),
        "when": sentence(view.version.when, keepline.rulebook.windows),
    } | _mark(keepline)  # fmt: skip


def show_playbook(
    keepline: Keepline, playbook: str, version: str | None, as_of: datetime | None, as_json: bool
) -> None:
    """Print one playbook in English and as YAML, and how it stands."""
    view = playbook_view(keepline.store, keepline.rulebook, playbook, keepline.moment(as_of))
    book = view.version if version is None else Lawgiver(keepline.store, keepline.rulebook).named(playbook, version)
    told = said(book, keepline.rulebook.windows)
    banner(keepline)
    if as_json:
        shown = {"shown": book.content_hash, "content": book.content, "said": told}
        show.as_json(_json(keepline, view) | shown)
        return
    show.line(f"{book.name} ({book.id}, version {short(book.content_hash)})", "bold")
    show.line(f"State: {_state(view)}{_act(view)}")
    for line in told:
        show.line(line)
    _say_fired(view)
    show.line()
    show.raw(playbook_yaml(book.content))


def _act(view: PlaybookView) -> str:
    newest = view.newest
    return "" if newest is None else f", since {newest.at:%Y-%m-%d %H:%M} by {newest.by}: {newest.because}"


def _say_fired(view: PlaybookView) -> None:
    fired, shadow = view.fired, view.in_shadow
    show.line(
        f"In 30 days it fired {fired.decisions:,} times for {fired.accounts:,} accounts and opened {fired.opened:,} "
        "escalations."
    )
    if view.shadow is not None:
        show.line(
            f"In shadow {short(view.shadow.content_hash)} fired {shadow.decisions:,} times for {shadow.accounts:,} "
            f"accounts: keepline playbooks compare {view.id}"
        )


def show_history(keepline: Keepline, playbook: str, as_json: bool) -> None:
    """Print every act on a playbook, the oldest first, with the version that it is about."""
    story = playbook_story(keepline.store, keepline.rulebook, playbook)
    banner(keepline)
    if as_json:
        content = {
            "versions": [each.model_dump(mode="json") for each in story.versions],
            "acts": [each.model_dump(mode="json") for each in story.decrees],
        }
        show.as_json(content | _mark(keepline))
        return
    rows = [
        [f"{each.at:%Y-%m-%d %H:%M}", each.act, short(each.rule_hash), each.by, each.because] for each in story.decrees
    ]
    show.table(f"What became of {playbook}", ["At", "Act", "Version", "By", "Because"], rows)
    show.line(
        f"Compare versions: keepline playbooks diff {playbook} A B. Go back: keepline playbooks rollback {playbook}"
    )


def show_difference(keepline: Keepline, playbook: str, first: str | None, second: str | None, as_json: bool) -> None:
    """Print where two versions differ."""
    before, after = _two(keepline, playbook, first, second)
    windows = keepline.rulebook.windows
    differing = changes(before, after)
    old, new = said(before, windows), said(after, windows)
    banner(keepline)
    if as_json:
        names = {"before": before.content_hash, "after": after.content_hash}
        sentences = {"said_before": old, "said_after": new}
        show.as_json(names | {"changes": [asdict(each) for each in differing]} | sentences | _mark(keepline))
        return
    names_of = f"{short(before.content_hash)} and {short(after.content_hash)}"
    if not differing:
        show.line(f"{playbook}: {names_of} say the same.")
        return
    rows = [[each.place, each.before or "", each.after or ""] for each in differing]
    show.table(f"{playbook}: {names_of}", ["Where", "Before", "After"], rows)
    show.line(marked(" ".join(old), " ".join(new)))


def _two(keepline: Keepline, playbook: str, first: str | None, second: str | None) -> tuple[Playbook, Playbook]:
    named = Lawgiver(keepline.store, keepline.rulebook).named
    if first is not None:
        return named(playbook, first), named(playbook, second)
    view = playbook_view(keepline.store, keepline.rulebook, playbook, keepline.moment(None))
    if view.shadow is not None:
        return view.version, view.shadow
    known = history(keepline.store, keepline.rulebook)
    in_file = next((book for book in known.file if book.id == playbook), view.version)
    if in_file.content_hash != view.version.content_hash:
        return view.version, in_file
    acted = [each.rule_hash for each in known.decrees if each.playbook == playbook and each.rule_hash]
    earlier = [each for each in acted if each != view.version.content_hash]
    if not earlier:
        raise KeeplineError(f"{playbook} has one version only, {short(view.version.content_hash)}")
    return known.playbook(str(earlier[-1])), view.version


def show_schema(write: Path | None) -> None:
    """Print the JSON Schema, or write it and say what to put into playbooks.yaml."""
    text = json.dumps(playbook_schema(), indent=2, ensure_ascii=False) + "\n"
    if write is None:
        show.raw(text)
        return
    try:
        write.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(write, error.strerror or str(error), "give a place that can be written") from error
    show.line(f"Wrote {write}. As the first line of playbooks.yaml, for editors that know the YAML language server:")
    show.line(f"# yaml-language-server: $schema={write}")


def _mark(keepline: Keepline) -> dict[str, Any]:
    return {"demo": True} if keepline.is_demo else {}
