"""Opens the revenue ledger over the stored facts."""

from datetime import datetime
from typing import Any

from domain.conventions import Cut, LedgerConventions, Period
from retention.ledger import Ledger, LedgerFrames, open_ledger
from retention.metrics import RetentionRow
from retention.rows import explain, retention_rows
from storage.facts import Facts


def ledger_frames(facts: Facts, by: Cut | None = None) -> LedgerFrames:
    """The frames that the ledger reads, with those that the cut needs beside them."""
    return LedgerFrames(
        facts.lines(),
        facts.accounts(),
        facts.account_segments(),
        facts.fx_rates(),
        contracts=facts.contracts() if by == "journey_stage" else None,
        tickets=facts.tickets() if by == "workflow" else None,
    )


def ledger_at(facts: Facts, as_of: datetime, conventions: LedgerConventions) -> Ledger:
    """The ledger as it stands at `as_of`."""
    return open_ledger(facts.lines(), facts.fx_rates(), as_of, conventions)


def retention(
    facts: Facts,
    period: Period,
    as_of: datetime,
    conventions: LedgerConventions,
    by: Cut | None = None,
    to_date: bool = False,
) -> list[RetentionRow]:
    """The retention rows of every window that is over at `as_of`."""
    return retention_rows(ledger_frames(facts, by), period, as_of, by, conventions, to_date)


def opened(
    facts: Facts,
    period: Period,
    window: str,
    as_of: datetime,
    conventions: LedgerConventions,
    by: Cut | None = None,
    to_date: bool = False,
) -> list[dict[str, Any]]:
    """The accounts behind one window, as `retention.rows.explain` describes them, each with the reporting currency."""
    currency = ledger_at(facts, as_of, conventions).currency
    rows = explain(ledger_frames(facts, by), period, window, as_of, by, conventions, to_date).collect()
    return [row | {"currency": currency} for row in rows.iter_rows(named=True)]
