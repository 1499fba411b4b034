"""What an account is worth on a day is the same whether it is asked for alone or with other days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import LedgerConventions
from retention.ledger import Ledger, open_ledger
from retention.values import account_values, values_on
from tests.retention.facts import frame
from tests.retention.ledger_rows import a_line, ledger_frames
from tests.retention.test_ledger_against_the_oracle import FIRST, LAST, days, lines, rates


def _opened(frames: Any, on: date) -> Ledger:
    return open_ledger(
        frames.lines, frames.fx_rates, datetime.combine(on, time(12), UTC), LedgerConventions(reporting_currency="USD")
    )


@given(
    st.lists(lines(), max_size=8), st.lists(rates(), max_size=4), st.lists(days, min_size=1, max_size=5, unique=True),
    st.lists(st.tuples(days, st.integers(-30, 90), st.sampled_from(["USD", "EUR"])), max_size=3),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_many_days_at_once_give_what_each_day_gives(
    booked: list[dict[str, Any]],
    known: list[dict[str, Any]],
    asked: list[date],
    agreed: list[tuple[date, int, str]],
) -> None:
    frames = ledger_frames([*booked, a_line(account_id=4, starts_on=LAST)], rates=known)
    contracts = frame(
        "contracts",
        *(
            {"account_id": number, "starts_on": on, "ends_on": on + timedelta(days=length), "currency": currency}
            for number, (on, length, currency) in enumerate(agreed, start=3)
        ),
    )
    together = values_on(_opened(frames, LAST), contracts, frames.fx_rates, asked).collect()
    rows = sorted((day, account, cents or -1) for day, account, cents in together.iter_rows())
    alone = [
        (on, account, cents or -1)
        for on in asked
        for account, cents in account_values(_opened(frames, on), contracts, frames.fx_rates).collect().iter_rows()
    ]
    assert rows == sorted(alone)


def test_nobody_is_worth_anything_before_the_first_line() -> None:
    frames = ledger_frames([a_line(starts_on=LAST)])
    found = values_on(_opened(frames, LAST), frame("contracts"), frames.fx_rates, [FIRST, LAST]).collect()
    assert found.rows() == [(LAST, 1, 120_000)]
