"""Paths of made-up accounts: facts of the tables, with what a test does not care about left empty."""

from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from config import documents
from domain.reason_conventions import ReasonConventions
from domain.reasons import ReasonDecision
from retention.ledger import Frame
from retention.reasons.losses import Loss, LossReport
from retention.reasons.paths import PathFacts
from retention.reasons.proposing import propose
from retention.reasons.telling import Known, loss_report
from tests.retention.facts import accounts, frame, rates

UTC_TIME = pl.Datetime("us", "UTC")
LEFT = datetime(2025, 6, 1, tzinfo=UTC)
SHIPPED = documents.read(documents.DEFAULTS / "reasons.yaml", ReasonConventions)
_OUTCOMES = {
    "outcome_id": pl.String, "account_id": pl.Int64, "account_ref": pl.String, "kind": pl.String,
    "happened_at": UTC_TIME, "at_stake_cents": pl.Int64, "kept_cents": pl.Int64, "lost_cents": pl.Int64,
    "currency": pl.String,
}  # fmt: skip
_CHANGES = {
    "ticket_id": pl.Int64, "kind": pl.String, "from_value": pl.String, "to_value": pl.String, "happened_at": UTC_TIME,
}  # fmt: skip
_BREACHES = {
    "account_id": pl.Int64, "ticket_id": pl.Int64, "ticket_ref": pl.String, "metric": pl.String,
    "breached_at": UTC_TIME,
}  # fmt: skip
_TEXTS = {"account_id": pl.Int64, "ticket_id": pl.Int64, "ref": pl.String, "sent_at": UTC_TIME, "text": pl.String}


def before(days: float, left: datetime = LEFT) -> datetime:
    """So many days before the account left."""
    return left - timedelta(days=days)


def rows_of(schema: dict[str, Any], *rows: dict[str, Any]) -> Frame:
    """Rows with nulls where nothing is said."""
    return nw.from_native(pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema).lazy())


def outcome(number: int = 1, lost: int = 100_000, kept: int = 0, **row: Any) -> dict[str, Any]:
    """An outcome of account `number`: churned, contracted or renewed as the amounts say."""
    kind = "renewed" if not lost else "contracted" if kept else "churned"
    return {
        "outcome_id": f"o{number}", "account_id": number, "account_ref": f"A-{number}", "kind": kind,
        "happened_at": LEFT, "at_stake_cents": lost + kept, "kept_cents": kept, "lost_cents": lost, "currency": "USD",
    } | row  # fmt: skip


def ticket(days: float, **row: Any) -> dict[str, Any]:
    """A ticket created so many days before the account left, answered and resolved within hours."""
    created = before(days)
    hours = timedelta(hours=2)
    return {
        "created_at": created, "first_replied_at": created + hours, "resolved_at": created + 2 * hours,
        "subject": f"About {days} days before", "status": "closed",
    } | row  # fmt: skip


def facts(
    outcomes: list[dict[str, Any]] | None = None,
    tickets: list[dict[str, Any]] | None = None,
    *,
    changes: list[dict[str, Any]] | None = None,
    breaches: list[dict[str, Any]] | None = None,
    texts: list[dict[str, Any]] | None = None,
    conventions: ReasonConventions = SHIPPED,
    as_of: datetime = datetime(2025, 12, 31, tzinfo=UTC),
    **tables: list[dict[str, Any]],
) -> PathFacts:
    """Facts of one account that churned, unless it is said otherwise; other tables by their name."""

    def of(name: str) -> Frame:
        return frame(name, *tables.get(name, []))

    return PathFacts(
        as_of=as_of,
        outcomes=rows_of(_OUTCOMES, *(outcomes if outcomes is not None else [outcome()])),
        contracts=of("contracts"),
        lines=of("subscription_lines"),
        tickets=frame("tickets", *(tickets or [])),
        changes=rows_of(_CHANGES, *(changes or [])),
        breaches=rows_of(_BREACHES, *(breaches or [])),
        escalations=of("escalations"),
        messages=of("messages"),
        readings=of("message_readings"),
        surveys=of("surveys"),
        usage_days=of("usage_days"),
        churn_reports=of("churn_reports"),
        texts=rows_of(_TEXTS, *(texts or [])),
        conventions=conventions,
    )


def told(of: PathFacts, *decisions: ReasonDecision, **rates_of: str) -> LossReport:
    """The report on the losses of these facts."""
    known = Known(accounts("Acme", "Blue", "Cedar", "Dune"), rates(**rates_of), decisions)
    return loss_report(propose(of), known)


def the_loss(of: PathFacts, *decisions: ReasonDecision) -> Loss:
    """The only loss of these facts."""
    [loss] = told(of, *decisions).losses
    return loss


def found(of: PathFacts, fact: str) -> list[str]:
    """What the evidence of a fact refers to."""
    pieces = propose(of).pieces
    return list(pieces.filter(nw.col("fact") == fact)["ref"].to_list())
