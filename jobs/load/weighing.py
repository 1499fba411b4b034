"""Weighs the open escalations, and shows those of one issue that hits many accounts below one item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.playbooks import ParentItem
from domain.tickets import Priority
from jobs.evaluate import look
from jobs.load.desk import chances_at
from jobs.load.risk import risks_at
from jobs.queue import QueueEntry
from jobs.rulebook import Rulebook
from rules.durations import elapsed
from rules.load.precision import middle
from rules.load.weight import Weight, time_left
from storage.alert_load import LoadBook
from storage.store import Store


@dataclass(frozen=True)
class Weighed:
    """An escalation with what it weighs at a moment, and what persons last said of it."""

    entry: QueueEntry
    weight: Weight
    verdict: str | None = None


@dataclass(frozen=True)
class Over:
    """An issue that hits many accounts: the accounts that it hits, their ARR, and its open escalations.

    `arr_cents` is that of the accounts whose ARR is known, None where none is; `arr_unknown` counts the others.
    """

    item: ParentItem
    accounts: tuple[str, ...]
    arr_cents: int | None
    arr_unknown: int
    currency: str
    escalations: tuple[str, ...]


def weigh(store: Store, rulebook: Rulebook, entries: Sequence[QueueEntry], as_of: datetime) -> list[Weighed]:
    """The entries, the weightiest first; what is closed, and then what is due later, stands behind."""
    book, team = LoadBook(store.engine), rulebook.team
    chances = chances_at(store, rulebook, as_of, risks_at(store, rulebook, as_of))
    hashes = book.rule_hashes()
    priorities: dict[str, Priority] = {playbook.id: playbook.priority for playbook in rulebook.playbooks}
    assumed = middle([cents for entry in entries if (cents := entry.escalation.arr_cents) is not None])
    said = {answer.escalation_id: answer.verdict for answer in book.answers(as_of)}
    found = []
    for entry in entries:
        one = entry.escalation
        weight = Weight(
            arr_cents=one.arr_cents,
            currency=one.currency,
            chance=chances.of(
                one.account_ref, hashes.get(one.escalation_id, ""), priorities.get(one.playbook, "normal")
            ),
            left=time_left(as_of, one.renews_on, due_at=one.due_at),
            half_at=elapsed(team.half_at),
            assumed_cents=assumed,
        )
        verdict = said.get(one.escalation_id)
        found.append(Weighed(entry, weight, None if verdict == "withdrawn" else verdict))
    return sorted(found, key=lambda one: _order(one, as_of))


def _order(one: Weighed, as_of: datetime) -> tuple[bool, int, float, str]:
    escalation = one.entry.escalation
    is_over = escalation.closed_at is not None and escalation.closed_at <= as_of
    due = escalation.due_at.timestamp() if escalation.due_at is not None else float("inf")
    return is_over, -one.weight.ranked_cents, due, escalation.escalation_id


def items_over_accounts(store: Store, rulebook: Rulebook, entries: Iterable[QueueEntry], as_of: datetime) -> list[Over]:
    """The issues that hit many accounts at a moment, those of most accounts first."""
    book = LoadBook(store.engine)
    live = {
        item.parent_id: item
        for item in book.parents()
        if item.opened_at <= as_of and (item.closed_at is None or item.closed_at > as_of)
    }
    if not live:
        return []
    names, listed = store.account_names(), list(entries)
    signals, currency = look(store.facts(), rulebook, as_of, as_of, only={"acv"}).signals(as_of)
    worth = dict(zip(signals["account_ref"].to_list(), signals["acv"].to_list(), strict=True))
    hit: dict[str, set[str]] = {}
    for one in book.hits(as_of - rulebook.team.parents.time, as_of):
        hit.setdefault(one.issue_id, set()).add(one.account_ref)
    found = [_over(item, hit.get(item.issue_id, set()), listed, names, worth, currency) for item in live.values()]
    return sorted(found, key=lambda one: (-len(one.accounts), one.item.parent_id))


def _over(
    item: ParentItem, hit: set[str], entries: Iterable[QueueEntry], names: Mapping[str, str],
    worth: Mapping[str, int | None], currency: str,
) -> Over:  # fmt: skip
    below = [entry.escalation for entry in entries if entry.escalation.parent_id == item.parent_id]
    accounts = sorted(hit | {each.account_ref for each in below})
    known = [cents for account in accounts if (cents := worth.get(account)) is not None]
    return Over(
        item=item,
        accounts=tuple(names.get(account, account) for account in accounts),
        arr_cents=sum(known) if known else None,
        arr_unknown=len(accounts) - len(known),
        currency=currency,
        escalations=tuple(each.escalation_id for each in below),
    )
