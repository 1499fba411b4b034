"""What the signals of many moments say: the same as those of each moment alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.signals import SIGNALS, SignalFacts, SignalWindows, account_signals
from rules.signals.panel import signal_panels
from tests.rules.made_facts import BEGUN, DAYS, MadeUp

WINDOWS = SignalWindows(
    baseline_days=28, baseline_min_days=14, silence_days=20, habit_days=40, ticket_history_days=90,
    sentiment_min_messages=1, sentiment_earlier_min_messages=1, drift_days=21, drift_earlier_days=56,
    drift_min_tickets=2, predicted_min_tickets=1, sentiment_ticket_most=1, sentiment_earlier_days=40,
)  # fmt: skip

odd_moments = st.lists(
    st.one_of(
        st.integers(-30, DAYS + 30).map(lambda day: BEGUN + timedelta(days=day)),
        st.datetimes(BEGUN.replace(tzinfo=None), (BEGUN + timedelta(days=DAYS)).replace(tzinfo=None)).map(
            lambda moment: moment.replace(tzinfo=UTC)
        ),
    ),
    min_size=1,
    max_size=5,
).map(sorted)


def values_of(made: MadeUp, moments: Sequence[datetime]) -> nw.LazyFrame[Any]:
    """Another value on each day."""
    days = sorted({moment.date() for moment in moments})
    rows = [
        {"day": day, "account_id": account, "acv_cents": made.one(None, 100, 9_000_000, 20_000_000)}
        for day in days
        for account in range(1, made.accounts + 1)
        if made.one(True, True, False)
    ]
    schema = {"day": pl.Date, "account_id": pl.Int64, "acv_cents": pl.Int64}
    return nw.from_native(pl.DataFrame(rows, schema=schema, orient="row").lazy())


def one_by_one(
    facts: SignalFacts, values: nw.LazyFrame[Any], moments: Sequence[datetime], only: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    for moment in moments:
        worth = values.filter(nw.col("day") == moment.date()).drop("day")
        frame = account_signals(replace(facts, account_value=worth), moment, WINDOWS, only=only).collect()
        seen += [{"as_of": moment} | row for row in frame.iter_rows(named=True)]
    return sorted(seen, key=lambda row: row["account_id"])


def at_once(
    facts: SignalFacts, values: nw.LazyFrame[Any], moments: Sequence[datetime], only: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    frames = signal_panels(facts, values, moments, WINDOWS, only=only)
    return [dict(row) for frame in frames for row in frame.iter_rows(named=True)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), odd_moments, st.booleans())
def test_each_moment_of_a_panel_is_that_moment_alone(seed: int, moments: list[datetime], versioned: bool) -> None:
    made = MadeUp(seed)
    if versioned:
        made.versioned_contracts()
    facts, values = made.facts(), values_of(made, moments)

    assert at_once(facts, values, moments) == one_by_one(facts, values, moments)


def test_the_columns_have_the_types_of_one_moment() -> None:
    made = MadeUp(7)
    moments = [BEGUN + timedelta(days=100)]
    [panel] = signal_panels(made.facts(), values_of(made, moments), moments, WINDOWS)
    alone = account_signals(made.facts(), moments[0], WINDOWS).collect().schema

    assert {name: panel.schema[name] for name in alone} == dict(alone)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_can_be_asked_for_alone(name: str) -> None:
    made, moments = MadeUp(11), [BEGUN + timedelta(days=day) for day in (60, 90)]
    facts, values = made.facts(), values_of(made, moments)

    assert at_once(facts, values, moments, [name]) == one_by_one(facts, values, moments, [name])


def test_no_moment_gives_no_panel() -> None:
    made = MadeUp(3)

    assert list(signal_panels(made.facts(), values_of(made, []), [], WINDOWS)) == []
