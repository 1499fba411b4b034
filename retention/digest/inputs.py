"""Knows what the weekly digest is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from domain.effects import SaveDecision
from domain.imports import ImportedFile
from domain.playbooks import HeldBackAlert
from retention.digest.content import RuleToReview, SupportKpis
from retention.digest.weeks import Week
from retention.fx import RateTable
from retention.incremental_report import Incremental
from retention.ledger import Frame
from retention.metrics import RetentionRow


@dataclass(frozen=True)
class DigestInputs:
    """The facts at one moment. Frames have the columns that storage hands out; nothing after `as_of` is looked at.

    * outcomes: `episodes.followed`; touches: `touches.all_touches`
    * messages need no text; readings are of one reader
    * months, quarters, years: `rows.retention_rows` of each period up to `as_of`, oldest first
    * reasons: for the outcomes that lost something in the week, the reason in a few words
    * unknown_signals: for each signal, for how many accounts it is unknown
    * kpis: support's key figures, measured elsewhere; None where no ticket is known
    * incremental: the estimate over all accounts at risk; answers: what persons said of saves and losses
    * held_back: what the week's days had no room for; rules_to_review: what is proposed of which rule
    * grr_alerts: where gross retention fell or stands below its floor, in sentences
    * arr_alone_cents: of the accounts that no helpdesk customer and no ticket is linked to
    * rejected: rows that were put aside; contradictions: how many claims of the sources contradict each other
    """

    as_of: datetime
    week: Week
    company: str
    is_demo: bool
    rates: RateTable
    accounts: Frame
    contracts: Frame
    lines: Frame
    tickets: Frame
    messages: Frame
    readings: Frame
    surveys: Frame
    escalations: Frame
    steps: Frame
    outcomes: Frame
    touches: Frame
    months: Sequence[RetentionRow] = ()
    quarters: Sequence[RetentionRow] = ()
    years: Sequence[RetentionRow] = ()
    files: Sequence[ImportedFile] = ()
    unknown_signals: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    kpis: SupportKpis | None = None
    incremental: Incremental = field(default_factory=Incremental)
    answers: Mapping[str, SaveDecision] = field(default_factory=dict)
    held_back: Sequence[HeldBackAlert] = ()
    rules_to_review: Sequence[RuleToReview] = ()
    grr_alerts: Sequence[str] = ()
    arr_alone_cents: int = 0
    rejected: int = 0
    contradictions: int = 0
    ledger: LedgerConventions = field(default_factory=LedgerConventions)
    credit: CreditConventions = field(default_factory=CreditConventions)
    digest: DigestConventions = field(default_factory=DigestConventions)

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.rates.reporting_currency
