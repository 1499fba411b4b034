"""Knows how decisions become escalations, how work completes their steps, and when they close.

Pure: it is given what stands and returns what changes. Running it twice at one moment changes nothing the second time;
a closed escalation never opens again, a later one has another id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import narwhals as nw

from domain.effects import HoldoutAssignment
from domain.escalations import LIVE_STATES, Decision, Escalation, Touch
from domain.playbooks import HeldBackAlert
from rules.branches import settle_branches
from rules.holdouts.draw import AccountValue, Barred, Draw, Held, Lots, Released
from rules.load.sharing import Candidate, Desk, share_out
from rules.opening import Opening
from rules.playbooks import Playbook
from rules.sla import Calendar
from rules.step_work import Case, work_off

Matter: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """What stands before the run.

    * cases: all escalations, live and closed, of the accounts that have a live one or a decision, with their steps
    * earlier: decisions already on record, of this moment too, for the accounts with a live escalation
    * touches: work with the accounts since the oldest of these escalations opened
    * values: what is at stake, by account
    * draw: the plans of the playbooks that hold accounts out, and who was drawn; None where no playbook does
    * applied: when a rule that stays on until it is cleared was last seen on, by account and family
    * replies: the moments of customers' messages, by account, where a step depends on them
    * desk: who takes escalations, and how many today; None where no team is known
    """

    cases: Sequence[Case] = ()
    earlier: Sequence[Decision] = ()
    touches: Sequence[Touch] = ()
    values: Mapping[str, AccountValue] = field(default_factory=dict)
    draw: Draw | None = None
    applied: Mapping[Matter, datetime] = field(default_factory=dict)
    replies: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    desk: Desk | None = None


@dataclass(frozen=True)
class Evidence:
    """A decision that was made while its matter was already being worked on."""

    escalation_id: str
    decision: Decision


@dataclass(frozen=True)
class Suppressed:
    """A decision that opened nothing: its matter was closed a short while ago, or has not cleared since it was opened.

    `until` is the end of the quiet time; None where it lasts until the rule is cleared.
    """

    decision: Decision
    until: datetime | None


@dataclass(frozen=True)
class Changes:
    """What is to be written: `opened` and `changed` are complete records, each with all steps.

    `drawn` are new draws of holdouts, `released` those whom a rule lets through from now on; both are to be kept.
    `held_back` opened nothing because the day of its owner is full.
    """

    opened: tuple[Case, ...] = ()
    changed: tuple[Case, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    held: tuple[Held, ...] = ()
    barred: tuple[Barred, ...] = ()
    drawn: tuple[HoldoutAssignment, ...] = ()
    released: tuple[Released, ...] = ()
    held_back: tuple[HeldBackAlert, ...] = ()

    def __bool__(self) -> bool:
        """Something is to be written; a suppressed decision writes nothing."""
        return bool(self.opened or self.changed or self.evidence or self.drawn or self.released or self.held_back)


def account_values(signals: nw.DataFrame[Any], currency: str) -> dict[str, AccountValue]:
    """What is at stake by account, from the collected `account_signals`."""
    rows = signals.select("account_ref", "acv", "renewal_on").iter_rows()
    return {
        str(account): AccountValue(acv, None if acv is None else currency, renewal_on)
        for account, acv, renewal_on in rows
    }


def escalate(
    decisions: Sequence[Decision],
    playbooks: Sequence[Playbook],
    standing: Standing,
    as_of: datetime,
    calendar: Calendar | None = None,
) -> Changes:
    """The changes that this run's decisions and the work done so far make at `as_of`.

    1. A touch since the opening completes a step; an escalation whose steps are all done is resolved at that moment.
    2. One that no person has taken is expired when for the playbook's `expires_after` its family has not applied and
       nothing was done; one about a renewal, with the next run after that renewal.
    3. A decision adds evidence to its family's live escalation, is suppressed in the cooldown, or opens a new one; if
       several apply at once the most urgent playbook opens it and the others are evidence. One of a playbook with
       `clear_when` opens nothing where the family's last escalation was opened since it came on.
    4. Where a playbook would open one and holds accounts out, its plan is asked first: a decision of a held out account
       opens nothing, and the next playbook of the family has its turn as if the first were not there.
    5. What would open goes to its owner, the weightiest first; where her day is full it is held back, before any plan
       is asked.

    Steps in business time are counted by `calendar`.

    Raises:
        ValueError: a step to be opened is in business time and there is no calendar.
    """
    as_of = as_of.astimezone(UTC)
    books = {playbook.id: playbook for playbook in playbooks}
    cases = settle_branches(work_off(standing.cases, standing.touches, as_of), standing.replies, as_of)
    held = _last_held([*standing.earlier, *decisions], books, as_of)
    for matter, last in standing.applied.items():
        held[matter] = max(last, held.get(matter, last))
    cases = [_expired(case, books, held, as_of) for case in cases]
    before = {case.escalation.escalation_id: case for case in standing.cases}
    changed = tuple(case for case in cases if case != before[case.escalation.escalation_id])
    decided = _decide_matters(decisions, books, cases, standing, Opening(as_of, calendar))
    return replace(decided, changed=changed)


def _last_held(decisions: Iterable[Decision], books: Mapping[str, Playbook], as_of: datetime) -> dict[Matter, datetime]:
    """When each account's matter last applied; what was decided after `as_of` is not looked at."""
    held: dict[Matter, datetime] = {}
    for decision in decisions:
        playbook = books.get(decision.playbook)
        if playbook is not None and decision.as_of <= as_of:
            matter = (decision.account_ref, playbook.family)
            held[matter] = max(decision.as_of, held.get(matter, decision.as_of))
    return held


