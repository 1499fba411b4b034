"""What a condition means, how it is refused, and how it is said."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.conditions import Condition, explain, expression, sentence, truth
from rules.signals import SignalWindows, Value
from tests.rules.company import signal_frame


def condition(node: Any) -> Condition:
    return Condition.model_validate(node)


def leaf(signal: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"signal": signal, "op": op, **({} if value is None else {"value": value})}


def answers(node: Any, rows: Sequence[Mapping[str, Any]]) -> list[bool | None]:
    """The condition's answer for each account, by the expression."""
    table = signal_frame(rows).with_columns(expression(condition(node)).alias("answer")).sort("account_id")
    found: list[bool | None] = table.collect()["answer"].to_list()
    return found


class TestBoundaries:
    @pytest.mark.parametrize(("days", "holds"), [(91, False), (90, True), (89, True), (0, True), (None, None)])
    def test_ninety_days_before_the_renewal_are_inside(self, days: int | None, holds: bool | None) -> None:
        assert answers(leaf("days_to_renewal", "between", [0, 90]), [{"days_to_renewal": days}]) == [holds]

    @pytest.mark.parametrize(("ratio", "holds"), [(2.99, False), (3.0, True), (3.01, True), (None, None)])
    def test_three_times_the_usual_is_a_spike(self, ratio: float | None, holds: bool | None) -> None:
        assert answers(leaf("ticket_ratio_7d", ">=", 3), [{"ticket_ratio_7d": ratio}]) == [holds]

    @pytest.mark.parametrize(
        ("segment", "sentiment", "holds"),
        [
            ("enterprise", -34.0, False), ("enterprise", -35.0, True), ("mid_market", -44.0, False),
            ("mid_market", -45.0, True), ("smb", -100.0, False), (None, -100.0, None), (None, 100.0, None),
            ("enterprise", None, None), ("smb", None, False),
        ],
    )  # fmt: skip
    def test_each_segment_has_its_own_threshold(
        self, segment: str | None, sentiment: float | None, holds: bool | None
    ) -> None:
        by_segment = leaf("sentiment", "<=", {"Enterprise": -35, "mid-market": -45})
        assert answers(by_segment, [{"segment": segment, "sentiment": sentiment}]) == [holds]

    @pytest.mark.parametrize(("cents", "holds"), [(10_000_000, False), (10_000_001, True), (None, None)])
    def test_money_is_compared_to_the_cent(self, cents: int | None, holds: bool | None) -> None:
        assert answers(leaf("acv", ">", "100,000 USD"), [{"acv": cents}]) == [holds]

    @pytest.mark.parametrize(
        ("op", "value", "holds"),
        [
            ("==", "sso", True), ("!=", "sso", False), ("in", ["sso", "billing"], True), ("in", ["billing"], False),
            ("is_known", None, True), ("is_unknown", None, False),
        ],
    )  # fmt: skip
    def test_text_is_equal_or_one_of(self, op: str, value: Any, holds: bool) -> None:
        assert answers(leaf("repeated_issue", op, value), [{"repeated_issue": "sso"}]) == [holds]

    def test_dates_are_compared_as_dates(self) -> None:
        rows = [{"renewal_on": date(2025, 1, 31)}, {"renewal_on": date(2025, 2, 1)}, {}]
        assert answers(leaf("renewal_on", "<", "2025-02-01"), rows) == [True, False, None]

    def test_known_and_unknown_are_never_unknown_themselves(self) -> None:
        assert answers(leaf("csat_30d", "is_known"), [{"csat_30d": 1.0}, {}]) == [True, False]
        assert answers(leaf("csat_30d", "is_unknown"), [{"csat_30d": 1.0}, {}]) == [False, True]


