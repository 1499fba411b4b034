"""Shows how a version in shadow does beside the active one."""

from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from jobs.playbook_acts import short
from jobs.shadowing import Comparison, Side, compare
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money
from rules.playbook_changes import changes


def run(keepline: Keepline, playbook: str, as_of: datetime | None, as_json: bool) -> None:
    """Print what both versions decided, what each alone did, and examples."""
    found = compare(keepline.store, keepline.rulebook, playbook, keepline.moment(as_of))
    banner(keepline)
    if as_json:
        show.as_json(_json(found) | ({"demo": True} if keepline.is_demo else {}))
        return
    _print(playbook, found)


def _print(playbook: str, found: Comparison) -> None:
    active = "nothing" if found.active is None else f"version {short(found.active.content_hash)}"
    ended = "until" if found.is_over else "to"
    show.line(
        f"{playbook}: version {short(found.shadow.content_hash)} in shadow beside {active}, from "
        f"{found.since:%Y-%m-%d %H:%M} {ended} {found.until:%Y-%m-%d %H:%M}", "bold",
    )  # fmt: skip
    for change in changes(found.active, found.shadow) if found.active is not None else ():
        show.line(f"  {change.place}: {change.before or 'nothing'} → {change.after or 'nothing'}")
    if not found.moments:
        show.line("Neither has decided anything since: keepline run evaluates both, day by day.")
        return
    rows = [
        [side.name, f"{side.decisions:,}", f"{side.accounts:,}", _arr(side, found.currency)] for side in found.sides
    ]
    columns = ["Decided by", "Decisions", "Accounts", "ARR"]
    show.table(f"{found.moments:,} moments at which either decided", columns, rows, numbers=columns[1:])
    show.line(
        "Decisions are accounts (or tickets) at moments; an account stands under both if each version ever decided it."
    )
    for side in found.sides:
        _print_examples(side)
    show.line(
        f"Take it: keepline playbooks activate {playbook} --version {short(found.shadow.content_hash)} --because WHY. "
        "What it would have done before: keepline replay"
    )


def _print_examples(side: Side) -> None:
    if side.examples:
        rows = [
            [each.account, f"{each.as_of:%Y-%m-%d %H:%M}", each.ticket_ref or "", each.because]
            for each in side.examples
        ]
        show.table(f"Examples: {side.name}", ["Account", "At", "Ticket", "Because"], rows)


def _arr(side: Side, currency: str) -> str:
    known = money(side.arr_cents, currency) if side.accounts else money(0, currency)
    return known + (f" and {side.arr_unknown:,} unknown" if side.arr_unknown and side.arr_cents is not None else "")


def _json(found: Comparison) -> dict[str, Any]:
    sides = [
        {
            "decided_by": side.name, "decisions": side.decisions, "accounts": side.accounts,
            "arr": None if side.arr_cents is None else decimal_amount(side.arr_cents, found.currency),
            "arr_unknown": side.arr_unknown, "examples": [vars(each) for each in side.examples],
        }
        for side in found.sides
    ]  # fmt: skip
    return {
        "shadow": found.shadow.content_hash,
        "active": None if found.active is None else found.active.content_hash,
        "since": found.since, "until": found.until, "over": found.is_over, "moments": found.moments,
        "currency": found.currency, "sides": sides,
    }  # fmt: skip
