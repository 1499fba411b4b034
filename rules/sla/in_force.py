"""Knows which calendar counts for each ticket, and which policies are in force at its moment by their dates."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

import narwhals as nw

from rules.conditions import expression
from rules.sla.policy import Policy, SlaDocument

Tickets: TypeAlias = nw.LazyFrame[Any] | nw.DataFrame[Any]
Moment: TypeAlias = datetime | nw.Expr


def placed(document: SlaDocument, tickets: Tickets, as_of: Moment) -> Tickets:
    """The frame with `_at`, the moment that a row stands at, and `_chosen`, the number of the calendar for it."""
    names = list(document.calendars)
    fitting = (
        nw.when(expression(rule.when)).then(nw.lit(names.index(rule.calendar), nw.Int64))
        for rule in document.calendar_for
    )
    chosen = nw.coalesce(*fitting, nw.lit(names.index(document.calendar), nw.Int64))
    at = nw.lit(as_of) if isinstance(as_of, datetime) else as_of
    return tickets.with_columns(at.alias("_at"), chosen.alias("_chosen"))


def in_force(document: SlaDocument, policy: Policy) -> nw.Expr | None:
    """Whether a policy's dates include a row's moment, over the columns of `placed`; None: it has no dates."""
    if policy.valid_from is None and policy.valid_until is None:
        return None
    if policy.calendar is not None:
        return _within(policy, document.calendars[policy.calendar].zone)
    return reduce(or_, (nw.col("_chosen").is_in(numbers) & _within(policy, zone) for zone, numbers in _zones(document)))


def _zones(document: SlaDocument) -> Iterator[tuple[str, list[int]]]:
    zones: dict[str, list[int]] = {}
    for number, calendar in enumerate(document.calendars.values()):
        zones.setdefault(calendar.zone, []).append(number)
    yield from zones.items()


def _within(policy: Policy, zone: str) -> nw.Expr:
    first, end = policy.period(zone)
    at, always = nw.col("_at"), nw.lit(True)
    return (always if first is None else at >= first) & (always if end is None else at < end)
