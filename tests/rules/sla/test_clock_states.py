"""A clock runs, stands, is met, breached or ended, or promises nothing; and what has counted on it."""

from datetime import timedelta

import pytest

from tests.rules.sla.weeks import agent, at, clock, clocks, customer, merged, status, ticket

H = timedelta(hours=1)


@pytest.mark.parametrize(
    ("replied", "state"),
    [("mon 13:59:59", "met"), ("mon 14:00", "met"), ("mon 14:00:01", "breached")],
)
def test_a_reply_at_exactly_the_deadline_is_in_time(replied: str, state: str) -> None:
    found = clock("first_reply", ticket("mon 10:00", agent(replied)), "tue 09:00")
    assert (found.state, found.fulfilled_at, found.deadline_at) == (state, at(replied), at("mon 14:00"))


@pytest.mark.parametrize(
    ("now", "state"),
    [("mon 13:59:59", "running"), ("mon 14:00", "running"), ("mon 14:00:01", "breached")],
)
def test_an_unanswered_ticket_is_breached_as_soon_as_its_deadline_has_passed(now: str, state: str) -> None:
    found = clock("first_reply", ticket("mon 10:00"), now)
    assert found.state == state
    assert found.breached_at == (at("mon 14:00") if state == "breached" else None)
    assert found.deadline_at == at("mon 14:00")


def test_a_deadline_that_exactly_fills_the_day_falls_on_its_closing() -> None:
    assert clock("first_reply", ticket("mon 13:00"), "mon 13:00").deadline_at == at("mon 17:00")


@pytest.mark.parametrize(
    ("created", "deadline"),
    [("mon 13:00", "mon 17:00"), ("mon 13:00:01", "tue 09:00:01"), ("fri 15:00", "+1 mon 11:00"),
     ("sat 12:00", "+1 mon 13:00"), ("mon 17:00", "tue 13:00"), ("mon 08:00", "mon 13:00")],
)  # fmt: skip
def test_only_open_hours_count(created: str, deadline: str) -> None:
    assert clock("first_reply", ticket(created), created).deadline_at == at(deadline)


def test_an_elapsed_target_needs_no_calendar() -> None:
    found = clock("first_reply", ticket("fri 16:00"), "fri 16:00", "4h elapsed")
    assert (found.deadline_at, found.counting) == (at("fri 20:00"), "elapsed")


def test_both_countings_are_told_whatever_the_target_counts() -> None:
    found = clock("first_reply", ticket("mon 16:00", agent("tue 10:00")), "wed 09:00")
    assert (found.spent, found.business, found.elapsed, found.remaining) == (2 * H, 2 * H, 18 * H, 2 * H)


def test_what_is_left_of_a_broken_clock_is_negative() -> None:
    found = clock("first_reply", ticket("mon 10:00"), "mon 16:00")
    assert (found.spent, found.remaining) == (6 * H, -2 * H)


def test_without_a_target_nothing_is_promised_and_the_wait_is_measured_all_the_same() -> None:
    found = clock("first_reply", ticket("mon 10:00", agent("tue 10:00")), "wed 09:00", {"urgent": "1h business"})
    assert (found.state, found.deadline_at, found.target, found.remaining) == ("no_target", None, None, None)
    assert (found.spent, found.elapsed, found.counting) == (8 * H, 24 * H, "business")


@pytest.mark.parametrize(("priority", "deadline"), [("urgent", "mon 11:00"), ("low", None), (None, "mon 12:00")])
def test_a_target_can_depend_on_the_priority_and_a_ticket_without_one_is_normal(
    priority: str | None, deadline: str | None
) -> None:
    targets = {"urgent": "1h business", "normal": "2h business", "low": "none"}
    found = clock("first_reply", ticket("mon 10:00", priority=priority), "mon 10:00", targets)
    assert found.deadline_at == (at(deadline) if deadline else None)