def _expired(case: Case, books: Mapping[str, Playbook], held: Mapping[Matter, datetime], as_of: datetime) -> Case:
    escalation = case.escalation
    playbook = books.get(escalation.playbook)
    # A playbook that is gone says nothing about its escalations any more: people close them.
    if playbook is None or not _left_to_time(case):
        return case
    work = (step.done_at for step in case.steps if step.done_at is not None)
    applied = held.get((escalation.account_ref, escalation.family), escalation.opened_at)
    last = max(escalation.opened_at, applied, *work)
    has_renewed = (
        _is_about_renewal(playbook) and escalation.renews_on is not None and escalation.renews_on < as_of.date()
    )
    if as_of <= last or (as_of - last < playbook.patience and not has_renewed):
        return case
    closed = escalation.model_copy(update={"state": "expired", "closed_at": as_of, "due_at": None})
    return Case(closed, case.steps)


def _is_about_renewal(playbook: Playbook) -> bool:
    """Whether it asks how far the renewal is: then it is over with the renewal that it was opened for."""
    return "days_to_renewal" in playbook.when.signals()


def _left_to_time(case: Case) -> bool:
    """Whether no person has taken the escalation: it is open, or only recorded work has moved it to `working`."""
    state = case.escalation.state
    return state == "open" or (state == "working" and any(step.done_at for step in case.steps))


def _decide_matters(
    decisions: Sequence[Decision],
    books: Mapping[str, Playbook],
    cases: Sequence[Case],
    standing: Standing,
    opening: Opening,
) -> Changes:
    recorded = {decision.decision_id for decision in standing.earlier}
    recorded |= {case.escalation.decision_id for case in cases}
    live = {_matter(case.escalation): case.escalation.escalation_id for case in cases if _is_live(case)}
    closed_at, opened_at = _closings(cases), _openings(cases)
    evidence: list[Evidence] = []
    waiting: dict[Matter, list[_Turn]] = {}
    for decision, playbook in _by_urgency(decisions, books):
        matter = (decision.account_ref, playbook.family)
        if matter in live:
            if decision.decision_id not in recorded:
                evidence.append(Evidence(live[matter], decision))
        else:
            until = _quiet_until(closed_at.get(matter), playbook, opening.as_of)
            stands_on = playbook.clear_when is not None and _is_since(opened_at.get(matter), decision.since)
            quiet = Suppressed(decision, until) if until is not None or stands_on else None
            waiting.setdefault(matter, []).append(_Turn(decision, playbook, quiet))
    found = _open(list(waiting.values()), standing, opening)
    fresh = (one for one in found.evidence if one.decision.decision_id not in recorded)
    return replace(found, evidence=(*evidence, *fresh))


