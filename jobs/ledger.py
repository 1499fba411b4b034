"""Opens the revenue ledger over the stored facts."""

from dataclasses import replace
from datetime import datetime

from domain.conventions import Cut, LedgerConventions, Period
from jobs.account_names import named
from jobs.rulebook import Rulebook
from retention.families import as_counted
from retention.ledger import Ledger, LedgerFrames, open_ledger
from retention.metrics import RetentionRow
from retention.opened import Opened, open_window
from retention.report.billing import Reconciliation, reconciliation
from retention.report.building import FiguresReport, build_report
from retention.report.cohorts import CohortTable, cohort_table
from retention.report.scheduled import Scheduled, scheduled
from retention.rows import find_window, retention_rows
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
    """The ledger as it stands at `as_of`, each account by itself."""
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
    window: str,
    as_of: datetime,
    conventions: LedgerConventions,
    by: Cut | None = None,
    to_date: bool = False,
    only: str | None = None,
    account: str | None = None,
) -> Opened:
    """One window with its accounts and lines, or one slice of it, or one account by name or id.

    Raises:
        NotFound: there is no such window, slice or account.
    """
    frames = ledger_frames(facts, by)
    wanted = named(frames.accounts.collect().rows(named=True), account)["id"] if account else None
    return open_window(frames, window, as_of, by, conventions, to_date, only, wanted)


def figures_report(facts: Facts, rulebook: Rulebook, as_of: datetime) -> FiguresReport:
    """The figures of the whole, beside the benchmarks of the configuration."""
    return build_report(ledger_frames(facts), as_of, rulebook.ledger, rulebook.benchmarks)


def cohorts(facts: Facts, as_of: datetime, conventions: LedgerConventions) -> CohortTable:
    """What of each signup quarter is still there, by its age."""
    frames = as_counted(ledger_frames(facts), conventions)
    return cohort_table(open_ledger(frames.lines, frames.fx_rates, as_of, conventions))


def scheduled_to_leave(facts: Facts, as_of: datetime, conventions: LedgerConventions) -> Scheduled:
    """What is in force at `as_of`, and what of it will leave."""
    frames = as_counted(replace(ledger_frames(facts), contracts=facts.contracts()), conventions)
    return scheduled(open_ledger(frames.lines, frames.fx_rates, as_of, conventions), frames)


def billing_reconciliation(
    facts: Facts, as_of: datetime, conventions: LedgerConventions, opened: str | None = None
) -> Reconciliation:
    """The ledger beside what billing and contracts say, with the accounts of one month, by default the last.

    Raises:
        NotFound: the ledger has no such whole month.
    """
    frames = as_counted(replace(ledger_frames(facts), contracts=facts.contracts()), conventions)
    ledger = open_ledger(frames.lines, frames.fx_rates, as_of, conventions)
    if opened is not None:
        find_window(ledger, "month", opened)
    return reconciliation(ledger, frames, opened)
