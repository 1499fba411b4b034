"""Knows what each ticket and its account looked like at a moment: what policies are chosen by."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from jobs.evaluate import Sight, look
from jobs.rulebook import Rulebook
from rules.signals import SIGNALS
from storage.histories import Histories
from storage.store import Store

Rows = nw.DataFrame[Any]
_ACCOUNT_WORDS = ("csm", "region", "industry")
_PLAYBOOKS = "open_playbook"


@dataclass(frozen=True)
class Scenes:
    """The tickets that were not solved before `since`, and what is needed to see each of them at any moment from then.

    * tickets: as `Histories.tickets` has them, but ticket_id and tag (JSON text)
    * changes: id, ticket_id, happened_at, from_value, to_value of priorities
    """

    since: datetime
    tickets: Rows
    changes: Rows
    accounts: Rows
    escalations: Rows
    sight: Sight
    names: Sequence[str]

    @classmethod
    def read(cls, store: Store, rulebook: Rulebook, since: datetime, until: datetime, names: Sequence[str]) -> "Scenes":
        """What stood in the database between two moments; `names` are the words that policies are chosen by."""
        histories, facts = Histories(store.engine, since, until), store.facts()
        tickets = histories.tickets().rename({"id": "ticket_id", "tags": "tag"}).collect()
        changes = histories.events().filter(nw.col("kind") == "priority").drop("kind").collect()
        return cls(
            since=since,
            tickets=tickets,
            changes=changes,
            accounts=facts.accounts().select(nw.col("id").alias("account_id"), *_ACCOUNT_WORDS).collect(),
            escalations=facts.escalations().collect(),
            sight=look(facts, rulebook, since, until, [name for name in names if name in SIGNALS]),
            names=names,
        )

    def at_creation(self, as_of: datetime) -> Rows:
        """The tickets that are promised something after the fact, as `seen` takes them: their accounts by day.

        Those of before `since` count where they are unresolved at `as_of`; their accounts are seen as of `since`.
        """
        tickets = self.tickets.filter((nw.col("created_at") >= self.since) | _unresolved(as_of))
        day = nw.max_horizontal(nw.col("created_at"), nw.lit(self.since)).dt.truncate("1d")
        return tickets.select("ticket_id", at="created_at", account_at=day)

    def unresolved(self, moment: datetime) -> Rows:
        """The tickets that were created and not resolved before a moment, as `seen` takes them at that moment."""
        at = nw.lit(moment).cast(nw.Datetime("us", "UTC"))
        tickets = self.tickets.filter(_unresolved(moment), nw.col("created_at") < moment)
        return tickets.select("ticket_id", at=at, account_at=at)

    def seen(self, chosen: Rows) -> tuple[Rows, str]:
        """The tickets in `chosen` (ticket_id, at, account_at), each at its moment, and the reporting currency.

        A row per row: ticket_id, at, account_id, account_ref and `names`; the account is seen at `account_at`.
        """
        rows = chosen.join(self.tickets.drop("priority"), on="ticket_id").join(self.priorities(chosen), on="ticket_id")
        rows = rows.join(self.accounts, on="account_id", how="left")
        signals, currency = self._signals(rows)
        rows = rows.join(signals, on=["account_id", "account_at"], how="left")
        if _PLAYBOOKS in self.names:
            rows = rows.with_columns(self._open_playbooks(rows))
        own = [name for name in self.names if name not in {"ticket_id", "at", "account_id", "account_ref"}]
        return rows.select("ticket_id", "at", "account_id", "account_ref", *own).sort("ticket_id"), currency

    def priorities(self, chosen: Rows) -> Rows:
        """ticket_id, priority: that of the moment, by the changes; the ticket's own where it never changed."""
        changes = self.changes.join(chosen.select("ticket_id", "at"), on="ticket_id").sort("happened_at", "id")
        has_come = nw.col("happened_at") <= nw.col("at")
        by_then = changes.filter(has_come).unique("ticket_id", keep="last", maintain_order=True)
        later = changes.filter(~has_come).unique("ticket_id", keep="first", maintain_order=True)
        later = later.join(by_then, on="ticket_id", how="anti")
        changed = nw.concat([
            by_then.select("ticket_id", nw.col("to_value").alias("priority")),
            later.select("ticket_id", nw.col("from_value").alias("priority")),
        ])  # fmt: skip
        own = self.tickets.join(chosen, on="ticket_id", how="semi").join(changed, on="ticket_id", how="anti")
        return nw.concat([changed, own.select("ticket_id", "priority")])

    def _signals(self, rows: Rows) -> tuple[Rows, str]:
        asked = rows.select("account_id", "account_at").filter(~nw.col("account_id").is_null()).unique()
        moments = sorted(asked["account_at"].unique().to_list()) or [self.since]
        found, currency = self.sight.signals_at(moments)
        dated = [
            signals.with_columns(nw.lit(moment).cast(asked.schema["account_at"]).alias("account_at"))
            for moment, signals in zip(moments, found, strict=True)
        ]
        return nw.concat([
            one.join(asked.filter(nw.col("account_at") == moment), on="account_id", how="semi")
            for moment, one in zip(moments, dated, strict=True)
        ]), currency  # fmt: skip

    def _open_playbooks(self, rows: Rows) -> nw.Series[Any]:
        """The playbooks with a live escalation for each row's account at `account_at`, as a JSON list."""
        lives: dict[int, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
        columns = self.escalations.select("account_id", "playbook", "opened_at", "closed_at").sort("playbook")
        for account, playbook, opened_at, closed_at in columns.iter_rows():
            lives[account].append((playbook, opened_at, closed_at))
        asked = rows.select("account_id", "account_at")
        told = [None if account is None else _live(lives.get(account, []), at) for account, at in asked.iter_rows()]
        return nw.new_series(_PLAYBOOKS, told, nw.String, backend=rows.implementation)


def _unresolved(moment: datetime) -> nw.Expr:
    return ~nw.col("status").is_in(["solved", "closed"]) | (nw.col("resolved_at") > moment)


def _live(escalations: Sequence[tuple[str, datetime, datetime | None]], at: datetime) -> str:
    return json.dumps([
        playbook for playbook, opened, closed in escalations if opened <= at and (closed is None or closed > at)
    ])  # fmt: skip