# Three leaves whose truth a row sets at will.
_SET = {"a": "tickets_7d", "b": "tickets_30d", "c": "escalated_30d"}
_TREES = st.recursive(
    st.sampled_from(sorted(_SET)).map(lambda name: leaf(_SET[name], ">", 0)),
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(node, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        node.map(lambda part: {"not": part}),
    ),
    max_leaves=8,
)
_TRUTH = st.sampled_from([True, False, None])


def oracle(node: Mapping[str, Any], values: Mapping[str, Any]) -> bool | None:
    """Kleene's logic with 0, ½ and 1: all is the least, any the greatest, not the complement."""

    def weight(node: Mapping[str, Any]) -> float:
        if "all" in node:
            return min(weight(part) for part in node["all"])
        if "any" in node:
            return max(weight(part) for part in node["any"])
        if "not" in node:
            return 1 - weight(node["not"])
        value = values.get(node["signal"])
        return 0.5 if value is None else float(value > 0)

    return {0.0: False, 0.5: None, 1.0: True}[weight(node)]


class TestKleeneLogic:
    @given(tree=_TREES, rows=st.lists(st.tuples(_TRUTH, _TRUTH, _TRUTH), min_size=1, max_size=6))
    @settings(max_examples=60, deadline=None)
    def test_the_expression_agrees_with_the_truth_tables(self, tree: Any, rows: list[tuple[bool | None, ...]]) -> None:
        values = [
            {name: None if known is None else int(known) for name, known in zip(_SET.values(), row, strict=True)}
            for row in rows
        ]
        expected = [oracle(tree, row) for row in values]
        assert answers(tree, values) == expected
        assert [truth(condition(tree), row) for row in values] == expected

    @given(
        op=st.sampled_from([">", ">=", "<", "<=", "==", "!="]),
        threshold=st.one_of(
            st.integers(-3, 3), st.dictionaries(st.sampled_from(["smb", "x"]), st.integers(-3, 3), min_size=1)
        ),
        rows=st.lists(
            st.tuples(st.none() | st.integers(-3, 3), st.none() | st.sampled_from(["smb", "x", "y"])),
            min_size=1,
            max_size=5,
        ),
    )
    @settings(max_examples=40, deadline=None)
    def test_the_reasons_see_the_same_answer_as_the_decisions(self, op: str, threshold: Any, rows: list[Any]) -> None:
        values = [{"sentiment": None if score is None else float(score), "segment": segment} for score, segment in rows]
        node = leaf("sentiment", op, threshold)
        assert answers(node, values) == [truth(condition(node), row) for row in values]


