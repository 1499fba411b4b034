"""Knows how a family of signals says once what it counts, so that one moment and many are computed from the same words.

A family names the rows that happen to accounts and what is to be taken of them:

    def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Events | States]:
        return [
            Events(
                facts.tickets, at="created_at", days=windows.ticket_history_days,
                takes=(
                    Count("tickets_7d", windows.spike_days),
                    Count("_urgent", windows.spike_days, where=nw.col("priority") == "urgent"),
                    Latest("_last_ticket_at"),
                ),
            )
        ]

and says in `columns(standpoint, …)` what follows from the taken columns: `standpoint.days_since("_last_ticket_at")`.
In `_PARTS` of rules/signals/account.py it stands as `_Part(SIGNALS, reads, happenings=…, columns=…)`. For one moment
`rules/signals/taking.py` groups the rows, for many `rules/signals/grid.py` adds up what enters and leaves each window.

Laws: a row counts at `as_of` if its moment lies in `(as_of − days, as_of]`; without `days`, ever. A `Count` and a `Sum`
are Int64 and 0, not unknown, for an account without rows; all else is null there. Sums are of integers, so that no
order of adding changes them: `whole(share)` makes integers of figures, `figure(sum, count)` brings them back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import narwhals as nw

from rules.signals.facts import Frame

# A figure is kept to nine digits after the point.
_PARTS_OF_ONE = 1_000_000_000


def whole(figure: nw.Expr) -> nw.Expr:
    """A figure as whole billionths (Int64): what a `Sum` of figures adds up. At most 90 thousand times 100 fit."""
    return (figure * float(_PARTS_OF_ONE)).round(0).cast(nw.Int64)


def figure(billionths: nw.Expr, shared_by: nw.Expr) -> nw.Expr:
    """The figure (Float64) of whole billionths divided by an Int64 expression: one division, of column by column.

    An engine may divide by a number that is the same for all rows less exactly.
    """
    return billionths / (shared_by * _PARTS_OF_ONE)


@dataclass(frozen=True)
class Count:
    """How many rows, of those for which `where` holds: Int64.

    `serves` are the signals that alone need it: where none of them is asked for it may be 0 or null instead. Nothing:
    many. So too in the others.
    """

    name: str
    days: int | None = None
    where: nw.Expr | None = None
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sum:
    """The sum of `of`, an Int64 expression over the rows, for which `where` holds; null adds nothing: Int64."""

    name: str
    of: nw.Expr
    days: int | None = None
    where: nw.Expr | None = None


@dataclass(frozen=True)
class Latest:
    """The newest row's moment, null without a row: Datetime("us", "UTC")."""

    name: str
    days: int | None = None
    where: nw.Expr | None = None
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class First:
    """The oldest row's moment, null without a row: Datetime("us", "UTC")."""

    name: str
    days: int | None = None
    where: nw.Expr | None = None
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Newest:
    """The newest row's value in column `of`, the smallest of several of that moment; null without a row.

    With `from_ever` an account's first row counts for all time before it too. Where nothing is asked for
    that it serves it may be left out.
    """

    name: str
    of: str
    days: int | None = None
    where: nw.Expr | None = None
    from_ever: bool = False
    serves: tuple[str, ...] = ()


def mean_of(name: str, of: nw.Expr, days: int | None = None, where: nw.Expr | None = None) -> tuple[Sum, Count]:
    """What `mean(name)` makes the mean of a figure of: over the rows that have one."""
    has = ~of.is_null() if where is None else where & ~of.is_null()
    return Sum(f"_{name}_sum", whole(of), days, has), Count(f"_{name}_rows", days, has)


def mean(name: str) -> nw.Expr:
    """The mean of a figure (Float64) as `name`, null without a row."""
    rows = nw.col(f"_{name}_rows")
    return nw.when(rows > 0).then(figure(nw.col(f"_{name}_sum"), rows)).alias(name)


Measure: TypeAlias = Count | Sum | Latest | First | Newest


def as_they_are(frame: Frame) -> Frame:
    """The rows without any preparation."""
    return frame


@dataclass(frozen=True)
class Events:
    """Rows that happen at a moment: account_id, the moment in column `at`, and what the measures look at.

    `days` bounds how far back any measure looks: older rows are left out before anything else is done, and measures
    without `days` of their own look so far. With `dates`, `at` is a Date: a day counts from its end on, so that
    7 days are the 7 whole days before today (of a moment's running day nothing is known).
    `prepare` is applied to the rows that are left: it may drop, join or add up rows of one and the same moment, such as
    by `unique()`, but never look from one moment at another. Of rows alike in `newest_of` only those of the newest
    moment count: a ticket's last solving. `until` is a column with the moment from which on a row no longer counts
    (null: still); such rows can only be counted and summed up.
    """

    frame: Frame
    at: str
    takes: tuple[Measure, ...]
    days: int | None = None
    dates: bool = False
    prepare: Callable[[Frame], Frame] = as_they_are
    newest_of: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class States:
    """The smallest value of column `of` among an account's rows that are in force: as `name`, null without one.

    A row is in force at `as_of` from each moment of `since` on (a null is never) and before each moment of `until`
    (a null is without end); of dates that is the beginning of the UTC day. `always` are columns in which a null means
    "without beginning".
    """

    frame: Frame
    name: str
    of: str
    since: tuple[str, ...]
    until: tuple[str, ...]
    always: tuple[str, ...] = ()


Happening: TypeAlias = Events | States


def counted(happenings: list[Happening]) -> list[str]:
    """The names of the taken columns that are 0, not null, for an account without rows."""
    events = (one for one in happenings if isinstance(one, Events))
    return [take.name for one in events for take in one.takes if isinstance(take, Count | Sum)]
