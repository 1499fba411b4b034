"""Gathers what credit is cut and opened by: whose work each touch was, segments, replies, and failures of support."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from jobs.kpis import require_by_agent
from jobs.ledger import ledger_frames
from jobs.reasons import path_facts
from jobs.settle import Desk
from retention.attribution import MODELS, Amount, model_named
from retention.credit_cuts import CreditBook
from retention.credit_report import CreditCut, CreditedOutcome, CreditReport
from retention.credited_work import find, opened
from retention.failures import failure_book
from retention.reasons.proposing import propose
from retention.reasons.segments import segments_of
from retention.touch_details import with_details


@dataclass(frozen=True)
class CreditDesk(Desk):
    """Credit for the outcomes of `[since, until)`."""

    since: datetime | None = None
    until: datetime | None = None

    @cached_property
    def book(self) -> CreditBook:
        """Outcomes and the work before them."""
        facts, settled = self.facts, self.settlement
        touches = with_details(
            settled.touches, facts.touches(), facts.tickets(until=self.as_of), facts.escalations(),
            facts.escalation_steps(),
        )  # fmt: skip
        when = settled.outcomes.select("outcome_id", "account_id", "happened_at")
        segments = segments_of(when, ledger_frames(facts), settled.rates, self.rulebook.ledger.bands)
        end = min(self.until or self.as_of, self.as_of)
        return CreditBook(
            settled.outcomes, touches.collect().lazy(), settled.accounts, settled.rates, end,
            self.since or end - timedelta(days=365), segments, self.rulebook.credit,
        )  # fmt: skip

    @cached_property
    def failures(self) -> CreditBook:
        """The same outcomes with the failures of support on their paths."""
        proposals = propose(path_facts(self.store, self.rulebook, self.settlement, self.as_of, self.book.since))
        return failure_book(self.book, proposals.pieces.lazy(), proposals.failures())

    def report(self, by: CreditCut = "kind", of: Amount = "kept", model: str | None = None) -> CreditReport:
        """Credit by all models, or one, in one cut.

        Raises:
            NotFound: no such model.
            KeeplineError: by agent, where that is switched off.
        """
        if by == "agent":
            require_by_agent(self.rulebook, by)
        models = MODELS if model is None else (model_named(model),)
        return (self.failures if by == "failure" else self.book).report(by, of, models)

    def opened(self, name: str, of: Amount = "kept", model: str | None = None) -> tuple[CreditedOutcome, ...]:
        """An outcome, an account's outcomes, or a ticket's part in outcomes, touch by touch and reply by reply.

        Raises:
            NotFound: no such model, or nothing of that name.
        """
        models = MODELS if model is None else (model_named(model),)
        found = find(self.book, name, of)
        # Nothing that counts is older than the look-back.
        oldest = (self.book.since or self.as_of) - 3 * timedelta(days=self.rulebook.credit.look_back_days)
        return opened(self.book, found, self.facts.messages(oldest, self.as_of), of, models)
