"""Knows what broken promises and warnings that nobody acted on tell."""

import narwhals as nw

from retention.ledger import Frame
from retention.reasons.paths import UNKNOWN_WORKFLOW, Paths, evidence

_PROMISES = {
    "late_reply": ("first_reply", "first_impactful_reply", "next_reply", "periodic_update"),
    "late_resolution": ("resolution",),
    "late_care": ("internal_review", "outreach"),
}


def promise_evidence(paths: Paths) -> list[Frame]:
    """Pieces of evidence of late_reply, late_resolution, late_care and unhandled_escalation."""
    return [*_breaches(paths), _unhandled(paths)]


def _breaches(paths: Paths) -> list[Frame]:
    workflows = paths.facts.tickets.select(ticket_id="id", workflow=nw.col("workflow").fill_null(UNKNOWN_WORKFLOW))
    broken = _on_path(paths, paths.facts.breaches, "breached_at").join(workflows, on="ticket_id", how="left")
    broken = broken.with_columns(ref=nw.col("ticket_ref"), text=nw.col("metric"))
    return [
        evidence(broken.filter(nw.col("metric").is_in(metrics)), fact, "breached_at")
        for fact, metrics in _PROMISES.items()
    ]


def _unhandled(paths: Paths) -> Frame:
    """Escalations that were opened on the path, and neither resolved before its end nor dismissed."""
    opened = _on_path(paths, paths.facts.escalations, "opened_at")
    is_handled = (nw.col("state") == "resolved") & (nw.col("closed_at") < nw.col("ends_at")).fill_null(False)
    left = opened.filter(~is_handled, nw.col("state") != "dismissed")
    return evidence(left, "unhandled_escalation", "opened_at", text=nw.col("playbook"))


def _on_path(paths: Paths, frame: Frame, at: str) -> Frame:
    spans = paths.spans.select("outcome_id", "account_id", "begins_at", "ends_at")
    if "escalation_id" in frame.collect_schema().names():
        frame = frame.with_columns(ref=nw.col("escalation_id"))
    joined = frame.join(spans, on="account_id", how="inner")
    return joined.filter(nw.col(at) >= nw.col("begins_at"), nw.col(at) < nw.col("ends_at"))
