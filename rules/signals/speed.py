"""Knows how fast an account's tickets were answered and solved lately, against what is normal for the account itself.

Elapsed time, nights and weekends included: it is held against the account's own, which had them too. The typical time
is the geometric mean, of which one ticket that lay for months does not make a slow month; what took less than a minute
counts as a minute. Each solving counts, from when the ticket was created.
"""

import narwhals as nw

from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Count, Events, Happening, Sum, whole
from rules.signals.measures import figure as mean_of
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows

_LEAST_SECONDS = 60
_FIGURES = {"first_reply": "first reply", "resolution": "solution"}
_FEW = "fewer than {speed_min_tickets} tickets of the account were "
_DONE = {"first_reply": "answered for the first time", "resolution": "solved"}


def _slow(figure: str, shown: Shown) -> str:
    took = f"{_FIGURES[figure]} takes {shown.length(f'{figure}_time_30d')}"
    return f"{took}, {shown.number(f'{figure}_ratio_30d', 1)} times the usual {shown.length(f'{figure}_time_usual')}"


def _signals(figure: str) -> tuple[Signal, ...]:
    what, done = _FIGURES[figure], _DONE[figure]
    return (
        Signal(
            name=f"{figure}_time_30d", kind="duration", unit="elapsed",
            noun=f"time to the {what} in {{speed_days}} days",
            meaning=f"Typical time from a ticket's creation until it was {done}, over those that were in the last "
            "{speed_days} days: the geometric mean of elapsed time.",
            unknown_when=f"{_FEW}{done} in these days",
            phrase=lambda s: f"{what} takes {s.length(f'{figure}_time_30d')} in {s.windows.speed_days} days",
        ),
        Signal(
            name=f"{figure}_time_usual", kind="duration", unit="elapsed", noun=f"usual time to the {what}",
            meaning="The same over the {speed_usual_days} days before the last {speed_days}: the account's normal.",
            unknown_when=f"fewer than twice {{speed_min_tickets}} tickets of the account were {done} in these days",
            phrase=lambda s: f"{what} usually takes {s.length(f'{figure}_time_usual')}",
        ),
        Signal(
            name=f"{figure}_ratio_30d", kind="number", unit="times the usual",
            noun=f"time to the {what} in {{speed_days}} days",
            meaning=f"{figure}_time_30d ÷ {figure}_time_usual, to four decimals; above 1 it takes longer than usual.",
            unknown_when="one of the two is unknown", phrase=lambda s: _slow(figure, s),
            shows=(f"{figure}_time_30d", f"{figure}_time_usual"),
        ),
    )  # fmt: skip


SIGNALS = tuple(signal for figure in _FIGURES for signal in _signals(figure))


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """How many tickets were answered and solved, lately and before, and the logarithms of the seconds that it took."""
    if facts.first_replies is None or facts.open_stretches is None:
        return []
    answered = facts.first_replies.select("account_id", "created_at", done_at="first_replied_at")
    solved = facts.open_stretches.filter(nw.col("solved")).select("account_id", "created_at", done_at="until")
    return [_done(answered, "first_reply", windows), _done(solved, "resolution", windows)]


def _done(done: Frame, figure: str, windows: SignalWindows) -> Events:
    took = (nw.col("done_at") - nw.col("created_at")).dt.total_seconds().clip(_LEAST_SECONDS)
    days = windows.speed_days
    takes = (
        Count(f"_{figure}_done"),
        Count(f"_{figure}_late", days),
        Sum(f"_{figure}_logs", whole(took.log())),
        Sum(f"_{figure}_late_logs", whole(took.log()), days),
    )
    linked = done.filter(~nw.col("account_id").is_null())
    return Events(linked, "done_at", takes, days=days + windows.speed_usual_days)


def columns(facts: SignalFacts, windows: SignalWindows) -> list[nw.Expr]:
    """Every signal of this module: times Int64 seconds, ratios Float64."""
    if facts.first_replies is None or facts.open_stretches is None:
        types = {signal.name: nw.Int64 if signal.kind == "duration" else nw.Float64 for signal in SIGNALS}
        return [nw.lit(None, kind).alias(name) for name, kind in types.items()]
    return [column for figure in _FIGURES for column in _compared(figure, windows)]


def _compared(figure: str, windows: SignalWindows) -> list[nw.Expr]:
    late, late_logs = nw.col(f"_{figure}_late"), nw.col(f"_{figure}_late_logs")
    early, logs = nw.col(f"_{figure}_done") - late, nw.col(f"_{figure}_logs") - late_logs
    now = nw.when(late >= windows.speed_min_tickets).then(mean_of(late_logs, late))
    usual = nw.when(early >= 2 * windows.speed_min_tickets).then(mean_of(logs, early))
    return [
        now.exp().round(0).cast(nw.Int64).alias(f"{figure}_time_30d"),
        usual.exp().round(0).cast(nw.Int64).alias(f"{figure}_time_usual"),
        (now - usual).exp().round(4).alias(f"{figure}_ratio_30d"),
    ]
