"""Which policy a ticket has, what it is promised then, and why."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sla import Metric
from rules.conditions import truth
from rules.durations import length
from rules.sla.considered import because, considered
from rules.sla.matching import match, resolved
from rules.sla.policy import Multiplier, SlaDocument
from tests.rules.sla.policies import NOON, OFFICE, URGENT, a_document, a_leaf, a_policy, chosen, promised, seconds, told
from tests.rules.sla.policies import tickets as tickets_of

HOUR = 3600


def spam_or_rest() -> SlaDocument:
    return a_document(a_policy("spam", when=a_leaf("tag", "==", "spam"), targets="none"), a_policy("rest"))


def test_the_first_policy_whose_condition_is_true_applies() -> None:
    document = a_document(a_policy("urgent", when=URGENT), a_policy("rest"))
    assert chosen(document, {"priority": "urgent"}, {"priority": "low"}) == ["urgent", "rest"]
    tagged = a_policy("tagged", when=a_leaf("tag", "==", "vip"))
    both = {"priority": "urgent", "tag": ["vip"]}
    assert chosen(a_document(a_policy("urgent", when=URGENT), tagged), both) == ["urgent"]
    assert chosen(a_document(tagged, a_policy("urgent", when=URGENT)), both) == ["tagged"]


def test_what_is_unknown_does_not_apply_nor_does_its_contrary() -> None:
    document = a_document(
        a_policy("rich", when=a_leaf("acv", ">", "100000 USD")),
        a_policy("poor", when={"not": a_leaf("acv", ">", "100000 USD")}),
    )
    known = [{"acv": 10_000_001}, {"acv": 10_000_000}, {}]
    assert chosen(document, *known) == ["rich", "poor", None]


def test_none_is_a_promise_of_nothing_and_no_policy_is_none_at_all() -> None:
    terms = promised(spam_or_rest(), tag=["spam"])
    assert terms is not None
    assert (terms.policy, terms.targets) == ("spam", {})
    assert promised(a_document(a_policy("spam", when=a_leaf("tag", "==", "spam"))), tag=[]) is None


def test_the_result_is_one_row_a_ticket_with_its_terms_by_hash() -> None:
    matched = match(spam_or_rest(), tickets_of({"tag": []}, {"tag": ["spam"]}), NOON, "USD")
    assert matched.tickets.columns == ["ticket_id", "policy", "terms", "valid_from"]
    assert matched.tickets["ticket_id"].to_list() == [1, 2]
    assert set(matched.terms) == set(matched.tickets["terms"].to_list())
    assert {name: terms.content_hash for name, terms in matched.terms.items()} == {name: name for name in matched.terms}


def test_a_document_without_policies_promises_nothing() -> None:
    assert chosen(SlaDocument(), {"priority": "urgent"}) == [None]
    assert told(SlaDocument(), {}) == [("No policy applies", {})]


def test_no_tickets_are_no_tickets() -> None:
    assert chosen(spam_or_rest()) == []
    assert told(spam_or_rest()) == []


class TestTargets:
    def test_one_time_is_for_all_priorities_and_for_none(self) -> None:
        both = [seconds(promised(a_document(a_policy(), without_priority=word))) for word in ("normal", "none")]
        words = ("urgent", "high", "normal", "low", "unknown")
        assert both == [{"first_reply": dict.fromkeys(words, 2 * HOUR)}] * 2

    def test_a_ticket_without_priority_counts_as_the_document_says(self) -> None:
        targets = {"next_reply": {"urgent": "1h business", "low": "3h elapsed"}}
        by_word = {
            word: seconds(promised(a_document(a_policy(targets=targets), without_priority=word)))["next_reply"]
            for word in ("urgent", "normal", "low", "none")
        }
        assert {word: found.get("unknown") for word, found in by_word.items()} == {
            "urgent": HOUR, "normal": None, "low": 3 * HOUR, "none": None,
        }  # fmt: skip

    def test_none_takes_a_priority_or_a_metric_out(self) -> None:
        targets = {"first_reply": {"urgent": "1h business", "low": "none"}, "next_reply": "none"}
        document = a_document(a_policy(targets=targets), without_priority="low")
        assert seconds(promised(document)) == {"first_reply": {"urgent": HOUR}}

    def test_counting_stays_as_it_is_written(self) -> None:
        terms = promised(a_document(a_policy(targets={"outreach": "24h elapsed"})))
        assert terms is not None
        assert terms.targets["outreach"]["urgent"] == length("24h elapsed")


class TestMultipliers:
    SOON = a_leaf("days_to_renewal", "between", [0, 90])

    def document(self, *multipliers: dict[str, Any], targets: Any = "15m business") -> SlaDocument:
        policy = a_policy(targets={"first_reply": targets, "resolution": "8h business"})
        return a_document(policy, multipliers=list(multipliers))

    @pytest.mark.parametrize(
        ("factor", "written", "result"),
        [
            (0.5, "15m business", 450), (0.5, "1s business", 1), (0.1, "10s business", 1), (0.1, "11s business", 2),
            (0.001, "1s business", 1), (1.5, "1h business", 5400), (0.3, "10m business", 180), (1, "7s elapsed", 7),
        ],
    )  # fmt: skip
    def test_a_part_of_a_second_is_rounded_up_and_never_to_nothing(
        self, factor: float, written: str, result: int
    ) -> None:
        document = self.document({"id": "m", "when": self.SOON, "factor": factor}, targets=written)
        assert seconds(promised(document, days_to_renewal=90))["first_reply"]["urgent"] == result

    def test_all_that_apply_are_multiplied_and_rounded_once(self) -> None:
        soon = {"id": "soon", "when": self.SOON, "factor": 0.5}
        urgent = {"id": "urgent", "when": URGENT, "factor": 0.5}
        document = self.document(soon, urgent, targets="5s business")
        assert seconds(promised(document, days_to_renewal=1, priority="urgent"))["first_reply"]["low"] == 2
        assert seconds(promised(document, days_to_renewal=1, priority="low"))["first_reply"]["low"] == 3
        assert seconds(promised(document, days_to_renewal=91, priority="low"))["first_reply"]["low"] == 5
        assert seconds(promised(document))["first_reply"]["low"] == 5

    def test_only_the_named_metrics_change_and_the_terms_say_by_what(self) -> None:
        replies = {"id": "soon", "when": self.SOON, "factor": 0.5, "metrics": ["first_reply", "next_reply"]}
        elsewhere = {"id": "elsewhere", "when": self.SOON, "factor": 0.5, "metrics": ["outreach"]}
        terms = promised(self.document(replies, elsewhere), days_to_renewal=90)
        assert terms is not None
        assert {metric: found["high"] for metric, found in seconds(terms).items()} == {
            "first_reply": 450, "resolution": 8 * HOUR,
        }  # fmt: skip
        assert terms.multipliers == ("soon",)

    @pytest.mark.parametrize(("days", "result"), [(91, 900), (90, 450), (0, 450), (None, 900)])
    def test_ninety_days_are_inside(self, days: int | None, result: int) -> None:
        document = self.document({"id": "soon", "when": self.SOON, "factor": 0.5})
        assert seconds(promised(document, days_to_renewal=days))["first_reply"]["urgent"] == result


class TestCalendars:
    CALENDARS: Mapping[str, Any] = {
        "default": OFFICE,
        "emea": {**OFFICE, "zone": "Europe/Berlin"},
        "always": {"hours": "always"},
    }
    FOR: Sequence[Mapping[str, Any]] = [
        {"when": a_leaf("team", "==", "EMEA"), "calendar": "emea"},
        {"when": a_leaf("account", "in", ["Acme", "A-2"]), "calendar": "always"},
    ]

    def document(self, **said: Any) -> SlaDocument:
        return a_document(a_policy(**said), calendars=self.CALENDARS, calendar_for=self.FOR)

    @pytest.mark.parametrize(
        ("known", "name"),
        [
            ({}, "default"), ({"team": "emea"}, "emea"), ({"team": "EMEA", "account": "Acme"}, "emea"),
            ({"account": "acme", "account_ref": "A-1"}, "always"), ({"account": "B", "account_ref": "A-2"}, "always"),
            ({"team": "US"}, "default"),
        ],
    )  # fmt: skip
    def test_the_first_entry_that_is_true_chooses(self, known: dict[str, Any], name: str) -> None:
        terms = promised(self.document(), **known)
        assert terms is not None
        assert (terms.calendar_name, terms.calendar) == (name, self.document().calendars[name])

    def test_a_policy_s_own_calendar_takes_precedence(self) -> None:
        terms = promised(self.document(calendar="always"), team="EMEA")
        assert terms is not None
        assert terms.calendar_name == "always"

    def test_a_calendar_that_nothing_names_is_known(self) -> None:
        assert self.document().unused_calendars() == ()
        assert a_document(a_policy(), calendars=self.CALENDARS).unused_calendars() == ("emea", "always")


class TestPauses:
    def paused(self, metric: Metric, own: Any = None, every: Any = None) -> tuple[str, ...]:
        document = a_document(a_policy(pauses=own or {}), pauses=every or {})
        return resolved(document, document.policies[0], "default").paused_in(metric)

    def test_what_is_nearest_to_the_metric_counts(self) -> None:
        assert self.paused("first_reply") == ("pending",)
        assert self.paused("agent_work") == ("pending", "on_hold")
        assert self.paused("first_reply", every={"default": ["on_hold"]}) == ("on_hold",)
        assert self.paused("agent_work", every={"default": ["on_hold"], "agent_work": []}) == ()
        assert self.paused("agent_work", own={"default": []}, every={"agent_work": ["on_hold"]}) == ()
        assert self.paused("agent_work", own={"first_reply": []}, every={"agent_work": ["on_hold"]}) == ("on_hold",)


class TestDates:
    TOKYO: Mapping[str, Any] = {"tokyo": {**OFFICE, "zone": "Asia/Tokyo"}, "default": OFFICE}
    # 2026-05-01 begins at 15:00 of the day before in Tokyo, which is 9 hours ahead.
    BEGIN, END = datetime(2026, 4, 30, 15, tzinfo=UTC), datetime(2026, 5, 31, 15, tzinfo=UTC)
    MICROSECOND = timedelta(microseconds=1)

    def document(self, **said: Any) -> SlaDocument:
        may = a_policy("may", valid_from=date(2026, 5, 1), valid_until=date(2026, 5, 31), **said)
        entry = {"when": a_leaf("team", "==", "Tokyo"), "calendar": "tokyo"}
        return a_document(may, a_policy("rest"), calendars=self.TOKYO, calendar_for=[entry])

    def test_the_first_and_the_last_day_are_included_in_the_zone_of_the_calendar(self) -> None:
        moments = [self.BEGIN - self.MICROSECOND, self.BEGIN, self.END - self.MICROSECOND, self.END]
        own = self.document(calendar="tokyo")
        assert [chosen(own, {}, as_of=at) for at in moments] == [["rest"], ["may"], ["may"], ["rest"]]
        # Without a calendar of its own it is the one that the ticket has.
        found = [chosen(self.document(), {"team": "Tokyo"}, {"team": "x"}, {}, as_of=at) for at in moments]
        assert found == [
            ["rest", "rest", "rest"],
            ["may", "rest", "rest"],
            ["may", "may", "may"],
            ["rest", "may", "may"],
        ]

    def test_the_result_says_when_the_policy_began(self) -> None:
        matched = match(self.document(), tickets_of({"team": "Tokyo"}, {}), datetime(2026, 5, 9, tzinfo=UTC), "USD")
        assert matched.tickets["valid_from"].to_list() == [self.BEGIN, datetime(2026, 5, 1, tzinfo=UTC)]
        assert match(self.document(), tickets_of({}), NOON, "USD").tickets["valid_from"].to_list() == [None]

    def test_each_ticket_can_stand_at_a_moment_of_its_own(self) -> None:
        rows = [{"created_at": self.BEGIN - self.MICROSECOND}, {"created_at": self.BEGIN}]
        own = self.document(calendar="tokyo")
        matched = match(own, tickets_of(*rows), nw.col("created_at"), "USD")
        assert matched.tickets["policy"].to_list() == ["rest", "may"]

    def test_a_day_that_begins_at_one_o_clock_begins_there(self) -> None:
        # In 2018 São Paulo had no midnight on 4 November.
        policy = a_document(a_policy(valid_from=date(2018, 11, 4))).policies[0]
        assert policy.period("America/Sao_Paulo")[0] == datetime(2018, 11, 4, 3, tzinfo=UTC)


class TestReasons:
    DOCUMENT = a_document(
        a_policy("rich", when={"all": [a_leaf("acv", ">", "100000 USD"), URGENT]}),
        a_policy("tagged", when=a_leaf("tag", "==", "vip")),
        a_policy("rest"),
        multipliers=[
            {"id": "soon", "when": a_leaf("days_to_renewal", "<=", 90), "factor": 0.5},
            {"id": "elsewhere", "when": URGENT, "factor": 2, "metrics": ["outreach"]},
        ],
        calendars={"default": OFFICE, "emea": OFFICE},
        calendar_for=[{"when": a_leaf("team", "==", "EMEA"), "calendar": "emea"}],
    )

    @pytest.mark.parametrize(
        ("known", "why", "inputs"),
        [
            (
                {"acv": 15_000_050, "priority": "urgent", "team": "EMEA", "days_to_renewal": 45},
                "Policy rich: ACV USD 150,000; priority urgent. Calendar emea: team EMEA. "
                "Multiplier soon (× 0.5): renews in 45 days",
                {"acv": "150000.50", "priority": "urgent", "team": "EMEA", "days_to_renewal": 45},
            ),
            (
                {"priority": "urgent", "tag": ["vip", "x"], "team": "US"},
                "Policy tagged: tagged vip, x. Undecided: policy rich (ACV unknown), "
                "multiplier soon (days to renewal unknown)",
                {"acv": None, "priority": "urgent", "tag": ["vip", "x"], "team": "US", "days_to_renewal": None},
            ),
            (
                {"priority": "low", "tag": [], "days_to_renewal": 91},
                "Policy rest: it takes what no policy above it takes. Undecided: calendar emea (team unknown)",
                {"acv": None, "priority": "low", "tag": [], "team": None, "days_to_renewal": 91},
            ),
        ],
    )
    def test_they_tell_what_applied_and_what_was_missing(
        self, known: dict[str, Any], why: str, inputs: dict[str, Any]
    ) -> None:
        assert told(self.DOCUMENT, known) == [(why, inputs)]

    def test_a_policy_out_of_its_dates_is_not_undecided(self) -> None:
        past = a_policy("past", when=a_leaf("acv", "is_known"), valid_until=date(2026, 1, 1))
        [(why, _)] = told(a_document(past, a_policy("rest")), {"acv": 1})
        assert why == "Policy rest: it takes what no policy above it takes"
        looked = considered(a_document(past, a_policy("rest")), {"acv": 1}, "USD", in_force={"past": False})
        assert (looked[0].rule.name, looked[0].answer, looked[0].why) == ("past", False, "it applies until 2026-01-01")

    def test_a_long_reason_is_cut(self) -> None:
        many = [f"a rather long tag, the {number}th of them" for number in range(40)]
        [(why, inputs)] = told(a_document(a_policy(when=a_leaf("tag", "==", many[0]))), {"tag": many})
        assert (len(why), why[-1], inputs) == (500, "…", {"tag": many})

    def test_one_ticket_can_be_told_rule_by_rule(self) -> None:
        values = {"acv": None, "priority": "low", "tag": '["vip"]', "days_to_renewal": 3, "team": None}
        found = [
            (one.rule.kind, one.rule.name, one.answer, one.asked) for one in considered(self.DOCUMENT, values, "USD")
        ]
        assert found == [
            ("policy", "rich", False, "ACV above USD 100,000 and priority equal to urgent"),
            ("policy", "tagged", True, "tags including vip"),
            ("calendar", "emea", None, "team equal to EMEA"),
            ("multiplier", "soon", True, "days to renewal at most 90"),
        ]


_KNOWN = st.fixed_dictionaries(
    {
        "acv": st.sampled_from([None, 9_000_000, 10_000_000, 10_000_001]),
        "priority": st.sampled_from([None, "urgent", "low"]),
        "tag": st.sampled_from([[], ["vip"], ["spam", "Vip"]]),
        "team": st.sampled_from([None, "EMEA", "US"]),
        "days_to_renewal": st.sampled_from([None, 0, 90, 91]),
    }
)


@given(rows=st.lists(_KNOWN, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_frame_s_answers_are_those_of_one_ticket_after_the_other(rows: list[dict[str, Any]]) -> None:
    document = TestReasons.DOCUMENT
    matched = match(document, tickets_of(*rows), NOON, "USD")
    reasons = told(document, *rows)
    for number, row in enumerate(rows):
        values = {**row, "tag": str(row["tag"]).replace("'", '"')}
        policy = next(each for each in document.policies if each.when is None or truth(each.when, values))
        calendar = next((each.calendar for each in document.calendar_for if truth(each.when, values)), "default")
        applying: list[Multiplier] = [each for each in document.multipliers if truth(each.when, values)]
        terms = resolved(document, policy, calendar, applying)
        assert matched.tickets["terms"].to_list()[number] == terms.content_hash
        assert matched.terms[terms.content_hash] == terms
        looked = considered(document, values, "USD")
        assert reasons[number][0] == because((each.rule, each.answer, each.why) for each in looked)


def test_an_amount_in_another_currency_is_refused_with_its_place() -> None:
    document = a_document(a_policy(when=a_leaf("acv", ">", "1 EUR")))
    with pytest.raises(ValueError, match="policy standard: acv > 1 EUR: write the amount in USD"):
        match(document, tickets_of({}), NOON, "USD")


def test_a_frame_needs_no_more_columns_than_the_document_asks_for() -> None:
    document = a_document(a_policy("a", when=a_leaf("account", "==", "x")), a_policy("b"))
    assert document.signals() == ("account", "account_ref")
    frame = nw.from_native(pl.DataFrame({"ticket_id": [1], "account": ["X"], "account_ref": ["1"]}))
    assert match(document, frame, NOON, "USD").tickets["policy"].to_list() == ["a"]
