"""Knows what stands around a clock's story: the ticket, its account, the terms and hours, the source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.plain_text import cut, tidy
from console.sla.verdict import verdict, why, zone_of
from console.sla.words import both, clock, counted, day, length, listed, metric, moment, of_time, percent, target
from jobs.sla.explaining import SlaExplanation, Step
from rules.sla.calendar import Calendar
from rules.sla.story import ClockStory, Epoch
from rules.sla.terms import Terms

_LONGEST = 120
_STALE = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Fact:
    """A word and what it is here."""

    label: str
    shown: str


@dataclass(frozen=True)
class Overview:
    """One clock in a line."""

    name: str
    state: str
    deadline: str
    target: str
    spent: str


@dataclass(frozen=True)
class Moved:
    """A deadline from some moment on, and why it became that."""

    since: str
    because: str
    target: str
    computed: str
    deadline: str
    grace: str


def title(explained: SlaExplanation) -> str:
    """`Ticket 10482: Export fails`."""
    ticket = explained.ticket
    subject = cut(ticket.subject, _LONGEST)
    return f"Ticket {cut(ticket.external_id, 40)}" + (f": {subject}" if subject else "")


def zone(explained: SlaExplanation) -> ZoneInfo:
    """The zone that times are said in: that of the hours of the leading clock."""
    return UTC_ZONE if explained.leading is None else zone_of(explained.leading)


def sentence(explained: SlaExplanation) -> str:
    """What everything else explains: the deadline of the leading clock."""
    if explained.leading is None:
        return "No clock has run for this ticket: no message, status or promise asks for one."
    return tidy(verdict(explained.leading, explained.as_of))


def about(explained: SlaExplanation) -> tuple[Fact, ...]:
    """What the deadline rests on, word by word."""
    return tuple(Fact(label, tidy(shown)) for label, shown in _facts(explained))


def _facts(explained: SlaExplanation) -> Iterator[tuple[str, str]]:
    ticket, story = explained.ticket, explained.leading
    account = f"{cut(ticket.account, 60)} ({ticket.account_ref})" if ticket.account else "not linked to an account"
    yield "Account", account
    yield "Ticket", f"{ticket.source}:{ticket.external_id}, {_word(ticket.status)}, {_priority(ticket.priority)}"
    if story is not None and story.shown.terms is not None:
        yield from _of_terms(story, story.shown.terms)
    yield "As of", both(explained.as_of, zone(explained))
    yield "Source", _source(explained)
    yield "History", _history(explained)


def _of_terms(story: ClockStory, terms: Terms) -> Iterator[tuple[str, str]]:
    yield "Policy", f"{terms.policy}, terms {terms.content_hash[:12]}"
    if because := why(story.shown):
        yield "Because", because
    yield "Hours", f"{terms.calendar_name}: {hours(terms.calendar)}, {terms.calendar.zone}"
    if met := holidays(story):
        yield "Closed days met", met
    paused = listed(_word(status) for status in terms.paused_in(story.metric)) or "no status"
    yield "Stands while", f"{paused}; solved and closed always stop it"


def hours(calendar: Calendar) -> str:
    """`Mon–Thu 09:00-12:30 13:30-18:00, Fri 09:00-15:00`."""
    runs: list[tuple[str, str, tuple[str, ...]]] = []
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for name in names:
        periods = tuple(calendar.hours.get(name, ()))
        if runs and runs[-1][2] == periods:
            runs[-1] = (runs[-1][0], name, periods)
        else:
            runs.append((name, name, periods))
    said = [f"{_days(first, last)} {' '.join(periods)}" for first, last, periods in runs if periods]
    everything = len(said) == 1 and said[0] == "Mon–Sun 00:00-24:00"
    return "around the clock" if everything else ", ".join(said) or "on special days only"


def _days(first: str, last: str) -> str:
    return first.capitalize() if first == last else f"{first.capitalize()}–{last.capitalize()}"


def holidays(story: ClockStory) -> str:
    """The holidays and special days that the clock met before its end or deadline."""
    if story.counting == "elapsed":
        return ""
    met = {
        day(span.starts_at, zone_of(story)): span.name or span.why
        for span in story.spans
        if span.why in {"holiday", "special day"}
    }
    return ", ".join(f"{name} ({on})" for on, name in met.items())


def _source(explained: SlaExplanation) -> str:
    if explained.read_at is None:
        return f"{explained.ticket.source}; when it was read last is not known"
    age = explained.as_of - explained.read_at
    if age < timedelta(minutes=1):
        return f"{explained.ticket.source}, read just then"
    stale = "; sync or import it again for newer facts" if age > _STALE else ""
    return f"{explained.ticket.source}, read {length(_rounded(age))} before{stale}"


def _rounded(age: timedelta) -> timedelta:
    unit = timedelta(days=1) if age >= timedelta(days=2) else timedelta(minutes=1)
    return age // unit * unit


def _history(explained: SlaExplanation) -> str:
    past = explained.past
    if past.has_events:
        statuses = sum(each.kind == "status" for each in past.changes)
        return f"{counted(statuses, 'status change')}, {counted(len(past.said), 'message')}"
    return (
        "no status changes are known: open from its creation until it was resolved, and never paused; "
        f"{counted(len(past.said), 'message')}"
    )


def overview(explained: SlaExplanation) -> tuple[Overview, ...]:
    """All clocks, the leading one first."""
    ordered = sorted(explained.stories, key=lambda story: story is not explained.leading)
    return tuple(
        Overview(
            metric(story.metric, story.cycle),
            _word(story.state),
            "" if story.deadline_at is None else moment(story.deadline_at, zone_of(story)),
            "none" if story.shown.target is None else target(story.shown.target),
            clock(story.spent),
        )
        for story in ordered
    )


def moves(story: ClockStory) -> tuple[Moved, ...]:
    """Each deadline that the clock has had; the first one from its beginning on."""
    changed = [story.epochs[0], *(change.after for change in story.retargets)]
    return tuple(_moved(story, epoch) for epoch in changed)


def _moved(story: ClockStory, epoch: Epoch) -> Moved:
    here = zone_of(story)
    no_target = "none" if epoch.target is None else "none while the clock stands"
    grace = ""
    if epoch.graced and epoch.terms is not None:
        grace = f"{target(epoch.terms.grace)} of grace, because the change put it into the past"
    terms = "no policy" if epoch.terms is None else f"policy {epoch.terms.policy}"
    return Moved(
        since=both(epoch.since, here),
        because=tidy(f"{terms}, {epoch.priority} priority" + (f": {why(epoch)}" if why(epoch) else "")),
        target="none" if epoch.target is None else target(epoch.target),
        computed=no_target if epoch.computed_at is None else both(epoch.computed_at, here),
        deadline=no_target if epoch.deadline_at is None else both(epoch.deadline_at, here),
        grace=grace,
    )


def steps(explained: SlaExplanation) -> tuple[Fact, ...]:
    """What playbooks ask for with the account, what is due first."""
    return tuple(Fact(tidy(f"{step.do} ({_word(step.owner)})"), _due(step, explained)) for step in explained.steps)


def _due(step: Step, explained: SlaExplanation) -> str:
    late = "overdue since" if step.is_overdue else "due on"
    return tidy(f"{late} {both(step.due_at, zone(explained))}: within {step.within}; {step.playbook}, {step.because}")


def used(story: ClockStory) -> str:
    """`1 hour 20 minutes of business time, 66 % of the target`."""
    promised = story.shown.target
    share = "" if promised is None else f", {percent(story.spent / promised.time)} of the target"
    return f"{of_time(story.spent, story.counting)}{share}"


def seen_until(story: ClockStory, at: datetime) -> bool:
    """Whether the story had come so far when it was told."""
    return at <= story.looked_at


def _word(word: str) -> str:
    return word.replace("_", " ")


def _priority(priority: str | None) -> str:
    return f"{priority} priority" if priority else "priority unknown"
