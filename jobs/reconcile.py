"""Compares the sources with each other over the stored facts."""

from datetime import datetime

from domain.conventions import LedgerConventions
from domain.imports import Contradiction
from retention.reconcile import contradictions
from storage.facts import Facts


def reconcile(facts: Facts, as_of: datetime, conventions: LedgerConventions) -> list[Contradiction]:
    """Every pair of claims that cannot both be true at `as_of`, kind by kind."""
    return contradictions(
        accounts=facts.accounts(),
        lines=facts.lines(),
        churn_reports=facts.churn_reports(),
        contracts=facts.contracts(),
        tickets=facts.tickets(until=as_of),
        surveys=facts.surveys(),
        usage_days=facts.usage_days(),
        as_of=as_of,
        conventions=conventions,
    )
