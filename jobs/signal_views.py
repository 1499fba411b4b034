"""Says what each signal is now over all accounts, and which playbooks and parts of health look at it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jobs.evaluate import look
from jobs.playbooks_in_force import in_force
from jobs.rulebook import Rulebook
from jobs.signal_rows import signal_named
from rules.playbooks import Playbook
from rules.signals import Signal, Value
from rules.signals.rows import behind
from storage.store import Store

_MOST_WORDS = 12


@dataclass(frozen=True)
class Spread:
    """How a signal's values lie: of numbers and dates the quartiles with both ends, of text the most frequent words."""

    known: int
    unknown: int
    quartiles: tuple[Value, ...] = ()
    words: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class SignalView:
    """A signal with what looks at it, the facts behind it, and how it lies over the accounts at a moment."""

    signal: Signal
    playbooks: tuple[str, ...]
    health_parts: tuple[str, ...]
    facts: tuple[str, ...]
    spread: Spread
    currency: str


def view_signal(store: Store, rulebook: Rulebook, name: str, as_of: datetime) -> SignalView:
    """One signal at a moment.

    Raises:
        NotFound: there is no signal of that name.
    """
    signal = signal_named(rulebook, name)
    table, currency = look(store.facts(), rulebook, as_of, as_of, [name]).signals(as_of)
    force = in_force(store, rulebook, as_of)
    parts = tuple(part.name for part in rulebook.health.scorecard.parts if name in part.scales)
    facts = tuple(dict.fromkeys(each.fact for each in behind(name)))
    users = tuple(each.id for each in (*force.active, *force.shadow) if name in _compared(each))
    return SignalView(signal, users, parts, facts, spread_of(table[name].to_list()), currency)


def _compared(playbook: Playbook) -> set[str]:
    conditions = [each for each in (playbook.when, playbook.clear_when) if each is not None]
    return {name for condition in conditions for name in condition.signals()}


def spread_of(values: list[Any]) -> Spread:
    """How values lie; null is unknown. A quartile is a value that there is: the lower one of two."""
    known = sorted((each for each in values if each is not None), key=lambda each: each)
    unknown = len(values) - len(known)
    if not known:
        return Spread(0, unknown)
    if isinstance(known[0], str):
        counts = {word: known.count(word) for word in dict.fromkeys(known)}
        most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:_MOST_WORDS]
        return Spread(len(known), unknown, words=tuple(most))
    last = len(known) - 1
    return Spread(len(known), unknown, quartiles=tuple(_plain(known[last * part // 4]) for part in range(5)))


def _plain(value: Any) -> Value:
    return value if isinstance(value, int | float | date) else str(value)
