"""Looks at what became of every rule's alarms in the last weeks, and proposes what to retire or to tighten."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from jobs.act import cases
from jobs.playbooks_in_force import in_force
from jobs.rulebook import Rulebook
from rules.load.alarms import alarms
from rules.load.precision import Precision, precisions, standing_answers
from rules.load.review import Proposal, review
from rules.step_work import Case
from storage.alert_load import LoadBook
from storage.store import Store


class _OfPlaybook(Protocol):
    @property
    def playbook(self) -> str: ...


AnyOf = TypeVar("AnyOf", bound=_OfPlaybook)


@dataclass(frozen=True)
class Review:
    """The proposals for every rule that counts, those to act on first, and the weeks that they look at.

    `weekly` is how many escalations each owner was given in each week, by its Monday, of all rules together.
    """

    since: datetime
    as_of: datetime
    proposals: tuple[Proposal, ...]
    weekly: dict[tuple[str, date], int]


def measured(store: Store, rule_hash: str, as_of: datetime) -> Precision:
    """How often persons found one version of a rule right."""
    standing = standing_answers(LoadBook(store.engine).answers(as_of))
    return precisions(standing.values()).get(rule_hash, Precision())


def review_rules(store: Store, rulebook: Rulebook, as_of: datetime, weeks: int | None = None) -> Review:
    """What to do with each rule that counts, by its last `weeks`; those of `team.yaml` where nothing is said.

    All versions of a rule in these weeks are taken together, but its answers are those of the version that counts.
    """
    rule, book = rulebook.team.review, LoadBook(store.engine)
    since = as_of - timedelta(weeks=weeks or rule.weeks)
    made = _by_playbook(store.decisions(since=since, until=as_of))
    opened: dict[str, list[Case]] = defaultdict(list)
    every = [case for case in cases(store) if since <= case.escalation.opened_at <= as_of]
    for case in every:
        opened[case.escalation.playbook].append(case)
    held = _by_playbook(book.held_back(since, as_of + timedelta(microseconds=1)))
    answers = standing_answers(book.answers(as_of))
    order = {"retire": 0, "tighten": 1, "keep": 2}
    found = [
        review(
            playbook,
            alarms(
                playbook.id, made[playbook.id], opened[playbook.id], held[playbook.id],
                {name: one for name, one in answers.items() if one.rule_hash == playbook.content_hash},
            ),
            rule,
        )
        for playbook in in_force(store, rulebook, as_of).active
    ]  # fmt: skip
    weekly: dict[tuple[str, date], int] = defaultdict(int)
    for each in found:
        for key, count in each.alarms.weekly.items():
            weekly[key] += count
    ranked = sorted(found, key=lambda one: (order[one.proposed], -one.alarms.opened, one.alarms.playbook))
    return Review(since, as_of, tuple(ranked), dict(weekly))


def _by_playbook(rows: Iterable[AnyOf]) -> defaultdict[str, list[AnyOf]]:
    found: defaultdict[str, list[AnyOf]] = defaultdict(list)
    for row in rows:
        found[row.playbook].append(row)
    return found
