"""Knows how two wordings of a playbook differ: word by word, and as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from rules.conditions import sentence
from rules.playbooks import Playbook
from rules.signals import SignalWindows


@dataclass(frozen=True)
class Change:
    """One place that says something else: where it is, and what stands there before and after; None is nothing."""

    place: str
    before: str | None
    after: str | None


def changes(before: Playbook | None, after: Playbook | None) -> list[Change]:
    """Every place at which two wordings differ, in the order of a playbook's words; None is a playbook that is not."""
    old, new = _flat(before.content if before else {}), _flat(after.content if after else {})
    places = dict.fromkeys((*old, *new))
    return [Change(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def said(playbook: Playbook, windows: SignalWindows | None = None) -> list[str]:
    """The playbook in English, a sentence a line: when, for how long, what then."""
    about = "ticket" if playbook.about_tickets else "account"
    lines = [f"For each {about}: {sentence(playbook.when, windows)}."]
    lines += _time(playbook, windows)
    lines.append(f"It opens one {playbook.priority} escalation of the family {playbook.family} at a time.")
    lines += [
        f"{number}. {step.do}, by {step.owner} within {step.within}." for number, step in enumerate(playbook.steps, 1)
    ]
    lines.append(
        f"Once closed, the family is quiet for {playbook.cooldown}; untouched, it expires "
        f"{playbook.expires_after} after it last applied."
    )
    if playbook.holdout is not None:
        lines.append(f"{playbook.holdout.share} of the accounts up to {playbook.holdout.max_arr} go without, by lot.")
    return lines


def _time(playbook: Playbook, windows: SignalWindows | None) -> Iterator[str]:
    if playbook.hold_for is not None:
        yield f"It must have held for {playbook.hold_for}."
    if playbook.clear_when is not None:
        yield f"Once on, it is over only when {sentence(playbook.clear_when, windows)}."
    if playbook.valid_from is not None:
        yield f"It counts from {playbook.valid_from}."
    if playbook.valid_until is not None:
        yield f"It counts until {playbook.valid_until}."


def marked(before: str, after: str) -> str:
    """One sentence made of two, word by word: `at least [-5-] {+6+}` tells what went and what came."""
    old, new = before.split(), after.split()
    parts: list[str] = []
    for kind, start, end, begin, stop in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts += old[start:end]
            continue
        parts += [f"[-{' '.join(old[start:end])}-]"] if end > start else []
        parts += [f"{{+{' '.join(new[begin:stop])}+}}"] if stop > begin else []
    return " ".join(parts)


def _flat(content: Any, place: str = "") -> dict[str, str]:
    if isinstance(content, Mapping):
        parts = [(f"{place}.{word}" if place else str(word), part) for word, part in content.items()]
    elif isinstance(content, Sequence) and not isinstance(content, str):
        parts = [(f"{place}[{number}]", part) for number, part in enumerate(content, start=1)]
    else:
        return {place: str(content)}
    return {name: text for where, part in parts for name, text in _flat(part, where).items()}
