"""What outcomes lost and what the windows say fell are the same money, up to what was made good in a window."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import LedgerConventions
from domain.money import monthly_cents
from retention.ledger import first_paid, open_ledger
from retention.movements import unit_movements
from retention.outcomes import outcomes
from retention.windows import windows
from tests.retention.facts import day, frame, rates_frame, rows

Rows = list[dict[str, Any]]
AS_OF = day("2024-12-31")


@st.composite
def lines_of_a_year(draw: st.DrawFn) -> Rows:
    starts = draw(st.lists(st.dates(date(2024, 1, 1), date(2024, 11, 30)), min_size=1, max_size=7))
    return [
        {
            "account_id": draw(st.integers(1, 2)),
            "amount_cents": draw(st.integers(1, 10**7)),
            "interval_months": draw(st.sampled_from([1, 12])),
            "starts_on": start,
            "ends_on": draw(st.none() | st.dates(start, date(2024, 12, 31))),
        }
        for start in starts
    ]


@settings(deadline=None, max_examples=25)
@given(lines_of_a_year())
def test_churn_and_contraction_are_what_outcomes_lost_less_what_rose_in_the_month(lines: Rows) -> None:
    books = frame("subscription_lines", *lines)
    decided = rows(outcomes(frame("contracts"), books, AS_OF))
    ledger = open_ledger(books, rates_frame(), AS_OF, LedgerConventions(reporting_currency="USD"))
    months = windows("month", date(2024, 1, 1), AS_OF)
    moved = unit_movements(ledger, months, ["account_id"], first_paid(ledger, ["account_id"]))
    fell = {(row["period"], row["account_id"]): row["churn_cents"] + row["contraction_cents"] for row in rows(moved)}
    for month in months:
        for account in (1, 2):
            lost = sum(
                row["lost_cents"] // 12
                for row in decided
                if row["account_id"] == account and month.first_day <= row["happened_at"].date() <= month.last_day
            )
            own = [line for line in lines if line["account_id"] == account]
            rose = sum(_rise(own, month.first_day + timedelta(days=n)) for n in range(31) if _is_in(month, n))
            assert fell.get((month.label, account), 0) == max(0, lost - rose)


def _is_in(month: Any, place: int) -> bool:
    return bool(month.first_day + timedelta(days=place) <= month.last_day)


def _rise(lines: Rows, on: date) -> int:
    return max(0, _mrr(lines, on) - _mrr(lines, on - timedelta(days=1)))


def _mrr(lines: Rows, on: date) -> int:
    running = [line for line in lines if line["starts_on"] <= on and (line["ends_on"] is None or on < line["ends_on"])]
    return sum(monthly_cents(line["amount_cents"], line["interval_months"]) for line in running)
