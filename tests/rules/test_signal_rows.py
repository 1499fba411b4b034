"""Behind every signal stand rows of the facts, and the rows are as many as the signal counts."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.signals import SIGNALS, SignalWindows, account_signals
from rules.signals.clock import Clock
from rules.signals.derived import SIGNALS as DERIVED
from rules.signals.rows import FACTS, behind
from tests.rules.company import AS_OF, Company

# The facts as a company of tests has them.
FRAMES: Mapping[str, str] = {
    "tickets": "tickets", "open tickets": "open_stretches", "reopenings": "open_stretches", "payments": "payments",
    "breaches": "sla_breaches", "touches": "touches",
}  # fmt: skip
COUNTED = (
    "tickets_7d", "tickets_30d", "tickets_prior_30d", "tickets_1d", "tickets_in_habit_window", "escalated_30d",
    "open_tickets", "open_urgent_tickets", "reopenings_30d", "failed_payments_30d", "sla_breaches_30d",
)  # fmt: skip
AGES = st.lists(st.integers(-2, 400).map(lambda half: half / 2), max_size=12)


def test_every_signal_names_the_rows_behind_it_or_follows_from_other_signals() -> None:
    without = [name for name in SIGNALS if not behind(name)]
    assert without == [signal.name for signal in DERIVED]
    assert {each.fact for name in SIGNALS for each in behind(name)} <= set(FACTS)


def rows_behind(company: Company, name: str) -> int:
    facts, windows = company.facts(), SignalWindows()
    found = 0
    for each in behind(name):
        frame: Any = getattr(facts, FRAMES[each.fact]).filter(nw.col("account_id") == 1)
        if each.fact == "reopenings":
            frame = frame.filter(nw.col("reopened"))
        found += len(frame.filter(each.where(Clock(AS_OF), windows)).collect())
    return found


@given(tickets=AGES, escalated=AGES, opened=AGES, reopened=AGES, failed=AGES, breached=AGES)
@settings(max_examples=15, deadline=None)
def test_a_count_has_as_many_rows_behind_it(
    tickets: list[float],
    escalated: list[float],
    opened: list[float],
    reopened: list[float],
    failed: list[float],
    breached: list[float],
) -> None:
    company = Company.with_account().account(2).tickets(*tickets).tickets(*escalated, escalated=True)
    company.tickets(1, 2, account_id=2).promised(300).breached(*breached).charged("c0", paid=300)
    for number, age in enumerate(opened):
        company.open(age, priority="urgent" if number % 2 else None, told=300)
    for age in reopened:
        company.open(400, since=age, until=age - 3, reopened=True, told=300)
    for number, age in enumerate(failed):
        company.charged(f"c{number + 1}", failed=age)
    table = account_signals(company.facts(), AS_OF, SignalWindows(), only=COUNTED).collect()
    values = table.filter(nw.col("account_id") == 1).rows(named=True)[0]
    known = {name: values[name] for name in COUNTED if values[name] is not None}
    assert {name: rows_behind(company, name) for name in known} == known


@pytest.mark.parametrize(("age", "rows"), [(0.5, 1), (6.9, 1), (7.2, 1), (8.5, 0), (14.5, 1)])
def test_behind_a_day_s_surprise_stand_the_same_days_of_the_weeks_before(age: float, rows: int) -> None:
    company = Company.with_account().tickets(age)
    assert rows_behind(company, "ticket_surprise_1d") == (rows if age != 6.9 else 0)


def test_only_the_newest_touch_is_behind_the_days_since_it() -> None:
    company = Company.with_account().touched(9, kind="csm_call").touched(4, kind="csm_call").touched(2)
    assert rows_behind(company, "days_since_csm_contact") == 1


def test_the_documented_type_of_each_signal_is_its_own() -> None:
    documented: dict[str, str] = {}
    for line in Path("docs/signals.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`([a-z0-9_]+)`", cells[0])
        kinds = [kind.strip() for kind in cells[1].split(",")] if len(cells) > 3 else []
        documented |= dict(zip(names, kinds * len(names) if len(kinds) == 1 else kinds, strict=False))
    own: dict[str, str] = {name: signal.kind for name, signal in SIGNALS.items() if name in documented}
    own |= {
        name: "share" for name, signal in SIGNALS.items() if signal.unit == "share" and documented.get(name) == "share"
    }
    assert {name: documented[name] for name in own} == own
    assert len(own) > 60


def test_speed_counts_the_rows_of_both_spans() -> None:
    company = Company.with_account().answered(*[timedelta(hours=1)] * 3, age=5).answered(timedelta(hours=1), age=60)
    [each] = behind("first_reply_ratio_30d")
    frame = company.facts().first_replies
    assert frame is not None
    assert len(frame.filter(each.where(Clock(AS_OF), SignalWindows())).collect()) == 4
