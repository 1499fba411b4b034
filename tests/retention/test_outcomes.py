"""What became of recurring revenue, on renewals and on the days on which it fell."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.money import monthly_cents
from domain.revenue import Outcome
from retention.fx import RateTable
from retention.ledger import Frame
from retention.outcomes import outcomes
from retention.renewals import Renewals
from tests.retention.facts import day, frame, rates, rows

START, RENEWAL = date(2024, 1, 1), date(2025, 1, 1)
AFTER = day("2025-12-31")
Rows = list[dict[str, Any]]


def found(contracts: Rows, lines: Rows, as_of: str = "2025-12-31", rate_table: RateTable | None = None) -> Rows:
    return rows(outcomes(_contracts(contracts), _lines(lines), day(as_of), rate_table))


def _contracts(given: Rows) -> Frame:
    return frame("contracts", *given)


def _lines(given: Rows) -> Frame:
    return frame("subscription_lines", *given)


def told(outcome: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(outcome[name] for name in ("kind", "at_stake_cents", "kept_cents", "lost_cents"))


@pytest.mark.parametrize(
    ("monthly_after", "expected"),
    [
        (100_000, ("renewed", 1_200_000, 1_200_000, 0)),
        (130_000, ("renewed", 1_200_000, 1_200_000, 0)),
        (70_000, ("contracted", 1_200_000, 840_000, 360_000)),
        (0, ("churned", 1_200_000, 0, 1_200_000)),
    ],
)
def test_a_renewal_keeps_what_goes_on_and_loses_the_rest(monthly_after: int, expected: tuple[Any, ...]) -> None:
    lines: Rows = [{"ends_on": RENEWAL}]
    if monthly_after:
        lines.append({"starts_on": RENEWAL, "amount_cents": monthly_after})
    [outcome] = found([{}], lines)
    assert told(outcome) == expected
    assert outcome["happened_at"] == day("2025-01-01")


def test_every_row_is_a_valid_outcome() -> None:
    for row in found([{}, {"account_id": 2}], [{"ends_on": date(2025, 3, 1)}, {"account_id": 2}]):
        Outcome(**{name: value for name, value in row.items() if name != "account_id"})


@pytest.mark.parametrize(("as_of", "count"), [("2024-12-31", 0), ("2025-01-01", 1), ("2025-01-02", 1)])
def test_an_outcome_exists_from_the_day_on_which_it_falls(as_of: str, count: int) -> None:
    assert len(found([{}], [{}], as_of)) == count


def test_a_line_that_ends_after_as_of_has_not_ended() -> None:
    assert found([], [{"ends_on": date(2025, 6, 2)}], "2025-06-01") == []


@pytest.mark.parametrize(
    ("ends_on", "falls_on"),
    [
        (date(2024, 9, 1), "2024-09-01"),
        (date(2024, 12, 31), "2025-01-01"),  # many exports write the last day with service
        (date(2025, 1, 1), "2025-01-01"),
        (date(2025, 6, 1), "2025-01-01"),
    ],
)
def test_a_contract_that_ends_early_is_decided_at_its_end(ends_on: date, falls_on: str) -> None:
    [outcome] = found([{"ends_on": ends_on}], [{}])
    assert outcome["happened_at"] == day(falls_on)


def test_a_contract_never_falls_due_on_or_before_its_start() -> None:
    assert found([{"renews_on": START}, {"renews_on": date(2023, 1, 1)}], []) == []


def test_contracts_that_renew_together_share_the_account_s_revenue_pro_rata() -> None:
    contracts = [{"arr_cents": 200}, {"arr_cents": 100}]
    lines: Rows = [{"amount_cents": 100_001}]
    assert [row["at_stake_cents"] for row in found(contracts, lines)] == [800_008, 400_004]


def test_what_falls_short_is_split_to_the_cent() -> None:
    contracts = [{"arr_cents": 1}] * 3
    lines: Rows = [{"ends_on": RENEWAL, "amount_cents": 10}, {"starts_on": RENEWAL, "amount_cents": 9}]
    shares = [(row["at_stake_cents"], row["lost_cents"]) for row in found(contracts, lines)]
    assert shares == [(40, 4), (40, 4), (40, 4)]


def test_a_contract_that_renews_another_day_keeps_its_part_of_the_revenue() -> None:
    contracts: Rows = [{"arr_cents": 300}, {"arr_cents": 100, "renews_on": date(2025, 7, 1)}]
    assert [row["at_stake_cents"] for row in found(contracts, [{}])] == [900_000, 1_200_000]


def test_contracts_of_no_worth_share_equally() -> None:
    assert [row["at_stake_cents"] for row in found([{"arr_cents": 0}] * 2, [{}])] == [600_000, 600_000]


def test_a_fall_off_any_renewal_loses_just_what_fell() -> None:
    lines: Rows = [{}, {"amount_cents": 40_000, "ends_on": date(2024, 6, 1)}]
    first, renewal = found([{}], lines)
    assert told(first) == ("contracted", 480_000, 0, 480_000)
    assert told(renewal) == ("renewed", 1_200_000, 1_200_000, 0)


def test_an_account_without_contract_churns_when_it_pays_nothing_any_more() -> None:
    [outcome] = found([], [{"ends_on": date(2024, 6, 1)}])
    assert told(outcome) == ("churned", 1_200_000, 0, 1_200_000)


def test_an_account_that_comes_back_a_day_later_had_churned() -> None:
    [outcome] = found([], [{"ends_on": date(2024, 6, 1)}, {"starts_on": date(2024, 6, 2)}])
    assert told(outcome) == ("churned", 1_200_000, 0, 1_200_000)


def test_a_line_that_follows_without_a_gap_loses_nothing() -> None:
    assert found([], [{"ends_on": date(2024, 6, 1)}, {"starts_on": date(2024, 6, 1), "plan": "Team"}]) == []


def test_without_a_renewal_date_nothing_counts_as_renewed() -> None:
    assert found([], [{}]) == []
    [undated] = rows(Renewals.known(_contracts([{"renews_on": None}]), _lines([{}]), AFTER).without_renewal())
    assert undated["arr_cents"] == 1_200_000


@pytest.mark.parametrize(
    "line",
    [{"trial": True}, {"ends_on": START}, {"amount_cents": 0}],
    ids=["a trial", "a line of no length", "a line for nothing"],
)
def test_what_never_paid_cannot_be_lost(line: dict[str, Any]) -> None:
    assert found([], [line | {"ends_on": line.get("ends_on", date(2024, 6, 1))}]) == []


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        ([{}], ("renewed", 1_200_000, 1_200_000, 0)),
        ([{"ends_on": RENEWAL}], ("churned", 1_200_000, 0, 1_200_000)),
        (
            [{}, {"starts_on": RENEWAL, "renews_on": None, "arr_cents": 900_000}],
            ("contracted", 1_200_000, 900_000, 300_000),
        ),
        ([{"ends_on": RENEWAL}, {"starts_on": RENEWAL, "renews_on": None}], ("renewed", 1_200_000, 1_200_000, 0)),
    ],
    ids=["goes on", "ended", "followed by a smaller one", "followed"],
)
def test_without_lines_contracts_speak_for_themselves(contracts: Rows, expected: tuple[Any, ...]) -> None:
    [outcome] = found(contracts, [])
    assert told(outcome) == expected


MOVED: Rows = [
    {"amount_cents": 100_000, "ends_on": date(2024, 6, 1)},
    {"amount_cents": 60_000, "currency": "EUR", "starts_on": date(2024, 6, 1)},
]


def test_a_move_to_another_currency_loses_only_what_is_worth_less() -> None:
    [outcome] = found([], MOVED, rate_table=rates("USD", EUR="1.25"))
    assert told(outcome) == ("contracted", 300_000, 0, 300_000)
    assert outcome["currency"] == "USD"


def test_a_move_whose_rate_is_unknown_is_not_called_a_loss() -> None:
    assert found([], MOVED, rate_table=rates("USD")) == []


def test_a_rise_is_set_off_only_once() -> None:
    ended: dict[str, Any] = {"ends_on": date(2024, 6, 1)}
    lines: Rows = [ended, ended | {"currency": "GBP"}, {"currency": "EUR", "starts_on": date(2024, 6, 1)}]
    lost = found([], lines, rate_table=rates("USD", EUR="1", GBP="1"))
    assert sum(row["lost_cents"] for row in lost) == 1_200_000


def test_the_same_facts_always_give_the_same_ids() -> None:
    lines: Rows = [{"ends_on": date(2025, 3, 1)}, {"account_id": 2}]
    first, again = found([{}], lines), found([{}], lines[::-1])
    assert [row["outcome_id"] for row in first] == [row["outcome_id"] for row in again]


@st.composite
def lines_of_one_currency(draw: st.DrawFn) -> Rows:
    started = draw(st.lists(st.dates(date(2024, 1, 1), date(2025, 6, 30)), max_size=8))
    return [
        {
            "account_id": draw(st.integers(1, 3)),
            "amount_cents": draw(st.integers(0, 10**9)),
            "interval_months": draw(st.sampled_from([1, 3, 12])),
            "starts_on": start,
            "ends_on": draw(st.none() | st.dates(start, date(2026, 6, 30))),
        }
        for start in started
    ]


terms = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": st.integers(1, 3),
            "arr_cents": st.integers(0, 10**9),
            "starts_on": st.dates(date(2023, 6, 1), date(2025, 6, 1)),
            "renews_on": st.none() | st.sampled_from([date(2025, 1, 1), date(2025, 2, 1)]),
            "ends_on": st.none() | st.sampled_from([date(2024, 12, 31), date(2025, 1, 1)]),
        }
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=30)
@given(terms, lines_of_one_currency())
def test_what_was_lost_is_what_fell_and_no_dollar_is_decided_twice_a_day(contracts: Rows, lines: Rows) -> None:
    paying = {line["account_id"] for line in lines if _arr([line], line["starts_on"])}
    decided = [row for row in found(contracts, lines) if row["account_id"] in paying]
    changes = sorted({line[name] for line in lines for name in ("starts_on", "ends_on") if line[name]})
    for account in paying:
        own = [line for line in lines if line["account_id"] == account]
        steps = [(_before(own, on), _arr(own, on)) for on in changes if on <= AFTER.date()]
        fell = sum(max(0, before - after) for before, after in steps)
        assert sum(row["lost_cents"] for row in decided if row["account_id"] == account) == fell
    for on in {row["happened_at"].date() for row in decided}:
        at_stake = sum(row["at_stake_cents"] for row in decided if row["happened_at"].date() == on)
        assert at_stake <= sum(_before([line for line in lines if line["account_id"] == one], on) for one in paying)
    assert len({row["outcome_id"] for row in decided}) == len(decided)


def _arr(lines: Rows, on: date) -> int:
    running = [line for line in lines if line["starts_on"] <= on and (line["ends_on"] is None or on < line["ends_on"])]
    return sum(12 * monthly_cents(line["amount_cents"], line["interval_months"]) for line in running)


def _before(lines: Rows, on: date) -> int:
    return _arr(lines, on - timedelta(days=1))
