"""Computes every account's signals at a moment and decides which playbooks apply."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import narwhals as nw

from jobs.efforts import solved_efforts, tickets_open
from jobs.ledger import ledger_frames
from jobs.playbooks_in_force import InForce
from jobs.rulebook import Rulebook
from retention.ledger import LedgerFrames, carries_revenue, open_ledger
from retention.values import values_on
from retention.windows import utc_day
from rules.evaluation import Evaluation, evaluate
from rules.signals import SignalFacts, account_signals, facts_read
from rules.signals.churn_risk import ChurnModel
from rules.signals.derived import Derived
from rules.signals.panel import signal_panels
from rules.text.sentiment import READER
from storage.facts import Facts
from storage.frames import Frame

# From the signals of all accounts, those of the open tickets.
SeeTickets: TypeAlias = Callable[[nw.DataFrame[Any]], nw.DataFrame[Any]]
_READERS = 2
_UNDERSTOOD = ("en",)
_DAYS_AT_ONCE = 30
_ROWS_AT_ONCE = 400_000


@dataclass(frozen=True)
class Evaluated:
    """What was seen and decided: a row of signals per account, the decisions, and the currency of the money in them.

    `by` are the playbooks that decided, `shadow` is what the versions in shadow would have decided.
    """

    signals: nw.DataFrame[Any]
    evaluation: Evaluation
    currency: str
    by: InForce
    shadow: Evaluation


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
        [signals], currency = self.signals_at([as_of])
        return signals, currency

    def signals_at(self, moments: Sequence[datetime]) -> tuple[list[nw.DataFrame[Any]], str]:
        """The same for many moments."""
        ledger = open_ledger(self.ledger.lines, self.ledger.fx_rates, max(moments), self.rulebook.ledger)
        days = sorted({utc_day(moment) for moment in moments})
        worth = nw.concat([
            values_on(ledger, self.facts.contracts, self.ledger.fx_rates, part).collect() for part in _in_parts(days)
        ])  # fmt: skip
        facts = replace(self.facts, currency=ledger.currency)
        if len(set(moments)) == 1:
            seen = self._seen(facts, worth.drop("day").lazy(), moments[0])
            return [seen] * len(moments), ledger.currency
        return self._seen_at_once(facts, worth.lazy(), moments), ledger.currency

    def each_moment(self, moments: Sequence[datetime]) -> Iterator[tuple[nw.DataFrame[Any], str]]:
        """What `signals` tells of every moment, in their order, with as many at a time as fit."""
        most = max(1, _ROWS_AT_ONCE // max(1, self.facts.accounts.select(nw.len()).collect().item()))
        for start in range(0, len(moments), most):
            found, currency = self.signals_at(moments[start : start + most])
            yield from ((signals, currency) for signals in found)

    def _seen(self, facts: SignalFacts, value: Frame, as_of: datetime) -> nw.DataFrame[Any]:
        bands, valued = self.rulebook.ledger.bands, replace(facts, account_value=value)
        return account_signals(valued, as_of, self.rulebook.windows, bands, self.only).collect()

    def _seen_at_once(self, facts: SignalFacts, values: Frame, moments: Sequence[datetime]) -> list[nw.DataFrame[Any]]:
        different, bands = sorted(set(moments)), self.rulebook.ledger.bands
        parts = list(signal_panels(facts, values, different, self.rulebook.windows, bands, self.only))
        rows = nw.concat(parts).sort("as_of", "account_id").drop("as_of")
        # A panel has every account once at every moment.
        accounts = len(rows) // len(different)
        place = {moment: number * accounts for number, moment in enumerate(different)}
        return [rows[place[moment] : place[moment] + accounts] for moment in moments]

    def evaluated(
        self,
        as_of: datetime,
        force: InForce,
        standing: nw.DataFrame[Any] | None = None,
        tickets: SeeTickets | None = None,
        seen: tuple[nw.DataFrame[Any], str] | None = None,
    ) -> Evaluated:
        """Which of the playbooks in force apply to which accounts and tickets at `as_of`, and why.

        `standing` are the spells of their rules that were open before; `tickets` sees the open tickets of the moment,
        None where no playbook asks for them. `seen` is what `signals` tells of the moment, where it was asked before.
        """
        signals, currency = seen or self.signals(as_of)
        windows = self.rulebook.windows
        open_tickets = None if tickets is None else tickets(signals)
        acting, shadow = (
            evaluate(signals, books, as_of, currency, windows=windows, standing=standing, tickets=open_tickets)
            for books in (force.active, force.shadow)
        )
        return Evaluated(signals, acting, currency, force, shadow)


def _in_parts(days: list[date]) -> Iterator[list[date]]:
    """Each line stands in the ledger's plan once a day, so that not all days fit at once."""
    yield from (days[start : start + _DAYS_AT_ONCE] for start in range(0, len(days), _DAYS_AT_ONCE))