class TestPauses:
    def test_a_pending_ticket_waits_for_the_customer_and_its_clock_stands(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "pending"), status("mon 11:30", "open"))
        assert clock("resolution", given, "mon 11:00").state == "paused"
        assert clock("resolution", given, "mon 11:00").deadline_at is None
        assert clock("resolution", given, "mon 11:00").remaining == 3 * H
        after = clock("resolution", given, "mon 12:00")
        assert (after.state, after.deadline_at, after.paused) == ("running", at("mon 14:30"), 1.5 * H)

    @pytest.mark.parametrize(
        ("from_", "to", "deadline"),
        [("mon 10:00", "mon 10:00:01", "mon 13:00:01"), ("mon 18:00", "tue 08:59", "mon 13:00"),
         ("mon 12:59:59", "tue 12:00", "tue 12:00:01"), ("mon 13:00", "tue 12:00", "mon 13:00")],
    )  # fmt: skip
    def test_pauses_are_exact_to_the_second(self, from_: str, to: str, deadline: str) -> None:
        given = ticket("mon 09:00", status(from_, "pending"), status(to, "open"))
        assert clock("resolution", given, "+1 mon 09:00").deadline_at == at(deadline)

    @pytest.mark.parametrize(
        ("metric", "word", "state"),
        [("resolution", "on_hold", "running"), ("requester_wait", "on_hold", "running"),
         ("agent_work", "on_hold", "paused"), ("agent_work", "pending", "paused"),
         ("requester_wait", "pending", "paused"), ("resolution", "new", "running")],
    )  # fmt: skip
    def test_pending_stops_every_clock_and_on_hold_only_that_of_agents(
        self, metric: str, word: str, state: str
    ) -> None:
        assert clock(metric, ticket("mon 09:00", status("mon 10:00", word)), "mon 10:30").state == state

    def test_a_policy_says_by_metric_what_stops_a_clock(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "on_hold"))
        pauses = {"resolution": ["on_hold"]}
        assert clock("resolution", given, "mon 11:00", pauses=pauses).state == "paused"
        assert clock("requester_wait", given, "mon 11:00", pauses=pauses).state == "running"
        assert clock("resolution", given, "mon 11:00", pauses=["on_hold"]).state == "paused"
        assert clock("resolution", given, "mon 11:00", pauses={"default": []}).state == "running"

    def test_a_ticket_that_was_made_pending_stands_from_its_beginning(self) -> None:
        given = ticket("mon 09:00", status("mon 12:00", "open", "pending"))
        found = clock("first_reply", given, "mon 13:00")
        assert (found.deadline_at, found.paused) == (at("mon 16:00"), 3 * H)

    def test_of_several_statuses_at_one_moment_the_last_one_stands(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "pending"), status("mon 10:00", "open"))
        found = clock("resolution", given, "mon 11:00")
        assert (found.state, found.paused) == ("running", timedelta(0))

    def test_a_deadline_that_falls_on_the_beginning_of_a_pause_is_due_then(self) -> None:
        given = ticket("mon 09:00", status("mon 13:00", "pending"), status("tue 09:00", "open"))
        assert clock("resolution", given, "mon 13:00").state == "running"
        assert clock("resolution", given, "mon 13:00:01").breached_at == at("mon 13:00")


class TestMerged:
    def test_a_merge_ends_every_clock(self) -> None:
        given = ticket("mon 09:00", merged("mon 12:00"))
        found = clock("first_reply", given, "tue 09:00")
        assert (found.state, found.ended_at, found.spent) == ("ended", at("mon 12:00"), 3 * H)

    @pytest.mark.parametrize(("when", "state"), [("mon 13:00", "ended"), ("mon 13:00:01", "breached")])
    def test_what_was_broken_before_the_merge_stays_broken(self, when: str, state: str) -> None:
        assert clock("first_reply", ticket("mon 09:00", merged(when)), "tue 09:00").state == state

    def test_what_comes_with_a_merge_or_after_it_is_not_looked_at(self) -> None:
        given = ticket("mon 09:00", merged("mon 10:00"), agent("mon 10:00"), status("mon 10:00", "closed"))
        assert clock("first_reply", given, "tue 09:00").state == "ended"
        assert clock("resolution", given, "tue 09:00").state == "ended"

    def test_a_resolution_before_the_merge_is_met(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "solved"), merged("mon 12:00"))
        assert clock("resolution", given, "tue 09:00").state == "met"


