"""Knows which stretch of an account's life is looked at before an outcome, and the frames in which it is looked for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import narwhals as nw

from domain.reason_conventions import ReasonConventions
from retention.ledger import Frame, carries_revenue

EVIDENCE = ("outcome_id", "fact", "about", "ref", "ticket_id", "workflow", "at", "amount", "text")
UNKNOWN_WORKFLOW = "(unknown)"


@dataclass(frozen=True)
class PathFacts:
    """What the paths of outcomes are read from, as storage hands it out; only what was there at `as_of` counts.

    * outcomes: `outcomes.outcomes`; tickets, contracts, lines, churn_reports, surveys, usage_days, escalations: tables
    * messages without text, readings of one reader
    * changes: ticket_id, kind, from_value, to_value, happened_at: reopenings, and changes of agent or team
    * breaches: ticket_id, account_id, ticket_ref, metric, breached_at
    * texts: account_id, ticket_id, ref, sent_at, text of what customers wrote, for accounts that lost something
    """

    as_of: datetime
    outcomes: Frame
    contracts: Frame
    lines: Frame
    tickets: Frame
    changes: Frame
    breaches: Frame
    escalations: Frame
    messages: Frame
    readings: Frame
    surveys: Frame
    usage_days: Frame
    churn_reports: Frame
    texts: Frame
    ignored_tags: tuple[str, ...] = ()
    conventions: ReasonConventions = field(default_factory=ReasonConventions)


@dataclass(frozen=True)
class Paths:
    """Frames that several facts are found in.

    `spans`: outcome_id, account_id, kind, lost_cents, happened_at, notice_on, begins_at, ends_at. `tickets`: those
    created on a path, once for each outcome, with its outcome_id, begins_at and ends_at.
    """

    facts: PathFacts
    spans: Frame
    tickets: Frame

    @property
    def rules(self) -> ReasonConventions:
        """The conventions by which facts are facts."""
        return self.facts.conventions

    @property
    def losses(self) -> Frame:
        """The spans of outcomes that lost something."""
        return self.spans.filter(nw.col("lost_cents") > 0)


def paths(facts: PathFacts) -> Paths:
    """The stretch before each outcome: `path_days` up to the notice, or to the outcome where none is known."""
    spans = _spans(facts).collect().lazy()
    return Paths(facts, spans, _tickets(facts, spans).collect().lazy())


def _spans(facts: PathFacts) -> Frame:
    outcomes = facts.outcomes.filter(nw.col("happened_at") <= facts.as_of).select(
        "outcome_id", "account_id", "kind", "lost_cents", "happened_at", day=nw.col("happened_at").dt.date()
    )
    ended = nw.coalesce("ends_on", "renews_on")
    given = facts.contracts.filter(~nw.col("notice_on").is_null()).select("account_id", "notice_on", day=ended)
    notices = (
        given.filter(nw.col("notice_on") < nw.col("day")).group_by("account_id", "day").agg(nw.col("notice_on").max())
    )
    noted = outcomes.join(notices, on=["account_id", "day"], how="left")
    noticed_at = nw.col("notice_on").cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    spans = noted.with_columns(ends_at=nw.coalesce(noticed_at, nw.col("happened_at"))).drop("day")
    return spans.with_columns(begins_at=nw.col("ends_at").dt.offset_by(f"-{facts.conventions.path_days}d"))


def _tickets(facts: PathFacts, spans: Frame) -> Frame:
    theirs = facts.tickets.select(
        "account_id", "subject", "tags", "escalated", "created_at", "first_replied_at", "resolved_at",
        ticket_id="id", ref="external_id", workflow=nw.col("workflow").fill_null(UNKNOWN_WORKFLOW),
    )  # fmt: skip
    ours = spans.select("outcome_id", "account_id", "lost_cents", "begins_at", "ends_at")
    on_path = (nw.col("created_at") >= nw.col("begins_at")) & (nw.col("created_at") < nw.col("ends_at"))
    return theirs.join(ours, on="account_id", how="inner").filter(on_path)


def first_paid_on(lines: Frame) -> Frame:
    """account_id, first_paid_on: the first day on which each account paid."""
    return lines.filter(carries_revenue()).group_by("account_id").agg(nw.col("starts_on").min().alias("first_paid_on"))


def evidence(found: Frame, fact: str, at: str, **columns: nw.Expr) -> Frame:
    """`found` (with outcome_id, and ref, ticket_id, workflow where known) as pieces of evidence of one fact.

    Columns are `EVIDENCE`: `about` names the one reason that a piece speaks for, empty where the rules decide;
    `amount` is 1 for what is counted, otherwise what was measured.
    """
    blank = {
        "about": nw.lit(""),
        "amount": nw.lit(1.0),
        "text": nw.lit(None, nw.String),
        "ticket_id": nw.lit(None, nw.Int64),
        "workflow": nw.lit(None, nw.String),
    }
    there = {name: nw.col(name) for name in found.collect_schema().names() if name in blank}
    filled = blank | there | columns
    filled["amount"] = filled["amount"].cast(nw.Float64)
    return found.select("outcome_id", "ref", fact=nw.lit(fact), at=nw.col(at), **filled).select(*EVIDENCE)


def hours(count: int) -> timedelta:
    """So many elapsed hours."""
    return timedelta(hours=count)
