"""Knows the signals: what each account's facts say about it at a moment."""

from rules.signals.account import SIGNALS, account_signals, facts_read
from rules.signals.facts import SignalFacts
from rules.signals.signal import Shown, Signal, Value
from rules.signals.windows import SignalWindows

__all__ = ["SIGNALS", "Shown", "Signal", "SignalFacts", "SignalWindows", "Value", "account_signals", "facts_read"]
