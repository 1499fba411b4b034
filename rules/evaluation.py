"""Decides which playbooks apply to which accounts, and tickets, at a moment, and says why and what was not known."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import narwhals as nw

from domain.escalations import Decision
from domain.money import decimal_amount
from domain.playbooks import RuleSpell
from rules.conditions import explain
from rules.playbooks import Playbook, require_currency
from rules.signals import SignalWindows, Value
from rules.signals.fields import with_fields
from rules.spells import fired, observed
from rules.ticket_looks import ticket_looks, undecided


@dataclass(frozen=True)
class Unknown:
    """For how many accounts a playbook could not be decided, and how many of them lack each signal.

    `of` says what was counted: accounts, or tickets where the playbook is about these.
    """

    accounts: int
    missing: Mapping[str, int]
    of: Literal["accounts", "tickets"] = "accounts"


@dataclass(frozen=True)
class Evaluation:
    """What one run decided: fired decisions by playbook, then account, and per playbook id what was unknown.

    `spells` are those that this look began, carried on or ended, of the playbooks that depend on earlier looks; they
    are to be kept with the decisions.
    """

    decisions: list[Decision]
    unknown: dict[str, Unknown]
    spells: tuple[RuleSpell, ...] = ()


def evaluate(
    signals: nw.LazyFrame[Any] | nw.DataFrame[Any],
    playbooks: Sequence[Playbook],
    as_of: datetime,
    currency: str,
    windows: SignalWindows | None = None,
    standing: nw.DataFrame[Any] | None = None,
    tickets: nw.DataFrame[Any] | None = None,
) -> Evaluation:
    """Evaluate every playbook for every account, or every open ticket, in one pass a playbook.

    `signals` is what `account_signals` returned for `as_of`; it is collected once. Money is in cents of `currency`.
    A playbook whose condition is unknown for an account does not fire. `standing` are the spells that were open before
    this look (rule_hash, account_id, account_ref, ticket_ref, true_since, on_since), as `rules.spells` knows them.

    `tickets` is what `ticket_signals` returned for `as_of`. Without it no ticket is looked at, and playbooks about
    tickets decide nothing. What would apply to a ticket that is not linked to an account is unknown.

    Raises:
        ValueError: a playbook's amount is not in `currency`.
    """
    require_currency(playbooks, currency)
    table = signals.collect() if isinstance(signals, nw.LazyFrame) else signals
    told = _Told(as_of.astimezone(UTC), currency, windows or SignalWindows())
    compared = [name for playbook in playbooks for name in playbook.when.signals()]
    accounts = _at(with_fields(table, compared), told.as_of)
    open_tickets = None if tickets is None else _at(with_fields(tickets, compared), told.as_of)
    decisions: list[Decision] = []
    unknown: dict[str, Unknown] = {}
    spells: list[RuleSpell] = []
    for playbook in playbooks:
        stood = _standing(playbook, standing)
        if not playbook.about_tickets:
            found, looks = accounts, observed(playbook, accounts)
            unknown[playbook.id] = _unknown(accounts.filter(looks["when"].is_null()), playbook)
        elif open_tickets is not None:
            found, looks = open_tickets, ticket_looks(playbook, open_tickets, [told.as_of], stood)
            unknown[playbook.id] = _unknown(undecided(playbook, open_tickets), playbook)
        else:
            continue
        fires, left = fired(playbook, looks, stood)
        decisions += [told.decision(playbook, row) for row in _fired_rows(found, fires).iter_rows(named=True)]
        spells += [_spell(row) for row in left.iter_rows(named=True)]
    return Evaluation(decisions, unknown, tuple(spells))


def _at(table: nw.DataFrame[Any], as_of: datetime) -> nw.DataFrame[Any]:
    return table.with_columns(nw.lit(as_of).cast(nw.Datetime("us", "UTC")).alias("as_of"))


def _fired_rows(found: nw.DataFrame[Any], fires: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """What was seen where a playbook fired, and since when; by account, and an account's tickets the oldest first."""
    is_ticket = "ticket_id" in found.columns
    key = "ticket_ref" if is_ticket else "account_id"
    order = ("account_id", "ticket_id") if is_ticket else ("account_id",)
    return found.join(fires.select(key, "since"), on=key, how="inner").sort(*order)


def _standing(playbook: Playbook, standing: nw.DataFrame[Any] | None) -> nw.DataFrame[Any] | None:
    if standing is None or not playbook.remembers:
        return None
    return standing.filter(nw.col("rule_hash") == playbook.content_hash)


def _spell(row: Mapping[str, Any]) -> RuleSpell:
    return RuleSpell.model_validate({name: row[name] for name in RuleSpell.model_fields if name in row})


def _unknown(rows: nw.DataFrame[Any], playbook: Playbook) -> Unknown:
    compared = dict.fromkeys(name for leaf in playbook.when.leaves() for name in _decides(leaf))
    missing = {name: rows[name].null_count() for name in compared}
    if not playbook.about_tickets:
        return Unknown(len(rows), {name: count for name, count in missing.items() if count})
    missing["account"] = rows["account_ref"].null_count()
    return Unknown(len(rows), {name: count for name, count in missing.items() if count}, "tickets")


def _decides(leaf: Any) -> tuple[str, ...]:
    return (leaf.signal, "segment") if leaf.by_segment else (leaf.signal,)


@dataclass(frozen=True)
class _Told:
    """Turns a row that fired into a decision."""

    as_of: datetime
    currency: str
    windows: SignalWindows

    def decision(self, playbook: Playbook, row: Mapping[str, Any]) -> Decision:
        known = (*playbook.when.vocabulary, *playbook.when.signals(), "account_ref")
        values: dict[str, Value] = {name: row.get(name) for name in known}
        account, ticket = str(row["account_ref"]), row.get("ticket_ref")
        return Decision(
            decision_id=decision_id(playbook.content_hash, account, self.as_of, ticket),
            ticket_ref=ticket,
            account_ref=account,
            playbook=playbook.id,
            rule_hash=playbook.content_hash,
            as_of=self.as_of,
            because=self._because(playbook, values, row["since"]),
            since=row["since"],
            inputs={name: self._plain(playbook, name, row.get(name)) for name in self._kept(playbook)},
        )

    @staticmethod
    def _kept(playbook: Playbook) -> dict[str, None]:
        return dict.fromkeys((*playbook.when.signals(), *playbook.facts_told))

    def _because(self, playbook: Playbook, values: Mapping[str, Value], since: datetime | None) -> str:
        held = "" if playbook.hold_for is None else f"; so for at least {playbook.hold_for}"
        if playbook.clear_when is not None and since is not None and since < self.as_of:
            held = f"; has applied since {since:%Y-%m-%d %H:%M} UTC"
        return explain(playbook.when, values, self.currency, self.windows)[: 500 - len(held)] + held

    def _plain(self, playbook: Playbook, name: str, value: Value) -> int | float | str | None:
        signal = playbook.when.vocabulary.get(name)
        if isinstance(value, int) and signal is not None and signal.kind == "money":
            return f"{decimal_amount(value, self.currency):f}"
        return value.isoformat() if isinstance(value, date) else value


def decision_id(rule_hash: str, account_ref: str, as_of: datetime, ticket_ref: str | None = None) -> str:
    """The same rule, account, moment and ticket always have the same decision."""
    parts = [rule_hash, account_ref, as_of.astimezone(UTC).isoformat(), *([] if ticket_ref is None else [ticket_ref])]
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
