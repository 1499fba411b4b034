"""Knows what came after alerts: which losses fell into their windows, and what a random alert would have met."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from rules.replay.grid import DAY, NEVER, Flags, Grid, Numbers, days, times, whole
from rules.replay.replaying import Alerts

_SECOND = 1_000_000
# Accounts and seconds in one number: seconds since 1970 stay below 2**33 until the year 2242.
_SHIFT = 33
_LATEST = 2**_SHIFT - 1


@dataclass(frozen=True)
class Losses:
    """Churn and contraction, by account and then time, one of an account at a moment.

    * account: its place in the grid
    * at, notice: microseconds; `notice` is when notice was given, `NEVER` where none is known
    * lost: minor units of the reporting currency, 0 where there was no rate
    """

    account: Numbers
    at: Numbers
    lost: Numbers
    churned: Flags
    notice: Numbers

    @classmethod
    def of(cls, found: nw.DataFrame[Any], grid: Grid) -> "Losses":
        """From account_id, happened_at, churned, lost_cents and notice_on; those of other accounts are left out."""
        place = grid.place_of(whole(found["account_id"]))
        order = np.lexsort((times(found["happened_at"]), place))
        order = order[place[order] >= 0]
        return cls(
            account=place[order], at=times(found["happened_at"])[order], lost=whole(found["lost_cents"], 0)[order],
            churned=found["churned"].to_numpy().astype(np.bool_)[order], notice=times(found["notice_on"])[order],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.at)

    def between(self, account: Numbers, after: Numbers, until: Numbers) -> tuple[Numbers, Numbers]:
        """The places of accounts' losses later than `after` and up to `until`: first, end."""
        keys = _key(self.account, self.at)
        return (
            np.searchsorted(keys, _key(account, after), side="right"),
            np.searchsorted(keys, _key(account, until), side="right"),
        )


def _key(account: Numbers, at: Numbers) -> Numbers:
    keys: Numbers = (account << _SHIFT) + np.minimum(at // _SECOND, _LATEST)
    return keys


@dataclass(frozen=True)
class Judged:
    """Alerts and the losses in their windows.

    * until: the end of each alert's window, `NEVER` for one without
    * old_enough: whether the window was over at the end of what is known
    * hit: whether a loss fell into it; lost: how much
    * pairs: places of alerts and of losses in their windows, by loss and then alert
    """

    until: Numbers
    old_enough: Flags
    hit: Flags
    lost: Numbers
    pairs: tuple[Numbers, Numbers]

    @property
    def caught(self) -> Numbers:
        """The losses that an alert came before, ascending."""
        return np.unique(self.pairs[1])

    def first_alerts(self) -> tuple[Numbers, Numbers]:
        """Losses that were caught, and the first alert that came before each."""
        losses, first = np.unique(self.pairs[1], return_index=True)
        return losses, self.pairs[0][first]


def judged(alerts: Alerts, losses: Losses, until: Numbers, end: int) -> Judged:
    """What came within each alert's window; `end` is the last moment of which anything is known (microseconds)."""
    first, last = losses.between(alerts.account, alerts.opened, until)
    last = np.where(until == NEVER, first, np.maximum(last, first))
    sums = np.append(0, np.cumsum(losses.lost))
    count = last - first
    alert = np.repeat(np.arange(len(alerts)), count)
    loss = np.repeat(first, count) + np.arange(len(alert)) - np.repeat(np.cumsum(count) - count, count)
    order = np.lexsort((alerts.opened[alert], loss))
    return Judged(
        until=until, old_enough=until <= end, hit=count > 0, lost=sums[last] - sums[first],
        pairs=(alert[order], loss[order]),
    )  # fmt: skip


def within_days(alerts: Alerts, days: int) -> Numbers:
    """Windows of so many days."""
    return alerts.opened + days * DAY


def until_renewal(alerts: Alerts) -> Numbers:
    """Windows up to the end of the day of the renewal that was ahead."""
    return np.where(alerts.renews == NEVER, NEVER, np.minimum(alerts.renews, NEVER - DAY) + DAY - 1)


@dataclass(frozen=True)
class Chance:
    """By moment: how many accounts paid, how many of them lost something within some days, and the same in money."""

    accounts: Numbers
    losing: Numbers
    worth: NDArray[Any]
    lost: NDArray[Any]

    def of(self, moments: Numbers) -> float | None:
        """The share that random alerts at these moments would have hit; None without any alert."""
        paid = np.maximum(self.accounts[moments], 1)
        return float((self.losing[moments] / paid).mean()) if len(moments) else None

    def of_money(self, moments: Numbers, weights: Numbers) -> float | None:
        """The share of their money that random alerts of these weights would have seen lost."""
        total = float(weights.sum())
        if not total:
            return None
        return float((self.lost[moments] / np.maximum(self.worth[moments], 1) * weights).sum()) / total


def chance(values: nw.DataFrame[Any], losses: Losses, grid: Grid, days: int) -> Chance:
    """From what every account was worth on the days of the moments: day, account_id, acv_cents."""
    place, account, cents = _paying(values, grid)
    worth = np.bincount(place, weights=cents, minlength=grid.width)
    first = np.searchsorted(grid.at, losses.at - days * DAY)
    count = np.maximum(np.searchsorted(grid.at, losses.at) - first, 0)
    loss = np.repeat(np.arange(len(losses)), count)
    moment = np.repeat(first, count) + np.arange(len(loss)) - np.repeat(np.cumsum(count) - count, count)
    keys = losses.account[loss] * grid.width + moment
    paying = _stand_in(keys, account * grid.width + place)
    lost = np.bincount(moment[paying], weights=losses.lost[loss[paying]], minlength=grid.width)
    once = np.unique(keys[paying]) % grid.width if grid.width else keys
    return Chance(
        np.bincount(place, minlength=grid.width), np.bincount(once, minlength=grid.width), worth, lost
    )  # fmt: skip


def _stand_in(keys: Numbers, known: Numbers) -> Flags:
    ascending = known if (known[1:] > known[:-1]).all() else np.sort(known)
    found: Flags = np.append(ascending, NEVER)[np.searchsorted(ascending, keys)] == keys
    return found


def _paying(values: nw.DataFrame[Any], grid: Grid) -> tuple[Numbers, Numbers, Numbers]:
    """The places of moments and accounts, and what these were worth."""
    place = _looked_up(days(values["day"]), grid.day)
    account = _looked_up(whole(values["account_id"]), grid.accounts)
    cents = whole(values["acv_cents"], 0)
    known = (account >= 0) & (place >= 0)
    return (place, account, cents) if known.all() else (place[known], account[known], cents[known])


def _looked_up(numbers: Numbers, places: Numbers) -> Numbers:
    """The places of numbers among ascending ones, −1 for another; millions of numbers lie close together."""
    low, high = (int(places[0]), int(places[-1])) if len(places) else (0, 0)
    table = np.full(high - low + 3, -1)
    table[places - low + 1] = np.arange(len(places))
    found: Numbers = table[np.clip(numbers - low + 1, 0, high - low + 2)]
    return found


def worked_on(alerts: Alerts, until: Numbers, account: Numbers, at: Numbers) -> Flags:
    """Whether recorded work with the account (`account`, `at`) fell into each alert's window."""
    keys = np.sort(_key(account, at))
    begin = np.searchsorted(keys, _key(alerts.account, alerts.opened), side="right")
    done: Flags = np.searchsorted(keys, _key(alerts.account, until), side="right") > begin
    return done
