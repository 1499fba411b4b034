"""Knows what stands in a weekly digest. Every section names the command that opens its numbers."""

from datetime import date
from decimal import Decimal

from domain.records import Currency, Name, Record, UtcDatetime
from retention.digest.weeks import Week
from retention.impact_report import KindShare


class Figure(Record):
    """One number of the first glance: written out, with what it means and the command that opens it."""

    label: Name
    shown: Name
    note: str
    command: Name


class KeptRow(Record):
    """Revenue that went on, and how support was part of it: `saved (touched)`, `influenced` or `no touch`."""

    account: Name
    happened_on: date
    amount: Decimal
    how: Name
    path: Name


class LostRow(Record):
    """Revenue that was lost, and what happened with the account before."""

    account: Name
    happened_on: date
    kind: Name
    amount: Decimal
    tickets: int
    tickets_open: int
    last_sentiment: int | None
    path: Name


class Decided(Record):
    """What was decided about recurring revenue in a stretch of time: ARR in the reporting currency.

    `kept` is `influenced + unattributed`; `touched` is a part of `kept`: what was claimed without what a person
    `rejected`. A person has `confirmed` a part of it.
    """

    since: UtcDatetime
    until: UtcDatetime
    at_stake: Decimal
    kept: Decimal
    lost: Decimal
    touched: Decimal
    touched_accounts: int
    rejected: Decimal
    confirmed: Decimal
    influenced: Decimal
    unattributed: Decimal
    command: Name


class Incremental(Record):
    """What help saved of the accounts at risk on record: the amount or that there is none, the verdict in words."""

    shown: Name
    said: Name
    verdict: Name | None
    command: Name


class Saved(Record):
    """The week's outcomes, and the sums of the quarter to date beside them.

    `incremental` is of all accounts at risk that were over by now, not of the week.
    """

    week: Decided
    quarter: Decided
    kept: tuple[KeptRow, ...]
    kept_more: int
    lost: tuple[LostRow, ...]
    lost_more: int
    by_kind: tuple[KindShare, ...]
    model: Name
    incremental: Incremental


class RiskRow(Record):
    """An account by its most urgent open escalation; `others` are the playbooks of its other ones.

    `due_at` is that of the next step; `arr` is None where it is unknown.
    """

    account: Name
    playbook: Name
    because: Name
    state: Name
    arr: Decimal | None
    renews_on: date | None
    opened_at: UtcDatetime
    due_at: UtcDatetime | None
    overdue: bool
    others: tuple[Name, ...] = ()


class AtRisk(Record):
    """The open queue by account. `arr` counts each account once; `escalations` and `overdue` count escalations."""

    rows: tuple[RiskRow, ...]
    more: int
    escalations: int
    accounts: int
    arr: Decimal
    arr_unknown: int
    overdue: int
    command: Name


class HeldBackRow(Record):
    """A matter that opened nothing because its owner's day was full; `arr` is None where it is unknown."""

    account: Name
    playbook: Name
    owner: Name
    arr: Decimal | None
    held_on: date
    because: Name


class HeldBack(Record):
    """What the days of the week had no room for, the weightiest first; what was opened since is only counted.

    `arr` counts each account once, `matters` are accounts and families of playbooks.
    """

    rows: tuple[HeldBackRow, ...]
    more: int
    matters: int
    accounts: int
    arr: Decimal
    arr_unknown: int
    opened_since: int
    command: Name


class RuleToReview(Record):
    """A rule that is proposed to be retired or tightened, and why."""

    playbook: Name
    proposed: Name
    because: Name


class StepRow(Record):
    """One thing to do."""

    due_at: UtcDatetime
    overdue: bool
    do: Name
    owner: Name
    account: Name
    arr: Decimal | None


class NextSteps(Record):
    """The next step for each account: what is overdue, then what is due next. `overdue` counts steps of escalations."""

    rows: tuple[StepRow, ...]
    more: int
    overdue: int
    command: Name


