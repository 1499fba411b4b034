"""Knows what a signal is: a named value of an account that may be unknown, and how it is said in a sentence."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from domain.money import with_currency
from rules.signals.windows import SignalWindows

Kind = Literal["number", "money", "days", "text", "date", "duration"]
Value: TypeAlias = int | float | str | date | None


@dataclass(frozen=True)
class Shown:
    """What a phrase may draw on: the account's values by signal name, the reporting currency and the windows.

    Money values are integer cents of `currency`; None is unknown.
    """

    values: Mapping[str, Value]
    currency: str
    windows: SignalWindows

    def number(self, name: str, digits: int | None = None) -> str:
        """The value of `name` with at most `digits` decimals (an integer has none), `unknown` where it is unknown."""
        value = self.values.get(name)
        if value is None or isinstance(value, str | date):
            return "unknown" if value is None else str(value)
        if isinstance(value, int) and digits is None:
            return f"{value:,}"
        return f"{value:,.{1 if digits is None else digits}f}".replace("-", "−")

    def money(self, name: str) -> str:
        value = self.values.get(name)
        return with_currency(value, self.currency, digits=0) if isinstance(value, int) else "unknown"

    def count(self, name: str, one: str, many: str | None = None) -> str:
        """`1 ticket`, `9 tickets`, `an unknown number of tickets`."""
        value = self.values.get(name)
        plural = many or f"{one}s"
        if value is None:
            return f"an unknown number of {plural}"
        return f"{self.number(name)} {one if value == 1 else plural}"

    def percent(self, name: str, signed: bool = False) -> str:
        """A share as whole percent, `+50 %` where it is signed."""
        value = self.values.get(name)
        if not isinstance(value, int | float):
            return "unknown"
        return f"{value * 100:{'+' if signed else ''},.0f} %".replace("-", "−")

    def length(self, name: str) -> str:
        """A length of time by its two largest units, `26h 5m`; business time knows no days."""
        value = self.values.get(name)
        if not isinstance(value, int):
            return "unknown"
        hours, minutes = divmod(abs(value) // 60, 60)
        parts = [f"{hours:,}h"] * bool(hours) + [f"{minutes}m"] * (bool(minutes) or not hours)
        return f"{'−' * (value < 0)}{' '.join(parts)}"

    def listed(self, name: str) -> str:
        """The words of a value that holds several: `vip, billing`; empty where it holds none."""
        return ", ".join(several_words(self.values.get(name)) or ())


Phrase: TypeAlias = Callable[[Shown], str]


def several_words(value: Value) -> tuple[str, ...] | None:
    """The words of a value that holds several, which is kept as JSON text; None where it is unknown."""
    return None if value is None else tuple(map(str, json.loads(str(value))))


@dataclass(frozen=True)
class Signal:
    """One value of an account, or of a ticket.

    `noun` names it inside a rule's sentence, `phrase` states an account's value inside a reason. `noun`, `meaning` and
    `unknown_when` may name windows in braces. `shows` are further signals that the phrase prints.

    A duration is in seconds (Int64), counted as its `unit` says: `business` or `elapsed`.

    Of text: `words` are all that it can be, if they are known; `several` says that it holds any number of words at
    once, as JSON text; `also` is a column with a second name for the same thing, and a comparison looks at both.
    """

    name: str
    kind: Kind
    unit: str
    noun: str
    meaning: str
    unknown_when: str
    phrase: Phrase
    shows: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    several: bool = False
    also: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a comparison looks at."""
        return (self.name,) if self.also is None else (self.name, self.also)

    def named(self, windows: SignalWindows) -> str:
        """The signal's noun with the configured lengths: `tickets in 7 days`."""
        return self.noun.format(**windows.model_dump())

    def meant(self, windows: SignalWindows) -> str:
        """What the value says, with the configured lengths."""
        return self.meaning.format(**windows.model_dump())

    def missing(self, windows: SignalWindows) -> str:
        """When the value is unknown, with the configured lengths."""
        return self.unknown_when.format(**windows.model_dump())
