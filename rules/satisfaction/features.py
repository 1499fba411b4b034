"""Knows what of a ticket may speak for or against its customer's satisfaction, and how it is said."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import narwhals as nw

from rules.satisfaction.changes import broken_promises, changes
from rules.satisfaction.facts import Frame, TicketFacts, TicketHistory
from rules.satisfaction.talk import counted, repeated, sounded, spoken, waits, witnessed

Group = Literal["process", "sentiment", "text"]
_DAY_HOURS = 48
_DESK = (7, 19)
_SATURDAY = 6


@dataclass(frozen=True)
class Feature:
    """One figure of a ticket; with `log` it counts by its order of magnitude. `said` puts its value into words."""

    name: str
    group: Group
    noun: str
    said: Callable[[float], str]
    log: bool = False


def _hours(value: float) -> str:
    return f"{value / 24:.1f} days" if value >= _DAY_HOURS else f"{value:.1f} hours"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _points(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")


def _yes(value: float) -> str:
    return "yes" if value == 1 else "no" if value == 0 else f"{value:.0%}"


FEATURES = (
    Feature("first_reply_hours", "process", "wait for the first reply", _hours, log=True),
    Feature("longest_wait_hours", "process", "longest wait", _hours, log=True),
    Feature("waited_hours", "process", "waits in all", _hours, log=True),
    Feature("hours_to_solve", "process", "time until it was solved", _hours, log=True),
    Feature("replies", "process", "replies", _number, log=True),
    Feature("customer_messages", "process", "messages of the customer", _number, log=True),
    Feature("asked_again", "process", "asked again without an answer", _number, log=True),
    Feature("reopenings", "process", "reopenings", _number, log=True),
    Feature("handoffs", "process", "hand-offs", _number, log=True),
    Feature("channel_switches", "process", "changes of the channel", _number, log=True),
    Feature("escalated", "process", "escalated", _yes),
    Feature("priority_raised", "process", "priority raised", _yes),
    Feature("breaches", "process", "broken promises", _number, log=True),
    Feature("on_weekend", "process", "begun on a weekend", _yes),
    Feature("out_of_hours", "process", "begun in the evening or at night", _yes),
    Feature("last_sentiment", "sentiment", "sentiment of the customer's last word", _points),
    Feature("mean_sentiment", "sentiment", "mean sentiment", _points),
    Feature("lowest_sentiment", "sentiment", "lowest sentiment", _points),
    Feature("customer_characters", "text", "characters that the customer wrote", _number, log=True),
    Feature("said_again", "text", "sentences said again", _number, log=True),
    Feature("speaks_of_leaving", "text", "places that speak of leaving", _number, log=True),
    Feature("praises", "text", "places that praise", _number, log=True),
)
NAMES = tuple(feature.name for feature in FEATURES)
LOGS = frozenset(feature.name for feature in FEATURES if feature.log)
BY_NAME = {feature.name: feature for feature in FEATURES}


def features(cases: Frame, facts: TicketFacts) -> Frame:
    """A row per case, by case: its own columns and every feature as Float64, null where it is unknown.

    `cases` has case, ticket_id, created_at (UTC) and seen_at. Nothing later than `seen_at` is looked at. Counts of a
    ticket without any message are unknown, as are those of changes for one without a history, and broken promises for
    one that nothing was promised for.

    Source: docs/text.md, "Satisfaction before the survey".
    """
    talk = spoken(cases, facts)
    by_case = [
        counted(talk), waits(talk), sounded(talk, facts), changes(cases, facts), broken_promises(cases, facts),
        repeated(talk, facts), witnessed(talk, facts),
    ]  # fmt: skip
    wide = reduce(lambda known, more: known.join(more, on="case", how="left"), by_case, cases)
    has_text = ~nw.col("customer_messages").is_null()
    none = [nw.when(has_text).then(nw.col(name).fill_null(0)).alias(name) for name in _COUNTED_WHERE_READ]
    own = list(cases.collect_schema().names())
    figures = [nw.col(name).cast(nw.Float64) for name in NAMES]
    return wide.with_columns(*_of_the_beginning(), *none).select(*own, *figures).sort("case")


_COUNTED_WHERE_READ = ("said_again", "speaks_of_leaving", "praises")


def efforts(cases: Frame, facts: TicketHistory) -> Frame:
    """What each solving cost the customer: ticket_id, account_id, solved_at, replies, asked_again, channel_switches.

    A row per case of `solved_cases`; counts as Float64, unknown as in `features`.
    """
    keys = cases.select("case", "ticket_id", "account_id", nw.col("seen_at").alias("solved_at"))
    talked = counted(spoken(cases, facts)).select("case", "replies", "asked_again")
    changed = changes(cases, facts).select("case", "channel_switches")
    wide = keys.join(talked, on="case", how="left").join(changed, on="case", how="left")
    names = ("replies", "asked_again", "channel_switches")
    return wide.with_columns(nw.col(name).cast(nw.Float64) for name in names).sort("case").drop("case")


def _of_the_beginning() -> list[nw.Expr]:
    created, hour = nw.col("created_at"), nw.col("created_at").dt.hour()
    hours = (nw.col("seen_at") - created).dt.total_seconds().cast(nw.Float64) / 3_600
    return [
        hours.alias("hours_to_solve"),
        (created.dt.weekday() >= _SATURDAY).cast(nw.Float64).alias("on_weekend"),
        ((hour < _DESK[0]) | (hour >= _DESK[1])).cast(nw.Float64).alias("out_of_hours"),
    ]
