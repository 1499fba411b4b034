"""Knows what happened with an account before its revenue went on or was lost, and says it in a few words."""

from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from retention.digest.content import KeptRow, LostRow
from retention.digest.inputs import DigestInputs
from retention.impact_report import Decided
from retention.ledger import Frame

_KINDS = {
    "ticket_resolved": ("ticket resolved", "tickets resolved"),
    "escalation_handled": ("escalation handled", "escalations handled"),
    "playbook_step": ("playbook step", "playbook steps"),
    "csm_call": ("CSM call", "CSM calls"),
}


@dataclass(frozen=True)
class Before:
    """What the helpdesk knew of an account inside the look-back before an outcome."""

    tickets: int = 0
    tickets_open: int = 0
    last_sentiment: int | None = None


def counted(number: float, one: str, many: str | None = None) -> str:
    """`1 ticket`, `2 tickets`, `1,200 tickets`."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"


def lost_rows(inputs: DigestInputs, lost: tuple[Decided, ...], rows: int) -> tuple[LostRow, ...]:
    """The first `rows` losses with their paths."""
    shown = lost[:rows]
    before = _before(inputs, shown)
    return tuple(_lost_row(outcome, before.get(outcome.outcome_id, Before()), inputs) for outcome in shown)


def kept_rows(kept: tuple[Decided, ...], touched: tuple[Decided, ...], rows: int) -> tuple[KeptRow, ...]:
    """The first `rows` of what went on: what was saved (touched) before the rest."""
    saved = {outcome.outcome_id for outcome in touched}
    ordered = sorted(kept, key=lambda outcome: outcome.outcome_id not in saved)
    return tuple(_kept_row(outcome, outcome.outcome_id in saved) for outcome in ordered[:rows])


def _kept_row(outcome: Decided, is_saved: bool) -> KeptRow:
    influence = "influenced" if outcome.touches else "no touch"
    lost = f"{outcome.lost:,.0f} more was lost" if outcome.lost else ""
    return KeptRow(
        account=outcome.account,
        happened_on=outcome.happened_at.date(),
        amount=outcome.kept,
        how="saved (touched)" if is_saved else influence,
        path="; ".join(part for part in (_flagged(outcome) if is_saved else "", _work(outcome.touches), lost) if part),
    )


def _lost_row(outcome: Decided, before: Before, inputs: DigestInputs) -> LostRow:
    # Resolved tickets are among the tickets already.
    others = {kind: number for kind, number in outcome.touches.items() if kind != "ticket_resolved"}
    parts = [_tickets(before, inputs.credit.look_back_days), _sentiment(before), _flagged(outcome), _work(others)]
    parts.append(inputs.reasons.get(outcome.outcome_id, ""))
    return LostRow(
        account=outcome.account,
        happened_on=outcome.happened_at.date(),
        kind=outcome.kind,
        amount=outcome.lost,
        tickets=before.tickets,
        tickets_open=before.tickets_open,
        last_sentiment=before.last_sentiment,
        path="; ".join(part for part in parts if part),
    )


def _tickets(before: Before, days: int) -> str:
    if not before.tickets:
        return f"no ticket in {counted(days, 'day')}"
    settled = ", all resolved" if before.tickets > 1 else ", resolved"
    still_open = f", {before.tickets_open} never resolved" if before.tickets_open else settled
    return f"{counted(before.tickets, 'ticket')} in {counted(days, 'day')}{still_open}"


def _sentiment(before: Before) -> str:
    return "" if before.last_sentiment is None else f"last sentiment {before.last_sentiment:+d}"


def _flagged(outcome: Decided) -> str:
    if outcome.flagged_at is None:
        return "never flagged"
    days = (outcome.happened_at - outcome.flagged_at).days
    flagged = f"flagged {counted(days, 'day')} before"
    if outcome.intervened_at is None:
        return f"{flagged}, nobody intervened"
    return f"{flagged}, worked on {counted((outcome.happened_at - outcome.intervened_at).days, 'day')} before"


def _work(touches: dict[str, int]) -> str:
    return ", ".join(work(kind, number) for kind, number in touches.items())


def work(kind: str, number: int) -> str:
    """`1 CSM call`, `2 tickets resolved`."""
    return counted(number, *_KINDS.get(kind, (kind, kind)))


def _before(inputs: DigestInputs, lost: tuple[Decided, ...]) -> dict[str, Before]:
    if not lost:
        return {}
    tickets = _tickets_before(inputs, lost)
    is_open = nw.col("resolved_at").is_null() | (nw.col("resolved_at") >= nw.col("outcome_at"))
    sums = tickets.group_by("outcome_id").agg(tickets=nw.len(), still=is_open.cast(nw.Int64).sum())
    last = _last_sentiments(inputs, tickets)
    return {
        row["outcome_id"]: Before(row["tickets"], row["still"], last.get(row["outcome_id"]))
        for row in sums.collect().iter_rows(named=True)
    }


def _tickets_before(inputs: DigestInputs, lost: tuple[Decided, ...]) -> Frame:
    """The tickets of the accounts that lost, once for each of their outcomes in whose look-back they were created."""
    columns = {
        "outcome_id": [outcome.outcome_id for outcome in lost],
        "account_id": [outcome.account_id for outcome in lost],
        "outcome_at": [outcome.happened_at for outcome in lost],
    }
    schema = {"outcome_id": nw.String(), "account_id": nw.Int64(), "outcome_at": nw.Datetime("us", "UTC")}
    backend = inputs.accounts.implementation
    ours = nw.from_dict(columns, schema, backend=backend).lazy()
    since = nw.col("outcome_at").dt.offset_by(f"-{inputs.credit.look_back_days}d")
    theirs = inputs.tickets.select("id", "account_id", "created_at", "resolved_at")
    return theirs.join(ours, on="account_id", how="inner").filter(
        nw.col("created_at") >= since, nw.col("created_at") < nw.col("outcome_at")
    )


def _last_sentiments(inputs: DigestInputs, tickets: Frame) -> dict[str, int]:
    """The newest reading of a customer's message before each outcome."""
    said = inputs.messages.filter(nw.col("author_kind") == "customer").select("ticket_id", "sent_at", message_id="id")
    read = inputs.readings.filter(~nw.col("sentiment").is_null()).select("message_id", "sentiment")
    heard = tickets.join(said, left_on="id", right_on="ticket_id", how="inner").join(read, on="message_id", how="inner")
    heard = heard.filter(nw.col("sent_at") < nw.col("outcome_at")).sort("sent_at", "message_id")
    last: dict[str, tuple[datetime, int]] = {}
    for outcome_id, sent_at, sentiment in heard.select("outcome_id", "sent_at", "sentiment").collect().iter_rows():
        last[outcome_id] = (sent_at, sentiment)
    return {outcome_id: sentiment for outcome_id, (_, sentiment) in last.items()}
