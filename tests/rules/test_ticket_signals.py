"""What the facts say about a ticket at a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import TicketCondition, explain
from rules.signals import SIGNALS
from rules.signals.ticket_catalogue import TICKET_SIGNALS
from tests.rules.helpdesk import AS_OF, Helpdesk, ago

_HOUR = 3_600


class TestWhichTicketsAreOpen:
    @pytest.mark.parametrize(
        ("fields", "changes", "is_open"),
        [
            ({"status": "open"}, [], True),
            ({"status": "solved", "resolved_at": ago(hours=1)}, [], False),
            ({"status": "closed"}, [], False),
            ({"status": "solved", "resolved_at": ago(hours=-1)}, [], True),
            ({"status": "solved"}, [("status", "open", "solved", ago(seconds=0))], False),
            ({"status": "solved"}, [("status", "open", "solved", ago(seconds=-1))], True),
            ({"status": "open"}, [("status", "solved", "open", ago(hours=1))], True),
            ({"status": "open"}, [("status", "closed", "open", ago(hours=-1))], False),
            ({"status": "open"}, [("merged", None, "T2", ago(hours=1))], False),
            ({"status": "open"}, [("merged", None, "T2", ago(hours=-1))], True),
            ({"created_at": ago(seconds=-1)}, [], False),
            ({"created_at": ago(seconds=0)}, [], True),
        ],
    )
    def test_what_is_solved_closed_or_merged_by_then_is_not_looked_at(
        self, fields: dict[str, Any], changes: list[Any], is_open: bool
    ) -> None:
        desk = Helpdesk.with_ticket(**fields)
        for change in changes:
            desk.changed(*change)
        assert desk.signals()["ticket_id"].to_list() == [1] * is_open

    def test_fields_are_those_of_the_moment(self) -> None:
        desk = Helpdesk.with_ticket(status="pending", priority="urgent", team="tier 2", assignee="Lee", escalated=True)
        desk.changed("priority", "low", "high", ago(hours=3)).changed("priority", "high", "urgent", ago(hours=-1))
        desk.changed("status", "new", "open", ago(hours=2)).changed("status", "open", "pending", ago(hours=-1))
        desk.changed("team", "tier 1", "tier 2", ago(hours=-2)).changed("assignee", None, "Kim", ago(hours=4))
        desk.changed("escalated", "false", "true", ago(hours=-1))
        found = desk.of()
        told = [found[name] for name in ("priority", "status", "team", "assignee", "escalated")]
        assert told == ["high", "open", "tier 1", "Kim", "no"]

    def test_a_flag_that_the_helpdesk_does_not_tell_is_unknown(self) -> None:
        assert Helpdesk.with_ticket().of()["escalated"] is None


class TestWhoWaits:
    def test_the_oldest_unanswered_message_counts(self) -> None:
        desk = (
            Helpdesk.with_ticket(created_at=ago(hours=30)).said("customer", ago(hours=30)).said("agent", ago(hours=8))
        )
        desk.said("customer", ago(hours=5)).said("customer", ago(hours=1))
        assert desk.of()["customer_waiting"] == 5 * _HOUR

    def test_nobody_waits_after_an_answer(self) -> None:
        desk = Helpdesk.with_ticket().said("customer", ago(hours=20)).said("agent", ago(hours=2))
        found = desk.of()
        assert (found["customer_waiting"], found["customer_waiting_business"]) == (0, 0)

    def test_a_note_among_ourselves_is_no_answer(self) -> None:
        desk = Helpdesk.with_ticket().said("customer", ago(days=1)).said("agent", ago(hours=2), public=False)
        assert desk.of()["customer_waiting"] == 24 * _HOUR

    def test_a_new_ticket_waits_from_its_creation(self) -> None:
        assert Helpdesk.with_ticket(created_at=ago(hours=3)).of()["customer_waiting"] == 3 * _HOUR

    def test_without_messages_nobody_knows_after_the_first_answer(self) -> None:
        found = Helpdesk.with_ticket(first_replied_at=ago(hours=5)).of()
        names = ("customer_waiting", "our_silence", "customer_silence", "ticket_replies", "ticket_asked_again")
        assert [found[name] for name in names] == [None] * 5

    def test_business_time_leaves_out_the_night_and_the_weekend(self) -> None:
        friday = datetime(2025, 5, 30, 16, tzinfo=UTC)
        desk = Helpdesk.with_ticket(created_at=friday).said("customer", friday)
        found = desk.of(as_of=datetime(2025, 6, 2, 10, 30, tzinfo=UTC))
        assert found["customer_waiting_business"] == found["ticket_age_business"] == 2.5 * _HOUR
        assert found["customer_waiting"] == 66.5 * _HOUR

    def test_our_silence_begins_with_our_last_word_or_with_the_ticket(self) -> None:
        asked = Helpdesk.with_ticket(created_at=ago(hours=9)).said("customer", ago(hours=9))
        assert asked.of()["our_silence"] == 9 * _HOUR
        assert asked.said("agent", ago(hours=4)).said("customer", ago(hours=3)).of()["our_silence"] == 4 * _HOUR
        assert asked.of()["customer_silence"] == 3 * _HOUR

    @pytest.mark.parametrize(("seconds", "again"), [(3_599, 0), (3_600, 1), (3_601, 1)])
    def test_asked_again_is_an_hour_later_without_an_answer(self, seconds: int, again: int) -> None:
        desk = Helpdesk.with_ticket().said("customer", ago(hours=9))
        desk.said("customer", ago(hours=9) + timedelta(seconds=seconds))
        found = desk.said("agent", ago(hours=5)).said("customer", ago(hours=1)).of()
        counts = ("ticket_asked_again", "ticket_customer_messages", "ticket_replies")
        assert tuple(found[name] for name in counts) == (again, 3, 1)


class TestItsHistory:
    def test_reopenings_and_hand_offs_are_counted(self) -> None:
        desk = Helpdesk.with_ticket().changed("status", "open", "solved", ago(hours=9))
        desk.changed("status", "solved", "open", ago(hours=8)).changed("assignee", None, "Kim", ago(hours=7))
        desk.changed("assignee", "Kim", "Lee", ago(hours=6)).changed("team", "a", "b", ago(hours=6))
        desk.changed("team", "b", "c", ago(hours=5))
        found = desk.of()
        assert (found["ticket_reopenings"], found["ticket_handoffs"]) == (1, 2)

    def test_a_ticket_to_which_nothing_happened_has_none_where_its_source_tells(self) -> None:
        desk = Helpdesk.with_ticket().ticket(2).ticket(3, source="other")
        desk.changed("status", "new", "open", ago(hours=1), ticket=2)
        assert [desk.of(number)["ticket_reopenings"] for number in (1, 2, 3)] == [0, 0, None]


class TestMood:
    def test_the_level_weighs_fresh_messages_more_and_the_last_word_stands_beside_it(self) -> None:
        desk = Helpdesk.with_ticket(created_at=ago(days=15)).said("customer", ago(days=14), sentiment=40)
        desk.said("agent", ago(days=2), sentiment=90).said("customer", AS_OF, sentiment=-80)
        found = desk.of()
        assert (found["ticket_sentiment"], found["newest_sentiment"]) == (-40.0, -80.0)

    def test_a_last_word_that_could_not_be_read_is_unknown(self) -> None:
        desk = Helpdesk.with_ticket().said("customer", ago(hours=2), sentiment=-80).said("customer", ago(hours=1))
        assert (desk.of()["ticket_sentiment"], desk.of()["newest_sentiment"]) == (-80.0, None)

    def test_evidence_counts_messages_of_this_ticket(self) -> None:
        desk = Helpdesk.with_ticket().ticket(2).said("customer", ago(hours=3), evidence="churn_intent", sentence="Bye.")
        desk.said("customer", ago(hours=2), evidence="legal_trouble", sentence="Lawyers!")
        desk.said("customer", ago(hours=1), evidence="praise", sentence="Thanks.")
        desk.said("customer", ago(hours=1), ticket=2)
        found, other = desk.of(), desk.of(2)
        assert (found["ticket_churn_intent"], found["ticket_said"], found["ticket_praise"]) == (1, "Lawyers!", 1)
        assert (other["ticket_churn_intent"], other["ticket_said"]) == (0, None)

    def test_in_a_language_that_the_rules_do_not_read_it_is_unknown(self) -> None:
        desk = Helpdesk.with_ticket().said("customer", ago(hours=3)).row("unheard", ticket_id=1, sent_at=ago(hours=3))
        assert desk.of()["ticket_churn_intent"] is None
        assert desk.said("customer", ago(hours=1)).of()["ticket_churn_intent"] == 0


class TestPromises:
    def test_without_a_promise_all_is_unknown(self) -> None:
        found = Helpdesk.with_ticket().said("customer", ago(days=1)).of()
        names = ("ticket_breaches", "ticket_overdue", "time_to_breach", "target_used", "next_target")
        assert [found[name] for name in names] == [None] * 5

    @pytest.mark.parametrize(
        ("target", "breaches", "left", "used"),
        [("25h elapsed", 0, _HOUR, 24 / 25), ("24h elapsed", 0, 0, 1.0), ("23h elapsed", 1, None, None)],
    )
    def test_a_deadline_comes_near_and_passes(
        self, target: str, breaches: int, left: int | None, used: float | None
    ) -> None:
        found = Helpdesk.with_ticket().said("customer", ago(days=1)).promised({"first_reply": target}).of()
        assert (found["ticket_breaches"], found["time_to_breach"]) == (breaches, left)
        assert found["target_used"] == (None if used is None else pytest.approx(used))
        assert (found["ticket_overdue"], found["next_target"]) == (breaches, None if breaches else "first_reply")

    def test_a_broken_promise_that_was_met_since_is_broken_but_not_overdue(self) -> None:
        desk = Helpdesk.with_ticket().said("customer", ago(days=1)).said("agent", ago(hours=1))
        found = desk.promised({"first_reply": "4h elapsed", "resolution": "48h elapsed"}).of()
        assert (found["ticket_breaches"], found["ticket_overdue"], found["next_target"]) == (1, 0, "resolution")


class TestItsIssueAndItsAccount:
    def test_the_same_issue_is_counted_over_the_account_and_over_accounts(self) -> None:
        desk = Helpdesk.with_ticket()
        for ticket, account, days in ((1, 1, 1), (7, 1, 29), (8, 1, 31), (9, 2, 2)):
            desk.row(
                "placed", ticket_id=ticket, account_id=account, created_at=ago(days=days), issue_id="i",
                issue_label="exports", placed_at=ago(hours=1),
            )  # fmt: skip
        found = desk.of()
        names = ("ticket_issue", "ticket_issue_repeats", "ticket_issue_accounts")
        assert [found[name] for name in names] == ["exports", 2, 2]

    def test_the_signals_of_the_account_stand_beside_them(self) -> None:
        desk = Helpdesk().account(1, acv=5_000_00, account="Acme").ticket(1).ticket(2, account_id=None)
        desk.row("escalations", account_id=1, playbook="silence", opened_at=ago(days=1), closed_at=None)
        desk.row("escalations", account_id=1, playbook="usage", opened_at=ago(days=1), closed_at=ago(hours=1))
        linked, other = desk.of(1), desk.of(2)
        assert (linked["ticket_ref"], linked["acv"], linked["account"], linked["csm"]) == (
            "desk:T1",
            500_000,
            "Acme",
            "Kim",
        )
        assert linked["open_playbook"] == '["silence"]'
        assert [other[name] for name in ("account_ref", "acv", "csm", "open_playbook")] == [None] * 4


_LATER: list[Callable[[Helpdesk, datetime], Any]] = [
    lambda desk, at: desk.said("customer", at, sentiment=-90, evidence="churn_intent"),
    lambda desk, at: desk.said("agent", at),
    lambda desk, at: desk.changed("status", "open", "solved", at),
    lambda desk, at: desk.changed("status", "solved", "open", at),
    lambda desk, at: desk.changed("priority", "normal", "urgent", at),
    lambda desk, at: desk.changed("assignee", None, "Lee", at),
    lambda desk, at: desk.changed("merged", None, "T9", at),
    lambda desk, at: desk.ticket(9, created_at=at),
    lambda desk, at: desk.row("escalations", account_id=1, playbook="later", opened_at=at, closed_at=None),
]


@given(later=st.lists(st.tuples(st.sampled_from(_LATER), st.integers(1, 10_000)), max_size=4))
@settings(max_examples=20, deadline=None)
def test_nothing_later_than_the_moment_is_looked_at(later: list[Any]) -> None:
    def as_known() -> Helpdesk:
        desk = Helpdesk.with_ticket().said("customer", ago(hours=9), sentiment=5).said("agent", ago(hours=8))
        desk.changed("status", "new", "open", ago(hours=8)).said("customer", ago(hours=2), sentiment=-20)
        # What the first later change of a field finds is what it was.
        desk.changed("priority", None, "normal", ago(hours=8)).changed("assignee", None, None, ago(hours=8))
        return desk.promised({"first_reply": "1h elapsed", "next_reply": "4h elapsed"})

    planted = as_known()
    for plant, seconds in sorted(later, key=lambda one: one[1]):
        plant(planted, AS_OF + timedelta(seconds=seconds))
    assert planted.of() == as_known().of()
    assert len(planted.signals()) == 1


def test_a_ticket_knows_the_own_fields_of_its_account() -> None:
    told = Helpdesk().account(1, text_field_plan_tier="gold").ticket(1).ticket(2, account_id=None)
    assert [told.of(ticket)["text_field_plan_tier"] for ticket in (1, 2)] == ["gold", None]


def test_every_signal_of_a_ticket_can_be_said_of_any_ticket() -> None:
    values = Helpdesk.with_ticket(escalated=True).said("customer", ago(hours=3), sentiment=-5).of()
    for name, signal in TICKET_SIGNALS.items():
        rule = TicketCondition.model_validate({"signal": name, "op": "is_known"})
        assert explain(rule, values, "USD")
        assert explain(rule, {}, "USD").endswith("unknown")
        assert signal.meaning.endswith(".")


def test_no_signal_of_a_ticket_is_called_as_one_of_an_account() -> None:
    assert not set(TICKET_SIGNALS) & set(SIGNALS)


@pytest.mark.parametrize("name", sorted(TICKET_SIGNALS))
def test_every_signal_of_a_ticket_is_documented(name: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "signals.md"
    section = page.read_text(encoding="utf-8").partition("## Tickets\n")[2].partition("\n## ")[0]
    assert f"`{name}`" in section