class RenewalRow(Record):
    """What an account has to decide on one day."""

    account: Name
    due_on: date
    arr: Decimal
    csm: str | None
    escalated: bool
    notice: bool


class Ahead(Record):
    """Renewals of the next `days` days. `arr` is `with_escalation + without_escalation`; `notice` is a part of it.

    `known` is false where no contract has a renewal date ahead at all; `without_date` counts the accounts that pay and
    have none, with their `arr_without_date`.
    """

    days: int
    rows: tuple[RenewalRow, ...]
    more: int
    count: int
    arr: Decimal
    with_escalation: Decimal
    without_escalation: Decimal
    notice: Decimal
    known: bool
    without_date: int
    arr_without_date: Decimal
    command: Name


class RatePoint(Record):
    """The rates of one window; None where its cohort is empty. The rolling ones are plain means of the last months.

    Only a whole year has tiers: the benchmarks are annual.
    """

    period: Name
    grr: float | None
    nrr: float | None
    grr_rolling: float | None
    nrr_rolling: float | None
    opening: Decimal
    closing: Decimal
    grr_tier: str | None = None
    nrr_tier: str | None = None


class Retention(Record):
    """The last complete month, quarter and year, and the months of the trend, oldest first. Amounts are MRR."""

    month: RatePoint | None
    quarter: RatePoint | None
    year: RatePoint | None
    trend: tuple[RatePoint, ...]
    rolling_months: int
    command: Name


class Workload(Record):
    """Support's work in a week, or in a mean week of several; a median or mean of nothing is None.

    `csat_answers` is how many answers the mean is of, not how many a week.
    """

    tickets: float
    resolved: float
    first_reply_hours: float | None
    csat: float | None
    csat_scale: tuple[int, int] | None
    csat_answers: int


class Load(Record):
    """The week beside the mean of the weeks before it; `before` is None where no whole week lies before."""

    week: Workload
    before: Workload | None
    weeks_before: int
    command: Name


class KpiLine(Record):
    """One of support's key figures: seconds of a time (`kind` time), a share 0..1, or points; None: no figure.

    `before` is that of the time before, `change` the verdict, `tier` the grade by its target, where it has one.
    """

    title: Name
    kind: Name
    value: float | None
    n: int
    tier: Name | None
    change: Name | None
    before: float | None


class SupportKpis(Record):
    """Support's key figures of `weeks` weeks up to the digest's; times are medians in business or elapsed time."""

    lines: tuple[KpiLine, ...]
    weeks: int
    counting: Name
    command: Name


class Source(Record):
    """One kind of record out of one source: when it was last imported. `age_days` is None if that was after `as_of`."""

    source: Name
    record: Name
    files: int
    rows: int
    rejected: int
    imported_at: UtcDatetime
    age_days: int | None
    stale: bool


class Health(Record):
    """What the reader must know about the facts behind the numbers."""

    sources: tuple[Source, ...]
    newest_ticket_at: UtcDatetime | None
    tickets: int
    tickets_unlinked: int
    arr_without_helpdesk: Decimal
    unknown_signals: dict[str, int]
    rejected: int
    contradictions: int
    unconverted: tuple[Currency, ...]
    command: Name


class Command(Record):
    """A command and what it opens."""

    opens: Name
    command: Name


class DigestContent(Record):
    """A week of support and revenue. Amounts are ARR in `currency` unless they say otherwise."""

    company: Name
    is_demo: bool
    week: Week
    as_of: UtcDatetime
    currency: Currency
    headlines: tuple[Name, ...]
    figures: tuple[Figure, ...]
    saved: Saved
    at_risk: AtRisk
    next_steps: NextSteps
    held_back: HeldBack | None = None
    rules_to_review: tuple[RuleToReview, ...] = ()
    grr_alerts: tuple[Name, ...] = ()
    ahead: Ahead
    retention: Retention
    load: Load
    kpis: SupportKpis | None
    health: Health
    conventions: tuple[Name, ...]
    commands: tuple[Command, ...]
