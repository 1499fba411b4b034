"""The main job: link, read, promise, compute signals, decide, escalate, settle the ledger; each step safe to repeat."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from jobs.act import decide
from jobs.at_risk import Watch
from jobs.evaluate import Evaluated, look
from jobs.issues import group_tickets
from jobs.leadership import LeadershipAlert, leadership_alerts, tell
from jobs.link import Coverage, coverage, link_customers
from jobs.playbooks_in_force import PlaybookHistory, history, record_file
from jobs.publishing import Publication, publish
from jobs.read import read_messages, read_replies, readable_since
from jobs.read_evidence import read_evidence
from jobs.rulebook import Rulebook
from jobs.satisfaction import predict
from jobs.settle import settle
from jobs.sla.keeping import SlaReport, keep_promises
from jobs.sla.promising import horizon
from jobs.spells import standing_spells
from jobs.ticket_sight import TicketWatch
from rules.evaluation import Unknown
from storage.playbook_book import PlaybookBook
from storage.store import Store

RUN_NOTE = "last run"
Report = Callable[[str, int, int], None]


@dataclass
class RunReport:
    """What a run found and did."""

    as_of: datetime
    acted: bool = True
    caught_up: int = 0
    left_alone: int = 0
    linked: int = 0
    unlinked_tickets: int = 0
    coverage: Coverage | None = None
    messages_read: int = 0
    replies_read: int = 0
    grouped: int = 0
    searched: int = 0
    sla: SlaReport | None = None
    foretold: int = 0
    accounts: int = 0
    decisions: int = 0
    new_decisions: int = 0
    opened: int = 0
    completed_or_closed: int = 0
    evidence: int = 0
    episodes: int = 0
    suppressed: int = 0
    held_out: int = 0
    held_back: int = 0
    drawn: int = 0
    let_through: int = 0
    in_shadow: int = 0
    shadow_decisions: int = 0
    leadership: list[LeadershipAlert] = field(default_factory=list)
    outcomes: int = 0
    credits: int = 0
    published: Publication | None = None
    unknown: dict[str, Unknown] = field(default_factory=dict)


def run(store: Store, rulebook: Rulebook, as_of: datetime, report: Report, since: datetime | None = None) -> RunReport:
    """Do the main job at `as_of`, after catching up on the Mondays since `since`.

    At a moment before the last run it decides as it would have, but changes no escalation: people have worked on them
    since.
    """
    last = store.note(RUN_NOTE)
    moments = [*_mondays(since, as_of), as_of] if since else [as_of]
    done = RunReport(as_of, caught_up=len(moments) - 1)
    link_customers(store, as_of)
    done.linked, done.unlinked_tickets = store.link_tickets()
    done.coverage = coverage(store, rulebook.ledger, as_of)
    since_when = readable_since(rulebook, moments[0])
    done.messages_read = read_messages(store, since_when, report)
    done.replies_read = read_replies(store, min(since_when, horizon(rulebook, as_of)), report)
    done.searched = read_evidence(store, rulebook, moments[0], report)
    done.grouped = group_tickets(store, rulebook.windows.tickets_since(moments[0]), as_of, report)
    done.sla = _keep_promises(store, rulebook, moments, last, report)
    done.foretold = _foretell(store, rulebook, as_of, last, report)
    sight = look(store.facts(), rulebook, moments[0], as_of)
    watch = Watch(store, rulebook, moments)
    known, tickets = _known_playbooks(store, rulebook, moments, last), TicketWatch(store, rulebook, moments)
    for number, (moment, seen) in enumerate(zip(moments, sight.each_moment(moments), strict=True), start=1):
        force = known.at(moment)
        standing = standing_spells(store, force, moment)
        evaluated = sight.evaluated(moment, force, standing, tickets.at(moment, force), seen)
        done.accounts, done.unknown = len(evaluated.signals), evaluated.evaluation.unknown
        done.decisions = len(evaluated.evaluation.decisions)
        done.acted = last is None or datetime.fromisoformat(last) <= moment
        done.left_alone += not done.acted
        episodes = watch.begun(evaluated, moment)
        new, begun, changes = decide(store, evaluated, _obeyed(rulebook, evaluated), moment, done.acted, episodes)
        done.new_decisions += new
        done.episodes += begun
        done.opened += len(changes.opened)
        done.completed_or_closed += len(changes.changed)
        done.evidence += len(changes.evidence)
        done.suppressed, done.held_out = len(changes.suppressed), len(changes.held)
        done.held_back = len(changes.held_back)
        done.drawn += len(changes.drawn)
        done.let_through += len(changes.released)
        done.in_shadow = len(evaluated.by.shadow)
        done.shadow_decisions += PlaybookBook(store.engine).keep_shadow(evaluated.shadow.decisions)
        report("Deciding", number, len(moments))
    done.outcomes, done.credits = settle(store, rulebook, as_of)
    done.leadership = leadership_alerts(store, rulebook, as_of)
    if done.acted:
        tell(store, done.leadership)
        done.published = publish(store, rulebook, as_of)
        store.set_note(RUN_NOTE, as_of.isoformat())
    return done


def _known_playbooks(
    store: Store, rulebook: Rulebook, moments: Sequence[datetime], last: str | None
) -> PlaybookHistory:
    """What the file says is an act of the first moment that no earlier run has gone beyond."""
    now = [moment for moment in moments if last is None or datetime.fromisoformat(last) <= moment]
    return record_file(store, rulebook, now[0]) if now else history(store, rulebook)


def _obeyed(rulebook: Rulebook, evaluated: Evaluated) -> Rulebook:
    return replace(rulebook, playbooks=evaluated.by.active)


def _keep_promises(
    store: Store, rulebook: Rulebook, moments: Sequence[datetime], last: str | None, report: Report
) -> SlaReport | None:
    """What was promised before the last run is not promised otherwise after it."""
    since = None if last is None else datetime.fromisoformat(last)
    is_past = since is not None and moments[-1] < since
    return None if is_past else keep_promises(store, rulebook, moments, since, report)


def _foretell(store: Store, rulebook: Rulebook, as_of: datetime, last: str | None, report: Report) -> int:
    """A run of the past leaves what was foretold since."""
    is_past = last is not None and as_of < datetime.fromisoformat(last)
    return 0 if is_past else predict(store, rulebook, as_of, report)


def _mondays(since: datetime, until: datetime) -> Iterator[datetime]:
    """Monday mornings, 06:00 UTC, in `[since, until)`."""
    day = since.date() + timedelta(days=-since.weekday() % 7)
    moment = datetime.combine(day, time(6), tzinfo=since.tzinfo)
    while moment < until:
        if moment >= since:
            yield moment
        moment += timedelta(days=7)
