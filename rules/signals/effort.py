"""Knows how much an account's people had to do before their tickets were solved."""

from collections.abc import Iterator

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.signal import Phrase, Signal
from rules.signals.windows import SignalWindows

_FIGURES = {"replies_to_solve": "replies", "asked_again": "asked_again", "channel_switches": "channel_switches"}
_LENGTHS = {"30d": "effort_days", "90d": "effort_long_days"}
_NOUNS = {
    "replies_to_solve": "replies until solved",
    "asked_again": "times asked again",
    "channel_switches": "changes of the channel",
}
_MEANINGS = {
    "replies_to_solve": "Agents' replies until a ticket was solved",
    "asked_again": "How often a customer wrote again without having had an answer",
    "channel_switches": "Changes of the channel until a ticket was solved",
}
_UNKNOWN = {
    "replies_to_solve": "no ticket with a message was solved in these days",
    "asked_again": "no ticket with a message was solved in these days",
    "channel_switches": "no ticket with a history was solved in these days",
}


def _phrase(figure: str, length: str) -> Phrase:
    name = f"{figure}_{length}"
    return lambda shown: (
        f"{shown.number(name)} {_NOUNS[figure]} a ticket over {getattr(shown.windows, _LENGTHS[length])} days"
    )


def _signals() -> Iterator[Signal]:
    for figure in _FIGURES:
        for length, window in _LENGTHS.items():
            yield Signal(
                name=f"{figure}_{length}", kind="number", unit="a ticket",
                noun=f"{_NOUNS[figure]} a ticket in {{{window}}} days",
                meaning=f"{_MEANINGS[figure]}: the mean over the tickets solved in the last {{{window}}} days.",
                unknown_when=_UNKNOWN[figure], phrase=_phrase(figure, length),
            )  # fmt: skip


SIGNALS = tuple(_signals())


def effort(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id and the signals (Float64); of a ticket that was solved several times its last solving counts."""
    if facts.efforts is None:
        unknown = [nw.lit(None, dtype=nw.Float64).alias(signal.name) for signal in SIGNALS]
        return facts.accounts.select(nw.col("id").alias("account_id"), *unknown)
    longest = max(windows.effort_days, windows.effort_long_days)
    solved = facts.efforts.filter(clock.within("solved_at", longest), ~nw.col("account_id").is_null())
    last = solved.filter(nw.col("solved_at") == nw.col("solved_at").max().over("ticket_id"))
    return last.group_by("account_id").agg(
        nw.when(clock.within("solved_at", getattr(windows, _LENGTHS[length])))
        .then(nw.col(column)).mean().alias(f"{figure}_{length}")
        for figure, column in _FIGURES.items()
        for length in _LENGTHS
    )  # fmt: skip
