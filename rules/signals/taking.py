"""Takes the measures of one moment: groups the rows that the moment sees."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame
from rules.signals.measures import Count, Events, First, Happening, Latest, Measure, Newest, States, Sum


def taken(happening: Happening, clock: Clock) -> list[Frame]:
    """Frames of account_id and the measures' columns; an account without rows may be missing."""
    if isinstance(happening, States):
        return [_in_force(happening, clock)]
    seen = _seen(happening, clock)
    grouped = [_aggregate(take, happening, clock) for take in happening.takes if not isinstance(take, Newest)]
    newest = [_newest(seen, take, happening, clock) for take in happening.takes if isinstance(take, Newest)]
    return [*([seen.group_by("account_id").agg(*grouped)] if grouped else []), *newest]


def _seen(events: Events, clock: Clock) -> Frame:
    """The rows up to the moment, no older than asked for."""
    known = events.frame.filter(_known(events, clock))
    if events.days is not None:
        known = known.filter(_since(events, events.days, clock))
    seen = events.prepare(known)
    if events.newest_of is not None:
        seen = seen.filter(nw.col(events.at) == nw.col(events.at).max().over(events.newest_of))
    if events.until is not None:
        seen = seen.filter(nw.col(events.until).is_null() | ~clock.known(events.until))
    return seen


def _known(events: Events, clock: Clock) -> nw.Expr:
    return nw.col(events.at) < clock.today if events.dates else clock.known(events.at)


def _since(events: Events, days: int, clock: Clock) -> nw.Expr:
    begun = clock.ago(days)
    return nw.col(events.at) >= begun.date() if events.dates else nw.col(events.at) > begun


def _chosen(take: Measure, events: Events, clock: Clock) -> nw.Expr | None:
    """Which of the rows that the moment sees the measure takes; None is all."""
    if take.days is None or take.days == events.days:
        return take.where
    inside = _since(events, take.days, clock)
    return inside if take.where is None else inside & take.where


def _aggregate(take: Measure, events: Events, clock: Clock) -> nw.Expr:
    chosen = _chosen(take, events, clock)
    if isinstance(take, Count):
        return (nw.len() if chosen is None else chosen.sum()).alias(take.name)
    column = take.of if isinstance(take, Sum) else nw.col(events.at)
    kept = column if chosen is None else nw.when(chosen).then(column)
    how = {Sum: kept.sum, Latest: kept.max, First: kept.min}[type(take)]
    return how().alias(take.name)


def _newest(seen: Frame, take: Newest, events: Events, clock: Clock) -> Frame:
    if take.from_ever:
        # A row ahead is looked at only where it is the account's first: so it was already then, as far as is known.
        every = events.prepare(events.frame)
        every = every if take.where is None else every.filter(take.where)
        first = nw.col(events.at) == nw.col(events.at).min().over("account_id")
        rows = every.filter(_known(events, clock) | first)
    else:
        chosen = _chosen(take, events, clock)
        rows = seen if chosen is None else seen.filter(chosen)
    newest = rows.filter(nw.col(events.at) == nw.col(events.at).max().over("account_id"))
    return newest.group_by("account_id").agg(nw.col(take.of).min().alias(take.name))


def _in_force(states: States, clock: Clock) -> Frame:
    schema = states.frame.collect_schema()

    def now(column: str) -> object:
        return clock.today if schema[column] == nw.Date else clock.as_of

    since = [
        nw.col(name).is_null() | (nw.col(name) <= now(name)) if name in states.always else nw.col(name) <= now(name)
        for name in states.since
    ]
    until = [nw.col(name).is_null() | (nw.col(name) > now(name)) for name in states.until]
    running = states.frame.filter(*since, *until)
    return running.group_by("account_id").agg(nw.col(states.of).min().alias(states.name))