class TestRefusals:
    @pytest.mark.parametrize(
        ("node", "message"),
        [
            (leaf("ticket_ratio_7", ">", 3), "did you mean 'ticket_ratio_7d'"),
            (leaf("tickets_7d", "=>", 3), "unknown op '=>'; did you mean '>='"),
            (leaf("tickets_7d", "betwen", [1, 2]), "did you mean 'between'"),
            ({"al": [leaf("acv", "is_known")]}, "did you mean 'all'"),
            ({"all": [], "any": []}, "exactly one of"),
            ({"all": []}, "at least one condition"),
            ({"all": leaf("acv", "is_known")}, "at least one condition"),
            ({"signal": "acv", "op": "is_known", "not": leaf("acv", "is_known")}, "exactly one of"),
            ({}, "exactly one of"),
            ("acv > 3", "is no condition"),
            ({"signal": "acv"}, "has no op"),
            (leaf("acv", ">", 100000), "an amount such as 100000 USD"),
            (leaf("acv", ">", "100000"), "an amount such as 100000 USD"),
            (leaf("acv", ">", "1.001 USD"), "minor units"),
            (leaf("tickets_7d", ">", "5"), "plain number"),
            (leaf("tickets_7d", ">", True), "plain number"),
            (leaf("tickets_7d", ">", float("nan")), "finite"),
            (leaf("tickets_7d", ">"), "needs a value"),
            (leaf("tickets_7d", "between", [5, 1]), "lower bound first"),
            (leaf("tickets_7d", "between", 5), "lowest, highest"),
            (leaf("tickets_7d", "in", 5), "takes a list"),
            (leaf("tickets_7d", "is_known", 5), "takes no value"),
            (leaf("repeated_issue", ">", "a"), "has no order"),
            (leaf("repeated_issue", "==", 5), "compared with text"),
            (leaf("renewal_on", "<", "31.01.2025"), "a date such as"),
            (leaf("sentiment", "<", {}), "no threshold for any segment"),
            (leaf("sentiment", "<", {"mid-market": 1, "Mid Market": 2}), "a segment twice"),
            (leaf("sentiment", "<", {"smb": "x"}), "plain number"),
        ],
    )
    def test_what_is_wrong_is_refused_and_the_message_says_what_is_right(self, node: Any, message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            condition(node)

    def test_the_error_knows_its_place_in_the_document(self) -> None:
        with pytest.raises(ValidationError) as refused:
            condition({"all": [leaf("acv", "is_known"), {"not": leaf("acvv", "is_known")}]})
        assert refused.value.errors()[0]["loc"] == ("all", 1, "not", "signal")

    def test_an_amount_in_another_currency_is_refused(self) -> None:
        rule = condition({"not": leaf("acv", "between", ["1 EUR", "2 EUR"])})
        assert rule.require_currency("EUR") is rule
        with pytest.raises(ValueError, match="write the amount in USD"):
            rule.require_currency("USD")


class TestCanonicalForm:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (leaf("tickets_7d", ">", 3), leaf("tickets_7d", ">", 3.0)),
            (leaf("acv", ">", "100,000.50 USD"), leaf("acv", ">", "100000.5USD")),
            (leaf("segment", "==", "Mid-Market"), leaf("segment", "==", "mid_market")),
            (leaf("renewal_on", "<", date(2025, 1, 2)), leaf("renewal_on", "<", "2025-01-02")),
            ({"value": 1, "op": ">", "signal": "tickets_7d"}, leaf("tickets_7d", ">", 1)),
        ],
    )
    def test_two_spellings_of_one_rule_are_equal(self, one: Any, other: Any) -> None:
        assert condition(one) == condition(other)

    def test_a_condition_is_read_back_from_its_own_dump(self) -> None:
        rule = condition({"not": {"any": [leaf("acv", ">", "5 USD"), leaf("sentiment", "<", {"smb": 0})]}})
        assert condition(rule.model_dump(by_alias=True)) == rule


