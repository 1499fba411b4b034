"""Knows what a digest is laid out in: sections of facts and rows, the same for text and HTML."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Tone = Literal["plain", "good", "bad"]


@dataclass(frozen=True)
class Fact:
    """A number with its name and its meaning."""

    label: str
    shown: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One entry of a list: whose, how much, when, and what there is to know. `mark` is a word set apart."""

    title: str
    amount: str
    when: str
    detail: str
    mark: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Section:
    """A part of the digest. `empty` says what to do where there are no rows; `command` opens the numbers."""

    title: str
    command: str
    facts: tuple[Fact, ...] = ()
    rows: tuple[Row, ...] = ()
    more: int = 0
    empty: str = ""
    has_trend: bool = False


def day(on: date) -> str:
    """`5 Jun 2024`."""
    return f"{on.day} {on:%b %Y}"


def moment(at: datetime) -> str:
    """`5 Jun, 14:00 UTC`."""
    return f"{at.day} {at:%b, %H:%M} UTC"