@dataclass(frozen=True)
class _Turn:
    """A decision whose matter has no live escalation, and whether the matter is quiet for its playbook."""

    decision: Decision
    playbook: Playbook
    quiet: Suppressed | None


def _open(waiting: Sequence[Sequence[_Turn]], standing: Standing, opening: Opening) -> Changes:
    """What is opened for matters without a live escalation; the turns of each come the most urgent first.

    A draw is only made for what finds a place in its owner's day: what is held back is not treated.
    """
    lots, shares = Lots(standing.draw), share_out(standing.desk, opening.as_of)
    opened: list[Case] = []
    evidence: list[Evidence] = []
    suppressed: list[Suppressed] = []
    turns_of = {turn.decision.decision_id: turns for turns in waiting for turn in turns}
    firsts = [next((turn for turn in turns if turn.quiet is None), turns[0]) for turns in waiting]
    for first in shares.ranked([_candidate(turn, standing, opening) for turn in firsts]):
        turns = turns_of[first.decision_id]
        for number, turn in enumerate(turns, start=1):
            if turn.quiet is not None:
                suppressed.append(turn.quiet)
                continue
            candidate = _candidate(turn, standing, opening)
            place = shares.place(candidate)
            if place is None:
                break
            if lots.hold(turn.decision, candidate.value):
                continue
            case = opening.case(turn.decision, turn.playbook, candidate.value, place)
            shares.take(candidate, place)
            opened.append(case)
            evidence += (Evidence(case.escalation.escalation_id, later.decision) for later in turns[number:])
            break
    return Changes(
        opened=tuple(opened), evidence=tuple(evidence), suppressed=tuple(suppressed), held=lots.held(),
        barred=lots.barred(), drawn=lots.drawn(), released=lots.released(), held_back=shares.held_back(),
    )  # fmt: skip


def _candidate(turn: _Turn, standing: Standing, opening: Opening) -> Candidate:
    value = standing.values.get(turn.decision.account_ref, AccountValue())
    return opening.candidate(turn.decision, turn.playbook, value, standing.desk is not None)


def _by_urgency(decisions: Iterable[Decision], books: Mapping[str, Playbook]) -> list[tuple[Decision, Playbook]]:
    order = list(books)
    known = [(decision, books[decision.playbook]) for decision in decisions if decision.playbook in books]
    return sorted(known, key=lambda pair: (pair[0].account_ref, pair[1].rank, order.index(pair[1].id)))


def _quiet_until(closed_at: datetime | None, playbook: Playbook, as_of: datetime) -> datetime | None:
    if closed_at is None:
        return None
    until = closed_at + playbook.quiet_time
    # Closed at this very moment, or after it in a run of an earlier day: not opened again, even with no cooldown.
    return until if as_of < until or as_of <= closed_at else None


def _is_since(opened_at: datetime | None, since: datetime | None) -> bool:
    return opened_at is not None and since is not None and opened_at >= since


def _openings(cases: Iterable[Case]) -> dict[Matter, datetime]:
    """When the last escalation of each matter was opened."""
    latest: dict[Matter, datetime] = {}
    for case in cases:
        escalation, matter = case.escalation, _matter(case.escalation)
        latest[matter] = max(escalation.opened_at, latest.get(matter, escalation.opened_at))
    return latest


def _closings(cases: Iterable[Case]) -> dict[Matter, datetime]:
    latest: dict[Matter, datetime] = {}
    for case in cases:
        closed_at, matter = case.escalation.closed_at, _matter(case.escalation)
        if closed_at is not None:
            latest[matter] = max(closed_at, latest.get(matter, closed_at))
    return latest


def _matter(escalation: Escalation) -> Matter:
    return (escalation.account_ref, escalation.family)


def _is_live(case: Case) -> bool:
    return case.escalation.state in LIVE_STATES
