"""Decides which playbooks apply to which accounts at a moment, and says why and what was not known."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw

from domain.escalations import Decision
from domain.money import decimal_amount
from rules.conditions import explain, expression
from rules.playbooks import Playbook, require_currency
from rules.signals import SIGNALS, SignalWindows, Value


@dataclass(frozen=True)
class Unknown:
    """For how many accounts a playbook could not be decided, and how many of them lack each signal."""

    accounts: int
    missing: Mapping[str, int]


@dataclass(frozen=True)
class Evaluation:
    """What one run decided: fired decisions by playbook, then account, and per playbook id what was unknown."""

    decisions: list[Decision]
    unknown: dict[str, Unknown]


def evaluate(
    signals: nw.LazyFrame[Any] | nw.DataFrame[Any],
    playbooks: Sequence[Playbook],
    as_of: datetime,
    currency: str,
    windows: SignalWindows | None = None,
) -> Evaluation:
    """Evaluate every playbook for every account in one pass a playbook.

    `signals` is what `account_signals` returned for `as_of`; it is collected once. Money is in cents of `currency`.
    A playbook whose condition is unknown for an account does not fire.

    Raises:
        ValueError: a playbook's amount is not in `currency`.
    """
    require_currency(playbooks, currency)
    table = signals.collect() if isinstance(signals, nw.LazyFrame) else signals
    told = _Told(as_of.astimezone(UTC), currency, windows or SignalWindows())
    decisions: list[Decision] = []
    unknown: dict[str, Unknown] = {}
    for playbook in playbooks:
        answers = table.with_columns(expression(playbook.when).alias("_answer"))
        fired = answers.filter(nw.col("_answer")).sort("account_id")
        decisions += [told.decision(playbook, row) for row in fired.iter_rows(named=True)]
        unknown[playbook.id] = _unknown(answers.filter(nw.col("_answer").is_null()), playbook)
    return Evaluation(decisions, unknown)


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
            because=explain(playbook.when, values, self.currency, self.windows)[:500],
            inputs={name: self._plain(name, values[name]) for name in playbook.when.signals()},
        )

    def _plain(self, name: str, value: Value) -> int | float | str | None:
        if isinstance(value, int) and SIGNALS[name].kind == "money":
            return f"{decimal_amount(value, self.currency):f}"
        return value.isoformat() if isinstance(value, date) else value


def decision_id(rule_hash: str, account_ref: str, as_of: datetime) -> str:
    """The same rule, account and moment always have the same decision."""
    text = "\x1f".join((rule_hash, account_ref, as_of.astimezone(UTC).isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
