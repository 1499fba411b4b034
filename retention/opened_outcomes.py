"""Knows what stands behind the outcomes of a report: each touch with its share, and the tickets of the time before."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import narwhals as nw

from domain.conventions import CreditConventions
from domain.money import decimal_amount, to_cents
from domain.records import Name, Record, UtcDatetime
from retention.attribution import journeys, kept_credits, lost_credits
from retention.impact_report import Decided, ImpactReport
from retention.ledger import Frame

Label = Literal["touched", "attributed", "lost"]


class OpenedTouch(Record):
    """A touch inside the look-back before an outcome, and the model's share of what was kept, or lost, for it."""

    touch_id: Name
    kind: Name
    happened_at: UtcDatetime
    amount: Decimal


class OpenedTicket(Record):
    """A ticket of the account that was created inside the look-back before an outcome."""

    source: Name
    ticket: Name
    subject: str
    created_at: UtcDatetime
    resolved_at: UtcDatetime | None


class OpenedOutcome(Record):
    """An outcome with what happened before it; the touches' amounts and `unattributed` sum to the label's amount."""

    outcome: Decided
    touches: tuple[OpenedTouch, ...]
    unattributed: Decimal
    tickets: tuple[OpenedTicket, ...]


def opened(
    report: ImpactReport, label: Label, touches: Frame, tickets: Frame, conventions: CreditConventions | None = None
) -> tuple[OpenedOutcome, ...]:
    """The outcomes behind a label of the report, the largest first; rejected saves stand among those of `touched`.

    `touches` is `touches.all_touches`, `tickets` storage's frame. Shares are those of the report's model.
    """
    kept = conventions or CreditConventions()
    every = {each.outcome_id: each for each in (*report.continued, *report.lost.outcomes)}
    shown = _shown(report, label)
    if not shown:
        return ()
    frame = _frame(tuple(every.values()), report.currency, touches)
    shares = _shares(frame, touches, report, kept, lost=label == "lost")
    led = _touches(frame, shown, touches, kept)
    before = _tickets(frame, shown, tickets, kept)
    return tuple(
        OpenedOutcome(
            outcome=each,
            touches=tuple(
                OpenedTouch(**touch, amount=shares.get((each.outcome_id, touch["touch_id"]), _no(report)))
                for touch in led[each.outcome_id]
            ),
            unattributed=shares.get((each.outcome_id, None), _no(report)),
            tickets=tuple(before[each.outcome_id]),
        )
        for each in shown
    )


def _shown(report: ImpactReport, label: Label) -> tuple[Decided, ...]:
    if label == "touched":
        return (*report.touched.outcomes, *report.touched.rejected_outcomes)
    return report.continued if label == "attributed" else report.lost.outcomes


def _no(report: ImpactReport) -> Decimal:
    return decimal_amount(0, report.currency)


def _frame(outcomes: Sequence[Decided], currency: str, like: Frame) -> Frame:
    columns: dict[str, list[Any]] = {
        "outcome_id": [each.outcome_id for each in outcomes],
        "account_id": [each.account_id for each in outcomes],
        "happened_at": [each.happened_at for each in outcomes],
        "kept_cents": [to_cents(each.kept, currency) for each in outcomes],
        "lost_cents": [to_cents(each.lost, currency) for each in outcomes],
        "currency": [currency] * len(outcomes),
    }
    schema = {
        "outcome_id": nw.String(), "account_id": nw.Int64(), "happened_at": nw.Datetime("us", "UTC"),
        "kept_cents": nw.Int64(), "lost_cents": nw.Int64(), "currency": nw.String(),
    }  # fmt: skip
    return nw.from_dict(columns, schema, backend=like.implementation).lazy()


def _shares(
    frame: Frame, touches: Frame, report: ImpactReport, conventions: CreditConventions, *, lost: bool
) -> dict[tuple[str, str | None], Decimal]:
    split, column = (lost_credits, "lost_cents") if lost else (kept_credits, "credit_cents")
    rows = split(frame, touches, report.model, conventions).select("outcome_id", "touch_id", column).collect()
    return {(outcome, touch): decimal_amount(cents, report.currency) for outcome, touch, cents in rows.iter_rows()}


def _touches(
    frame: Frame, shown: Sequence[Decided], touches: Frame, conventions: CreditConventions
) -> dict[str, list[dict[str, Any]]]:
    led = journeys(frame.filter(nw.col("outcome_id").is_in(_ids(shown))), touches, conventions)
    rows = led.select("outcome_id", "step", "touch_id", "happened_at", kind="touch_kind").sort("outcome_id", "step")
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.collect().iter_rows(named=True):
        found[row["outcome_id"]].append({name: row[name] for name in ("touch_id", "kind", "happened_at")})
    return found


def _tickets(
    frame: Frame, shown: Sequence[Decided], tickets: Frame, conventions: CreditConventions
) -> dict[str, list[OpenedTicket]]:
    ours = frame.filter(nw.col("outcome_id").is_in(_ids(shown))).select(
        "outcome_id", "account_id", outcome_at="happened_at"
    )
    since = nw.col("outcome_at").dt.offset_by(f"-{conventions.look_back_days}d")
    theirs = tickets.select("account_id", "source", "subject", "created_at", "resolved_at", ticket="external_id")
    before = theirs.join(ours, on="account_id", how="inner").filter(
        nw.col("created_at") >= since, nw.col("created_at") < nw.col("outcome_at")
    )
    found: dict[str, list[OpenedTicket]] = defaultdict(list)
    for row in before.sort("outcome_id", "created_at", "ticket").collect().iter_rows(named=True):
        told = {name: row[name] for name in OpenedTicket.model_fields}
        found[row["outcome_id"]].append(OpenedTicket(**told))
    return found


def _ids(shown: Sequence[Decided]) -> list[str]:
    return [each.outcome_id for each in shown]
