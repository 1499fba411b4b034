"""Knows what counts as support's or success's work with an account, wherever it was written down."""

from datetime import datetime

import narwhals as nw

from retention.ledger import Frame

COLUMNS = ("touch_id", "account_id", "kind", "happened_at", "position")
# An imported touch of one of these kinds, for the same account at the same moment, is the step itself.
STEP_KINDS = ("playbook_step", "csm_call")


def all_touches(touches: Frame, tickets: Frame, escalations: Frame, steps: Frame, as_of: datetime) -> Frame:
    """Every touch up to `as_of`, each once: one row a touch with `COLUMNS`.

    `touches`, `tickets`, `escalations` and `steps` are storage's frames (`steps` is `escalation_steps`). Imported
    touches stand first; then resolved tickets, handled escalations and completed steps, unless an imported touch
    tells of the same work. `position` keeps this order among touches of one moment. What no account is known for, is
    no touch of anybody.
    """
    imported = _imported(touches)
    found = [
        imported,
        _resolved_tickets(tickets, imported),
        _without(_handled_escalations(escalations), imported, "escalation_handled"),
        _without(_completed_steps(steps, escalations), imported, *STEP_KINDS),
    ]
    columns = [name for name in COLUMNS if name != "position"]
    known = nw.concat([frame.select(*columns, "origin", "row") for frame in found]).filter(
        ~nw.col("account_id").is_null(), nw.col("happened_at") <= as_of
    )
    return known.with_row_index("position", order_by=["origin", "row", "touch_id"]).select(*COLUMNS)


def _imported(touches: Frame) -> Frame:
    return touches.with_columns(touch_id=identity("touch", "source", "external_id"), origin=nw.lit(0), row=nw.col("id"))


def _resolved_tickets(tickets: Frame, imported: Frame) -> Frame:
    """Tickets that were resolved, but those which an imported touch names, or stands for at the same moment."""
    resolved = tickets.filter(~nw.col("resolved_at").is_null()).select(
        "account_id", "external_id", touch_id=identity("ticket", "source", "external_id"),
        kind=nw.lit("ticket_resolved"), happened_at="resolved_at", origin=nw.lit(1), row=nw.col("id"),
    )  # fmt: skip
    told = imported.filter(nw.col("kind") == "ticket_resolved")
    named = told.filter(~nw.col("ticket_ref").is_null()).select("account_id", external_id="ticket_ref")
    unnamed = told.filter(nw.col("ticket_ref").is_null())
    return _without(resolved.join(named, on=["account_id", "external_id"], how="anti"), unnamed, "ticket_resolved")


def _handled_escalations(escalations: Frame) -> Frame:
    handled = escalations.filter(nw.col("state") == "resolved", ~nw.col("closed_at").is_null())
    return handled.select(
        "account_id", touch_id=identity("escalation", "escalation_id"), kind=nw.lit("escalation_handled"),
        happened_at="closed_at", origin=nw.lit(2), row=nw.lit(0, nw.Int64),
    )  # fmt: skip


def _completed_steps(steps: Frame, escalations: Frame) -> Frame:
    done = steps.filter(~nw.col("done_at").is_null()).join(
        escalations.select("escalation_id", "account_id"), on="escalation_id", how="inner"
    )
    return done.select(
        "account_id", touch_id=identity("step", "escalation_id", "position"), kind=nw.lit("playbook_step"),
        happened_at="done_at", origin=nw.lit(3), row=nw.col("position").cast(nw.Int64),
    )  # fmt: skip


def _without(derived: Frame, imported: Frame, *kinds: str) -> Frame:
    told = imported.filter(nw.col("kind").is_in(kinds))
    return derived.join(told, on=["account_id", "happened_at"], how="anti")


def identity(kind: str, *columns: str) -> nw.Expr:
    """The `touch_id` of work that is found in rows with these columns."""
    return nw.concat_str([nw.lit(kind), *(nw.col(name).cast(nw.String) for name in columns)], separator=":")
