"""Knows whose work a touch was, and on which ticket, playbook and escalation."""

import narwhals as nw

from retention.ledger import Frame
from retention.touches import STEP_KINDS, identity

DETAILS = ("agent", "team", "ticket", "ticket_id", "playbook", "escalation_id")
_TEXTS = ("agent", "team", "ticket", "playbook", "escalation_id")


def with_details(all_touches: Frame, touches: Frame, tickets: Frame, escalations: Frame, steps: Frame) -> Frame:
    """`touches.all_touches` with `DETAILS`; what is not known of a touch is null.

    The other frames are those that it was made from. A ticket's agent is its assignee, an escalation's who did the
    last of its steps. An imported touch has its own actor, else its ticket's; a step or call that stands for a
    playbook's step has that one's playbook. `ticket` is the source's id, `ticket_id` ours.
    """
    known = nw.concat([
        _of_tickets(tickets), _of_escalations(escalations, steps), _of_steps(steps, escalations),
        _of_imported(touches, tickets, steps, escalations),
    ])  # fmt: skip
    return all_touches.join(known, on="touch_id", how="left")


def _of_tickets(tickets: Frame) -> Frame:
    return _shaped(
        tickets, identity("ticket", "source", "external_id"),
        agent="assignee", team="team", ticket="external_id", ticket_id="id",
    )  # fmt: skip


def _of_escalations(escalations: Frame, steps: Frame) -> Frame:
    done = steps.filter(~nw.col("done_by").is_null(), ~nw.col("done_at").is_null())
    last = done.group_by("escalation_id").agg(done_at=nw.col("done_at").max())
    by = done.join(last, on=["escalation_id", "done_at"], how="inner")
    by = by.group_by("escalation_id").agg(agent=nw.col("done_by").max())
    told = escalations.join(by, on="escalation_id", how="left")
    return _shaped(
        told, identity("escalation", "escalation_id"),
        agent="agent", playbook="playbook", escalation_id="escalation_id",
    )  # fmt: skip


def _of_steps(steps: Frame, escalations: Frame) -> Frame:
    told = steps.join(escalations.select("escalation_id", "playbook"), on="escalation_id", how="inner")
    return _shaped(
        told, identity("step", "escalation_id", "position"),
        agent="done_by", playbook="playbook", escalation_id="escalation_id",
    )  # fmt: skip


def _of_imported(touches: Frame, tickets: Frame, steps: Frame, escalations: Frame) -> Frame:
    told = touches.join(_by_name(tickets), on=["account_id", "ticket_ref"], how="left")
    told = told.join(_by_moment(steps, escalations), on=["account_id", "happened_at"], how="left")
    is_step = nw.col("kind").is_in(STEP_KINDS)
    told = told.with_columns(
        agent=nw.coalesce("actor", "assignee"),
        **{name: nw.when(is_step).then(name) for name in ("playbook", "escalation_id")},
    )
    return _shaped(
        told, identity("touch", "source", "external_id"), agent="agent", team="team", ticket="ticket_ref",
        ticket_id="ticket_id", playbook="playbook", escalation_id="escalation_id",
    )  # fmt: skip


def _by_name(tickets: Frame) -> Frame:
    """The tickets of each account by their source's id; of two with one id the first that came in."""
    mine = tickets.filter(~nw.col("account_id").is_null())
    first = mine.group_by("account_id", "external_id").agg(id=nw.col("id").min())
    named = mine.select("id", "assignee", "team").join(first, on="id", how="inner")
    return named.rename({"external_id": "ticket_ref", "id": "ticket_id"})


def _by_moment(steps: Frame, escalations: Frame) -> Frame:
    """The completed step of each account and moment; of several the first by the escalation's id."""
    done = steps.filter(~nw.col("done_at").is_null()).join(
        escalations.select("escalation_id", "account_id", "playbook"), on="escalation_id", how="inner"
    )
    first = done.group_by("account_id", "done_at").agg(nw.col("escalation_id").min())
    playbooks = escalations.select("escalation_id", "playbook")
    return first.join(playbooks, on="escalation_id", how="left").rename({"done_at": "happened_at"})


def _shaped(found: Frame, touch_id: nw.Expr, **columns: str) -> Frame:
    texts = {name: nw.col(columns[name]) if name in columns else nw.lit(None, nw.String) for name in _TEXTS}
    ticket_id = nw.col(columns["ticket_id"]) if "ticket_id" in columns else nw.lit(None, nw.Int64)
    told = found.with_columns(_touch_id=touch_id).with_columns(
        **{f"_{name}": text for name, text in texts.items()}, _ticket_id=ticket_id.cast(nw.Int64)
    )
    return told.select(touch_id="_touch_id", **{name: f"_{name}" for name in DETAILS})
