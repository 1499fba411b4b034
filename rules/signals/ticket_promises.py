"""Knows how the promises made for a ticket stand: what was broken, what is overdue, and how long until the next is."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.signal import Shown, Signal
from rules.signals.ticket_facts import Rows

_NO_TARGET = "nothing was ever promised for the ticket"
_NONE_RUNS = "no clock of the ticket runs towards a deadline: nothing was promised, all is kept or broken, or it stands"


def _left(shown: Shown) -> str:
    target = str(shown.values.get("next_target") or "target").replace("_", " ")
    return f"{shown.length('time_to_breach')} left until the {target} is due"


SIGNALS = (
    Signal(
        name="ticket_breaches", kind="number", unit="breaches", noun="broken targets of the ticket",
        meaning="Targets of the ticket that were missed, whether their wait goes on or not.", unknown_when=_NO_TARGET,
        phrase=lambda shown: shown.count("ticket_breaches", "broken target"),
    ),
    Signal(
        name="ticket_overdue", kind="number", unit="targets", noun="overdue targets of the ticket",
        meaning="Targets of the ticket that were missed and are still not met.", unknown_when=_NO_TARGET,
        phrase=lambda shown: shown.count("ticket_overdue", "overdue target"),
    ),
    Signal(
        name="time_to_breach", kind="duration", unit="elapsed", noun="time left to the next deadline",
        meaning="Time on the wall's clock until the next deadline of the ticket passes, if nothing is done.",
        unknown_when=_NONE_RUNS, phrase=_left, shows=("next_target",),
    ),
    Signal(
        name="target_used", kind="number", unit="share", noun="share of a target's time that is gone",
        meaning="How much of a target's time is gone, of the running or standing clock with the largest share; 1 is "
        "the deadline.",
        unknown_when="no clock of the ticket runs or stands before its deadline",
        phrase=lambda shown: f"{shown.percent('target_used')} of a target's time gone",
    ),
    Signal(
        name="next_target", kind="text", unit="", noun="the target that is due next",
        meaning="What is due at the next deadline: first_reply, next_reply and so on.", unknown_when=_NONE_RUNS,
        phrase=lambda shown: f"next due: {str(shown.values.get('next_target')).replace('_', ' ')}",
    ),
)  # fmt: skip


def promises(clocks: Rows, clock: Clock) -> list[Rows]:
    """Frames of ticket_id and the signals of this module; no row where there is nothing.

    `clocks` are those of the tickets at the moment, as `rules.sla.clock.clocks` tells them.
    """
    goes_on = nw.col("fulfilled_at").is_null() & nw.col("ended_at").is_null()
    promised = clocks.filter(~nw.col("target_seconds").is_null())
    overdue = (goes_on & (nw.col("state") == "breached")).cast(nw.Int64)
    broken = promised.group_by("ticket_id").agg(
        (~nw.col("breached_at").is_null()).cast(nw.Int64).sum().alias("ticket_breaches"),
        overdue.sum().alias("ticket_overdue"),
    )
    waits = promised.filter(goes_on, nw.col("state").is_in(["running", "paused"]))
    used = (nw.col("spent_seconds") / nw.col("target_seconds")).alias("used")
    shares = waits.filter(nw.col("target_seconds") > 0).select("ticket_id", used)
    running = waits.filter(nw.col("state") == "running", ~nw.col("deadline_at").is_null())
    nearest = running.sort("deadline_at", "metric").unique("ticket_id", keep="first", maintain_order=True)
    left = (nw.col("deadline_at") - nw.lit(clock.as_of)).dt.total_seconds().alias("time_to_breach")
    return [
        broken,
        shares.group_by("ticket_id").agg(nw.col("used").max().alias("target_used")),
        nearest.select("ticket_id", left, nw.col("metric").alias("next_target")),
    ]
