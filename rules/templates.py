"""Knows how a message is written with an account's facts in braces, and puts the facts in.

`{name}` and nothing else: no attribute, index, conversion or format is looked at, so that a text reaches no more than
the facts. What is not known is said as unknown.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from domain.money import to_cents, with_currency
from domain.records import Name
from rules.signals import Signal
from rules.words import unknown_word

FURTHER_FACTS = ("account", "because", "owner", "playbook", "ticket")
_FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def _well_formed(text: str) -> str:
    left = _FIELD.sub("", text)
    brace = next((sign for sign in left if sign in "{}"), None)
    if brace is not None:
        place = " ".join(left[max(left.index(brace) - 10, 0) :].split())[:40]
        raise ValueError(f"{place!r}: braces hold one fact's name and nothing else, such as {{account}} or {{acv}}")
    return text


Template = Annotated[Name, AfterValidator(_well_formed), Field(examples=["{account} renews in {days_to_renewal} days"])]


def fields(text: str) -> tuple[str, ...]:
    """The facts that a template names, each once, in their order."""
    return tuple(dict.fromkeys(_FIELD.findall(text)))


def unknown_fields(text: str, vocabulary: Mapping[str, Signal]) -> Iterable[str]:
    """What is to be said of each name that is neither a signal nor one of the further facts."""
    known = (*FURTHER_FACTS, *vocabulary)
    strange = (name for name in fields(text) if name not in FURTHER_FACTS and name not in vocabulary)
    return (unknown_word(name, known, "fact in a message") for name in strange)


def render(text: str, facts: Mapping[str, str]) -> str:
    """The text with its facts; those that are missing are unknown."""
    return _FIELD.sub(lambda found: facts.get(found[1]) or "unknown", text)


def told_facts(inputs: Mapping[str, Any], vocabulary: Mapping[str, Signal], currency: str | None) -> dict[str, str]:
    """A decision's inputs as people read them, those that are unknown left out."""
    return {name: _told(value, vocabulary.get(name), currency) for name, value in inputs.items() if value is not None}


def _told(value: Any, signal: Signal | None, currency: str | None) -> str:
    if signal is not None and signal.kind == "money" and currency is not None:
        return with_currency(to_cents(str(value), currency), currency, digits=0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.isoformat() if isinstance(value, date) else str(value)
    if signal is not None and signal.unit == "share":
        return f"{value * 100:,.0f} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