class TestWording:
    @pytest.mark.parametrize(
        ("node", "said"),
        [
            (leaf("acv", ">", "100000 USD"), "ACV above USD 100,000"),
            (leaf("days_to_renewal", "between", [0, 90]), "days to renewal between 0 and 90"),
            (leaf("ticket_ratio_7d", ">=", 3), "tickets in 7 days at least 3 times the usual"),
            (leaf("ticket_growth_30d", ">=", 0.5), "ticket growth over 30 days at least 50 %"),
            (
                leaf("sentiment", "<=", {"enterprise": -35, "mid_market": -45}),
                "sentiment at most −35 for enterprise or at most −45 for mid_market",
            ),
            (leaf("csat_30d", "is_unknown"), "CSAT in 30 days unknown"),
            (leaf("segment", "in", ["smb", "enterprise"]), "segment one of smb, enterprise"),
            (
                {"all": [leaf("acv", "is_known"), {"any": [leaf("tickets_7d", ">", 5), leaf("csat_30d", "<", 40)]}]},
                "ACV known and (tickets in 7 days above 5 or CSAT in 30 days below 40)",
            ),
            (
                {"not": {"all": [leaf("acv", "is_known"), leaf("tickets_7d", ">", 5)]}},
                "not (ACV known and tickets in 7 days above 5)",
            ),
        ],
    )  # fmt: skip
    def test_a_rule_is_said_in_english(self, node: Any, said: str) -> None:
        assert sentence(condition(node)) == said

    def test_sentences_print_the_windows_in_force(self) -> None:
        assert (
            sentence(condition(leaf("tickets_7d", ">", 5)), SignalWindows(spike_days=10))
            == "tickets in 10 days above 5"
        )

    VALUES: Mapping[str, Value] = {
        "tickets_7d": 9, "ticket_baseline_7d": 2.0, "ticket_ratio_7d": 4.5, "days_to_renewal": 21, "acv": 15_000_000,
        "acv_band": "enterprise", "segment": "enterprise", "sentiment": -41.4, "tickets_30d": 15,
        "tickets_prior_30d": 10,
        "ticket_growth_30d": 0.5, "repeated_issue": "export fails", "repeated_issue_count": 4, "usage_drop_7d": 0.625,
        "usage_drop_all_7d": 0.05, "usage_drop_beyond_7d": 0.575,
        "usage_7d": 15, "usage_prior_7d": 40, "days_since_last_ticket": 61, "tickets_in_habit_window": 1,
        "csat_30d": 25.0,
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("node", "why"),
        [
            (
                {
                    "all": [
                        leaf("ticket_ratio_7d", ">=", 3),
                        leaf("tickets_7d", ">=", 5),
                        leaf("days_to_renewal", "<=", 90),
                    ]
                },
                "9 tickets in 7 days against 2.0 usual; renews in 21 days",
            ),
            ({"any": [leaf("tickets_7d", ">", 50), leaf("acv", ">", "100000 USD")]}, "ACV USD 150,000"),
            (leaf("acv_band", "==", "enterprise"), "ACV USD 150,000 (enterprise)"),
            (leaf("sentiment", "<=", {"enterprise": -35}), "sentiment −41 over 30 days (enterprise)"),
            (leaf("ticket_growth_30d", ">=", 0.5), "15 tickets in 30 days against 10 in the 30 before (+50 %)"),
            (leaf("repeated_issue_count", ">", 3), "4 tickets about “export fails” in 30 days"),
            (leaf("usage_drop_7d", ">=", 0.5), "usage down 62 % in 7 days (40 to 15)"),
            (
                {"all": [leaf("usage_drop_7d", ">=", 0.5), leaf("usage_drop_beyond_7d", ">=", 0.25)]},
                "usage down 62 % in 7 days (40 to 15); all accounts: down 5 %",
            ),
            (
                {"all": [leaf("days_since_last_ticket", ">=", 60), leaf("tickets_in_habit_window", ">", 0)]},
                "no ticket for 61 days; 1 ticket in the 180 days before the last 60",
            ),
            ({"not": leaf("csat_30d", ">", 40)}, "CSAT 25 of 100 in 30 days"),
            (leaf("escalated_30d", "is_unknown"), "escalated tickets in 30 days unknown"),
        ],
    )
    def test_a_reason_tells_what_decided_with_the_account_s_own_values(self, node: Any, why: str) -> None:
        assert explain(condition(node), self.VALUES, "USD") == why

    def test_a_reason_also_tells_why_a_rule_does_not_hold_or_is_unknown(self) -> None:
        rule = condition({"all": [leaf("tickets_7d", ">", 20), leaf("csat_30d", "<", 40)]})
        assert explain(rule, self.VALUES, "USD") == "9 tickets in 7 days"
        unknown = condition({"all": [leaf("tickets_7d", ">", 2), leaf("escalated_30d", ">", 1)]})
        assert explain(unknown, self.VALUES, "USD") == "escalated tickets in 30 days unknown"

    @pytest.mark.parametrize(("days", "why"), [(0, "renews today"), (1, "renews in 1 day"), (2, "renews in 2 days")])
    def test_one_day_is_a_day(self, days: int, why: str) -> None:
        assert explain(condition(leaf("days_to_renewal", "<=", 90)), {"days_to_renewal": days}, "USD") == why
