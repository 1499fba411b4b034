"""The clocks show what somebody with stopwatches would read, and keep their promises while everything changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.sla import Deadline, deadlines
from rules.sla.clock import clocks
from tests.rules.sla.clock_frames import histories, terms_of
from tests.rules.sla.stopwatches import readings
from tests.rules.sla.ticks import METRICS, TICK, Hours, Promise, Ticket, moment

LAST = 3 * 96
_STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
_WAITING = ("new", "open", "pending", "on_hold")
_PRIORITIES = ("urgent", "high", "normal", "low")

hours = st.builds(
    Hours,
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
    st.integers(0, 40),
    st.integers(56, 96),
)
lengths = st.sampled_from([4, 8, 12, 24, 48, 96])


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    targets = {
        metric: draw(st.dictionaries(st.sampled_from(_PRIORITIES), lengths, min_size=1))
        for metric in draw(st.lists(st.sampled_from(METRICS), min_size=4, unique=True))
    }
    statuses = st.frozensets(st.sampled_from(_WAITING), max_size=2)
    return Promise(
        hours=draw(hours),
        targets=targets,
        elapsed=draw(st.frozensets(st.sampled_from(METRICS), max_size=4)),
        pauses=draw(st.dictionaries(st.sampled_from(METRICS), statuses, max_size=3)),
        grace=draw(st.sampled_from([0, 3, 6, 18])),
        grace_elapsed=draw(st.booleans()),
        restart=draw(st.booleans()),
    )


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    """A ticket of three days on which much falls on the same ticks."""
    tick = st.sampled_from(draw(st.lists(st.integers(0, LAST), min_size=1, max_size=8, unique=True)))
    some = st.one_of(st.none(), tick)
    said = st.tuples(
        tick, st.sampled_from(["customer", "agent", "bot", "system"]), st.sampled_from([True, True, False]),
        st.sampled_from([None, True, False]),
    )  # fmt: skip

    def changes(kind: str, words: Sequence[str], before: st.SearchStrategy[str | None]) -> st.SearchStrategy[Any]:
        return st.lists(st.tuples(tick, st.just(kind), before, st.sampled_from(words)), max_size=5)

    merged = st.lists(st.tuples(tick, st.just("merged"), st.none(), st.none()), max_size=1)
    changed = [
        *draw(changes("status", _STATUSES, st.sampled_from(_STATUSES))),
        *draw(changes("priority", _PRIORITIES, st.sampled_from([None, *_PRIORITIES]))),
        *(draw(merged) if draw(st.integers(0, 4)) == 0 else []),
    ]
    since = sorted(draw(st.lists(tick, min_size=1, max_size=3, unique=True)))
    return Ticket(
        created=draw(tick),
        status=draw(st.sampled_from(_STATUSES)),
        priority=draw(st.sampled_from([None, *_PRIORITIES])),
        said=tuple(draw(st.lists(said, max_size=7))),
        changed=tuple(changed),
        outreach=tuple(draw(st.lists(tick, max_size=2))),
        first_replied=draw(some),
        resolved=draw(some),
        promises=tuple((at, draw(promises())) for at in since),
    )


def shown(ticket: Ticket, now: int) -> list[Deadline]:
    return deadlines(ticket.written(), ticket.terms(), moment(now))


def in_ticks(found: Deadline) -> dict[str, Any]:
    """A deadline as the stopwatches say it."""

    def ticks(value: Any) -> Any:
        if isinstance(value, timedelta):
            assert value % TICK == timedelta(0)
            return value // TICK
        return (value - moment(0)) // TICK if hasattr(value, "tzinfo") else value

    row = {name: ticks(value) for name, value in vars(found).items()}
    return row | {"remaining": None if row["state"] == "breached" else row["remaining"]}


def first_alike(ticket: Ticket, place: int | None) -> int | None:
    """Of equal promises the first one."""
    same = [each for _, each in ticket.promises]
    return None if place is None else same.index(same[place])


@settings(max_examples=200, deadline=None)
@given(tickets(), st.integers(0, LAST))
def test_the_clocks_show_what_stopwatches_show(ticket: Ticket, now: int) -> None:
    expected = [
        row | {name: first_alike(ticket, row[name]) for name in ("terms", "breached_terms")}
        for row in readings(ticket, now)
    ]
    for found, row in zip(shown(ticket, now), expected, strict=True):
        assert in_ticks(found) == row


def table(each: Sequence[Ticket], now: int, shuffled: Random | None = None) -> list[dict[str, Any]]:
    """The rows of all tickets at once."""
    return list(clocks(histories(each, shuffled), terms_of(each), moment(now)).iter_rows(named=True))


@settings(max_examples=40, deadline=None)
@given(st.lists(tickets(), min_size=2, max_size=5), st.integers(0, LAST), st.randoms(use_true_random=False))
def test_all_tickets_at_once_are_each_by_itself_in_any_order_of_rows(
    each: list[Ticket], now: int, random: Random
) -> None:
    alone = [row | {"ticket_id": number} for number, ticket in enumerate(each, start=1) for row in table([ticket], now)]
    assert table(each, now, random) == alone


@settings(max_examples=80, deadline=None)
@given(tickets(), st.integers(0, LAST))
def test_what_is_later_does_not_exist(ticket: Ticket, now: int) -> None:
    is_solved_later = ticket.resolved is not None and ticket.resolved > now
    known = replace(
        ticket,
        status="open" if is_solved_later else ticket.status,
        said=tuple(each for each in ticket.said if each[0] <= now),
        changed=tuple(each for each in ticket.changed if each[0] <= now),
        outreach=tuple(tick for tick in ticket.outreach if tick <= now),
        first_replied=_by(ticket.first_replied, now),
        resolved=_by(ticket.resolved, now),
        promises=tuple(each for place, each in enumerate(ticket.promises) if not place or each[0] <= now),
    )
    assert table([known], now) == table([ticket], now)


def _by(tick: int | None, now: int) -> int | None:
    return tick if tick is not None and tick <= now else None


def told(ticket: Ticket) -> Ticket:
    """The ticket with a history from its beginning: nothing that is learned later changes what was before."""
    first = {"status": "open", "priority": ticket.priority}
    changed = []
    for tick, kind, before, after in sorted(ticket.changed, key=lambda each: each[0]):
        changed.append((tick, kind, first.pop(kind, before), after))
    return replace(ticket, status="open", first_replied=None, resolved=None, changed=tuple(changed))


@settings(max_examples=100, deadline=None)
@given(tickets().map(told), st.integers(0, LAST), st.integers(0, LAST))
def test_a_breach_that_was_seen_stays_what_it_is(ticket: Ticket, now: int, later: int) -> None:
    seen = {(one.metric, one.cycle): one for one in shown(ticket, min(now, later)) if one.breached_at}
    after = {(one.metric, one.cycle): one for one in shown(ticket, max(now, later))}
    for key, one in seen.items():
        still = after[key]
        assert (still.state, still.breached_at, still.breached_terms, still.target) == (
            "breached", one.breached_at, one.breached_terms, one.target,
        )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(tickets().map(told), st.integers(0, LAST))
def test_whoever_looked_when_a_clock_ran_out_saw_that_deadline_and_no_breach(ticket: Ticket, now: int) -> None:
    for one in shown(ticket, now):
        if one.breached_at is not None:
            [then] = [
                each
                for each in deadlines(ticket.written(), ticket.terms(), one.breached_at)
                if (each.metric, each.cycle) == (one.metric, one.cycle)
            ]
            assert (then.state, then.deadline_at) == ("running", one.breached_at)
