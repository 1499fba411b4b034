"""Two ways to the same clocks: a walk through one ticket's time, and the tables of all tickets."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.sla.clock import clocks
from rules.sla.story import ClockStory, TicketPast, tell
from tests.rules.sla.pasts import histories, pasts, terms_of

_SECOND = timedelta(seconds=1)


def _row(ticket: int, story: ClockStory, past: TicketPast) -> dict[str, Any]:
    """What the clocks of all tickets say of this one."""
    shown, is_known = story.shown, story.shown.terms is not None
    reached = [each.percent for each in story.warnings if each.is_reached]
    ahead = [each.at for each in story.warnings if not each.is_reached]
    in_force = story.epochs[-1].terms
    return {
        "ticket_id": ticket,
        "metric": story.metric,
        "cycle": story.cycle,
        "state": story.state,
        "started_at": story.wait.started_at,
        "fulfilled_at": story.wait.fulfilled_at,
        "ended_at": story.wait.ended_at,
        "deadline_at": story.deadline_at,
        "target_seconds": shown.target.seconds if shown.target else None,
        "counting": story.counting,
        "spent_seconds": story.spent // _SECOND if is_known else None,
        "business_seconds": story.business // _SECOND if is_known else None,
        "elapsed_seconds": story.elapsed // _SECOND,
        "paused_seconds": story.paused // _SECOND,
        "breached_at": story.breached_at,
        "breached_terms": shown.terms.content_hash if shown.terms and story.breached_at else None,
        "terms": in_force.content_hash if in_force else None,
        "warned_percent": max(reached, default=0),
        "next_warning_at": ahead[0] if ahead and story.state == "running" else None,
        "retargets": len(story.retargets),
        "history": "events" if past.has_events else "summary",
    }


def _engine(each: list[TicketPast], as_of: datetime) -> list[dict[str, Any]]:
    frame = clocks(histories(each), terms_of(each), as_of)
    return [
        {name: value for name, value in row.items() if name != "remaining_seconds"}
        for row in frame.iter_rows(named=True)
    ]


@settings(max_examples=100, deadline=None)
@given(pasts())
def test_the_story_comes_to_what_the_clocks_of_all_tickets_say(case: tuple[TicketPast, datetime]) -> None:
    past, as_of = case
    told = [_row(1, story, past.until(as_of)) for story in tell(past, as_of)]
    assert sorted(told, key=lambda row: (row["metric"], row["cycle"])) == _engine([past], as_of)


@settings(max_examples=60, deadline=None)
@given(pasts())
def test_the_spans_cover_every_second_and_add_up(case: tuple[TicketPast, datetime]) -> None:
    past, as_of = case
    for story in tell(past, as_of):
        spans = story.spans
        ends_at = max([story.looked_at, *([story.deadline_at] if story.deadline_at else [])])
        assert [span.starts_at for span in spans] == [story.wait.started_at, *(span.ends_at for span in spans)][
            : len(spans)
        ]
        assert not spans or spans[-1].ends_at == ends_at
        total = timedelta(0)
        for span in spans:
            assert span.starts_at < span.ends_at
            total += span.counted
            assert span.total == total
            assert span.counted == (span.ends_at - span.starts_at if span.what == "counting" else timedelta(0))
        now = [span for span in spans if span.ends_at <= story.looked_at]
        assert (now[-1].total if now else timedelta(0)) == story.spent


@settings(max_examples=60, deadline=None)
@given(pasts(), st.data())
def test_what_was_broken_stays_broken(case: tuple[TicketPast, datetime], data: st.DataObject) -> None:
    past, as_of = case
    earlier = data.draw(st.integers(0, 100).map(lambda part: past.created_at + (as_of - past.created_at) * part / 100))
    later = {(story.metric, story.cycle): story for story in tell(past, as_of)}
    for story in tell(past, earlier):
        if story.breached_at is not None and past.until(earlier).has_events:
            assert later[story.metric, story.cycle].breached_at == story.breached_at
