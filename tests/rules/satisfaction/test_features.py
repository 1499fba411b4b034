"""What is known of a ticket, and that nothing later is."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.satisfaction import SatisfactionSettings, answered_cases, features, silent_cases, solved_cases
from rules.satisfaction.features import NAMES, efforts
from rules.satisfaction.repeats import said_again
from tests.rules.satisfaction.world import AS_OF, Desk, hours


class TestWaits:
    def test_each_wait_lasts_from_the_customer_s_message_to_the_next_reply(self) -> None:
        desk = Desk().ticket().says("customer", 0, 10).says("agent", 3, 30).says("customer", 40)
        seen = desk.seen(41)
        assert (seen["first_reply_hours"], seen["longest_wait_hours"], seen["waited_hours"]) == (3, 20, 3 + 20 + 1)

    def test_asking_again_does_not_begin_another_wait(self) -> None:
        assert Desk().ticket().says("customer", 0, 5).says("agent", 8).seen(9)["waited_hours"] == 8

    def test_without_a_reply_the_first_reply_is_unknown_and_the_wait_goes_on(self) -> None:
        seen = Desk().ticket().says("customer", 0).seen(7)
        assert (seen["first_reply_hours"], seen["longest_wait_hours"]) == (None, 7)

    def test_notes_bots_and_automatic_mail_answer_nothing(self) -> None:
        desk = Desk().ticket().says("customer", 0).says("agent", 1, public=False).says("bot", 2)
        assert desk.says("agent", 3, automatic=True).says("agent", 4).seen(5)["first_reply_hours"] == 4


class TestEffort:
    @pytest.mark.parametrize(("minutes", "again"), [(59, 0), (60, 1), (61, 1)])
    def test_a_message_within_an_hour_is_a_supplement_and_later_asks_again(self, minutes: int, again: int) -> None:
        assert Desk().ticket().says("customer", 0, minutes / 60).seen(9)["asked_again"] == again

    def test_after_an_answer_nothing_is_asked_again(self) -> None:
        assert Desk().ticket().says("customer", 0, 9).says("agent", 5).seen(9)["asked_again"] == 0

    def test_replies_are_the_agents_public_messages(self) -> None:
        desk = Desk().ticket().says("customer", 0).says("agent", 1, 2).says("agent", 3, public=False)
        seen = desk.seen(4)
        assert (seen["replies"], seen["customer_messages"], seen["customer_characters"]) == (2, 1, 100)

    def test_a_sentence_said_before_on_the_ticket_is_said_again(self) -> None:
        told = [
            (1, 10, "The export fails every night."), (1, 11, "Hello,\n\nthe EXPORT fails, every night!\n\nThanks"),
            (1, 12, "Works now, thanks a lot."), (2, 13, "The export fails every night."),
        ]  # fmt: skip
        assert said_again(told) == {11: 1}

    def test_a_quoted_message_is_not_said_again(self) -> None:
        told = [(1, 10, "The export fails every night."), (1, 11, "Any news?\n\n> The export fails every night.")]
        assert said_again(told) == {}


class TestChanges:
    def test_reopenings_hand_offs_channels_escalations_and_priorities_are_counted(self) -> None:
        desk = Desk().ticket().says("customer", 0).becomes("status", "solved", "open", 5)
        desk.becomes("assignee", None, "ann", 1).becomes("assignee", "ann", "bob", 2).becomes("team", "x", "y", 2)
        desk.becomes("team", "y", "z", 3).becomes("channel", "chat", "email", 3).becomes(
            "escalated", "false", "true", 4
        )
        seen = desk.becomes("priority", "normal", "high", 4).becomes("priority", "high", "low", 6).seen(9)
        names = ("reopenings", "handoffs", "channel_switches", "escalated", "priority_raised")
        assert [seen[name] for name in names] == [1, 2, 1, 1, 1]

    def test_without_a_history_changes_are_unknown(self) -> None:
        seen = Desk().ticket().says("customer", 0).seen(9)
        assert [seen[name] for name in ("reopenings", "handoffs", "escalated", "breaches")] == [None] * 4

    def test_a_promise_that_was_kept_is_no_breach_and_one_that_was_not_made_is_unknown(self) -> None:
        assert Desk().ticket().promised().seen(9)["breaches"] == 0
        assert Desk().ticket().promised().breached(3).breached(12).seen(9)["breaches"] == 1


class TestText:
    def test_the_last_word_the_mean_and_the_lowest_sentiment_are_the_customer_s(self) -> None:
        desk = Desk().ticket().says("customer", 0, sentiment=-50).says("customer", 5, sentiment=20)
        seen = desk.says("agent", 6, sentiment=-100).says("customer", 7).seen(8)
        assert (seen["last_sentiment"], seen["mean_sentiment"], seen["lowest_sentiment"]) == (20, -15, -50)

    def test_what_nobody_could_read_is_unknown_and_not_neutral(self) -> None:
        seen = Desk().ticket().says("customer", 0).seen(8)
        assert (seen["last_sentiment"], seen["said_again"], seen["praises"]) == (None, 0, 0)

    def test_places_that_speak_of_leaving_or_praise_are_counted(self) -> None:
        desk = Desk().ticket().says("customer", 0, evidence=("leaving", "leaving")).says("customer", 1, again=2)
        seen = desk.says("customer", 2, evidence=("praise",)).seen(8)
        assert (seen["speaks_of_leaving"], seen["praises"], seen["said_again"]) == (2, 1, 2)

    def test_of_a_ticket_without_a_message_nothing_is_counted(self) -> None:
        seen = Desk().ticket().seen(8)
        assert [seen[name] for name in ("replies", "said_again", "praises", "waited_hours")] == [None] * 4


@pytest.mark.parametrize(
    ("at", "weekend", "late"), [(0, 0, 0), (9.9, 0, 0), (10, 0, 1), (-2.1, 0, 1), (-2, 0, 0), (-24, 1, 0)]
)
def test_the_beginning_is_told_by_weekday_and_hour(at: float, weekend: float, late: float) -> None:
    seen = Desk().ticket(at=at).seen(30)
    assert (seen["on_weekend"], seen["out_of_hours"]) == (weekend, late)


class TestCases:
    settings = SatisfactionSettings()

    def test_a_rated_ticket_is_seen_as_it_stood_when_it_was_last_solved_before_the_answer(self) -> None:
        desk = Desk().ticket(solved=90).becomes("status", "open", "solved", 10).becomes("status", "solved", "open", 20)
        desk.becomes("status", "open", "solved", 30).becomes("status", "solved", "closed", 50).rated(5, 60)
        [case] = self._answered(desk)
        assert (case["seen_at"], case["satisfied"]) == (hours(30), 1)

    def test_without_a_history_the_ticket_s_own_field_says_when(self) -> None:
        [case] = self._answered(Desk().ticket(solved=10).rated(1, 60))
        assert (case["seen_at"], case["satisfied"]) == (hours(10), 0)

    def test_an_answer_before_any_solving_is_seen_at_its_own_moment(self) -> None:
        [case] = self._answered(Desk().ticket(solved=90).rated(1, 60))
        assert case["seen_at"] == hours(60)

    def test_the_first_answer_counts_and_of_two_at_once_the_worse(self) -> None:
        [case] = self._answered(Desk().ticket(solved=10).rated(5, 60).rated(1, 61))
        assert case["satisfied"] == 1
        [case] = self._answered(Desk().ticket(solved=10).rated(5, 60).rated(1, 60))
        assert case["satisfied"] == 0

    def test_answers_off_their_scale_of_other_surveys_later_or_too_old_are_left_out(self) -> None:
        desk = Desk().ticket(solved=10).rated(6, 60).rated(5, 60, kind="ces").rated(5, 24 * 61).rated(5, -24 * 700)
        assert self._answered(desk) == []

    @pytest.mark.parametrize(
        ("scale", "score", "satisfied"),
        [((1, 5), 4, 1), ((1, 5), 3, 0), ((0, 100), 80, 1), ((0, 100), 79, 0), ((0, 1), 1, 1), ((1, 7), 6, 1)],
    )  # fmt: skip
    def test_satisfied_is_what_the_key_figure_counts_as_satisfied(
        self, scale: tuple[int, int], score: int, satisfied: int
    ) -> None:
        [case] = self._answered(Desk().ticket(solved=10).rated(score, 60, scale))
        assert case["satisfied"] == satisfied

    def test_silent_are_the_solved_and_the_long_open_without_an_answer(self) -> None:
        desk = Desk().ticket(1, solved=10).ticket(2, solved=10).rated(5, 20, ticket=2).ticket(3).ticket(4, at=24 * 50)
        desk.ticket(5, at=-24 * 200, solved=-24 * 100).ticket(6, at=24 * 59, solved=24 * 61)
        cases = silent_cases(desk.facts(), "csat", AS_OF, self.settings).collect().rows(named=True)
        assert [(case["ticket_id"], case["is_open"], case["seen_at"]) for case in cases] == [
            (1, False, hours(10)), (3, True, AS_OF),
        ]  # fmt: skip

    def test_a_ticket_opened_again_is_seen_as_it_stands(self) -> None:
        desk = Desk().ticket(solved=10).becomes("status", "open", "solved", 10).becomes("status", "solved", "open", 20)
        [case] = silent_cases(desk.facts(), "csat", AS_OF, self.settings).collect().rows(named=True)
        assert (case["is_open"], case["seen_at"]) == (True, AS_OF)

    def test_effort_has_a_row_for_each_solving(self) -> None:
        desk = Desk().ticket(solved=40).becomes("status", "open", "solved", 10).says("agent", 1, 30).says("customer", 0)
        cases = solved_cases(desk.facts(), hours(0), AS_OF)
        rows = efforts(cases, desk.facts()).collect().sort("solved_at").rows(named=True)
        assert [(row["solved_at"], row["replies"]) for row in rows] == [(hours(10), 1), (hours(40), 2)]

    def _answered(self, desk: Desk) -> list[dict[str, Any]]:
        return answered_cases(desk.facts(), "csat", AS_OF, self.settings).collect().rows(named=True)


ATS = st.integers(0, 24 * 50)


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    desk = Desk()
    for number in range(1, draw(st.integers(1, 4)) + 1):
        desk.ticket(number, at=draw(ATS), solved=draw(st.none() | ATS), account=draw(st.sampled_from(["A", "B", None])))
        for _ in range(draw(st.integers(0, 5))):
            who, mood = draw(st.sampled_from(["customer", "agent", "bot"])), draw(st.none() | st.integers(-100, 100))
            desk.says(who, draw(ATS), ticket=number, sentiment=mood, again=draw(st.integers(0, 2)))
        for _ in range(draw(st.integers(0, 4))):
            before, after = draw(st.sampled_from(["open", "solved", None])), draw(st.sampled_from(["open", "solved"]))
            desk.becomes(draw(st.sampled_from(["status", "assignee"])), before, after, draw(ATS), number)
        for _ in range(draw(st.integers(0, 2))):
            desk.rated(draw(st.integers(1, 5)), draw(ATS), ticket=number).breached(draw(ATS), number)
    return desk


def _told(desk: Desk, as_of: datetime, *, turned: bool = False) -> list[dict[str, Any]]:
    facts, known = desk.facts(turned=turned), SatisfactionSettings()
    cases = [answered_cases(facts, "csat", as_of, known), silent_cases(facts, "csat", as_of, known)]
    rows = [row for each in cases for row in features(each, facts).collect().rows(named=True)]
    return [{name: row[name] for name in ("ticket_id", "seen_at", *NAMES)} for row in rows]


@given(desk=desks(), at=ATS, later=st.integers(1, 500))
@settings(max_examples=40, deadline=None)
def test_what_is_planted_in_the_future_moves_nothing(desk: Desk, at: int, later: int) -> None:
    as_of = hours(at)
    before = _told(desk, as_of)
    for row in list(desk.rows["tickets"]):
        ticket = row["id"]
        desk.says("customer", at + later, ticket=ticket, sentiment=-100, again=3, evidence=("leaving",))
        desk.says("agent", at + later, ticket=ticket).becomes("status", "solved", "open", at + later, ticket)
        desk.becomes("escalated", "false", "true", at + later, ticket).breached(at + later, ticket)
        desk.rated(1, at + later, ticket=ticket)
    assert _told(desk, as_of) == before


@given(desk=desks())
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_does_not_matter(desk: Desk) -> None:
    assert _told(desk, AS_OF, turned=True) == _told(desk, AS_OF)


@given(desk=desks())
@settings(max_examples=30, deadline=None)
def test_no_case_is_seen_after_its_answer_or_after_the_moment(desk: Desk) -> None:
    cases = answered_cases(desk.facts(), "csat", AS_OF, SatisfactionSettings()).collect().rows(named=True)
    assert all(case["created_at"] <= case["seen_at"] <= case["answered_at"] <= AS_OF for case in cases)
