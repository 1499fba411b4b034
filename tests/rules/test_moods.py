"""How an account sounds: levels in which the recent weighs more, their trend, and quiet drifts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.signals import SignalFacts, SignalWindows, account_signals
from tests.rules.company import AS_OF, Company
from tests.rules.test_engines import in_duckdb

MOODS = {"sentiment", "worst_ticket_sentiment", "sentiment_trend", "quiet_drift"}
Said = list[tuple[int, float, int]]
# (reading, age in days, ticket); ages beyond the windows, too.
MESSAGES = st.lists(
    st.tuples(st.integers(-100, 100), st.integers(0, 260).map(lambda age: age + 0.25), st.integers(1, 30)), max_size=60
)
_LAW = settings(max_examples=25, deadline=None)


def company(said: Said) -> Company:
    made = Company.with_account()
    for reading, age, ticket in said:
        made.said(reading, age=age, ticket_id=ticket)
        made.tickets(age)
    return made


def moods(made: Company, facts: SignalFacts | None = None) -> dict[str, Any]:
    [row] = account_signals(facts or made.facts(), AS_OF, SignalWindows(), only=MOODS).collect().rows(named=True)
    return {name: row[name] for name in MOODS}


def drifting(fall: int, *, late: int = 16, reopened: int = 0) -> Company:
    """Two tickets a week for half a year, then eight weeks with `late` tickets that sound `fall` points worse."""
    said: Said = [((-20, 0, 20)[number % 3] + 10, 57 + number * 3.5, number) for number in range(52)]
    said += [((-20, 0, 20)[number % 3] + 10 - fall, 0.5 + number * 55 / late, 100 + number) for number in range(late)]
    return company(said).reopened(*range(1, 1 + reopened)).reopened(100, 150)


class TestLevel:
    def test_a_message_of_two_weeks_weighs_half_of_a_fresh_one(self) -> None:
        made = Company.with_account().said(-60, age=0).said(30, age=14, ticket_id=2).said(30, age=14, ticket_id=3)
        assert made.signal("sentiment") == -15.0

    def test_one_long_quarrel_is_not_the_whole_account(self) -> None:
        made = Company.with_account().said(*[-100] * 50, age=0)
        for ticket in range(2, 7):
            made.said(20, age=0, ticket_id=ticket)
        assert made.signal("sentiment") == -40.0

    def test_the_worst_ticket_needs_two_messages(self) -> None:
        made = Company.with_account().said(-90).said(-40, -60, ticket_id=2).said(10, 10, ticket_id=3)
        assert made.signal("worst_ticket_sentiment") == -50.0

    @pytest.mark.parametrize("half_life", [1, 14, 365])
    def test_messages_of_one_age_weigh_the_same_whatever_the_half_life(self, half_life: int) -> None:
        windows = SignalWindows(sentiment_half_life_days=half_life)
        assert Company.with_account().said(-60, -40, -5, age=20).signal("sentiment", windows) == -35.0

    @given(said=MESSAGES, angry=st.integers(-100, -80), ticket=st.integers(1, 31))
    @_LAW
    def test_a_newer_message_that_is_no_milder_never_raises_the_level(
        self, said: Said, angry: int, ticket: int
    ) -> None:
        said = [(max(reading, angry), age, of) for reading, age, of in said]
        before = moods(company(said))["sentiment"]
        after = moods(company([*said, (angry, 0.0, ticket)]))["sentiment"]
        assert before is None or after <= before


class TestTrend:
    def test_it_is_the_change_in_points_drawn_towards_nothing_by_few_messages(self) -> None:
        made = Company.with_account().said(*[-50] * 3, age=0, ticket_id=1)
        for ticket in range(2, 8):
            made.said(10, age=60, ticket_id=ticket)
        assert made.signal("sentiment_trend") == -40.0  # −60 × 2 ÷ 3: 3 × 6 ÷ (3 + 6) is 2

    @pytest.mark.parametrize(("late", "early"), [(2, 20), (20, 5), (3, 0)])
    def test_too_few_messages_on_either_side_give_none(self, late: int, early: int) -> None:
        made = Company.with_account().said(*[-50] * late, age=0).said(*[50] * early, age=60)
        assert made.signal("sentiment_trend") is None


class TestQuietDrift:
    def test_a_mood_that_falls_while_less_is_written_is_seen(self) -> None:
        assert drifting(35, late=8).signal("quiet_drift") > 95

    def test_an_account_that_stays_as_it_is_shows_none(self) -> None:
        assert drifting(0).signal("quiet_drift") < 5

    def test_writing_less_in_the_same_mood_is_no_drift(self) -> None:
        assert drifting(0, late=4).signal("quiet_drift") < 5

    def test_reopened_issues_make_it_surer(self) -> None:
        plain, again = (drifting(18, reopened=count).signal("quiet_drift") for count in (1, 8))
        assert again > plain

    def test_a_better_mood_is_none(self) -> None:
        assert drifting(-40, late=4).signal("quiet_drift") < 1

    @pytest.mark.parametrize(("late", "known"), [(3, False), (4, True)])
    def test_too_short_a_history_is_unknown(self, late: int, known: bool) -> None:
        assert (drifting(30, late=late).signal("quiet_drift") is not None) is known

    def test_without_any_history_of_statuses_reopenings_are_left_out(self) -> None:
        made = drifting(35, late=8)
        assert moods(made, replace(made.facts(), reopenings=None))["quiet_drift"] > 90


class TestLaws:
    @given(said=MESSAGES, random=st.randoms())
    @_LAW
    def test_the_order_of_messages_does_not_matter(self, said: Said, random: Any) -> None:
        mixed = list(said)
        random.shuffle(mixed)
        assert moods(company(mixed)) == pytest.approx(moods(company(said)), abs=0.02)

    @given(said=MESSAGES)
    @_LAW
    def test_a_message_that_cannot_be_read_changes_nothing(self, said: Said) -> None:
        made = company(said)
        before = moods(made)
        made.said(None, age=0.1).said(None, age=3, ticket_id=77).said(None, age=100)
        assert moods(made) == before

    @given(said=MESSAGES)
    @_LAW
    def test_what_is_said_later_changes_nothing(self, said: Said) -> None:
        made = company(said)
        before = moods(made)
        made.said(-100, -100, -100, age=-0.001).tickets(-0.001).reopened(-0.001)
        assert moods(made) == before

    def test_duckdb_gives_what_polars_gives(self, tmp_path: Path) -> None:
        made = drifting(20, late=9, reopened=3)
        theirs = account_signals(in_duckdb(made, tmp_path), AS_OF, SignalWindows(), only=MOODS).to_native()
        [row] = [dict(zip(theirs.columns, row, strict=True)) for row in theirs.fetchall()]
        assert {name: row[name] for name in MOODS} == pytest.approx(moods(made), abs=0.011)
