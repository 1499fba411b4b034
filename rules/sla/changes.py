"""Says in words what a change of terms changed for a ticket, and what in the facts had led to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.durations import Length
from rules.signals import SIGNALS, SignalWindows
from rules.signals.ticket import TICKET_WORDS
from rules.sla.terms import Terms

_LONGEST = 500
_UNITS = ((3600, "h"), (60, "m"), (1, "s"))
_NAMES = {**SIGNALS, **TICKET_WORDS}


def why_changed(
    old: Terms | None, new: Terms | None, priority: str | None, before: Mapping[str, Any], now: Mapping[str, Any]
) -> str:
    """What changed for a ticket of that priority: `days to renewal 95 → 45; policy default → renewal; resolution …`.

    `before` and `now` are the values that the choices of the policy rested on.
    """
    parts = [*_inputs(before, now), *_terms(old, new, priority or "unknown")]
    return "; ".join(parts)[:_LONGEST] or "the same, written otherwise"


def spelled(length: Length | None) -> str:
    """A length as a policy would write it: `1h 30m business`, `none`."""
    if length is None:
        return "none"
    left, parts = length.seconds, []
    for size, unit in _UNITS:
        amount, left = divmod(left, size)
        parts += [f"{amount}{unit}"] if amount else []
    return f"{' '.join(parts) or '0s'} {length.counting}"


def _inputs(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name, value in now.items():
        if name in before and before[name] != value:
            noun = _NAMES[name].named(SignalWindows()) if name in _NAMES else name
            yield f"{noun} {_said(before[name])} → {_said(value)}"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "unknown" if value is None else str(value)


def _terms(old: Terms | None, new: Terms | None, priority: str) -> Iterator[str]:
    if old is None or new is None:
        yield f"policy {old.policy if old else 'none'} → {new.policy if new else 'none'}"
        return
    if old.policy != new.policy:
        yield f"policy {old.policy} → {new.policy}"
    if old.calendar_name != new.calendar_name:
        yield f"calendar {old.calendar_name} → {new.calendar_name}"
    elif old.calendar != new.calendar:
        yield f"calendar {new.calendar_name} has other hours or days"
    for metric in dict.fromkeys((*old.targets, *new.targets)):
        was, is_now = (each.targets.get(metric, {}).get(priority) for each in (old, new))
        if was != is_now:
            yield f"{metric} {spelled(was)} → {spelled(is_now)}"
    if old.pauses != new.pauses:
        yield "other statuses stop the clocks"
    if old.grace != new.grace:
        yield f"grace {spelled(old.grace)} → {spelled(new.grace)}"
