"""Knows when an account that used to write has gone silent."""

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.measures import Count, Latest, Measure
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows


def _silent(shown: Shown) -> str:
    days = shown.values.get("days_since_last_ticket")
    return (
        "the last ticket came today" if days == 0 else f"no ticket for {shown.count('days_since_last_ticket', 'day')}"
    )


def _habit(shown: Shown) -> str:
    windows = shown.windows
    tickets = shown.count("tickets_in_habit_window", "ticket")
    return f"{tickets} in the {windows.habit_days} days before the last {windows.silence_days}"


SIGNALS = (
    Signal(
        name="days_since_last_ticket", kind="days", unit="days", noun="days since the last ticket",
        meaning="Whole days since the account's newest ticket.",
        unknown_when="the account wrote no ticket in the last {ticket_history_days} days",
        phrase=_silent,
    ),
    Signal(
        name="tickets_in_habit_window", kind="number", unit="tickets",
        noun="tickets in the {habit_days} days before the last {silence_days}",
        meaning="Whether the account used to write: its tickets in the {habit_days} days that ended "
        "{silence_days} days ago.",
        unknown_when="never; no ticket is 0",
        phrase=_habit,
    ),
)  # fmt: skip


def takes(windows: SignalWindows) -> tuple[Measure, ...]:
    """What the silence needs of the tickets."""
    return (
        Latest("_last_ticket_at", serves=("days_since_last_ticket",)),
        Count("_since_silence", windows.silence_days, serves=("tickets_in_habit_window",)),
        Count("_since_habit", windows.silence_days + windows.habit_days, serves=("tickets_in_habit_window",)),
    )


def columns(standpoint: Standpoint) -> list[nw.Expr]:
    """The signals from what was taken (Int64, no nulls in the counts)."""
    return [
        standpoint.days_since("_last_ticket_at").alias("days_since_last_ticket"),
        (nw.col("_since_habit") - nw.col("_since_silence")).alias("tickets_in_habit_window"),
    ]
