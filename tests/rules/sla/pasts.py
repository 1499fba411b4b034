"""Pasts of single tickets: made at random, and as the frames that the clocks of all tickets are read from."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
from hypothesis import strategies as st

from rules.sla.histories import TicketHistories
from rules.sla.story import METRICS, Change, Promise, Said, TicketPast
from rules.sla.terms import PRIORITIES, Terms
from tests.rules.sla.calendars import calendars_and_days, moments

_MOMENT = pl.Datetime("us", "UTC")
_STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
_MINUTE, _MICRO = timedelta(minutes=1), timedelta(microseconds=1)


def terms(calendar: Any, targets: Any, **more: Any) -> Terms:
    """Terms of a policy called `promised`; a target without priorities holds for all of them."""
    spread = {
        metric: target if isinstance(target, dict) else dict.fromkeys(PRIORITIES, target)
        for metric, target in targets.items()
    }
    blank = {"policy": "promised", "calendar_name": "hours", "calendar": calendar, "targets": spread}
    return Terms.model_validate({**blank, **more})


def histories(pasts: Sequence[TicketPast]) -> TicketHistories:
    """The pasts as frames; a ticket's id is its place, counted from 1."""
    numbered = list(enumerate(pasts, start=1))
    return TicketHistories(
        tickets=_frame(
            [
                (number, past.created_at, past.status, past.priority, past.first_replied_at, past.resolved_at)
                for number, past in numbered
            ],
            id=pl.Int64, created_at=_MOMENT, status=pl.String, priority=pl.String, first_replied_at=_MOMENT,
            resolved_at=_MOMENT,
        ),
        messages=_frame(
            _rows(numbered, lambda past: [(one.author, one.public, one.impactful, one.at) for one in past.said]),
            id=pl.Int64, ticket_id=pl.Int64, author_kind=pl.String, public=pl.Boolean, impactful=pl.Boolean,
            sent_at=_MOMENT,
        ),
        events=_frame(
            _rows(numbered, lambda past: [(one.kind, one.before, one.after, one.at) for one in past.changes]),
            id=pl.Int64, ticket_id=pl.Int64, kind=pl.String, from_value=pl.String, to_value=pl.String,
            happened_at=_MOMENT,
        ),
        outreach=_frame(
            [row[1:] for row in _rows(numbered, lambda past: [(at,) for at in past.outreach if at >= past.created_at])],
            ticket_id=pl.Int64, happened_at=_MOMENT,
        ),
        assignments=_frame(
            [
                row[1:]
                for row in _rows(
                    numbered,
                    lambda past: [(one.since, one.terms and one.terms.content_hash) for one in past.promises],
                )
            ],
            ticket_id=pl.Int64, since=_MOMENT, terms=pl.String,
        ),
    )  # fmt: skip


def terms_of(pasts: Sequence[TicketPast]) -> dict[str, Terms]:
    """All terms that were promised, by their hash."""
    promised = (promise.terms for past in pasts for promise in past.promises)
    return {each.content_hash: each for each in promised if each is not None}


def _rows(numbered: Sequence[tuple[int, TicketPast]], rows: Any) -> list[tuple[Any, ...]]:
    """Each row behind its own id and its ticket's."""
    found = [(number, *row) for number, past in numbered for row in rows(past)]
    return [(place, *row) for place, row in enumerate(found, start=1)]


def _frame(rows: Sequence[tuple[Any, ...]], **schema: Any) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.DataFrame(rows, schema=schema, orient="row").lazy())


_LENGTHS = st.integers(1, 40 * 60).map(lambda minutes: f"{minutes}m business")
_TARGETS = st.one_of(_LENGTHS, _LENGTHS, st.integers(1, 60 * 60).map(lambda minutes: f"{minutes * 7}s elapsed"))
_GRACES = ("0m business", "1h business", "30m elapsed", "5h business")


@st.composite
def some_terms(draw: st.DrawFn, calendar: dict[str, Any]) -> Terms:
    """Terms by which most metrics have a target for most priorities."""
    lengths = draw(st.lists(_TARGETS, min_size=4, max_size=4))
    metrics = {metric: {} for metric in METRICS}  # type: dict[str, dict[str, str]]
    for place, metric in enumerate(METRICS):
        for number, priority in enumerate(PRIORITIES):
            if (chosen := (3 * place + number) % 5) < 4:
                metrics[metric][priority] = lengths[chosen]
    pauses = draw(st.lists(st.sampled_from(["pending", "on_hold", "new"]), max_size=2, unique=True))
    return Terms.model_validate(
        {
            "policy": draw(st.sampled_from(["one", "two"])),
            "calendar_name": "hours",
            "calendar": calendar,
            "targets": metrics,
            "pauses": {metric: sorted(pauses) for metric in METRICS[:: draw(st.integers(1, 3))]},
            "grace": draw(st.sampled_from(_GRACES)),
            "reopened": draw(st.sampled_from(["continue", "restart"])),
        }
    )


@st.composite
def pasts(draw: st.DrawFn) -> tuple[TicketPast, datetime]:
    """A ticket's past around a change of clocks, and a moment to look at it; much falls on the same moments."""
    calendar, around = draw(calendars_and_days())
    other = {**calendar, "hours": {**calendar["hours"], "mon": ["08:00-12:00"], "thu": ["10:00-20:00"]}}
    chosen = [draw(some_terms(each)) for each in (calendar, calendar, other)]
    unit = draw(st.sampled_from([_MINUTE, 30 * _MINUTE, _MICRO]))
    at = moments(around, unit)
    said = st.builds(
        Said, at, st.sampled_from(["customer", "agent", "bot", "system"]), st.booleans(),
        st.sampled_from([None, True, False]),
    )  # fmt: skip
    said_list = sorted(draw(st.lists(said, max_size=8)), key=lambda each: each.at)
    changes = [*draw(_moves("status", _STATUSES, at)), *draw(_moves("priority", PRIORITIES[:4], at))]
    if draw(st.integers(0, 5)) == 0:
        changes.append(Change(draw(at), "merged"))
    since = sorted(draw(st.lists(at, max_size=4, unique=True)))
    promises = [Promise(each, draw(st.sampled_from([*chosen, None]))) for each in since]
    some = st.one_of(st.none(), at)
    past = TicketPast(
        created_at=draw(at),
        status=draw(st.sampled_from(_STATUSES)),
        priority=draw(st.sampled_from([*PRIORITIES, None])),
        first_replied_at=draw(some),
        resolved_at=draw(some),
        said=tuple(said_list),
        changes=tuple(sorted(changes, key=lambda each: each.at)),
        outreach=tuple(sorted(draw(st.lists(at, max_size=2)))),
        promises=tuple(promises),
    )
    return past, max(draw(at), past.created_at)


def _moves(kind: str, values: Sequence[str], at: st.SearchStrategy[datetime]) -> st.SearchStrategy[list[Change]]:
    value = st.sampled_from([*values, None])
    return st.lists(st.builds(Change, at, st.just(kind), value, value), max_size=6)