class TestWarnings:
    @pytest.mark.parametrize(
        ("now", "warned", "next_"),
        [("mon 10:59:59", 0, "mon 11:00"), ("mon 11:00", 50, "mon 12:00"), ("mon 11:59:59", 50, "mon 12:00"),
         ("mon 12:00", 75, "mon 12:36"), ("mon 12:36", 90, None)],
    )  # fmt: skip
    def test_they_come_at_a_share_of_the_counted_time(self, now: str, warned: int, next_: str | None) -> None:
        found = clock("first_reply", ticket("mon 09:00"), now)
        assert (found.warned_percent, found.next_warning_at) == (warned, at(next_) if next_ else None)

    def test_the_next_one_lies_in_open_hours(self) -> None:
        found = clock("first_reply", ticket("mon 16:00"), "mon 16:30", warnings=[50])
        assert found.next_warning_at == at("tue 10:00")

    def test_a_clock_that_stands_has_none_ahead(self) -> None:
        given = ticket("mon 09:00", status("mon 11:00", "pending"))
        assert clock("resolution", given, "mon 12:00").next_warning_at is None

    def test_a_clock_that_was_met_tells_how_near_it_came(self) -> None:
        assert clock("first_reply", ticket("mon 09:00", agent("mon 12:30")), "tue 09:00").warned_percent == 75


class TestSummaries:
    def test_without_events_a_ticket_is_open_until_it_was_resolved(self) -> None:
        given = ticket("mon 09:00", resolved_at=at("mon 12:00"), first_replied_at=at("mon 10:00"))
        found = clock("resolution", given, "tue 09:00")
        assert (found.state, found.fulfilled_at, found.history) == ("met", at("mon 12:00"), "summary")
        assert clock("first_reply", given, "tue 09:00").fulfilled_at == at("mon 10:00")

    def test_before_it_was_resolved_it_was_not(self) -> None:
        given = ticket("mon 09:00", resolved_at=at("mon 12:00"), status="solved")
        assert clock("resolution", given, "mon 11:00").state == "running"

    def test_a_reply_that_is_known_goes_before_the_summary(self) -> None:
        given = ticket("mon 09:00", agent("mon 11:00"), first_replied_at=at("mon 10:00"))
        assert clock("first_reply", given, "tue 09:00").fulfilled_at == at("mon 11:00")

    def test_events_go_before_the_summary(self) -> None:
        given = ticket("mon 09:00", status("mon 11:00", "pending"), resolved_at=at("mon 12:00"))
        found = clock("resolution", given, "tue 09:00")
        assert (found.state, found.history) == ("paused", "events")

    def test_a_ticket_that_was_solved_at_an_unknown_moment_does_not_run_on(self) -> None:
        given = ticket("mon 09:00", customer("mon 10:00"), status="closed")
        found = clock("resolution", given, "+1 mon 09:00")
        assert (found.state, found.fulfilled_at) == ("met", at("mon 10:00"))


def test_what_is_stamped_before_the_ticket_came_with_it() -> None:
    given = ticket("mon 09:00", status("mon 08:00", "pending"), status("mon 10:00", "open"))
    assert clock("resolution", given, "mon 11:00").paused == H


def test_a_ticket_has_no_clock_before_it_was_created() -> None:
    assert clocks("resolution", ticket("tue 09:00"), "mon 09:00") == []
