"""Shows the escalations, the most money and the least time first."""

from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from jobs.holdouts import held_now
from jobs.queue import QueueEntry, open_queue
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import ago_or_in, banner, money


def run(keepline: Keepline, everything: bool, as_of: datetime | None, as_json: bool) -> None:
    """Print the queue at a moment."""
    now = keepline.moment(as_of)
    entries = open_queue(keepline.store, now, everything)
    banner(keepline)
    if as_json:
        show.as_json([_printed(entry) for entry in entries])
        return
    held = len(held_now(keepline.store, keepline.rulebook, now))
    if held:
        show.line(f"{held:,} accounts are held out by lot and not listed for that playbook: keepline holdout")
    if not entries:
        show.line("No open escalations. Either all is well, or nothing was decided yet: keepline run")
        return
    rows = [
        [
            entry.account, money(entry.escalation.arr_cents, entry.escalation.currency),
            str(entry.escalation.renews_on or "unknown"), _due(entry, now), entry.escalation.state,
            entry.escalation.playbook, entry.escalation.because, _next_step(entry),
        ]
        for entry in entries
    ]  # fmt: skip
    columns = ["Account", "ARR", "Renews on", "Due", "State", "Playbook", "Because", "Next step"]
    show.table(f"Escalations at {now:%Y-%m-%d %H:%M} UTC", columns, rows, numbers=["ARR"])
    show.line(f"{len(entries)} escalations. Open one account: keepline account NAME")


def _due(entry: QueueEntry, now: datetime) -> str:
    return ago_or_in(entry.escalation.due_at, now) if entry.escalation.due_at else ""


def _next_step(entry: QueueEntry) -> str:
    step = next((step for step in entry.steps if step.done_at is None), None)
    return f"{step.do} ({step.owner})" if step else ""


def _printed(entry: QueueEntry) -> dict[str, Any]:
    escalation = entry.escalation
    arr, currency = escalation.arr_cents, escalation.currency
    kept = escalation.model_dump(mode="json", exclude={"account_ref", "arr_cents", "decision_id"})
    return {
        "account": entry.account,
        "account_ref": escalation.account_ref,
        **kept,
        "arr": None if arr is None or currency is None else str(decimal_amount(arr, currency)),
        "steps": [step.model_dump(mode="json", exclude={"escalation_id"}) for step in entry.steps],
        "decision": escalation.decision_id,
        "evidence": entry.evidence,
    }
