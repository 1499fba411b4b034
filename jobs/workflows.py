"""Ranks workflows by what to mend first, keeps what persons change in them, and judges what a change brought."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches

from domain.errors import NotFound
from domain.reasons import WorkflowChange
from jobs.reasons import losses
from jobs.rulebook import Rulebook
from jobs.settle import Settlement
from retention.reasons.losses import LossReport
from retention.workflows.changes import ChangeReport, compared
from retention.workflows.scoring import (
    AccountPart,
    WorkflowReport,
    WorkflowScore,
    accounts_of,
    blamed_tickets,
    score_workflows,
)
from retention.workflows.trend import Month, trend
from retention.workflows.work import WorkFacts
from rules.text.sentiment import READER
from storage.reasons import PathReader, ReasonBook
from storage.store import Store

_YEAR = timedelta(days=365)
# What a trend of twelve months and a running one reaches back to.
_TREND = timedelta(days=13 * 31)


@dataclass(frozen=True)
class WorkflowView:
    """One workflow: its score, the accounts and tickets behind it, its months, and what its changes brought."""

    score: WorkflowScore
    accounts: tuple[AccountPart, ...]
    blamed_tickets: tuple[str, ...]
    months: tuple[Month, ...]
    changes: tuple[ChangeReport, ...]


class Workflows:
    """The workflows of one database at a moment, by the losses and the work of `[since, as_of]` (a year by default)."""

    def __init__(self, store: Store, rulebook: Rulebook, as_of: datetime, since: datetime | None = None) -> None:
        self._store, self._rulebook, self._as_of = store, rulebook, as_of
        self.since = since or as_of - _YEAR
        self._settled = Settlement(store.facts(), rulebook, as_of)

    def report(self) -> WorkflowReport:
        """All workflows, the first to mend first."""
        return score_workflows(self._work(self.since), self._losses(self.since), self.since)

    def view(self, name: str) -> WorkflowView:
        """One workflow opened.

        Raises:
            NotFound: no ticket is of that workflow.
        """
        changes = [change for change in ReasonBook(self._store.engine).changes() if change.noted_at <= self._as_of]
        ours = [change for change in changes if change.workflow == name]
        before = timedelta(days=self._rulebook.workflows.compared_days)
        first = min(
            [
                self.since,
                self._as_of - _TREND,
                *(_day(change.changed_on) - before for change in ours),
            ]
        )
        work, lost, all_lost = self._work(first), self._losses(self.since), self._losses(first)
        scores = score_workflows(work, lost, self.since).workflows
        score = next((each for each in scores if each.workflow == name), None)
        if score is None:
            raise NotFound(_no_workflow(name, [each.workflow for each in scores]))
        return WorkflowView(
            score=score,
            accounts=accounts_of(work, lost, self.since, name),
            blamed_tickets=blamed_tickets(lost, name),
            months=trend(work, all_lost, ours, name),
            changes=tuple(compared(work, all_lost, change, changes) for change in ours),
        )

    def note_change(self, workflow: str, on: date, hope: str, by: str, at: datetime) -> WorkflowChange:
        """Keep that a workflow was changed on a day, and what is hoped for.

        Raises:
            NotFound: no ticket is of that workflow.
        """
        book, known = ReasonBook(self._store.engine), [each.workflow for each in self.report().workflows]
        if workflow not in known:
            raise NotFound(_no_workflow(workflow, known))
        taken = {change.change_id for change in book.changes(withdrawn=True)}
        change = WorkflowChange(
            change_id=_free_id(workflow, on, taken),
            workflow=workflow,
            changed_on=on,
            hope=hope,
            noted_by=by,
            noted_at=at,
        )
        book.note_change(change)
        return change

    def withdraw(self, change_id: str, at: datetime) -> None:
        """Take a change back; it stays on record.

        Raises:
            NotFound: no such change stands.
        """
        book = ReasonBook(self._store.engine)
        if not book.withdraw_change(change_id, at):
            standing = ", ".join(change.change_id for change in book.changes()) or "none is noted"
            raise NotFound(f"no change {change_id!r} stands: {standing}")

    def changes(self) -> list[WorkflowChange]:
        """The changes that stand."""
        return ReasonBook(self._store.engine).changes()

    def _losses(self, since: datetime) -> LossReport:
        return losses(self._store, self._rulebook, self._as_of, since, self._settled)

    def _work(self, since: datetime) -> WorkFacts:
        facts, reader, as_of = self._store.facts(), PathReader(self._store.engine), self._as_of
        return WorkFacts(
            as_of=as_of,
            accounts=self._settled.accounts,
            # All of them: replies of this time may be on older tickets.
            tickets=facts.tickets(until=as_of),
            messages=facts.messages(since, as_of),
            readings=facts.sentiments(READER),
            changes=reader.changes(since, as_of),
            breaches=reader.breaches(since, as_of),
            touches=facts.touches(),
            escalations=facts.escalations(),
            rates=self._settled.rates,
            minutes_per_touch=self._rulebook.costs.minutes_per_touch,
            conventions=self._rulebook.workflows,
        )


def _day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _no_workflow(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"no ticket is of the workflow {name!r}; {meant}There are: {', '.join(sorted(known)) or 'none'}"


def _free_id(workflow: str, on: date, taken: set[str]) -> str:
    plain = f"{re.sub(r'[^a-z0-9]+', '-', workflow.lower()).strip('-')}-{on}"
    number = next(n for n in range(1, len(taken) + 2) if (plain if n == 1 else f"{plain}-{n}") not in taken)
    return plain if number == 1 else f"{plain}-{number}"
