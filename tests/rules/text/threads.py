"""Threads written by hand, with the sentences that somebody who takes a ticket over must know."""

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.tickets import AuthorKind, Message

BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
_AUTHORS: dict[str, AuthorKind] = {"C": "customer", "A": "agent", "B": "bot"}
_MARKED = re.compile("«(!?)([^»]*)»")


@dataclass(frozen=True)
class Thread:
    """A thread, the sentences that are wanted, and the one that is wanted above all."""

    name: str
    messages: tuple[Message, ...]
    wanted: tuple[str, ...]
    key: str


def threads(name: str) -> list[Thread]:
    """The threads of a file beside this one."""
    written = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
    return [_thread(each["name"], each["text"]) for each in written["thread"]]


def said(author: AuthorKind, text: str, number: int = 0, **more: object) -> Message:
    """A public message; `number` orders it in its thread."""
    return Message.model_validate(
        {
            "source": "files", "external_id": f"m{number}", "ticket_ref": "T-1", "author_kind": author, "text": text,
            "sent_at": BEGINS + timedelta(hours=number), **more,
        }
    )  # fmt: skip


def first_and_last(messages: Sequence[Message], split: Callable[[str], list[str]], most: int) -> list[str]:
    """What a lead does without help: read the thread's first sentences and its last."""
    sentences = [each for message in messages for each in split(message.text)]
    return [*sentences[: most - most // 2], *sentences[-(most // 2) :]]


def longest(messages: Sequence[Message], split: Callable[[str], list[str]], most: int) -> list[str]:
    """The sentences with the most characters."""
    sentences = [each for message in messages for each in split(message.text)]
    return sorted(sentences, key=len, reverse=True)[:most]


def _thread(name: str, text: str) -> Thread:
    marked = _MARKED.findall(text)
    plain = _MARKED.sub(lambda found: found[2], text)
    messages: list[Message] = []
    for line in re.split(r"\n\n(?=[CAB]: )", plain.strip()):
        author, _, words = line.partition(": ")
        messages.append(said(_AUTHORS[author], words, len(messages)))
    return Thread(name, tuple(messages), tuple(told for _, told in marked), next(told for key, told in marked if key))
