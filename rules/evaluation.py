"""Decides which playbooks apply to which accounts at a moment, and says why and what was not known."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw

from domain.escalations import Decision
from domain.money import decimal_amount
from domain.playbooks import RuleSpell
from rules.conditions import explain
from rules.playbooks import Playbook, require_currency
from rules.signals import SIGNALS, SignalWindows, Value
from rules.spells import fired, observed


@dataclass(frozen=True)
class Unknown:
    """For how many accounts a playbook could not be decided, and how many of them lack each signal."""

    accounts: int
    missing: Mapping[str, int]


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
) -> Evaluation:
    """Evaluate every playbook for every account in one pass a playbook.

    `signals` is what `account_signals` returned for `as_of`; it is collected once. Money is in cents of `currency`.
    A playbook whose condition is unknown for an account does not fire. `standing` are the spells that were open before
    this look (rule_hash, account_id, account_ref, ticket_ref, true_since, on_since), as `rules.spells` knows them.

    Raises:
        ValueError: a playbook's amount is not in `currency`.
    """
    require_currency(playbooks, currency)
    table = signals.collect() if isinstance(signals, nw.LazyFrame) else signals
    told = _Told(as_of.astimezone(UTC), currency, windows or SignalWindows())
    table = table.with_columns(nw.lit(told.as_of).cast(nw.Datetime("us", "UTC")).alias("as_of"))
    decisions: list[Decision] = []
    unknown: dict[str, Unknown] = {}
    spells: list[RuleSpell] = []
    for playbook in playbooks:
        looks = observed(playbook, table)
        fires, left = fired(playbook, looks, _standing(playbook, standing))
        rows = table.join(fires.select("account_id", "since"), on="account_id", how="inner").sort("account_id")
        decisions += [told.decision(playbook, row) for row in rows.iter_rows(named=True)]
        unknown[playbook.id] = _unknown(table.filter(looks["when"].is_null()), playbook)
        spells += [_spell(row) for row in left.iter_rows(named=True)]
    return Evaluation(decisions, unknown, tuple(spells))


def _standing(playbook: Playbook, standing: nw.DataFrame[Any] | None) -> nw.DataFrame[Any] | None:
    if standing is None or not playbook.remembers:
        return None
    return standing.filter(nw.col("rule_hash") == playbook.content_hash)


def _spell(row: Mapping[str, Any]) -> RuleSpell:
    return RuleSpell.model_validate({name: row[name] for name in RuleSpell.model_fields if name in row})


def _unknown(undecided: nw.DataFrame[Any], playbook: Playbook) -> Unknown:
    compared = dict.fromkeys(name for leaf in playbook.when.leaves() for name in _decides(leaf))
    missing = {name: undecided[name].null_count() for name in compared}
    return Unknown(len(undecided), {name: count for name, count in missing.items() if count})


def _decides(leaf: Any) -> tuple[str, ...]:
    return (leaf.signal, "segment") if leaf.by_segment else (leaf.signal,)


@dataclass(frozen=True)
class _Told:
    """Turns a row that fired into a decision."""

    as_of: datetime
    currency: str
    windows: SignalWindows

    def decision(self, playbook: Playbook, row: Mapping[str, Any]) -> Decision:
        values: dict[str, Value] = {name: row[name] for name in SIGNALS}
        account = str(row["account_ref"])
        return Decision(
            decision_id=decision_id(playbook.content_hash, account, self.as_of),
            account_ref=account,
            playbook=playbook.id,
            rule_hash=playbook.content_hash,
            as_of=self.as_of,
            because=self._because(playbook, values, row["since"]),
            since=row["since"],
            inputs={name: self._plain(name, values[name]) for name in playbook.when.signals()},
        )

    def _because(self, playbook: Playbook, values: Mapping[str, Value], since: datetime | None) -> str:
        held = "" if playbook.hold_for is None else f"; so for at least {playbook.hold_for}"
        if playbook.clear_when is not None and since is not None and since < self.as_of:
            held = f"; has applied since {since:%Y-%m-%d %H:%M} UTC"
        return explain(playbook.when, values, self.currency, self.windows)[: 500 - len(held)] + held

    def _plain(self, name: str, value: Value) -> int | float | str | None:
        if isinstance(value, int) and SIGNALS[name].kind == "money":
            return f"{decimal_amount(value, self.currency):f}"
        return value.isoformat() if isinstance(value, date) else value


def decision_id(rule_hash: str, account_ref: str, as_of: datetime) -> str:
    """The same rule, account and moment always have the same decision."""
    text = "\x1f".join((rule_hash, account_ref, as_of.astimezone(UTC).isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
