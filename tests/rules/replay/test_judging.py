"""What came after alerts: windows, chances, intervals, troubles that are known otherwise."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from rules.kpis.certainty import of_share
from rules.replay.grid import DAY, NEVER, Grid, microseconds
from rules.replay.outcomes import Losses, chance, judged, until_renewal, within_days, worked_on
from rules.replay.planted import Trouble, found_troubles
from rules.replay.replaying import Alerts
from rules.replay.reporting import per_week
from rules.replay.shares import share, share_of_money, spread

FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)
MOMENTS = [FIRST + timedelta(days=day) for day in range(60)]
GRID = Grid.of(MOMENTS, dict.fromkeys([1, 2, 3, 4], FIRST))


def numbers(*values: int) -> Any:
    return np.array(values, np.int64)


def alerts(*opened: tuple[int, int], renews: int | None = None) -> Alerts:
    """Alerts of accounts (places) on days, worth 100 each."""
    account, moment = (numbers(*column) for column in zip(*opened, strict=True))
    ahead = NEVER if renews is None else microseconds(datetime(2026, 3, 2, tzinfo=UTC)) + renews * DAY
    return Alerts(
        playbooks=(), account=account, moment=moment, playbook=np.zeros_like(account), opened=GRID.at[moment],
        closed=GRID.at[moment], acv=np.full(len(account), 100), renews=np.full(len(account), ahead), seen=None,
    )  # fmt: skip


def losses(*lost: tuple[int, int, int]) -> Losses:
    """Accounts (ids), the day at whose beginning they lost something, and how much."""
    rows = [
        {"account_id": account, "happened_at": datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day), "churned": True,
         "lost_cents": cents, "notice_on": None}
        for account, day, cents in lost
    ]  # fmt: skip
    schema: Any = {
        "account_id": pl.Int64, "happened_at": pl.Datetime("us", "UTC"), "churned": pl.Boolean, "lost_cents": pl.Int64,
        "notice_on": pl.Date,
    }  # fmt: skip
    return Losses.of(nw.from_native(pl.DataFrame(rows, schema=schema)), GRID)


END = microseconds(MOMENTS[-1])


@pytest.mark.parametrize(("day", "hit"), [(10, False), (11, True), (20, True), (21, False)])
def test_a_loss_speaks_for_an_alert_inside_of_its_window_alone(day: int, hit: bool) -> None:
    one = alerts((0, 10))
    found = judged(one, losses((1, day, 50)), within_days(one, 10), END)
    assert found.hit.tolist() == [hit]
    assert found.lost.tolist() == [50 * hit]
    assert len(found.caught) == hit


def test_an_alert_whose_window_is_not_over_is_too_young() -> None:
    two = alerts((0, 10), (1, 55))
    found = judged(two, losses((2, 57, 50)), within_days(two, 10), END)
    assert found.old_enough.tolist() == [True, False]


def test_losses_of_other_accounts_and_unknown_ones_do_not_count() -> None:
    one = alerts((0, 10))
    assert not judged(one, losses((2, 12, 50), (99, 12, 50)), within_days(one, 10), END).hit.any()


@pytest.mark.parametrize(("day", "hit"), [(29, True), (30, True), (31, False)])
def test_the_window_until_the_renewal_ends_with_its_day(day: int, hit: bool) -> None:
    one = alerts((0, 10), renews=30)
    assert judged(one, losses((1, day, 50)), until_renewal(one), END).hit.tolist() == [hit]


def test_an_alert_without_a_renewal_has_no_such_window() -> None:
    one = alerts((0, 10))
    found = judged(one, losses((1, 12, 50)), until_renewal(one), END)
    assert (found.hit.tolist(), found.old_enough.tolist()) == ([False], [False])


def test_of_several_alerts_before_a_loss_the_first_one_counts() -> None:
    three = alerts((0, 5), (0, 12), (0, 15))
    found = judged(three, losses((1, 20, 50)), within_days(three, 10), END)
    assert [column.tolist() for column in found.first_alerts()] == [[0], [1]]


def test_a_random_alert_meets_what_the_paying_accounts_lose() -> None:
    days = [moment.date() for moment in MOMENTS[:2]]
    rows = [{"day": day, "account_id": account, "acv_cents": 100} for account in (1, 2, 3, 4) for day in days]
    rows += [
        {"day": date(2020, 1, 1), "account_id": 1, "acv_cents": 9},
        {"day": days[0], "account_id": 9, "acv_cents": 9},
    ]
    values = nw.from_native(pl.DataFrame(rows))
    met = chance(values, losses((1, 5, 50), (1, 6, 20), (2, 11, 60)), GRID, 10)
    assert (met.accounts[:2].tolist(), met.losing[:2].tolist()) == ([4, 4], [1, 2])
    assert met.of(numbers(0, 1)) == pytest.approx((1 / 4 + 2 / 4) / 2)
    assert met.of_money(numbers(1), numbers(100)) == pytest.approx(130 / 400)
    assert met.of(numbers()) is None


def test_work_counts_inside_of_the_window() -> None:
    two = alerts((0, 10), (1, 10))
    done = worked_on(two, within_days(two, 10), numbers(0, 1), GRID.at[[15, 25]])
    assert done.tolist() == [True, False]


def test_cases_of_many_accounts_have_wilson_s_interval() -> None:
    hits = np.array([True] * 3 + [False] * 7)
    found, plain = share(hits, np.arange(10)), of_share(3, 10)
    assert (found.count, found.of) == (3, 10)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.02)


def test_cases_of_one_account_teach_less() -> None:
    hits = np.array([True, False] * 10)
    apart = share(hits, np.arange(20))
    alike = share(np.sort(hits), np.repeat(np.arange(4), 5))
    assert apart.low is not None
    assert alike.low is not None
    assert alike.low < apart.low
    all_right = share(np.ones(20, np.bool_), np.repeat(np.arange(2), 10))
    assert all_right.low == pytest.approx(of_share(2, 2).low)


def test_nothing_has_no_share() -> None:
    none = np.zeros(0, np.bool_)
    assert share(none, numbers()).ratio is None
    assert share_of_money(numbers(), numbers(), numbers()).ratio is None
    assert spread(numbers()).median is None


def test_a_share_of_money_is_as_sure_as_its_large_accounts() -> None:
    even = share_of_money(numbers(50, 0), numbers(100, 100), numbers(0, 1))
    uneven = share_of_money(numbers(250, 0), numbers(999, 1), numbers(0, 1))
    assert (even.ratio, uneven.ratio) == (0.25, 0.25)
    assert even.high is not None
    assert uneven.high is not None
    assert uneven.high > even.high


def test_weeks_are_counted_from_the_first_moment_and_only_whole_ones() -> None:
    week = per_week(GRID.at[[0, 1, 6, 7, 59]], GRID)
    assert (week.least, week.median, week.most) == (0, 0, 3)


def test_a_trouble_is_found_by_an_alert_while_it_lasts() -> None:
    at = [int(each) for each in GRID.at]
    troubles = [
        Trouble("spike", 1, at[10], at[20]), Trouble("spike", 2, at[10], at[20]), Trouble("silence", 3, at[10], at[20]),
        Trouble("silence", 3, at[0] - DAY, at[20]), Trouble("silence", 99, at[10], at[20]),
    ]  # fmt: skip
    rows = found_troubles(troubles, alerts((0, 12), (1, 20), (3, 15)), GRID)
    assert [(row.kind, row.found.count, row.found.of) for row in rows] == [
        ("all", 1, 3), ("silence", 0, 1), ("spike", 1, 2),
    ]  # fmt: skip
    assert rows[0].by_chance == 1.0
    assert rows[2].days_to_alert.median == 2
    assert found_troubles([], alerts((0, 12)), GRID) == ()
