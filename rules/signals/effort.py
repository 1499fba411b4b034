"""Knows how much an account's people had to do before their tickets were solved."""

from collections.abc import Iterator

import narwhals as nw

from rules.signals.facts import SignalFacts
from rules.signals.measures import Events, Happening, mean, mean_of
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


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """Sums and numbers of the solved tickets; of a ticket that was solved several times its last solving counts."""
    if facts.efforts is None:
        return []
    takes = [
        take
        for figure, column in _FIGURES.items()
        for length, window in _LENGTHS.items()
        for take in mean_of(f"{figure}_{length}", nw.col(column), getattr(windows, window))
    ]
    longest = max(windows.effort_days, windows.effort_long_days)
    return [Events(facts.efforts, at="solved_at", days=longest, newest_of="ticket_id", takes=tuple(takes))]


def columns(facts: SignalFacts) -> list[nw.Expr]:
    """The signals (Float64)."""
    if facts.efforts is None:
        return [nw.lit(None, dtype=nw.Float64).alias(signal.name) for signal in SIGNALS]
    return [mean(signal.name) for signal in SIGNALS]
