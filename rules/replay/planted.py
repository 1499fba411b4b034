"""Knows how many troubles that are known otherwise would have been found while they lasted, and how many by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules.replay.grid import DAY, Grid, Numbers
from rules.replay.replaying import Alerts
from rules.replay.report import PlantedKind
from rules.replay.shares import share, spread


@dataclass(frozen=True)
class Trouble:
    """A trouble of an account: its kind, its beginning and its end (microseconds)."""

    kind: str
    account_id: int
    began: int
    until: int


def found_troubles(troubles: Sequence[Trouble], alerts: Alerts, grid: Grid) -> tuple[PlantedKind, ...]:
    """By kind, and all together first: which troubles had an alert opened between their beginning and their end.

    Only troubles that begin and end within the replay are looked at.
    """
    lived = [each for each in troubles if grid.width and each.began >= grid.at[0] and each.until <= grid.at[-1] + DAY]
    place = grid.place_of(np.array([each.account_id for each in lived], np.int64))
    known = [(each, int(at)) for each, at in zip(lived, place, strict=True) if at >= 0]
    if not known:
        return ()
    account = np.array([at for _, at in known], np.int64)
    began, until = (np.array([getattr(each, name) for each, _ in known], np.int64) for name in ("began", "until"))
    first = np.array([_first(alerts, *case) for case in zip(account, began, until, strict=True)], np.float64)
    chances = np.array(
        [_chance(alerts, case, (account, began, until), grid) for case in zip(began, until, strict=True)]
    )
    kinds = np.array([each.kind for each, _ in known])
    rows = [("all", np.ones(len(known), np.bool_)), *((kind, kinds == kind) for kind in sorted(set(kinds.tolist())))]
    return tuple(
        PlantedKind(
            kind=kind, found=share(~np.isnan(first[own]), account[own]), by_chance=float(chances[own].mean()),
            days_to_alert=spread(first[own & ~np.isnan(first)]),
        )
        for kind, own in rows
    )  # fmt: skip


def _first(alerts: Alerts, account: int, began: int, until: int) -> float:
    """Days to the first alert of the account in `[began, until)`; NaN without one."""
    opened = alerts.opened[(alerts.account == account) & (alerts.opened >= began) & (alerts.opened < until)]
    return float(opened.min() - began) / DAY if len(opened) else float("nan")


def _chance(alerts: Alerts, span: tuple[int, int], troubles: tuple[Numbers, Numbers, Numbers], grid: Grid) -> float:
    """The share of the accounts that had no trouble in `[began, until)`, but an alert."""
    account, began, until = troubles
    troubled = np.unique(account[(began < span[1]) & (until > span[0])])
    alerted = np.unique(alerts.account[(alerts.opened >= span[0]) & (alerts.opened < span[1])])
    quiet = len(grid.accounts) - len(troubled)
    return len(np.setdiff1d(alerted, troubled)) / quiet if quiet else 0.0
