"""Which waits a ticket has: when each metric's wait begins, what fulfils it, and what ends it."""

import pytest

from rules.sla import Deadline
from tests.rules.sla.weeks import agent, at, clock, clocks, customer, status, ticket

NOW = "+1 mon 09:00"


def spans(found: list[Deadline]) -> list[tuple[object, ...]]:
    """Start, fulfilment and end of each wait."""
    return [(one.started_at, one.fulfilled_at, one.ended_at) for one in found]


class TestFirstReply:
    def test_it_goes_from_the_creation_to_the_first_public_message_of_an_agent(self) -> None:
        given = ticket(
            "mon 09:00", customer("mon 09:00"), customer("mon 09:30"), agent("mon 10:00"), agent("mon 11:00")
        )
        assert spans(clocks("first_reply", given, NOW)) == [(at("mon 09:00"), at("mon 10:00"), None)]

    def test_internal_notes_bots_and_automatic_messages_answer_nobody(self) -> None:
        given = ticket(
            "mon 09:00", agent("mon 09:10", public=False), {"at": at("mon 09:20"), "by": "bot"},
            {"at": at("mon 09:30"), "by": "system"}, agent("mon 10:00"),
        )  # fmt: skip
        assert clock("first_reply", given, NOW).fulfilled_at == at("mon 10:00")

    def test_of_a_ticket_that_an_agent_made_it_begins_with_the_customer_s_first_message(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:00"), agent("mon 09:30"), customer("mon 10:00"), agent("mon 11:00"))
        assert spans(clocks("first_reply", given, NOW)) == [(at("mon 10:00"), at("mon 11:00"), None)]

    def test_as_long_as_nobody_answers_an_agent_s_ticket_nobody_waits(self) -> None:
        assert clocks("first_reply", ticket("mon 09:00", agent("mon 09:00")), NOW) == []

    @pytest.mark.parametrize(
        ("first", "started"), [("mon 09:00", "mon 10:00"), ("mon 09:00:01", "mon 10:00"), ("mon 09:00:02", "mon 09:00")]
    )
    def test_an_agent_made_a_ticket_if_the_first_message_is_an_agent_s_and_came_with_it(
        self, first: str, started: str
    ) -> None:
        given = ticket("mon 09:00", agent(first), customer("mon 10:00"))
        assert clock("first_reply", given, NOW).started_at == at(started)

    def test_a_ticket_that_begins_with_an_internal_note_was_made_by_an_agent(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:00", public=False), agent("mon 10:00"))
        assert clocks("first_reply", given, NOW) == []

    def test_of_two_messages_at_one_moment_the_first_one_counts_first(self) -> None:
        given = ticket("mon 09:00", customer("mon 09:00"), agent("mon 09:00"))
        assert spans(clocks("first_reply", given, NOW)) == [(at("mon 09:00"), at("mon 09:00"), None)]


class TestFirstImpactfulReply:
    def test_acknowledgements_do_not_count(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:05", impactful=False), agent("mon 10:00", impactful=True))
        assert clock("first_impactful_reply", given, NOW).fulfilled_at == at("mon 10:00")
        assert clock("first_reply", given, NOW).fulfilled_at == at("mon 09:05")

    def test_a_reply_that_was_not_read_counts(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:05"))
        assert clock("first_impactful_reply", given, NOW).fulfilled_at == at("mon 09:05")

    def test_it_goes_on_from_the_first_question_whatever_is_said_in_between(self) -> None:
        given = ticket("mon 09:00", agent("mon 09:05", impactful=False), customer("mon 09:30"), agent("mon 10:00"))
        assert spans(clocks("first_impactful_reply", given, NOW)) == [(at("mon 09:00"), at("mon 10:00"), None)]


class TestNextReply:
    def test_each_wait_is_measured_from_the_oldest_unanswered_message(self) -> None:
        given = ticket(
            "mon 09:00", agent("mon 10:00"), customer("mon 11:00"), customer("mon 12:00"), agent("mon 13:00"),
            agent("mon 13:30"), customer("mon 14:00"),
        )  # fmt: skip
        found = clocks("next_reply", given, NOW)
        assert spans(found) == [(at("mon 11:00"), at("mon 13:00"), None), (at("mon 14:00"), None, None)]
        assert [one.cycle for one in found] == [1, 2]

    def test_before_the_first_reply_there_is_none(self) -> None:
        assert clocks("next_reply", ticket("mon 09:00", customer("mon 10:00"), customer("mon 11:00")), NOW) == []

    def test_an_internal_note_neither_answers_nor_asks(self) -> None:
        given = ticket(
            "mon 09:00", agent("mon 10:00"), customer("mon 11:00"), agent("mon 12:00", public=False),
            customer("mon 12:30", public=False),
        )  # fmt: skip
        assert spans(clocks("next_reply", given, NOW)) == [(at("mon 11:00"), None, None)]

    def test_the_status_that_the_ticket_had_when_the_customer_wrote_does_not_stop_the_clock(self) -> None:
        given = ticket("mon 09:00", agent("mon 10:00"), status("mon 10:00", "pending"), customer("mon 11:00"))
        assert clock("next_reply", given, "mon 12:00").deadline_at == at("mon 15:00")

    def test_a_status_that_is_entered_later_does(self) -> None:
        given = ticket(
            "mon 09:00", agent("mon 10:00"), status("mon 10:00", "pending"), customer("mon 11:00"),
            status("mon 11:00", "open"), status("mon 12:00", "pending"), status("mon 13:00", "open"),
        )  # fmt: skip
        assert clock("next_reply", given, "mon 14:00").deadline_at == at("mon 16:00")

    def test_a_message_after_solving_begins_a_wait_even_while_the_ticket_is_still_solved(self) -> None:
        given = ticket("mon 09:00", agent("mon 10:00"), status("mon 10:00", "solved"), customer("tue 10:00"))
        found = clock("next_reply", given, "tue 11:00")
        assert (found.state, found.started_at, found.deadline_at) == ("running", at("tue 10:00"), at("tue 14:00"))


class TestSolving:
    """Solving without an answer ends the wait for one, as long as the ticket stays solved."""

    def test_it_ends_a_wait_that_nobody_answered(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "solved"), status("wed 10:00", "closed"))
        found = clock("first_reply", given, NOW)
        assert (found.state, found.ended_at, found.breached_at) == ("ended", at("mon 10:00"), None)

    @pytest.mark.parametrize(("solved", "state"), [("mon 13:00", "ended"), ("mon 13:00:01", "breached")])
    def test_it_does_not_mend_what_was_broken(self, solved: str, state: str) -> None:
        assert clock("first_reply", ticket("mon 09:00", status(solved, "solved")), NOW).state == state

    def test_a_reply_that_comes_with_it_counts(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "solved"), agent("mon 10:00"))
        assert clock("first_reply", given, NOW).state == "met"

    def test_a_reply_after_it_answers_the_customer_without_time_having_counted(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "solved"), agent("mon 16:00"))
        found = clock("first_reply", given, NOW)
        assert (found.state, found.fulfilled_at, found.spent) == (
            "met",
            at("mon 16:00"),
            at("mon 10:00") - at("mon 09:00"),
        )

    def test_a_ticket_that_is_opened_again_still_has_to_be_answered(self) -> None:
        given = ticket("mon 09:00", status("mon 10:00", "solved"), status("mon 12:00", "open"))
        assert clock("first_reply", given, "mon 11:00").state == "ended"
        found = clock("first_reply", given, "mon 13:00")
        assert (found.state, found.started_at, found.deadline_at) == ("running", at("mon 09:00"), at("mon 15:00"))

    def test_a_message_to_a_solved_ticket_begins_a_new_wait(self) -> None:
        given = ticket(
            "mon 09:00", status("mon 10:00", "solved"), customer("tue 09:00"), status("tue 09:00", "open"),
            agent("tue 10:00"),
        )  # fmt: skip
        assert spans(clocks("first_reply", given, NOW)) == [(at("mon 09:00"), None, at("mon 10:00"))]
        assert spans(clocks("next_reply", given, NOW)) == [(at("tue 09:00"), at("tue 10:00"), None)]


class TestPeriodicUpdate:
    def test_it_goes_from_each_public_message_of_an_agent_to_the_next(self) -> None:
        given = ticket("mon 09:00", agent("mon 10:00"), customer("mon 11:00"), agent("mon 12:00"))
        found = clocks("periodic_update", given, "mon 13:00", "2h business")
        assert spans(found) == [(at("mon 10:00"), at("mon 12:00"), None), (at("mon 12:00"), None, None)]
        assert [one.state for one in found] == ["met", "running"]

    def test_solving_ends_it(self) -> None:
        given = ticket("mon 09:00", agent("mon 10:00"), status("mon 11:00", "solved"), status("mon 12:00", "open"))
        assert spans(clocks("periodic_update", given, NOW)) == [(at("mon 10:00"), None, at("mon 11:00"))]

    def test_a_message_that_solves_the_ticket_promises_no_update(self) -> None:
        given = ticket("mon 09:00", agent("mon 10:00"), status("mon 10:00", "solved"), agent("mon 11:00"))
        assert clocks("periodic_update", given, NOW) == []

    def test_a_reply_that_only_the_summary_tells_begins_none(self) -> None:
        assert clocks("periodic_update", ticket("mon 09:00", first_replied_at=at("mon 10:00")), NOW) == []


@pytest.mark.parametrize("metric", ["resolution", "requester_wait", "agent_work"])
class TestResolution:
    def test_it_is_fulfilled_when_the_ticket_is_solved_and_stays_so(self, metric: str) -> None:
        given = ticket("mon 09:00", status("mon 11:00", "solved"), status("wed 11:00", "closed"))
        found = clock(metric, given, NOW)
        assert (found.state, found.fulfilled_at) == ("met", at("mon 11:00"))

    def test_a_reopened_ticket_goes_on_where_it_stopped(self, metric: str) -> None:
        given = ticket("mon 09:00", status("mon 11:00", "solved"), status("tue 10:00", "open"))
        assert clock(metric, given, "mon 16:00").state == "met"
        found = clock(metric, given, "tue 11:00")
        assert (found.state, found.deadline_at, found.fulfilled_at) == ("running", at("tue 12:00"), None)

    def test_or_starts_again_where_the_policy_says_so(self, metric: str) -> None:
        given = ticket("mon 09:00", status("mon 11:00", "solved"), status("tue 10:00", "open"))
        found = clocks(metric, given, "tue 11:00", reopened="restart")
        assert spans(found) == [(at("mon 09:00"), at("mon 11:00"), None), (at("tue 10:00"), None, None)]
        assert [(one.cycle, one.state) for one in found] == [(1, "met"), (2, "running")]
        assert found[1].deadline_at == at("tue 14:00")

    def test_the_clock_does_not_run_after_the_resolution(self, metric: str) -> None:
        found = clock(metric, ticket("mon 09:00", status("mon 11:00", "solved")), NOW)
        assert (found.spent, found.breached_at) == (at("mon 11:00") - at("mon 09:00"), None)


class TestReviewAndOutreach:
    def test_a_review_is_any_message_of_an_agent_an_internal_note_too(self) -> None:
        given = ticket("mon 09:00", agent("mon 10:00", public=False), agent("mon 11:00"))
        assert clock("internal_review", given, NOW, "2h elapsed").fulfilled_at == at("mon 10:00")

    def test_outreach_is_the_first_since_the_ticket_was_created(self) -> None:
        given = ticket("mon 09:00", outreach=[at("mon 08:00"), at("tue 08:59:59")])
        found = clock("outreach", given, NOW, "24h elapsed")
        assert (found.state, found.fulfilled_at) == ("met", at("tue 08:59:59"))

    @pytest.mark.parametrize("metric", ["internal_review", "outreach"])
    def test_they_end_with_a_ticket_that_stays_solved(self, metric: str) -> None:
        solved = ticket("mon 09:00", status("mon 10:00", "solved"))
        reopened = ticket("mon 09:00", status("mon 10:00", "solved"), status("mon 11:00", "open"))
        assert clock(metric, solved, NOW).state == "ended"
        assert clock(metric, reopened, "mon 12:00").deadline_at == at("mon 14:00")
