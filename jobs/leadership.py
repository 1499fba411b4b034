"""Tells the leadership of support where gross retention fell or stands below its floor, and which of it is new."""

import json
from dataclasses import dataclass
from datetime import datetime

from jobs.ledger import ledger_frames
from jobs.rulebook import Rulebook
from retention.grr_alerts import grr_alerts
from storage.store import Store

ALERTS_NOTE = "GRR alerts told"


@dataclass(frozen=True)
class LeadershipAlert:
    """One alert in a sentence, and whether no run has told it before."""

    because: str
    is_new: bool


def leadership_alerts(store: Store, rulebook: Rulebook, as_of: datetime) -> list[LeadershipAlert]:
    """The alerts that stand at a moment."""
    told = set(json.loads(store.note(ALERTS_NOTE) or "[]"))
    found = grr_alerts(ledger_frames(store.facts()), as_of, rulebook.ledger)
    return [LeadershipAlert(alert.because, alert.because not in told) for alert in found]


def tell(store: Store, alerts: list[LeadershipAlert]) -> None:
    """Remember that these were told; what is gone by then is new when it comes again."""
    store.set_note(ALERTS_NOTE, json.dumps([alert.because for alert in alerts]))
