"""Settles what became of recurring revenue: outcomes, who had a part in them, and the credit that each model gives."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import narwhals as nw

from domain.revenue import Credit, Outcome
from jobs.rulebook import Rulebook
from retention.attribution import Credited
from retention.episodes import followed
from retention.fx import RateTable
from retention.ledger import open_ledger
from retention.outcomes import outcomes
from retention.touches import all_touches
from storage.facts import Facts
from storage.store import Store

Frame = nw.LazyFrame[Any]


class Settlement:
    """Outcomes and touches up to a moment, as frames; `rates` convert them into the reporting currency."""

    def __init__(self, facts: Facts, rulebook: Rulebook, as_of: datetime) -> None:
        self._rulebook, self._as_of = rulebook, as_of
        self.accounts = facts.accounts()
        lines, contracts, fx_rates = facts.lines(), facts.contracts(), facts.fx_rates()
        currency = open_ledger(lines, fx_rates, as_of, rulebook.ledger).currency
        sold_in = nw.concat([lines.select("currency"), contracts.select("currency")]).unique().collect()
        self.rates = RateTable.read(fx_rates, sold_in["currency"].to_list(), currency)
        touches = all_touches(
            facts.touches(), facts.tickets(until=as_of), facts.escalations(), facts.escalation_steps(), as_of
        )
        # Both are read by every model and every label: computed once.
        self.touches = touches.collect().lazy()
        found = outcomes(contracts, lines, as_of, self.rates, facts.contract_versions())
        self.outcomes = followed(found, facts.decisions(), self.touches, rulebook.credit).collect().lazy()

    def records(self) -> tuple[list[Outcome], list[Credit]]:
        """The outcomes, and the credit for each by every model that the configuration settles."""
        settled = self.outcomes.drop("account_id").collect()
        return [Outcome.model_validate(row) for row in settled.iter_rows(named=True)], self._credit()

    def _credit(self) -> list[Credit]:
        conventions = self._rulebook.credit
        if not conventions.models:
            return []
        shares = Credited(self.outcomes, self.touches, conventions).shares(conventions.models, "kept")
        rows = shares.select(*Credit.model_fields).sort("model", "outcome_id", "touch_id").collect()
        return [Credit.model_validate(row) for row in rows.iter_rows(named=True)]


@dataclass(frozen=True)
class Desk:
    """What reports on outcomes are made from at a moment, each part read when first asked for.

    With `known_on`, what was learned or said later is left out.
    """

    store: Store
    rulebook: Rulebook
    as_of: datetime
    known_on: datetime | None = None

    @cached_property
    def facts(self) -> Facts:
        """The facts as they are, or were, known."""
        return self.store.facts(self.known_on)

    @cached_property
    def settlement(self) -> Settlement:
        """Outcomes and touches up to the moment."""
        return Settlement(self.facts, self.rulebook, self.as_of)


def settle(store: Store, rulebook: Rulebook, as_of: datetime) -> tuple[int, int]:
    """Settle outcomes and credit and keep them. Returns how many of each."""
    settled, credit = Settlement(store.facts(), rulebook, as_of).records()
    store.replace_outcomes(settled, credit)
    return len(settled), len(credit)
