"""Reply and resolution times: what counts, how it is summed up, and what is not known yet."""

from datetime import timedelta
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kpis import Window
from rules.kpis.spread import nearest_rank
from tests.rules.kpis.desk import ALWAYS, AS_OF, HOUR, OFFICE, WINDOW, Desk, at


def test_times_are_summed_up_by_mean_median_and_p90() -> None:
    """1 to 10 hours: the mean is 5.5, half are at or below 5, nine of ten at or below 9."""
    desk = Desk()
    for hours in range(1, 11):
        desk.replied(hours)
    told = desk.figure("first_reply").elapsed
    assert told is not None
    assert (told.mean, told.median, told.p90) == (5.5 * HOUR, 5 * HOUR, 9 * HOUR)
    assert (told.low, told.high) == (2 * HOUR, 9 * HOUR)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values: list[int], percent: int) -> None:
    found = nearest_rank(np.array(sorted(values)), percent)
    enough = [value for value in values if 100 * sum(each <= value for each in values) >= percent * len(values)]
    assert found == min(enough)


def test_business_time_leaves_out_nights_and_weekends_and_elapsed_time_does_not() -> None:
    """Friday 16:00 to Monday 10:00 is two office hours, 66 on the wall."""
    desk = Desk(default=OFFICE)
    desk.replied(66, created_at=at(4, 16))
    figure = desk.figure("first_reply")
    assert figure.business is not None
    assert figure.elapsed is not None
    assert (figure.business.median, figure.elapsed.median) == (2 * HOUR, 66 * HOUR)
    assert figure.value == 2 * HOUR


def test_a_ticket_is_measured_with_the_calendar_of_its_terms_and_without_terms_with_the_default() -> None:
    desk = Desk(default=OFFICE, calendars={"round the clock": ALWAYS, "the same": ALWAYS, "office": OFFICE})
    for terms in ("round the clock", "the same", "office", None):
        ticket = desk.ticket(at(4, 16), channel=terms or "none")
        desk.clock(ticket, "first_reply", at(4, 16), fulfilled_at=at(7, 10), terms=terms)
    found = {figure.slice: figure.value for figure in desk.figures("first_reply", by="channel")}
    hours = {"round the clock": 66, "the same": 66, "office": 2, "none": 2}
    assert found == {channel: many * HOUR for channel, many in hours.items()}


def test_the_time_that_waited_for_the_customer_is_told_apart() -> None:
    """Ten hours to the resolution, four of them pending: support's part is six."""
    desk = Desk()
    ticket = desk.ticket(at(1))
    spent = {"business_seconds": 6 * HOUR, "elapsed_seconds": 6 * HOUR}
    desk.clock(ticket, "resolution", at(1), fulfilled_at=at(1, 10), **spent)
    assert desk.figure("resolution").value == 10 * HOUR
    assert desk.figure("resolution_active").value == 6 * HOUR


def test_who_has_no_reply_yet_is_not_a_reply_after_no_time() -> None:
    desk = Desk()
    desk.replied(2)
    for created in (at(0), at(20)):
        desk.clock(desk.ticket(created), "first_reply", created)
    figure = desk.figure("first_reply")
    assert (figure.n, figure.pending, figure.value) == (1, 2, 2 * HOUR)


def test_a_wait_that_ended_without_an_answer_is_neither_answered_nor_pending() -> None:
    desk = Desk()
    desk.clock(desk.ticket(at(0)), "first_reply", at(0), ended_at=at(1))
    figure = desk.figure("first_reply")
    assert (figure.n, figure.pending, figure.value) == (0, 0, None)
    assert figure.withheld is not None


def test_a_reply_counts_in_the_window_in_which_it_was_given() -> None:
    """So that a window's figures stay as they are, however long others wait."""
    desk = Desk()
    for given_at in (at(0) - timedelta(microseconds=1), at(0), AS_OF - timedelta(microseconds=1), AS_OF):
        ticket = desk.ticket(at(-3))
        desk.clock(ticket, "first_reply", at(-3), fulfilled_at=given_at)
    figure = desk.figure("first_reply", as_of=AS_OF + timedelta(days=5))
    assert (figure.n, figure.pending) == (2, 1)


def test_nothing_later_than_the_moment_is_seen() -> None:
    desk = Desk()
    late = desk.ticket(at(30))
    desk.status(late, ("solved", at(30, 2)))
    desk.said(late, at(30, 1))
    desk.answered("csat", 1, (1, 5), answered_at=at(31))
    ahead = Window(at(0), at(60))
    desk.status(desk.ticket(at(-9)), ("solved", at(29)))
    assert (desk.figure("backlog", window=ahead).n, desk.figure("tickets_out", window=ahead).n) == (1, 0)
    desk = Desk(rows=desk.rows | {"tickets": desk.rows["tickets"][:1]})
    assert [figure.n for figure in desk.figures(window=ahead)] == [0] * len(desk.figures())


@pytest.mark.parametrize("channel", ["email", "Email", " EMAIL "])
def test_a_channel_with_a_target_has_a_figure_of_its_own(channel: str) -> None:
    desk = Desk()
    desk.replied(3, channel=channel)
    desk.replied(9, channel="chat")
    assert (desk.figure("first_reply_email").n, desk.figure("first_reply").n) == (1, 2)
    assert desk.figure("first_reply_email").value == 3 * HOUR


def test_promises_count_when_they_are_kept_or_broken() -> None:
    """Three kept, one broken and still unanswered, one running: three of four, one pending."""
    desk = Desk()
    for hour in (1, 2, 3):
        ticket = desk.ticket(at(1))
        desk.clock(ticket, "first_reply", at(1), fulfilled_at=at(1, hour), target_seconds=4 * HOUR)
    desk.clock(desk.ticket(at(1)), "next_reply", at(1), breached_at=at(1, 4), target_seconds=4 * HOUR)
    desk.clock(desk.ticket(at(27)), "resolution", at(27), target_seconds=90 * HOUR)
    desk.clock(desk.ticket(at(1)), "resolution", at(1), fulfilled_at=at(1, 9))
    figure = desk.figure("attainment")
    assert (figure.n, figure.pending, figure.value) == (4, 1, 0.75)
    assert desk.figure("attainment_first_reply").value == 1.0
    assert desk.figure("attainment_next_reply").value == 0.0


def test_a_broken_promise_counts_once_where_it_broke() -> None:
    """Broken before the window and answered inside: that breach is the window before's."""
    desk = Desk()
    desk.clock(
        desk.ticket(at(-2)), "first_reply", at(-2), fulfilled_at=at(1), breached_at=at(-1), target_seconds=HOUR
    )  # fmt: skip
    assert desk.figure("attainment").n == 0
    assert desk.figure("attainment", window=WINDOW.before).n == 1


@given(st.integers(1, 400), st.integers(1, 99))
def test_the_rank_is_rounded_up(count: int, percent: int) -> None:
    assert nearest_rank(np.arange(1, count + 1), percent) == ceil(count * percent / 100 - 1e-9)
