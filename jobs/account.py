"""Gathers everything that is known about one customer at a moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from domain.escalations import Decision
from domain.revenue import Outcome
from domain.sla import SlaBreach
from jobs.account_names import named
from jobs.evaluate import look
from jobs.holdouts import Drawn, draws_of
from jobs.queue import QueueEntry, open_queue
from jobs.reasons import losses
from jobs.rulebook import Rulebook
from jobs.settle import Settlement
from jobs.sla.board import ClockEntry, board
from jobs.summaries import most_telling
from retention.reasons.losses import Loss
from retention.windows import utc_day
from rules.text.summaries import Quoted
from storage.sla import SlaBook
from storage.store import Store

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class AccountView:
    """One customer: who it is, what it pays and wrote, what was promised, seen and decided, and what came of it."""

    account: dict[str, Any]
    currency: str
    lines: Rows
    contracts: Rows
    tickets: Rows
    surveys: Rows
    signals: dict[str, Any]
    decisions: list[Decision]
    escalations: list[QueueEntry]
    outcomes: list[Outcome]
    clocks: list[ClockEntry]
    breaches: list[SlaBreach]
    holdouts: list[Drawn]
    losses: tuple[Loss, ...] = ()
    telling: tuple[Quoted, ...] = ()


def view_account(
    store: Store, rulebook: Rulebook, name: str, as_of: datetime, known_on: datetime | None = None
) -> AccountView:
    """Everything about the account of that name or id; its revenue as it was known at `known_on`.

    Raises:
        NotFound: no account is called so, or several are; the message gives the near ones.
    """
    facts = store.facts(known_on)
    account = named(facts.accounts().collect().rows(named=True), name)
    key, ref = nw.col("account_id") == account["id"], account["external_id"]
    signals, currency = look(facts, rulebook, as_of, as_of).signals(as_of)
    today = utc_day(as_of)
    outcomes = [each for each in store.outcomes() if each.account_ref == ref and each.happened_at <= as_of]
    return AccountView(
        account=account,
        currency=currency,
        lines=_rows(facts.lines().filter(key, nw.col("starts_on") <= today), "starts_on"),
        contracts=_rows(facts.contracts().filter(key, nw.col("starts_on") <= today), "starts_on"),
        tickets=_rows(facts.tickets(until=as_of).filter(key), "created_at"),
        surveys=_rows(facts.surveys().filter(key, nw.col("answered_at") <= as_of), "answered_at"),
        signals=signals.filter(key).rows(named=True)[0],
        decisions=store.decisions(ref, until=as_of),
        escalations=[each for each in open_queue(store, as_of, everything=True) if each.escalation.account_ref == ref],
        outcomes=outcomes,
        losses=_losses(store, rulebook, outcomes, account["id"], as_of),
        clocks=[each for each in board(store, rulebook, as_of) if each.account_ref == ref],
        holdouts=draws_of(store, ref, as_of),
        telling=tuple(most_telling(store, account["id"], as_of)),
        breaches=[each for each in SlaBook(store.engine).breaches(until=as_of) if each.account_ref == ref],
    )


def _losses(
    store: Store, rulebook: Rulebook, outcomes: list[Outcome], account_id: int, as_of: datetime
) -> tuple[Loss, ...]:
    """The account's losses with their reasons; most accounts have lost nothing, and nothing is looked for."""
    first = min((each.happened_at for each in outcomes if each.lost_cents), default=None)
    if first is None:
        return ()
    settlement = Settlement(store.facts(), rulebook, as_of)
    return losses(store, rulebook, as_of, first, settlement, account_id).losses


def _rows(frame: nw.LazyFrame[Any], by: str) -> Rows:
    """The newest first."""
    return list(frame.sort(by, "id", descending=True).collect().iter_rows(named=True))
