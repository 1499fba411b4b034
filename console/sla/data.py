"""Knows the explanation of a ticket's deadlines as plain data: nothing is left out, lengths are seconds."""

from datetime import datetime, timedelta
from typing import Any

from console.sla import facts
from console.sla.marks import marks
from console.sla.verdict import verdict
from jobs.sla.explaining import SlaExplanation
from rules.durations import Length
from rules.sla.story import ClockStory, Epoch, Span


def as_json(explained: SlaExplanation) -> dict[str, Any]:
    """Everything, with every single stretch; times are in UTC, lengths in seconds."""
    ticket, leading = explained.ticket, explained.leading
    ticket_data = {name: _plain(value) for name, value in vars(ticket).items()}
    return {
        "as_of": _at(explained.as_of),
        "is_demo": explained.is_demo,
        "ticket": ticket_data,
        "says": facts.sentence(explained),
        "leading": None if leading is None else {"metric": leading.metric, "cycle": leading.cycle},
        "history": "events" if explained.past.has_events else "summary",
        "source_read_at": _at(explained.read_at),
        "clocks": [_clock(story, explained.as_of) for story in explained.stories],
        "terms": {
            epoch.terms.content_hash: epoch.terms.content()
            for story in explained.stories
            for epoch in story.epochs
            if epoch.terms is not None
        },
        "steps": [{name: _plain(value) for name, value in vars(step).items()} for step in explained.steps],
    }


def _clock(story: ClockStory, as_of: datetime) -> dict[str, Any]:
    shown = story.shown
    return {
        "metric": story.metric,
        "cycle": story.cycle,
        "state": story.state,
        "says": verdict(story, as_of),
        "started_at": _at(story.wait.started_at),
        "started_because": story.wait.because,
        "fulfilled_at": _at(story.wait.fulfilled_at),
        "ended_at": _at(story.wait.ended_at),
        "over_because": story.wait.over_because or None,
        "deadline_at": _at(story.deadline_at),
        "breached_at": _at(story.breached_at),
        "target_seconds": None if shown.target is None else shown.target.seconds,
        "counting": story.counting,
        "spent_seconds": _seconds(story.spent),
        "business_seconds": _seconds(story.business),
        "elapsed_seconds": _seconds(story.elapsed),
        "paused_seconds": _seconds(story.paused),
        "paused_business_seconds": _seconds(story.paused_working),
        "zone": shown.calendar.zone,
        "terms": None if shown.terms is None else shown.terms.content_hash,
        "epochs": [_epoch(epoch) for epoch in story.epochs],
        "warnings": [
            {"percent": each.percent, "at": _at(each.at), "is_reached": each.is_reached} for each in story.warnings
        ],
        "spans": [_span(span, story.looked_at) for span in story.spans],
        "events": [
            {"at": _at(mark.at), "kind": mark.kind, "says": mark.said, "who": mark.who or None, "ahead": mark.is_ahead}
            for mark in marks(story, as_of)
        ],
    }


def _epoch(epoch: Epoch) -> dict[str, Any]:
    return {
        "since": _at(epoch.since),
        "policy": None if epoch.terms is None else epoch.terms.policy,
        "terms": None if epoch.terms is None else epoch.terms.content_hash,
        "priority": epoch.priority,
        "target": _length(epoch.target),
        "because": epoch.because or None,
        "inputs": dict(epoch.inputs),
        "computed_deadline_at": _at(epoch.computed_at),
        "deadline_at": _at(epoch.deadline_at),
        "grace": _length(epoch.terms.grace) if epoch.graced and epoch.terms else None,
    }


def _span(span: Span, looked_at: datetime) -> dict[str, Any]:
    return {
        "from": _at(span.starts_at),
        "to": _at(span.ends_at),
        "what": span.what,
        "why": span.name or span.why or None,
        "kind": span.why or None,
        "counted_seconds": _seconds(span.counted),
        "business_seconds": _seconds(span.working),
        "total_seconds": _seconds(span.total),
        "share": None if span.share is None else round(span.share, 6),
        "ahead": span.starts_at >= looked_at,
    }


def _length(length: Length | None) -> dict[str, Any] | None:
    return None if length is None else {"seconds": length.seconds, "counting": length.counting}


def _seconds(time: timedelta) -> float:
    seconds = time.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _plain(value: Any) -> Any:
    return _at(value) if isinstance(value, datetime) else value
