"""Computes every account's signals at a moment and decides which playbooks apply."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import narwhals as nw

from jobs.ledger import ledger_frames
from jobs.rulebook import Rulebook
from retention.ledger import LedgerFrames, open_ledger
from retention.values import account_values
from rules.evaluation import Evaluation, evaluate
from rules.signals import SignalFacts, account_signals
from rules.text.sentiment import READER
from storage.facts import Facts

_READERS = 2


@dataclass(frozen=True)
class Evaluated:
    """What was seen and decided: a row of signals per account, the decisions, and the currency of the money in them."""

    signals: nw.DataFrame[Any]
    evaluation: Evaluation
    currency: str


@dataclass(frozen=True)
class Sight:
    """The facts that every moment of a span looks at, read once; what is later than the moment is not seen."""

    facts: SignalFacts
    ledger: LedgerFrames
    rulebook: Rulebook

    def signals(self, as_of: datetime) -> tuple[nw.DataFrame[Any], str]:
        """A row per account with every signal at `as_of`, and the reporting currency."""
        ledger = open_ledger(self.ledger.lines, self.ledger.fx_rates, as_of, self.rulebook.ledger)
        value = account_values(ledger, self.facts.contracts, self.ledger.fx_rates)
        seen = replace(self.facts, account_value=value, currency=ledger.currency)
        signals = account_signals(seen, as_of, self.rulebook.windows, self.rulebook.ledger.bands)
        return signals.collect(), ledger.currency

    def evaluated(self, as_of: datetime) -> Evaluated:
        """Which playbooks apply to which accounts at `as_of`, and why."""
        signals, currency = self.signals(as_of)
        evaluation = evaluate(signals, self.rulebook.playbooks, as_of, currency, windows=self.rulebook.windows)
        return Evaluated(signals, evaluation, currency)


def look(facts: Facts, rulebook: Rulebook, first: datetime, last: datetime) -> Sight:
    """Read what the signals of every moment in `[first, last]` need."""
    windows = rulebook.windows
    # Rows leave a database outside of Python's lock: what is read side by side takes as long as the largest.
    with ThreadPoolExecutor(_READERS) as readers:
        tickets = readers.submit(facts.ticket_times, windows.tickets_since(first), last)
        recent_tickets = readers.submit(facts.ticket_issues, windows.recent_tickets_since(first), last)
        messages = readers.submit(facts.messages, windows.messages_since(first), last)
        readings = readers.submit(facts.readings, READER)
        usage_days = readers.submit(facts.usage_days)
        ledger = ledger_frames(facts)
        seen = SignalFacts(
            currency="",
            accounts=ledger.accounts,
            account_segments=ledger.segments,
            tickets=tickets.result(),
            recent_tickets=recent_tickets.result(),
            messages=messages.result(),
            readings=readings.result(),
            contracts=facts.contracts(),
            account_value=ledger.accounts,
            usage_days=usage_days.result(),
            surveys=facts.surveys(),
            sla_breaches=facts.sla_breaches(),
            sla_promised=facts.sla_promised(),
        )
    return Sight(seen, ledger, rulebook)
