"""Candidates, people and desks as the tests of the alert load write them."""

from datetime import UTC, date, datetime
from typing import Any

from rules.holdouts.draw import AccountValue
from rules.load import Team
from rules.load.owners import AccountFacts, Hand, Rota
from rules.load.precision import Chances
from rules.load.sharing import Candidate, Desk

# A Monday.
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOON.date()


def a_team(*people: dict[str, Any], **further: Any) -> Team:
    """A team as it stands in a file; each person has the role csm where nothing is said."""
    return Team.model_validate({"people": [{"roles": ["csm"], **one} for one in people], **further})


def a_candidate(
    account: str = "A", arr: int | None = 10_000, family: str = "usage", renews_on: date | None = None, **further: Any
) -> Candidate:
    """A decision that would open something for an account of so much ARR."""
    cents = None if arr is None else arr * 100
    told: dict[str, Any] = {
        "decision_id": f"{account}-{family}", "account_ref": account, "playbook": family, "rule_hash": "h",
        "family": family, "role": "csm", "priority": "normal",
        "value": AccountValue(cents, None if cents is None else "USD", renews_on), "due_at": NOON,
    }  # fmt: skip
    return Candidate(**told | further)


def a_desk(
    team: Team,
    accounts: dict[str, AccountFacts] | None = None,
    hours: dict[str, float] | None = None,
    kept: dict[str, str] | None = None,
    hands: dict[str, Hand] | None = None,
    chances: Chances | None = None,
    parents: dict[str, str] | None = None,
) -> Desk:
    """What stands before a moment's new escalations."""
    return Desk(
        rota=Rota(team, TODAY, hours or {}, kept or {}), accounts=accounts or {}, hands=hands or {},
        chances=chances or Chances(team.chances, team.answers), assumed_cents=500_000, parents=parents or {},
    )  # fmt: skip
