"""Knows when one issue hits so many accounts that it is told as one item, and which accounts stand below it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.playbooks import ParentItem
from rules.load.written import Parents


@dataclass(frozen=True)
class Hit:
    """That an issue hit an account in the time that is looked at, with so many tickets."""

    issue_id: str
    label: str
    account_ref: str
    tickets: int


@dataclass(frozen=True)
class Gathered:
    """The items that are to be written because they were opened or closed, and the open one of each account."""

    written: tuple[ParentItem, ...] = ()
    by_account: Mapping[str, str] = field(default_factory=dict)


def gather(
    hits: Iterable[Hit],
    standing: Sequence[ParentItem],
    rule: Parents,
    as_of: datetime,
    usual: Mapping[str, float] | None = None,
) -> Gathered:
    """Open an item for each issue that hits enough accounts and more than usual, close those whose issue has stopped.

    `usual` is how many accounts an issue hit, by the mean of the stretches of the same length before; 0 if left out.

    An account that several such issues hit stands below the one of which it has most tickets, then the one that hits
    most accounts, then the first by name.
    """
    accounts: dict[str, dict[str, int]] = defaultdict(dict)
    labels: dict[str, str] = {}
    for hit in hits:
        accounts[hit.issue_id][hit.account_ref] = hit.tickets
        labels[hit.issue_id] = hit.label
    known = {item.issue_id: item for item in standing if item.opened_at <= as_of and item.closed_at is None}
    before = usual or {}
    stopped = [
        item.model_copy(update={"closed_at": as_of})
        for issue, item in known.items()
        if not _goes_on(len(accounts.get(issue, {})), before.get(issue, 0.0), rule)
    ]
    enough = [issue for issue, hit in sorted(accounts.items()) if _begins(len(hit), before.get(issue, 0.0), rule)]
    begun = [
        ParentItem(parent_id=parent_id(issue, as_of), issue_id=issue, label=labels[issue], opened_at=as_of)
        for issue in enough
        if issue not in known
    ]
    over = {item.issue_id for item in stopped}
    live = [*(item for issue, item in known.items() if issue not in over), *begun]
    return Gathered((*stopped, *begun), _by_account(live, accounts))


def _begins(hit: int, usual: float, rule: Parents) -> bool:
    return 0 < rule.accounts <= hit and hit >= rule.surge * usual


def _goes_on(hit: int, usual: float, rule: Parents) -> bool:
    """Whether enough accounts are still hit, and more than usual."""
    return rule.accounts > 0 and hit >= min(rule.closes_below, rule.accounts) and hit > usual


def _by_account(live: Iterable[ParentItem], accounts: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    found: dict[str, tuple[int, int, str, str]] = {}
    for item in live:
        hit = accounts.get(item.issue_id, {})
        for account, tickets in hit.items():
            claim = (-tickets, -len(hit), item.issue_id, item.parent_id)
            found[account] = min(claim, found.get(account, claim))
    return {account: claim[-1] for account, claim in found.items()}


def parent_id(issue_id: str, opened_at: datetime) -> str:
    """The same issue and moment of opening always have the same item."""
    return hashlib.sha256(f"parent\x1f{issue_id}\x1f{opened_at.isoformat()}".encode()).hexdigest()[:32]
