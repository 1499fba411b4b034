"""What an account's customers gave away in words, as signals."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from rules.signals import SignalWindows, account_signals
from rules.signals.account import SIGNALS
from rules.signals.expansion import SIGNALS as GROWTH
from rules.signals.signal import Shown
from rules.signals.spoken import SIGNALS as SPOKEN
from tests.rules.company import AS_OF, Company, days_ago

NAMES = {signal.name for signal in (*SPOKEN, *GROWTH)}
Said = tuple[float, str, str]
_UTC = pl.Datetime("us", "UTC")


def signals(*said: Said, wrote: int = 3, unheard: int = 0, looked: bool = True) -> dict[str, Any]:
    """Of account 1, which `wrote` messages a day ago, so many of them `unheard`; `said` are `(age, kind, sentence)`."""
    facts = Company.with_account().said(*[None] * wrote).facts()
    if looked:
        found = [
            {"account_id": 1, "message_id": 100 + n, "sent_at": days_ago(age), "kind": kind, "sentence": sentence}
            for n, (age, kind, sentence) in enumerate(said)
        ]
        facts = replace(facts, evidence=_frame(found), unheard=_frame(_unheard(days_ago(1), unheard)))
    [row] = account_signals(facts, AS_OF, SignalWindows(), only=NAMES).collect().iter_rows(named=True)
    return dict(row)


def _unheard(sent_at: datetime, times: int) -> list[dict[str, Any]]:
    return [{"account_id": 1, "sent_at": sent_at}] * times


def _frame(rows: list[dict[str, Any]]) -> Any:
    schema: dict[str, Any] = {
        "account_id": pl.Int64,
        "message_id": pl.Int64,
        "sent_at": _UTC,
        "kind": pl.String,
        "sentence": pl.String,
    }
    return nw.from_native(pl.LazyFrame(rows, schema=schema))


@pytest.mark.parametrize(("age", "times"), [(0, 1), (29.9, 1), (30, 0), (-1, 0)])
def test_a_message_counts_within_thirty_days_and_not_before_it_was_sent(age: float, times: int) -> None:
    assert signals((age, "churn_intent", "We leave."))["churn_intent_30d"] == times


def test_days_since_look_further_back_than_the_count() -> None:
    seen = signals((45.5, "churn_intent", "We leave."), (90, "churn_intent", "We may leave."))
    assert (seen["churn_intent_30d"], seen["days_since_churn_intent"], seen["churn_intent_said"]) == (0, 45, None)


def test_the_newest_sentence_is_told() -> None:
    seen = signals((3, "churn_intent", "We leave."), (1, "churn_intent", "Cancel it all."), (0.5, "praise", "Great."))
    assert (seen["churn_intent_30d"], seen["churn_intent_said"], seen["praise_30d"]) == (2, "Cancel it all.", 1)


def test_signs_of_growth_are_told_apart_by_the_words_of_their_sentence() -> None:
    seen = signals(
        (1, "expansion_interest", "We need ten more licences."),
        (2, "expansion_interest", "Can we upgrade for more seats?"),
        (3, "expansion_interest", "Our Berlin TEAM wants to join."),
        (4, "expansion_interest", "Please send the quote."),
        (5, "praise", "The team loves the plan."),
        (30, "expansion_interest", "More seats please."),
    )
    names = ("expansion_interest_30d", "expansion_seats_30d", "expansion_plan_30d", "expansion_team_30d")
    assert [seen[name] for name in names] == [4, 2, 1, 1]


def test_signs_of_growth_are_unknown_where_the_interest_is() -> None:
    seen = signals(wrote=2, unheard=2)
    assert [seen[f"expansion_{sign}_30d"] for sign in ("seats", "plan", "team")] == [None, None, None]


def test_who_wrote_nothing_gave_nothing_away() -> None:
    assert signals(wrote=0)["churn_intent_30d"] == 0


def test_where_nothing_could_be_read_it_is_unknown() -> None:
    assert signals(wrote=3, unheard=3)["churn_intent_30d"] is None
    assert signals(wrote=3, unheard=2)["churn_intent_30d"] == 0


def test_where_nothing_was_looked_for_everything_is_unknown() -> None:
    assert {name: value for name, value in signals(looked=False).items() if name in NAMES} == dict.fromkeys(NAMES)


def test_a_reason_quotes_the_customer() -> None:
    values: dict[str, Any] = {"churn_intent_30d": 1, "churn_intent_said": "We leave."}
    told = SIGNALS["churn_intent_30d"].phrase(Shown(values, "USD", SignalWindows()))
    assert told == "1 message in 30 days that asks or threatens to leave, the last: “We leave.”"
    several = SIGNALS["praise_30d"].phrase(Shown({"praise_30d": 2}, "USD", SignalWindows()))
    assert several == "2 messages in 30 days that praise"
