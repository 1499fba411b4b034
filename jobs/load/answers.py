"""Takes what persons say of escalations: right to open it, or not, because …; the newest answer counts."""

from datetime import datetime

from domain.errors import NotFound
from domain.escalations import Escalation
from domain.playbooks import DecisionAnswer, DecisionVerdict
from jobs.rulebook import Rulebook
from rules.load.precision import standing_answers
from rules.words import unknown_word
from storage.alert_load import LoadBook
from storage.store import Store

_SHORTEST = 4


def answer(
    store: Store,
    rulebook: Rulebook,
    escalation: str,
    verdict: DecisionVerdict,
    by: str,
    at: datetime,
    reason: str | None = None,
    note: str | None = None,
) -> tuple[DecisionAnswer, Escalation]:
    """Keep an answer about an escalation, named by its id or the beginning of it.

    Raises:
        NotFound: no or several escalations are called so, the reason is not one of `team.yaml`, or there is nothing to
            withdraw.
    """
    found = _named(store, escalation)
    reasons = rulebook.team.disagreements
    if verdict == "disagree" and reason not in reasons:
        raise NotFound(f"{unknown_word(reason, reasons, 'reason')} (team.yaml, disagreements)")
    book = LoadBook(store.engine)
    if verdict == "withdrawn" and found.escalation_id not in standing_answers(book.answers()):
        raise NotFound(f"nothing was said of {found.escalation_id}, so nothing can be withdrawn")
    given = DecisionAnswer(
        escalation_id=found.escalation_id, playbook=found.playbook, rule_hash=book.rule_hashes()[found.escalation_id],
        account_ref=found.account_ref, verdict=verdict, reason=reason, note=note, decided_by=by, decided_at=at,
    )  # fmt: skip
    book.answer([given])
    return given, found


def _named(store: Store, name: str) -> Escalation:
    every = store.escalations()
    exact = [each for each in every if each.escalation_id == name]
    found = exact or [each for each in every if len(name) >= _SHORTEST and each.escalation_id.startswith(name)]
    if not found:
        raise NotFound(f"no escalation {name!r}; keepline queue --json lists them with their ids")
    if len(found) > 1:
        raise NotFound(f"{len(found)} escalations begin with {name!r}; write more of the id")
    return found[0]
