"""Knows what a figure consists of: its value, how sure it is, its tier, and what has changed."""

from typing import Literal

from domain.records import Name, Record, UtcDatetime

Verdict = Literal["better", "worse", "more", "fewer", "same", "no clear change", "too few"]
Tier = Literal["excellent", "good", "below", "too few"]


class Times(Record):
    """Whole seconds of n cases; `low` and `high` hold the median in 95 of 100 samples, None for fewer than six."""

    mean: float
    median: int
    p90: int
    low: int | None
    high: int | None


class Grade(Record):
    """The tier of a figure, and the target that it was held against."""

    tier: Tier
    target: Name


class Change(Record):
    """What has changed since the window before; `low` and `high` hold the difference in 95 of 100 samples.

    Counts are no samples: they have no interval, and are more or fewer.
    """

    verdict: Verdict
    before: float | None
    before_n: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None


class Figure(Record):
    """One KPI in one window `[since, until)`, of one slice (None: of all).

    * n: cases in the figure; pending: not decided at the window's end; unknown: the facts do not say
    * value: seconds (the median, counted as the settings say), a share 0..1, points −100..100, or a number of tickets;
      None where there is none, and `withheld` says why
    * low, high: hold a sampled value in 95 of 100 samples
    * mean: of CSAT answers brought to 0..100
    """

    kpi: Name
    title: Name
    kind: Name
    slice: str | None = None
    since: UtcDatetime
    until: UtcDatetime
    n: int
    pending: int
    unknown: int
    value: float | None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    business: Times | None = None
    elapsed: Times | None = None
    grade: Grade | None = None
    references: tuple[Name, ...] = ()
    change: Change | None = None
    withheld: str | None = None
