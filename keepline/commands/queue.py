"""Shows the escalations, the weightiest first, and the issues that hit many accounts at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.escalations import Escalation
from domain.money import decimal_amount
from jobs.holdouts import held_now
from jobs.load.weighing import Over, Weighed, items_over_accounts, weigh
from jobs.queue import QueueEntry, open_queue
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import ago_or_in, banner, money

_SHORT_ID = 8
_NAMED = 3
_COLUMNS = (
    "Id", "Account", "ARR", "Weight", "Renews on", "Due", "State", "Owner", "Playbook", "Because", "Next step"
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """Whose escalations are shown, and those below which item."""

    owner: str | None = None
    parent: str | None = None

    def takes(self, entry: QueueEntry) -> bool:
        """Whether an escalation is one of them."""
        escalation = entry.escalation
        is_own = self.owner is None or (escalation.owner or "").casefold() == self.owner.casefold()
        return is_own and (self.parent is None or (escalation.parent_id or "").startswith(self.parent))


def run(
    keepline: Keepline, everything: bool, as_of: datetime | None, as_json: bool, choice: Choice | None = None
) -> None:
    """Print the queue at a moment."""
    now, chosen = keepline.moment(as_of), choice or Choice()
    store, rulebook = keepline.store, keepline.rulebook
    every = open_queue(store, now, everything)
    found = weigh(store, rulebook, [entry for entry in every if chosen.takes(entry)], now)
    over = items_over_accounts(store, rulebook, every, now)
    banner(keepline)
    if as_json:
        show.as_json([_printed(one, over) for one in found])
        return
    held = len(held_now(store, rulebook, now))
    if held:
        show.line(f"{held:,} accounts are held out by lot and not listed for that playbook: keepline holdout")
    if not found:
        show.line(_nothing(chosen, every))
        return
    hidden = {name for item in over for name in item.escalations} if chosen.parent is None else set()
    _tell_items(over if chosen.parent is None else [])
    rows = [_row(one, now) for one in found if one.entry.escalation.escalation_id not in hidden]
    if rows:
        title = f"Escalations at {now:%Y-%m-%d %H:%M} UTC"
        show.table(title, _COLUMNS, rows, numbers=["ARR", "Weight"])
    show.line(f"{len(found)} escalations; {_sums(found)}.")
    show.line(
        "Weight: ARR × probability × time left, in --json each by itself. Open one account: keepline account NAME"
    )
    show.line("Was one wrong? keepline queue disagree ID --because too-noisy; or right: keepline queue agree ID")


def _nothing(chosen: Choice, every: Sequence[QueueEntry]) -> str:
    if not every:
        return "No open escalations. Either all is well, or nothing was decided yet: keepline run"
    owners = ", ".join(sorted({entry.escalation.owner or "nobody" for entry in every}))
    return f"No open escalations of {chosen.owner or chosen.parent}; {len(every)} are open, of {owners}."


def _tell_items(over: Sequence[Over]) -> None:
    """One line for each issue that hits many accounts, instead of one for each of its escalations."""
    rows = [
        [
            one.item.parent_id[:_SHORT_ID], one.item.label, f"{len(one.accounts)}", _worth(one),
            f"{len(one.escalations)}", f"{one.item.opened_at:%Y-%m-%d}", _some(one.accounts),
        ]
        for one in over
    ]  # fmt: skip
    if rows:
        columns = ["Id", "Issue", "Accounts", "ARR", "Escalations", "Since", "Accounts by name"]
        show.table("One issue, many accounts", columns, rows, numbers=["Accounts", "ARR", "Escalations"])
        show.line("Its escalations: keepline queue --parent ID; its tickets: keepline issues")
        show.line()


def _worth(one: Over) -> str:
    known = money(one.arr_cents, one.currency)
    return f"{known} + {one.arr_unknown} unknown" if one.arr_unknown and one.arr_cents is not None else known


def _some(names: Sequence[str]) -> str:
    left = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {left} more" if left > 0 else "")


def _because(escalation: Escalation) -> str:
    ticket = f"ticket {escalation.ticket_ref}: " if escalation.ticket_ref else ""
    return f"{ticket}{escalation.because}"


def _row(one: Weighed, now: datetime) -> list[str]:
    entry, escalation = one.entry, one.entry.escalation
    return [
        escalation.escalation_id[:_SHORT_ID], entry.account, money(escalation.arr_cents, escalation.currency),
        money(one.weight.cents, escalation.currency), str(escalation.renews_on or "unknown"), _due(entry, now),
        f"{escalation.state}; {one.verdict}d" if one.verdict else escalation.state, escalation.owner or "nobody",
        escalation.playbook, _because(escalation), _next_step(entry),
    ]  # fmt: skip


def _sums(found: Sequence[Weighed]) -> str:
    """The money at risk, each account counted once, by currency."""
    worth: dict[str, tuple[int | None, str | None]] = {}
    for one in sorted(found, key=lambda each: each.entry.escalation.opened_at):
        escalation = one.entry.escalation
        worth[escalation.account_ref] = (escalation.arr_cents, escalation.currency)
    sums: dict[str, int] = {}
    for cents, currency in worth.values():
        if cents is not None and currency is not None:
            sums[currency] = sums.get(currency, 0) + cents
    unknown = sum(cents is None for cents, _ in worth.values())
    known = ", ".join(money(cents, currency) for currency, cents in sorted(sums.items())) or "no known ARR"
    return f"money at risk {known} of {len(worth)} accounts" + (f", {unknown} of unknown ARR" if unknown else "")


def _due(entry: QueueEntry, now: datetime) -> str:
    return ago_or_in(entry.escalation.due_at, now) if entry.escalation.due_at else ""


def _next_step(entry: QueueEntry) -> str:
    step = next((step for step in entry.steps if step.done_at is None), None)
    return f"{step.do} ({step.owner})" if step else ""


def _printed(one: Weighed, over: Sequence[Over]) -> dict[str, Any]:
    entry, escalation = one.entry, one.entry.escalation
    kept = escalation.model_dump(mode="json", exclude={"account_ref", "arr_cents", "decision_id"})
    return {
        "account": entry.account,
        "account_ref": escalation.account_ref,
        **kept,
        "arr": _amount(escalation.arr_cents, escalation.currency),
        "weight": _weight(one),
        "verdict": one.verdict,
        "parent": next((_item(each) for each in over if each.item.parent_id == escalation.parent_id), None),
        "steps": [step.model_dump(mode="json", exclude={"escalation_id"}) for step in entry.steps],
        "decision": escalation.decision_id,
        "evidence": entry.evidence,
    }


def _weight(one: Weighed) -> dict[str, Any]:
    """The weight and its three factors."""
    weight = one.weight
    return {
        "amount": _amount(weight.cents, weight.currency),
        "at_risk": _amount(weight.arr_cents, weight.currency),
        "probability": weight.chance.ratio,
        "probability_because": weight.chance.because,
        "time_factor": round(weight.time_factor, 4),
        "days_left": round(weight.left.days, 2),
        "until": weight.left.until,
    }


def _item(one: Over) -> dict[str, Any]:
    """An issue over many accounts, with the accounts and the ARR below it."""
    return {
        "id": one.item.parent_id, "issue": one.item.issue_id, "label": one.item.label,
        "opened_at": one.item.opened_at, "accounts": list(one.accounts), "arr": _amount(one.arr_cents, one.currency),
        "arr_unknown": one.arr_unknown,
    }  # fmt: skip


def _amount(cents: int | None, currency: str | None) -> str | None:
    return None if cents is None or currency is None else str(decimal_amount(cents, currency))
