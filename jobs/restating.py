"""Says which figures were told differently later, and opens each into what was learned meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from domain.conventions import Cut, LedgerConventions
from domain.errors import NotFound
from domain.money import decimal_amount, to_cents
from domain.publishing import MONEY, Restatement
from jobs.learned import Learned
from jobs.ledger import ledger_frames
from retention.restating import LINE_CENTS, MONEY_CENTS, Knowledge, Step, known_window, restating_steps
from storage.published import PublishedBook
from storage.store import Store

Cents = dict[str, int]


@dataclass(frozen=True)
class Change:
    """One thing that was learned: what was said before and what is said now (only what differs), and since when.

    `effect` is in minor units of the reporting currency, of opening and closing MRR.
    """

    record: str
    effective_on: date | None
    recorded_at: datetime | None
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    effect: Cents = field(default_factory=dict)


@dataclass(frozen=True)
class Cause:
    """A part of the difference: of one account, of the rates, of the settings, or `other`; minor units by amount."""

    kind: str
    account: str | None
    effect: Cents
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Explained:
    """A restatement with its causes, whose effects sum to its difference in every amount.

    Without causes the two figures are in different currencies and have no difference.
    """

    restatement: Restatement
    causes: tuple[Cause, ...]


def restatements(store: Store, since: datetime | None = None) -> list[Restatement]:
    """Every row that was told differently, the newest first."""
    return PublishedBook(store.engine).restatements(since)


def explained(store: Store, window: str, by: Cut | None = None) -> list[Explained]:
    """The restatements of one window, whole or by a cut, each with what made it.

    Raises:
        NotFound: it was not restated.
    """
    found = [each for each in restatements(store) if each.after.period == window and each.after.by == (by or "")]
    if not found:
        known = sorted({each.after.period for each in restatements(store) if each.after.by == (by or "")})
        remedy = f"restated were: {', '.join(known)}" if known else "nothing was restated"
        raise NotFound(f"{window}{f' by {by}' if by else ''} was not restated; {remedy}")
    steps: dict[tuple[datetime, datetime], _Between] = {}
    for each in found:
        moments = (each.before.published_at, each.after.published_at)
        if each.comparable and moments not in steps:
            steps[moments] = _Between(store, each, by)
    return [
        Explained(each, tuple(steps[each.before.published_at, each.after.published_at].causes(each)))
        if each.comparable
        else Explained(each, ())
        for each in found
    ]


class _Between:
    """What was learned between two publications, and what it did to one window."""

    def __init__(self, store: Store, restatement: Restatement, by: Cut | None) -> None:
        before, after = restatement.before, restatement.after
        old, new = store.facts(before.published_at), store.facts(after.published_at)
        states = [
            Knowledge(ledger_frames(facts, by), _settings(figure.conventions, figure.currency))
            for facts, figure in ((old, before), (new, after))
        ]
        window = known_window(states, after.length, after.period, after.published_at)
        self._days = (window.opens_on, window.last_day)
        self._steps = restating_steps(states[0], states[1], window, by, after.published_at)
        touched = {row["account_id"] for step in self._steps for row in step.units}
        self._learned = Learned(old, new, before.published_at, touched)

    def causes(self, restatement: Restatement) -> Iterable[Cause]:
        """The parts of one slice's difference."""
        slice_, left = restatement.after.slice, _difference(restatement)
        for step in self._steps:
            for cause in self._of(step, slice_, restatement):
                left = {name: cents - cause.effect[name] for name, cents in left.items()}
                yield cause
        if any(left.values()):
            yield Cause("other", None, left)

    def _of(self, step: Step, slice_: str, restatement: Restatement) -> Iterable[Cause]:
        units = [row for row in step.units if row["slice"] == slice_]
        lines = [row for row in step.lines if row["slice"] == slice_]
        if not units:
            return
        if step.name == "settings":
            yield Cause("settings", None, _summed(units), _settings_changed(restatement))
        elif step.name == "rates":
            yield Cause("rates", None, _summed(units), self._rates(lines, restatement.after.currency))
        else:
            for unit in units:
                account = unit["account_id"]
                own = [row for row in lines if row["account_id"] == account]
                changes = self._accounts(account) if step.name == "accounts" else self._lines(own)
                yield Cause(step.name, self._learned.name_of(account), _summed([unit]), changes)

    def _accounts(self, account: int) -> tuple[Change, ...]:
        return tuple(Change(*said) for said in self._learned.of_account(account))

    def _lines(self, lines: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
        return tuple(
            Change(*self._learned.of_line(row["source"], row["external_id"]), _summed([row], LINE_CENTS))
            for row in lines
        )

    def _rates(self, lines: Sequence[Mapping[str, Any]], reporting: str) -> tuple[Change, ...]:
        currencies = sorted({row["currency"] for row in lines})
        return tuple(
            Change(
                *self._learned.of_rates(currency, reporting, self._days),
                _summed([row for row in lines if row["currency"] == currency], LINE_CENTS),
            )
            for currency in currencies
        )


def _settings(told: Mapping[str, Any], currency: str) -> LedgerConventions:
    """The settings a figure was made with, as far as this release has them."""
    known = {name: value for name, value in told.items() if name in LedgerConventions.model_fields}
    return LedgerConventions.model_validate(known | {"reporting_currency": currency})


def _settings_changed(restatement: Restatement) -> tuple[Change, ...]:
    at = restatement.after.published_at
    return tuple(Change(name, None, at, {name: old}, {name: new}) for name, (old, new) in restatement.settings.items())


def _difference(restatement: Restatement) -> Cents:
    currency = restatement.after.currency
    return {name: to_cents(restatement.difference(name), currency) for name in MONEY}


def _summed(rows: Iterable[Mapping[str, Any]], cents: Sequence[str] = MONEY_CENTS) -> Cents:
    total = dict.fromkeys((name.removesuffix("_cents") for name in cents), 0)
    for row in rows:
        for name in cents:
            total[name.removesuffix("_cents")] += int(row[name])
    return total


def as_amounts(cents: Cents, currency: str) -> dict[str, str]:
    """Minor units as exact decimal strings; what is zero is left out."""
    return {name: str(decimal_amount(value, currency)) for name, value in cents.items() if value}
