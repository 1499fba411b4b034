"""Computes every account's signals at a moment and decides which playbooks apply."""

from collections.abc import Callable, Collection
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
from rules.signals import SignalFacts, account_signals, facts_read
from rules.text.sentiment import READER
from storage.facts import Facts
from storage.frames import Frame

_READERS = 2


@dataclass(frozen=True)
class Evaluated:
    """What was seen and decided: a row of signals per account, the decisions, and the currency of the money in them."""

    signals: nw.DataFrame[Any]
    evaluation: Evaluation
    currency: str


@dataclass(frozen=True)
class Sight:
    """The facts that every moment of a span looks at, read once; what is later than the moment is not seen.

    With `only`, the signals of these names alone can be seen.
    """

    facts: SignalFacts
    ledger: LedgerFrames
    rulebook: Rulebook
    only: Collection[str] | None = None

    def signals(self, as_of: datetime) -> tuple[nw.DataFrame[Any], str]:
        """A row per account with the signals at `as_of`, and the reporting currency."""
        ledger = open_ledger(self.ledger.lines, self.ledger.fx_rates, as_of, self.rulebook.ledger)
        value = account_values(ledger, self.facts.contracts, self.ledger.fx_rates)
        seen = replace(self.facts, account_value=value, currency=ledger.currency)
        windows, bands = self.rulebook.windows, self.rulebook.ledger.bands
        signals = account_signals(seen, as_of, windows, bands, self.only)
        return signals.collect(), ledger.currency

    def evaluated(self, as_of: datetime) -> Evaluated:
        """Which playbooks apply to which accounts at `as_of`, and why."""
        signals, currency = self.signals(as_of)
        evaluation = evaluate(signals, self.rulebook.playbooks, as_of, currency, windows=self.rulebook.windows)
        return Evaluated(signals, evaluation, currency)


def look(
    facts: Facts, rulebook: Rulebook, first: datetime, last: datetime, only: Collection[str] | None = None
) -> Sight:
    """Read what the signals of every moment in `[first, last]` need, all of them or those of the names `only`."""
    windows, needed = rulebook.windows, {"contracts", *facts_read(only)}
    readings: dict[str, Callable[[], Frame]] = {
        "tickets": lambda: facts.ticket_times(windows.tickets_since(first), last),
        "recent_tickets": lambda: facts.ticket_issues(windows.recent_tickets_since(first), last),
        "messages": lambda: facts.messages(windows.messages_since(first), last),
        "readings": lambda: facts.readings(READER),
        "contracts": facts.contracts,
        "usage_days": facts.usage_days,
        "surveys": facts.surveys,
        "sla_breaches": facts.sla_breaches,
        "sla_promised": facts.sla_promised,
    }
    # Rows leave a database outside of Python's lock: what is read side by side takes as long as the largest.
    with ThreadPoolExecutor(_READERS) as readers:
        reading = {name: readers.submit(read) for name, read in readings.items() if name in needed}
        ledger = ledger_frames(facts)
        frames = dict.fromkeys(readings, ledger.accounts) | {name: each.result() for name, each in reading.items()}
    seen = SignalFacts(
        currency="",
        accounts=ledger.accounts,
        account_segments=ledger.segments,
        account_value=ledger.accounts,
        **frames,
    )
    return Sight(seen, ledger, rulebook, only)
