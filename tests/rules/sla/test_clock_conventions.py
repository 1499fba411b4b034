"""What other helpdesks' published specifications and manuals say about clocks, in our words and with our own moments.

Where a convention of theirs is another one than ours, the test says which one is ours; docs/sla.md lists them.
"""

from datetime import timedelta

import pytest

from tests.rules.sla.weeks import agent, at, clock, clocks, customer, priority, promise, status, ticket

BERLIN = {"zone": "Europe/Berlin", "hours": {"mon-fri": ["09:00-18:00"]}}
LONG_DAYS = {"zone": "UTC", "hours": {"mon-fri": ["08:00-18:00"]}}
NOW = "+1 mon 09:00"


class TestZammad:
    """The examples of its specification of escalations: first response, update, solution, pending, holidays."""

    def test_first_response_and_solution_run_from_the_creation(self) -> None:
        given = ticket("mon 09:30", customer("mon 09:30"))
        assert clock("first_reply", given, "mon 09:30", "60m business", calendar=LONG_DAYS).deadline_at == at(
            "mon 10:30"
        )
        assert clock("resolution", given, "mon 09:30", "180m business", calendar=LONG_DAYS).deadline_at == at(
            "mon 12:30"
        )

    @pytest.mark.parametrize(("replied", "minutes", "left"), [("mon 10:00", 30, 30), ("mon 14:00", 270, -210)])
    def test_the_minutes_to_the_response_and_their_difference_to_the_target(
        self, replied: str, minutes: int, left: int
    ) -> None:
        found = clock("first_reply", ticket("mon 09:30", agent(replied)), NOW, "60m business", calendar=LONG_DAYS)
        assert (found.spent, found.remaining) == (timedelta(minutes=minutes), timedelta(minutes=left))

    def test_pending_does_not_count_for_the_response(self) -> None:
        """Berlin, in summer: until 16:00 in UTC. The two hours fill the day; theirs is the next opening then."""
        given = ticket("tue 09:00", status("tue 10:00", "pending", "open"), status("tue 15:00", "open"))
        found = clock("first_reply", given, "tue 15:00", "120m business", calendar=BERLIN)
        assert found.deadline_at == at("tue 16:00")

    def test_a_closed_ticket_that_is_opened_again_goes_on_with_its_first_response(self) -> None:
        given = ticket(
            "tue 09:00", status("tue 09:30", "pending", "open"), status("tue 09:45", "open"),
            status("tue 10:00", "closed"), status("tue 10:30", "open"),
        )  # fmt: skip
        found = clock("first_reply", given, "tue 10:30", "120m business", calendar=BERLIN)
        assert found.deadline_at == at("tue 11:45")

    @pytest.mark.parametrize(
        ("happened", "minutes"),
        [
            ([status("tue 12:00", "closed", "pending")], 0),
            ([status("tue 10:30", "open", "pending"), status("tue 11:00", "pending"),
              status("tue 12:00", "closed")], 30),
            ([status("tue 10:30", "open", "pending"), status("tue 11:00", "pending"), status("tue 11:30", "open"),
              status("tue 12:00", "closed")], 60),
            ([status("tue 10:00", "pending", "open"), status("tue 10:30", "open"), status("tue 12:00", "closed")], 150),
        ],
    )  # fmt: skip
    def test_the_minutes_to_the_solution_leave_out_pending(
        self, happened: list[dict[str, object]], minutes: int
    ) -> None:
        found = clock("resolution", ticket("tue 09:00", *happened), NOW, "240m business", calendar=BERLIN)
        assert (found.state, found.spent) == ("met", timedelta(minutes=minutes))

    def test_a_holiday_does_not_count(self) -> None:
        calendar = {"zone": "Europe/Berlin", "hours": {"mon-fri": ["08:00-20:00"]}, "holidays": ["2025-06-02"]}
        given = ticket("mon 13:56:21")
        assert clock("first_reply", given, "mon 14:00", "120m business", calendar=calendar).deadline_at == at(
            "tue 08:00"
        )
        assert clock("resolution", given, "mon 14:00", "1200m business", calendar=calendar).deadline_at == at(
            "wed 14:00"
        )

    def test_an_update_is_due_from_the_customer_s_oldest_message(self) -> None:
        """Its update time is our next reply; only the first response of a ticket is not an update as well."""
        given = ticket("mon 09:30", agent("mon 12:00"), customer("mon 12:05"), customer("mon 12:30"))
        found = clock("next_reply", given, "mon 13:00", "120m business", calendar=LONG_DAYS)
        assert found.deadline_at == at("mon 14:05")

    def test_a_ticket_that_no_longer_matches_has_no_deadline(self) -> None:
        terms = [promise({"first_reply": "60m business"}), promise("none", since=at("mon 10:00"))]
        assert clock("first_reply", ticket("mon 09:30"), "mon 10:00", terms).deadline_at is None


