"""Knows the churn risk of each account at a moment, where a model of the team's own history is in use."""

from datetime import datetime

from jobs.evaluate import look
from jobs.rulebook import Rulebook
from storage.store import Store

SIGNAL = "churn_risk"


def risks_at(store: Store, rulebook: Rulebook, as_of: datetime) -> dict[str, float]:
    """By account, 0..1; nothing where no model was ever learned."""
    facts = store.facts()
    if not facts.churn_models():
        return {}
    signals, _ = look(facts, rulebook, as_of, as_of, only={SIGNAL}).signals(as_of)
    pairs = zip(signals["account_ref"].to_list(), signals[SIGNAL].to_list(), strict=True)
    return {str(account): float(risk) for account, risk in pairs if risk is not None}
