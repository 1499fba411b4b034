"""Knows how what rules would have done, and what became of the accounts, make the report of a replay."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np

from rules.replay.grid import DAY, NEVER, Flags, Grid, Numbers, times, whole
from rules.replay.outcomes import Chance, Judged, Losses, judged, until_renewal, within_days, worked_on
from rules.replay.replaying import Alerts, Decided
from rules.replay.report import ByPlaybook, Compared, Leads, OwnerLoad, PerWeek, ReplayReport, Window
from rules.replay.shares import share, share_of_money, spread
from rules.replay.sweep import SweepPoint

_WEEK = 7 * DAY
_RENEWAL = "until the renewal"


@dataclass(frozen=True)
class Afterwards:
    """What became of the accounts, and what a replay is held against.

    * end: the last moment of which anything is known (microseconds)
    * days: length of the first window
    * chance: what random alerts would have met within these days
    * renewals_lost: the share of renewals that fell due in the replay's time and lost something; None without any
    * work_account, work_at: recorded work with accounts (places in the grid, microseconds)
    """

    losses: Losses
    end: int
    days: int
    chance: Chance
    renewals_lost: float | None
    work_account: Numbers
    work_at: Numbers


@dataclass(frozen=True)
class Verdict:
    """The alerts of one set of rules under both windows."""

    decided: Decided
    within: Judged
    renewal: Judged

    @classmethod
    def of(cls, decided: Decided, after: Afterwards) -> "Verdict":
        alerts, losses = decided.alerts, after.losses
        return cls(
            decided,
            judged(alerts, losses, within_days(alerts, after.days), after.end),
            judged(alerts, losses, until_renewal(alerts), after.end),
        )

    def windows(self, after: Afterwards, grid: Grid) -> tuple[Window, Window]:
        """Both windows of the report."""
        alerts = self.decided.alerts
        ready, known = self.within.old_enough, alerts.acv > 0
        base = after.chance.of(alerts.moment[ready])
        weighed = ready & known
        base_of_money = after.chance.of_money(alerts.moment[weighed], alerts.acv[weighed])
        first = _window(f"within {after.days} days", after.days, self, self.within, after, grid)
        second = _window(_RENEWAL, None, self, self.renewal, after, grid)
        return (
            first.model_copy(update={"base": base, "base_of_money": base_of_money}),
            second.model_copy(update={"base": after.renewals_lost}),
        )


def _window(name: str, days: int | None, verdict: Verdict, found: Judged, after: Afterwards, grid: Grid) -> Window:
    alerts, losses, has_window = verdict.decided.alerts, after.losses, found.until != NEVER
    ready = found.old_enough & has_window
    money = ready & (alerts.acv > 0)
    lost = np.minimum(found.lost[money], alerts.acv[money])
    watched = watched_losses(after, grid)
    caught = _flags(found.caught, len(losses))
    worked = worked_on(alerts, found.until, after.work_account, after.work_at)
    return Window(
        name=name, days=days, alerts=int(ready.sum()), too_young=int((has_window & ~found.old_enough).sum()),
        without=int((~has_window).sum()),
        precision=share(found.hit[ready], alerts.account[ready]),
        precision_of_money=share_of_money(lost, alerts.acv[money], alerts.account[money]),
        base=None, base_of_money=None,
        losses=share(caught[watched], losses.account[watched]),
        losses_of_money=share_of_money(
            np.where(caught, losses.lost, 0)[watched], losses.lost[watched], losses.account[watched]
        ),
        unwatched=int(((losses.at > grid.at[0]) & (losses.at <= _watched_from(after, grid))).sum()),
        worked=share(found.hit[ready & worked], alerts.account[ready & worked]),
        not_worked=share(found.hit[ready & ~worked], alerts.account[ready & ~worked]),
    )  # fmt: skip


def watched_losses(after: Afterwards, grid: Grid) -> Flags:
    """Losses of which all of the window before them was replayed, up to the last moment."""
    at = after.losses.at
    watched: Flags = (at > _watched_from(after, grid)) & (at <= _last(grid))
    return watched


def _watched_from(after: Afterwards, grid: Grid) -> int:
    return int(grid.at[0]) + after.days * DAY if grid.width else NEVER


def _last(grid: Grid) -> int:
    return int(grid.at[-1]) if grid.width else 0


def _flags(places: Numbers, length: int) -> Flags:
    flags = np.zeros(length, np.bool_)
    flags[places] = True
    return flags


def leads(verdict: Verdict, after: Afterwards) -> Leads:
    """How early the first alerts came."""
    alerts, losses = verdict.decided.alerts, after.losses
    caught, first = verdict.within.first_alerts()
    opened, at, notice, renews = alerts.opened[first], losses.at[caught], losses.notice[caught], alerts.renews[first]
    told, ahead = notice != NEVER, renews != NEVER
    to_notice = (notice[told] - opened[told]) / DAY
    return Leads(
        to_loss=spread((at - opened) / DAY),
        to_churn=spread(((at - opened) / DAY)[losses.churned[caught]]),
        to_notice=spread(to_notice[to_notice > 0]),
        to_renewal=spread((renews[ahead] - opened[ahead]) / DAY),
        after_notice=int((to_notice <= 0).sum()),
    )


def per_week(at: Numbers, grid: Grid, weights: Numbers | None = None) -> PerWeek:
    """How many of these moments (microseconds) fall into each whole week since the first one of the replay."""
    weeks = max(1, int(_weeks(grid)))
    week = (at - grid.at[0]) // _WEEK if len(at) else at
    counts = np.bincount(week, weights=weights, minlength=weeks)[:weeks].astype(np.int64)
    return PerWeek(least=int(counts.min()), median=float(np.median(counts)), most=int(counts.max()))


def _weeks(grid: Grid) -> float:
    step = int(grid.at[1] - grid.at[0]) if grid.width > 1 else DAY
    return int(grid.at[-1] - grid.at[0] + step) / _WEEK


def owner_loads(alerts: Alerts, grid: Grid) -> tuple[OwnerLoad, ...]:
    """What each role would have had to do, the busiest first."""
    owners = sorted({step.owner for playbook in alerts.playbooks for step in playbook.steps})
    found = []
    for owner in owners:
        steps = np.array([sum(step.owner == owner for step in each.steps) for each in alerts.playbooks], np.int64)
        own = steps[alerts.playbook] if len(alerts) else np.zeros(0, np.int64)
        found.append(
            OwnerLoad(
                owner=owner, openings=int((own > 0).sum()), steps=int(own.sum()),
                openings_per_week=per_week(alerts.opened[own > 0], grid),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda load: (-load.openings, load.owner)))


def by_playbook(verdict: Verdict) -> tuple[ByPlaybook, ...]:
    """The playbooks in their order."""
    alerts, ready = verdict.decided.alerts, verdict.within.old_enough
    rows = []
    for place, playbook in enumerate(alerts.playbooks):
        own = alerts.playbook == place
        judge = own & ready
        rows.append(
            ByPlaybook(
                playbook=playbook.id, decisions=int(verdict.decided.decisions[place].sum()), openings=int(own.sum()),
                accounts=len(np.unique(alerts.account[own])),
                precision=share(verdict.within.hit[judge], alerts.account[judge]),
            )
        )  # fmt: skip
    return tuple(rows)


def compared(name: str, this: Verdict, other: Verdict, after: Afterwards, grid: Grid) -> Compared:
    """What the alerts of one set of rules came before, and those of another."""
    losses, watched = after.losses, watched_losses(after, grid)
    mine, theirs = (_flags(each.within.caught, len(losses)) for each in (this, other))
    groups = {
        "both": mine & theirs & watched, "only_this": mine & ~theirs & watched,
        "only_other": ~mine & theirs & watched, "neither": ~mine & ~theirs & watched,
    }  # fmt: skip
    counts = {group: int(flags.sum()) for group, flags in groups.items()}
    cents = {f"{group}_cents": int(losses.lost[flags].sum()) for group, flags in groups.items()}
    alerts, ready = other.decided.alerts, other.within.old_enough
    return Compared(
        name=name, openings=len(alerts), decisions=int(other.decided.decisions.sum()),
        accounts=len(np.unique(alerts.account)), **counts, **cents,
        precision=share(other.within.hit[ready], alerts.account[ready]),
        losses=share(theirs[watched], losses.account[watched]),
    )  # fmt: skip


def money_at_first(alerts: Alerts) -> tuple[int, int, int]:
    """Accounts with an alert, their ACV at the first one together, and of how many it was unknown."""
    accounts, first = np.unique(alerts.account, return_index=True)
    worth = alerts.acv[first]
    return len(accounts), int(worth[worth > 0].sum()), int((worth < 0).sum())


def watched_places(after: Afterwards, grid: Grid) -> Numbers:
    """The places of the losses of which all of the window before them was replayed."""
    return np.flatnonzero(watched_losses(after, grid))


def work_of(done: nw.DataFrame[Any], grid: Grid) -> tuple[Numbers, Numbers]:
    """Places of accounts and moments (microseconds) of recorded work: account_id, done_at."""
    account, at = grid.place_of(whole(done["account_id"])), times(done["done_at"])
    return account[account >= 0], at[account >= 0]


def sweep_point(value: str, is_current: bool, verdict: Verdict, after: Afterwards, grid: Grid) -> SweepPoint:
    """What the rules do with one value of a threshold."""
    window, _ = verdict.windows(after, grid)
    alerts = verdict.decided.alerts
    return SweepPoint(
        value=value, is_current=is_current, decisions=int(verdict.decided.decisions.sum()), openings=len(alerts),
        openings_per_week=round(len(alerts) / _weeks(grid), 2), precision=window.precision, base=window.base,
        losses=window.losses, losses_of_money=window.losses_of_money, caught_cents=window.losses_of_money.count,
    )  # fmt: skip


def reported(
    verdict: Verdict, after: Afterwards, grid: Grid, currency: str, known_until: datetime, every: str
) -> ReplayReport:
    """The report of one set of rules, without examples and comparisons."""
    decided, alerts = verdict.decided, verdict.decided.alerts
    accounts, arr, unknown = money_at_first(alerts)
    counts = decided.decisions.sum(axis=0)
    return ReplayReport(
        rules=(), first=grid.moments[0], last=grid.moments[-1], moments=grid.width, every=every,
        known_until=known_until, currency=currency, accounts=len(grid.accounts),
        paying_accounts=int(after.chance.accounts[-1]), arr_cents=int(after.chance.worth[-1]),
        decisions=int(counts.sum()), openings=len(alerts), openings_at_start=int((alerts.moment == 0).sum()),
        decisions_per_week=per_week(grid.at, grid, counts), openings_per_week=per_week(alerts.opened, grid),
        still_open=int((alerts.closed == NEVER).sum()), alerted_accounts=accounts, alerted_arr_cents=arr,
        unknown_arr=unknown, owners=owner_loads(alerts, grid), playbooks=by_playbook(verdict),
        windows=verdict.windows(after, grid), leads=leads(verdict, after),
    )  # fmt: skip
