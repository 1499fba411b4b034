"""Says in a sentence what a clock's deadline is and why, and what came of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.sla.words import both, length, listed, metric, of_time, target
from rules.sla.story import ClockStory, Epoch

_NOTHING = timedelta(0)


def verdict(story: ClockStory, as_of: datetime) -> str:
    """`First reply is due on Tue 3 Nov 2026 11:20 CET (10:20 UTC): 2 business hours (policy …), 37 minutes paused.`"""
    return " ".join(_SAID[story.state](story, as_of))


def zone_of(story: ClockStory) -> ZoneInfo:
    """The zone of the hours by which it counts."""
    return ZoneInfo(story.shown.calendar.zone)


def _name(story: ClockStory) -> str:
    return metric(story.metric, story.cycle)


def _running(story: ClockStory, as_of: datetime) -> Iterator[str]:
    yield f"{_due(story, 'is')}."
    left = _NOTHING if story.deadline_at is None else story.deadline_at - as_of
    yield f"{length(left)} on the wall's clock are left." if left else "That is now."


def _met(story: ClockStory, as_of: datetime) -> Iterator[str]:
    if story.deadline_at is None:
        yield f"{_name(story)} had no deadline when it came, because the clock stood still ({_terms(story)})."
    else:
        yield f"{_due(story, 'was')}."
    at = story.wait.fulfilled_at or as_of
    yield f"It came on {both(at, zone_of(story))}, after {_spent(story)}: in time."


def _breached(story: ClockStory, as_of: datetime) -> Iterator[str]:
    yield f"{_due(story, 'was')}."
    over_at, deadline_at = story.wait.over_at, story.deadline_at or as_of
    late = f"{length((over_at or as_of) - deadline_at)} on the wall's clock"
    if over_at is None:
        yield f"It has not come yet and is {late} overdue."
    elif story.wait.fulfilled_at is None:
        yield f"It never came: {story.wait.over_because} on {both(over_at, zone_of(story))}, {late} after that."
    else:
        yield f"It came on {both(over_at, zone_of(story))}, {late} too late."


def _ended(story: ClockStory, as_of: datetime) -> Iterator[str]:
    at = story.wait.ended_at or as_of
    yield f"{_name(story)} is not waited for any more: {story.wait.over_because} on {both(at, zone_of(story))}."
    if story.deadline_at is not None:
        yield f"{_due(story, 'would have been', 'It')}."


def _paused(story: ClockStory, as_of: datetime) -> Iterator[str]:
    last = story.shown.phases[-1]
    yield f"{_name(story)} has no deadline while the ticket is {_status(last.status)}, since"
    yield f"{both(last.starts_at, zone_of(story))}: {_spent(story)} of {_promised(story)} have been counted."


def _no_target(story: ClockStory, as_of: datetime) -> Iterator[str]:
    if story.shown.terms is None:
        yield f"{_name(story)} has no deadline: {_without_terms(story)}."
    else:
        yield f"{_name(story)} has no deadline: policy {story.shown.terms.policy} promises none for a ticket of"
        yield f"{story.shown.priority} priority."
    if story.wait.over_at is not None:
        yield f"It was over on {both(story.wait.over_at, zone_of(story))}: {story.wait.over_because}."


_SAID = {
    "running": _running, "met": _met, "breached": _breached, "ended": _ended, "paused": _paused,
    "no_target": _no_target,
}  # fmt: skip


def _due(story: ClockStory, was: str, what: str | None = None) -> str:
    at = story.deadline_at
    when = "" if at is None else f" on {both(at, zone_of(story))}"
    parts = [_promised(story), *_paused_for(story)]
    return f"{what or _name(story)} {was} due{when}: {', '.join(parts)}{_grace(story)}"


def _promised(story: ClockStory) -> str:
    promised = story.shown.target
    return "" if promised is None else f"{target(promised)} ({_terms(story)})"


def _terms(story: ClockStory) -> str:
    terms = story.shown.terms
    if terms is None:
        return _without_terms(story)
    because = why(story.shown)
    return f"policy {terms.policy} for {story.shown.priority} priority" + (f", because {because}" if because else "")


def why(epoch: Epoch) -> str:
    """Why an epoch has its terms, without naming their policy again."""
    because = epoch.because.strip().rstrip(".")
    return because if epoch.terms is None else because.removeprefix(f"Policy {epoch.terms.policy}: ")


def _without_terms(story: ClockStory) -> str:
    because = story.shown.because.strip().rstrip(".")
    return because or "nothing has been promised for this ticket yet; keepline run does that"


def _spent(story: ClockStory) -> str:
    return of_time(story.spent, story.counting)


def _paused_for(story: ClockStory) -> Iterator[str]:
    """`37 minutes paused while pending`: what the pauses before the deadline moved it by."""
    deadline_at = story.deadline_at or story.looked_at
    stood = [span for span in story.spans if span.what in {"paused", "solved"} and span.starts_at < deadline_at]
    if not stood:
        return
    by_hours = story.counting == "business"
    time = sum((span.working if by_hours else span.ends_at - span.starts_at for span in stood), _NOTHING)
    statuses = listed(dict.fromkeys(_status(span.why) for span in stood))
    if by_hours and not time:
        yield f"paused while {statuses}, but only outside the hours, which moves nothing"
    else:
        yield f"{length(time, story.counting)} paused while {statuses}"


def _grace(story: ClockStory) -> str:
    shown = story.shown
    if not shown.graced or shown.terms is None or shown.computed_at is None:
        return ""
    zone = zone_of(story)
    return (
        f"; by itself this would have been on {both(shown.computed_at, zone)}, before it was promised on "
        f"{both(shown.since, zone)}, so a grace of at most {target(shown.terms.grace)} from then on was given"
    )


def _status(status: str) -> str:
    return status.replace("_", " ")
