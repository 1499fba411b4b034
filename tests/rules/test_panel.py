"""What the signals of many moments say: the same as those of each moment alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rules.signals import SignalFacts, SignalWindows, account_signals
from rules.signals.account import PARTS
from rules.signals.panel import signal_panels
from rules.signals.part import Part
from tests.rules.made_facts import BEGUN, DAYS, MadeUp

WINDOWS = SignalWindows(
    baseline_days=28, baseline_min_days=14, silence_days=20, habit_days=40, ticket_history_days=90,
    sentiment_min_messages=1, sentiment_earlier_min_messages=1, drift_days=21, drift_earlier_days=56,
    drift_min_tickets=2, predicted_min_tickets=1, usage_all_min_uses=1,
    usage_all_min_accounts=2, sentiment_ticket_most=1, sentiment_earlier_days=40,
)  # fmt: skip

CHEAP = ("segment", "acv", "renewal_on", "tickets_7d", "ticket_ratio_7d", "sentiment", "usage_drop_7d")
# The first segment known counts for all time before it: it is the one thing that a later fact may tell.
HAPPENING = tuple(name for name in CHEAP if name != "segment")

any_moment = st.one_of(
    st.integers(-30, DAYS + 30).map(lambda day: BEGUN + timedelta(days=day)),
    st.datetimes(BEGUN.replace(tzinfo=None), (BEGUN + timedelta(days=DAYS)).replace(tzinfo=None)).map(
        lambda moment: moment.replace(tzinfo=UTC)
    ),
)
regular_moments = st.tuples(any_moment, st.sampled_from([6, 24, 24 * 7]), st.integers(2, 4)).map(
    lambda chosen: [chosen[0] + timedelta(hours=chosen[1] * number) for number in range(chosen[2])]
)
odd_moments = st.one_of(st.lists(any_moment, min_size=1, max_size=4).map(sorted), regular_moments)


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


# A seed does not shrink to anything simpler.
quickly = settings(deadline=None, max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@quickly
@given(st.integers(0, 2**32), odd_moments, st.booleans())
def test_each_moment_of_a_panel_is_that_moment_alone(seed: int, moments: list[datetime], versioned: bool) -> None:
    made = MadeUp(seed)
    if versioned:
        made.versioned_contracts()
    facts, values = made.facts(), values_of(made, moments)

    assert at_once(facts, values, moments) == one_by_one(facts, values, moments)


@settings(quickly, max_examples=30)
@given(st.integers(0, 2**32), odd_moments, st.sampled_from([part for part in PARTS if part.signals]))
def test_a_family_alone_is_the_same_too(seed: int, moments: list[datetime], family: Part) -> None:
    made = MadeUp(seed, most_rows=90)
    facts, values, names = made.facts(), values_of(made, moments), [signal.name for signal in family.signals]

    assert at_once(facts, values, moments, names) == one_by_one(facts, values, moments, names)


@quickly
@given(st.integers(0, 2**32), st.integers(0, DAYS))
def test_what_happens_later_changes_no_moment_before(seed: int, day: int) -> None:
    made, today = MadeUp(seed), BEGUN + timedelta(days=day, hours=9)
    moments = [today - timedelta(days=age) for age in (40, 7, 1, 0)]
    values = values_of(made, moments)
    known = made.without_later(today).facts()

    assert at_once(made.facts(), values, moments, HAPPENING) == at_once(known, values, moments, HAPPENING)


def test_the_same_moment_twice_and_one_before_all_facts() -> None:
    made = MadeUp(5)
    moments = [BEGUN - timedelta(days=400), *[BEGUN + timedelta(days=90, hours=12)] * 2]
    facts, values = made.facts(), values_of(made, moments)
    rows = at_once(facts, values, moments, CHEAP)

    assert rows == one_by_one(facts, values, moments, CHEAP)
    assert len(rows) == 3 * made.accounts


def test_accounts_come_in_parts_that_are_whole() -> None:
    made = MadeUp(23)
    moments = [BEGUN + timedelta(hours=hour) for hour in range(1200)]
    facts, values = made.facts(), values_of(made, moments)
    frames = list(signal_panels(facts, values, moments, WINDOWS, only=["tickets_7d"], most_cells=2000))

    assert [frame["account_id"].unique().to_list() for frame in frames] == [[at] for at in range(1, made.accounts + 1)]
    assert all(frame["as_of"].to_list() == moments for frame in frames)


def test_the_columns_have_the_types_of_one_moment() -> None:
    made = MadeUp(7)
    moments = [BEGUN + timedelta(days=100)]
    [panel] = signal_panels(made.facts(), values_of(made, moments), moments, WINDOWS)
    alone = account_signals(made.facts(), moments[0], WINDOWS).collect().schema

    assert {name: panel.schema[name] for name in alone} == dict(alone)


def test_no_moment_gives_no_panel() -> None:
    made = MadeUp(3)

    assert list(signal_panels(made.facts(), values_of(made, []), [], WINDOWS)) == []
