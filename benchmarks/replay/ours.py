"""Replays as Keepline does: all accounts at every moment of the panel, and day by day as a live run would."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_rules import compared, fifty_rules
from benchmarks.replay.made_company import facts, moments, values
from rules.conditions import Condition, expression
from rules.signals import SignalWindows, account_signals
from rules.signals.panel import signal_panels

# Of so many days the fires are compared, and done by the peer.
_COMPARED = 4


def at_once(watch: Stopwatch, folder: str, days: int, rules: int) -> Answer:
    """The panel, a part of the accounts at a time, and every rule over it."""
    made, worth, every = facts(folder), values(folder), moments(days)
    conditions = fifty_rules()[:rules]
    days_compared = _compared(days)
    fires: dict[str, int] = {}
    with watch.part("replay"):
        for panel in signal_panels(made, worth, every, SignalWindows(), only=compared(conditions)):
            answers = panel.lazy().select("as_of", *_answers(conditions)).collect()
            _add(fires, answers, "all")
            for moment in days_compared:
                _add(fires, answers.filter(nw.col("as_of") == moment), f"{moment:%Y-%m-%d}")
    return _told(fires, share=1.0)


def day_by_day(watch: Stopwatch, folder: str, days: int, rules: int) -> Answer:
    """A live look on a few of the days."""
    made, worth = facts(folder), values(folder)
    conditions = fifty_rules()[:rules]
    days_compared, names = _compared(days), compared(conditions)
    fires: dict[str, int] = {}
    for moment in days_compared:
        of_day = worth.filter(nw.col("day") == moment.date()).drop("day").collect().lazy()
        with watch.part("replay"):
            signals = account_signals(replace(made, account_value=of_day), moment, SignalWindows(), only=names)
            _add(fires, signals.select(*_answers(conditions)).collect(), f"{moment:%Y-%m-%d}")
    return _told(fires, share=len(days_compared) / days)


def _told(fires: dict[str, int], share: float) -> Answer:
    """How often each rule fired; so few rows that all are compared."""
    rows = [[name, count] for name, count in sorted(fires.items())]
    return replace(Answer.of(rows, share), sample={str(row[0]): row for row in rows})


def _compared(days: int) -> Sequence[Any]:
    every = moments(days)
    return every[days // 8 :: days // _COMPARED][:_COMPARED]


def _answers(conditions: Sequence[Condition]) -> list[nw.Expr]:
    return [expression(condition).alias(f"rule {number}") for number, condition in enumerate(conditions)]


def _add(fires: dict[str, int], answers: nw.DataFrame[Any], when: str) -> None:
    sums = answers.select(nw.col(name).sum() for name in answers.columns if name != "as_of")
    for name, count in sums.rows(named=True)[0].items():
        fires[f"{name}, {when}"] = fires.get(f"{name}, {when}", 0) + int(count)
