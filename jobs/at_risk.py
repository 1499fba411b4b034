"""Watches which accounts come to be at risk, moment by moment of a run."""

from collections.abc import Sequence
from datetime import datetime

import narwhals as nw

from domain.effects import Episode
from jobs.evaluate import Evaluated
from jobs.rulebook import Rulebook
from retention.at_risk.beginning import Standing, Surroundings, begun, known_since
from retention.at_risk.spells import open_spells
from retention.fx import RateTable
from retention.ledger import open_ledger
from retention.outcomes import outcomes
from storage.episodes import EpisodeBook
from storage.histories import Histories
from storage.store import Store


class Watch:
    """The accounts at risk over the moments of a run; what it looks at is read once."""

    def __init__(self, store: Store, rulebook: Rulebook, moments: Sequence[datetime]) -> None:
        self._rulebook, self._recorded_at = rulebook, moments[-1]
        self._around = _surroundings(store, rulebook, moments[0], moments[-1])
        self._standing = Standing()
        flags = EpisodeBook(store.engine).frame().select("account_id", "flagged_at").collect()
        for account_id, flagged_at in flags.iter_rows():
            self._standing.add(account_id, flagged_at)

    def begun(self, evaluated: Evaluated, as_of: datetime) -> list[Episode]:
        """The episodes that begin at a moment; the moments are asked for in their order."""
        risky = {playbook.id for playbook in evaluated.by.active if playbook.marks_risk}
        fired: dict[str, list[str]] = {}
        for decision in evaluated.evaluation.decisions:
            if decision.playbook in risky:
                fired.setdefault(decision.account_ref, []).append(decision.playbook)
        return begun(
            fired, evaluated.signals, evaluated.currency, self._around, self._standing, as_of,
            self._rulebook.incremental.horizon_days, self._recorded_at,
        )  # fmt: skip


def _surroundings(store: Store, rulebook: Rulebook, first: datetime, last: datetime) -> Surroundings:
    facts, histories = store.facts(), Histories(store.engine, first, last)
    lines, contracts, fx_rates = facts.lines(), facts.contracts(), facts.fx_rates()
    currency = open_ledger(lines, fx_rates, last, rulebook.ledger).currency
    sold_in = nw.concat([lines.select("currency"), contracts.select("currency")]).unique().collect()
    rates = RateTable.read(fx_rates, sold_in["currency"].to_list(), currency)
    work = facts.touches().filter(nw.col("kind").is_in(rulebook.credit.interventions))
    frames = (
        outcomes(contracts, lines, last, rates, facts.contract_versions()).select("account_id", "happened_at"),
        open_spells(histories.tickets(), histories.events()),
        work.select("account_id", "happened_at"),
        known_since(facts.accounts(), lines),
    )
    return Surroundings(*(frame.collect().lazy() for frame in frames))