def look(
    facts: Facts, rulebook: Rulebook, first: datetime, last: datetime, only: Collection[str] | None = None
) -> Sight:
    """Read what the signals of every moment in `[first, last]` need, all of them or those of the names `only`."""
    derived = _derived(facts, rulebook)
    windows, needed = rulebook.windows, {"contracts", *facts_read(None if only is None else derived.rest_on(only))}
    heard_since = first - timedelta(days=windows.evidence_history_days)
    readings: dict[str, Callable[[], Frame | None]] = {
        "tickets": lambda: facts.ticket_times(windows.tickets_since(first), last),
        "recent_tickets": lambda: facts.ticket_issues(windows.recent_tickets_since(first), last),
        "placed_tickets": lambda: facts.placed_tickets(windows.recent_tickets_since(first), last),
        "messages": lambda: facts.messages(windows.messages_since(first), last),
        "readings": lambda: facts.sentiments(READER),
        "reopenings": lambda: facts.reopenings(windows.messages_since(first), last),
        "evidence": lambda: facts.evidence(rulebook.evidence().reader, heard_since, last),
        "unheard": lambda: facts.unheard(rulebook.evidence().reader, _UNDERSTOOD, heard_since, last),
        "contracts": facts.contracts,
        "usage_days": facts.usage_days,
        "surveys": facts.surveys,
        "predictions": facts.predictions,
        "efforts": lambda: solved_efforts(facts, windows.solved_since(first), last),
        "open_stretches": lambda: tickets_open(facts, windows.histories_since(first), last),
        "first_replies": lambda: facts.backlog(windows.histories_since(first), last).first_replies(),
        "paid_lines": lambda: facts.lines().filter(carries_revenue()).select("account_id", "starts_on"),
        "onboarded": lambda: facts.onboarded(windows.onboarding_workflows),
        "payments": facts.payments,
        "touches": facts.touches,
        "account_fields": facts.account_fields,
        "sla_breaches": facts.sla_breaches,
        "sla_promised": facts.sla_promised,
    }
    # Rows leave a database outside of Python's lock: what is read side by side takes as long as the largest.
    with ThreadPoolExecutor(_READERS) as readers:
        reading = {name: readers.submit(read) for name, read in readings.items() if name in needed}
        ledger = ledger_frames(facts)
        frames: dict[str, Any] = dict.fromkeys(readings, ledger.accounts) | {
            name: each.result() for name, each in reading.items()
        }
    seen = SignalFacts(
        currency="",
        accounts=ledger.accounts,
        account_segments=ledger.segments,
        account_value=ledger.accounts,
        easy_end=rulebook.kpis.easy_end,
        usage_since=facts.first_used_on() if "usage_days" in needed else None,
        onboarding_days=rulebook.ledger.onboarding_days,
        renewal_days=rulebook.ledger.renewal_days,
        derived=derived,
        **frames,
    )
    return Sight(seen, ledger, rulebook, only)


def _derived(facts: Facts, rulebook: Rulebook) -> Derived:
    learned = facts.churn_models()
    models = tuple(ChurnModel(each.content, each.trained_at, each.withdrawn_at) for each in learned)
    return Derived(rulebook.health.scorecard, models)