class TestChatwoot:
    """Its evaluation of applied policies: thresholds in elapsed seconds."""

    def test_an_unanswered_conversation_misses_its_first_response(self) -> None:
        assert clock("first_reply", ticket("mon 03:00"), "mon 09:00", "1h elapsed").state == "breached"

    def test_a_next_response_is_missed_from_the_moment_since_which_the_customer_waits(self) -> None:
        given = ticket("mon 03:00", agent("mon 04:00"), customer("mon 04:00"))
        assert clock("next_reply", given, "mon 09:00", "1h elapsed").breached_at == at("mon 05:00")

    def test_a_conversation_that_is_resolved_within_its_threshold_hits_it(self) -> None:
        given = ticket("mon 03:00", status("mon 09:00", "solved"))
        assert clock("resolution", given, NOW, "8h elapsed").state == "met"

    def test_ours_a_late_resolution_is_missed_even_if_nobody_looked_before_it(self) -> None:
        given = ticket("mon 03:00", status("mon 09:00", "solved"))
        assert clock("resolution", given, NOW, "1h elapsed").breached_at == at("mon 04:00")


class TestZendesk:
    """What its manual says of its metrics."""

    def test_requester_wait_leaves_out_pending_and_agent_work_on_hold_too(self) -> None:
        given = ticket(
            "mon 09:00", status("mon 10:00", "pending"), status("mon 12:00", "on_hold"), status("mon 13:00", "open"),
            status("mon 14:00", "solved"),
        )  # fmt: skip
        assert clock("requester_wait", given, NOW).spent == timedelta(hours=3)
        assert clock("agent_work", given, NOW).spent == timedelta(hours=2)

    def test_next_reply_begins_with_the_oldest_unanswered_comment_of_the_customer(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:30"), customer("mon 10:00"), customer("mon 11:00"))
        assert clock("next_reply", given, "mon 11:00").started_at == at("mon 10:00")

    def test_bots_and_triggers_do_not_answer(self) -> None:
        given = ticket("mon 09:00", {"at": at("mon 09:01"), "by": "bot"}, agent("mon 10:00"))
        assert clock("first_reply", given, NOW).fulfilled_at == at("mon 10:00")

    def test_a_ticket_that_an_agent_made_in_public_is_not_answered_by_that_very_comment(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:00"), customer("mon 10:00"), agent("mon 12:00"))
        assert clock("first_reply", given, NOW).fulfilled_at == at("mon 12:00")

    def test_ours_there_it_waits_since_the_customer_wrote_and_not_since_it_was_made(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:00"), customer("mon 10:00"), agent("mon 12:00"))
        assert clock("first_reply", given, NOW).spent == timedelta(hours=2)

    def test_a_phone_ticket_that_was_solved_and_is_opened_again_by_the_customer(self) -> None:
        given = ticket(
            "mon 09:00", agent("mon 09:00", public=False), status("mon 09:00", "solved"), customer("tue 09:00"),
            status("tue 09:00", "open"), agent("tue 10:00"),
        )  # fmt: skip
        assert [one.fulfilled_at for one in clocks("first_reply", given, NOW)] == [at("tue 10:00")]


class TestFrappe:
    """Its agreements hold a ticket and give the time back; a priority outside of the agreement detaches it."""

    def test_hold_time_moves_the_resolution(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "pending"), status("mon 12:00", "open"))
        assert clock("resolution", given, "mon 12:00").deadline_at == at("mon 15:00")

    def test_a_priority_without_a_target_leaves_the_start_of_the_clock_as_it_was(self) -> None:
        given = ticket("mon 09:00", priority("mon 10:00", "low", "normal"), priority("mon 11:00", "normal"))
        targets = {"normal": "4h business"}
        assert clock("first_reply", given, "mon 10:30", targets).state == "no_target"
        found = clock("first_reply", given, "mon 11:00", targets)
        assert (found.started_at, found.deadline_at) == (at("mon 09:00"), at("mon 13:00"))


class TestOtrs:
    """The example of its add-on that suspends escalations."""

    def test_a_suspended_solution_comes_later_by_the_time_that_it_was_suspended(self) -> None:
        given = ticket("mon 08:00", status("mon 09:00", "pending", "open"), status("mon 10:05", "open"))
        assert clock("resolution", given, "mon 10:05", "2h elapsed").deadline_at == at("mon 11:05")
        assert clock("resolution", given, "mon 12:00", "2h elapsed").breached_at == at("mon 11:05")
