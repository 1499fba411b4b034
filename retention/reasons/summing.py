"""Knows what was lost by reason, segment, workflow and month; every sum comes to the report's total, to the cent."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Literal

from domain.money import decimal_amount
from retention.ledger import UNKNOWN
from retention.reasons.losses import Loss, LossReport, Sum

ReasonCut = Literal["reason", "segment", "workflow", "month"]
NO_TICKET = "(no ticket)"


def summed(report: LossReport, by: ReasonCut) -> tuple[Sum, ...]:
    """The report's losses by `by`, the largest first, months in their order.

    A loss whose reason's evidence lies in tickets of several workflows is shared among them by tickets; one whose
    evidence lies in no ticket stands under `(no ticket)`.
    """
    cents: dict[str, int] = defaultdict(int)
    failures: dict[str, int] = defaultdict(int)
    counts: dict[str, int] = defaultdict(int)
    decided: dict[str, int] = defaultdict(int)
    for loss in report.losses:
        for name, part in _PARTS[by](loss).items():
            cents[name] += part
            failures[name] += part if loss.is_support_failure else 0
            counts[name] += 1
            decided[name] += loss.decided_by is not None
    order = sorted(cents) if by == "month" else sorted(cents, key=lambda name: (-cents[name], name))
    return tuple(
        Sum(
            slice=name, lost=decimal_amount(cents[name], report.currency), outcomes=counts[name],
            support_failures=decimal_amount(failures[name], report.currency), decided=decided[name],
        )
        for name in order
    )  # fmt: skip


def workflow_tickets(loss: Loss) -> dict[str, set[str]]:
    """The tickets in which the evidence of a loss's reason lies, by workflow."""
    found: dict[str, set[str]] = defaultdict(set)
    for piece in (piece for each in loss.evidence for piece in each.pieces if piece.workflow is not None):
        found[piece.workflow or UNKNOWN].add(piece.ref)
    return found


def workflow_cents(loss: Loss) -> dict[str, int]:
    """What a loss lost, shared over the workflows of its evidence by tickets, to the cent."""
    tickets = {name: len(refs) for name, refs in workflow_tickets(loss).items()}
    return shared(loss.lost_cents, tickets) or {NO_TICKET: loss.lost_cents}


def shared(cents: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`cents` split by whole weights; what is left goes one unit each to the largest remainders, ties by name."""
    whole = sum(weights.values())
    if not whole:
        return {}
    parts = {name: cents * weight // whole for name, weight in weights.items()}
    short = sorted(weights, key=lambda name: (-(cents * weights[name] % whole), name))
    for name in short[: cents - sum(parts.values())]:
        parts[name] += 1
    return parts


_PARTS: dict[ReasonCut, Callable[[Loss], dict[str, int]]] = {
    "reason": lambda loss: {loss.reason: loss.lost_cents},
    "segment": lambda loss: {loss.segment: loss.lost_cents},
    "workflow": workflow_cents,
    "month": lambda loss: {f"{loss.happened_at:%Y-%m}": loss.lost_cents},
}
