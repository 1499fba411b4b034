"""Knows all signals of a ticket: what a playbook about tickets can compare beside the signals of the account."""

from rules.signals import (
    ticket_history,
    ticket_issues,
    ticket_moods,
    ticket_promises,
    ticket_state,
    ticket_talk,
)
from rules.signals.signal import Signal
from rules.signals.ticket import TICKET_WORDS

_ALL = (
    *TICKET_WORDS.values(),
    *ticket_state.SIGNALS,
    *ticket_talk.SIGNALS,
    *ticket_history.SIGNALS,
    *ticket_moods.SIGNALS,
    *ticket_promises.SIGNALS,
    *ticket_issues.SIGNALS,
)
TICKET_SIGNALS: dict[str, Signal] = {signal.name: signal for signal in _ALL}
