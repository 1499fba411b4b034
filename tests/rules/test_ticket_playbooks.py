"""The shipped playbooks about tickets, on their boundaries; and where the words about tickets may stand."""

from typing import Any

import narwhals as nw
import polars as pl
import pytest
from pydantic import ValidationError

from config.documents import DEFAULTS, read
from rules.conditions import Condition, PolicyCondition
from rules.evaluation import Evaluation, decision_id, evaluate
from rules.playbooks import Playbook, PlaybookFile
from rules.signals import SIGNALS, Value
from rules.signals.ticket import TICKET_WORDS
from rules.signals.ticket_catalogue import TICKET_SIGNALS
from tests.rules.helpdesk import AS_OF

SHIPPED = [book for book in read(DEFAULTS / "playbooks.yaml", PlaybookFile).playbooks if book.about_tickets]
_TYPES = {
    "number": pl.Float64, "days": pl.Int64, "money": pl.Int64, "text": pl.String, "date": pl.Date,
    "duration": pl.Int64,
}  # fmt: skip
_HOUR = 3_600


def decided(**values: Value) -> Evaluation:
    """What the shipped playbooks decide about one ticket with these values, everything else unknown."""
    known: dict[str, Value] = {"account_ref": "a1", **values}
    schema: dict[str, Any] = {
        "ticket_id": pl.Int64, "ticket_ref": pl.String, "account_id": pl.Int64, "account_ref": pl.String,
        **{name: _TYPES[signal.kind] for name, signal in {**TICKET_SIGNALS, **SIGNALS}.items()},
    }  # fmt: skip
    row: dict[str, Any] = {"ticket_id": 1, "ticket_ref": "desk:T1", "account_id": 1, **known}
    tickets = nw.from_native(pl.DataFrame([{name: row.get(name) for name in schema}], schema=schema), eager_only=True)
    return evaluate(tickets.drop("ticket_id", "ticket_ref").head(0), SHIPPED, AS_OF, "USD", tickets=tickets)


def fired(**values: Value) -> set[str]:
    return {decision.playbook for decision in decided(**values).decisions}


LATE: dict[str, Value] = {
    "acv_band": "enterprise", "days_to_renewal": 90, "priority": "urgent", "ticket_overdue": 0.0,
    "target_used": 0.75, "time_to_breach": 4 * _HOUR,
}  # fmt: skip
ANGRY: dict[str, Value] = {"newest_sentiment": -60.0, "customer_waiting_business": 8 * _HOUR, "acv": 1_000_00}


class TestShipped:
    @pytest.mark.parametrize(
        ("changed", "fires"),
        [
            ({}, True),
            ({"acv_band": "mid_market"}, False), ({"acv_band": None}, False),
            ({"days_to_renewal": 91}, False), ({"days_to_renewal": 89}, True), ({"days_to_renewal": 0}, True),
            ({"days_to_renewal": -1}, False), ({"days_to_renewal": None}, False),
            ({"priority": "high"}, True), ({"priority": "normal"}, False), ({"priority": None}, False),
            ({"target_used": 0.74}, False), ({"target_used": 0.76}, True), ({"target_used": None}, False),
            ({"time_to_breach": 4 * _HOUR + 1}, False), ({"time_to_breach": 4 * _HOUR - 1}, True),
            ({"time_to_breach": None}, False),
            ({"time_to_breach": None, "target_used": None, "ticket_overdue": 1.0}, True),
            ({"time_to_breach": None, "target_used": None, "ticket_overdue": None}, False),
        ],
    )  # fmt: skip
    def test_a_late_ticket_before_a_renewal(self, changed: dict[str, Value], fires: bool) -> None:
        assert fired(**LATE | changed) == ({"ticket-renewal-breach"} if fires else set())

    @pytest.mark.parametrize(
        ("changed", "fires"),
        [
            ({}, True),
            ({"newest_sentiment": -59.0}, False), ({"newest_sentiment": -61.0}, True),
            ({"newest_sentiment": None}, False),
            ({"customer_waiting_business": 8 * _HOUR - 1}, False),
            ({"customer_waiting_business": 8 * _HOUR + 1}, True), ({"customer_waiting_business": None}, False),
            ({"acv": None}, False),
        ],
    )  # fmt: skip
    def test_an_angry_customer_who_waits(self, changed: dict[str, Value], fires: bool) -> None:
        assert fired(**ANGRY | changed) == ({"ticket-angry-unanswered"} if fires else set())

    def test_one_family_so_that_a_ticket_opens_one_escalation(self) -> None:
        assert {book.family for book in SHIPPED} == {"ticket-promise"}
        assert fired(**LATE | ANGRY) == {book.id for book in SHIPPED}

    def test_what_is_unknown_is_reported_of_tickets(self) -> None:
        unknown = decided(**LATE | {"acv_band": None}).unknown["ticket-renewal-breach"]
        assert (unknown.accounts, unknown.missing["acv_band"], unknown.of) == (1, 1, "tickets")
        nobody_s = decided(**ANGRY | {"account_ref": None}).unknown["ticket-angry-unanswered"]
        assert (nobody_s.accounts, dict(nobody_s.missing)) == (1, {"account": 1})

    def test_the_reason_names_what_was_seen(self) -> None:
        [decision] = decided(**LATE | {"next_target": "first_reply"}).decisions
        assert decision.because.endswith(
            "renews in 90 days; priority urgent; 75 % of a target's time gone; 4h left until the first reply is due"
        )
        assert decision.ticket_ref == "desk:T1"


class TestWhereTheWordsMayStand:
    @pytest.mark.parametrize("word", sorted(TICKET_SIGNALS))
    def test_a_playbook_about_accounts_takes_none(self, word: str) -> None:
        with pytest.raises(ValidationError, match=f"{word} is a word about a ticket.*scope: ticket"):
            Condition.model_validate({"signal": word, "op": "is_known"})

    @pytest.mark.parametrize("word", sorted(set(TICKET_SIGNALS) - set(TICKET_WORDS)))
    def test_a_service_level_takes_those_that_a_ticket_begins_with(self, word: str) -> None:
        with pytest.raises(ValidationError, match=f"{word} changes while a ticket is worked on.*scope: ticket"):
            PolicyCondition.model_validate({"signal": word, "op": "is_known"})

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("8h", "must say how it is counted"),
            ("8h elapsed", "counted in business time; write '8h business'"),
            (8, "compared with a time such as '2h business'"),
            ("1d business", "a business day has no fixed length"),
        ],
    )
    def test_a_length_says_how_it_is_counted(self, value: Any, message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            playbook(value)

    def test_equal_lengths_are_the_same_rule(self) -> None:
        assert playbook("90m business").content_hash == playbook("1h 30m business").content_hash
        assert playbook("90m business").content_hash != playbook("91m business").content_hash


def playbook(value: Any) -> Playbook:
    when = {"signal": "customer_waiting_business", "op": ">=", "value": value}
    steps = [{"do": "answer", "owner": "support_lead", "within": "1h elapsed"}]
    return Playbook.model_validate({"id": "a", "name": "A", "scope": "ticket", "when": when, "steps": steps})


def test_a_decision_about_another_ticket_is_another_decision() -> None:
    names = {decision_id("r", "a", AS_OF, ticket) for ticket in (None, "desk:T1", "desk:T2")}
    assert len(names) == 3
