"""Knows which issue an account came back with most often at many moments."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from rules.signals.facts import Frame, SignalFacts
from rules.signals.grid import DAY, NEVER, Cells, Grid, Numbers, Stretch, microseconds
from rules.signals.many import Column, with_null
from rules.signals.repeated import issues_alone
from rules.signals.windows import SignalWindows


def repeated_issues(facts: SignalFacts, windows: SignalWindows, grid: Grid) -> "_Repeated":
    """The source of repeated_issue_count and repeated_issue."""
    tickets = facts.newest_tickets.filter(~nw.col("account_id").is_null(), ~nw.col("created_at").is_null())
    table = _issues(tickets, facts.placed_tickets, windows).collect()
    place = nw.new_series("_account", grid.place(table["account_id"].to_numpy()), backend=table.implementation)
    known = table.with_columns(place).filter(nw.col("_account") >= 0).sort("_account", "issue_id", "issue")
    created, placed = microseconds(known["created_at"]), microseconds(known["placed_at"])
    is_grouped = (known["issue_id"] != "").to_numpy()
    gone = created + windows.issue_days * DAY
    # Before it was placed a ticket has its subject and tags, from then on its group.
    since = np.where(is_grouped, np.maximum(created, placed), created)
    until = np.where(is_grouped | (placed == NEVER), gone, np.minimum(gone, placed))
    enter = grid.enter(since)
    labels = known["issue"].unique().sort()
    rank = np.asarray(known["issue"].rank("dense").cast(nw.Int64).to_numpy(), dtype=np.int64) - 1
    return _Repeated(
        grid, known["_account"].to_numpy(), _numbered(known), enter, np.maximum(grid.enter(until), enter), rank,
        with_null(labels),
    )  # fmt: skip


def _issues(tickets: Frame, placed: Frame | None, windows: SignalWindows) -> Frame:
    """account_id, id, created_at, issue_id, issue, placed_at: a row per ticket and issue that it ever has."""
    names = ("account_id", "id", "created_at", "issue_id", "issue", "placed_at")
    times = tickets.select("id", "created_at")
    alone = issues_alone(tickets, windows).unique(["account_id", "id", "issue"]).with_columns(issue_id=nw.lit(""))
    timed = alone.join(times, on="id", how="inner")
    if placed is None:
        return timed.with_columns(placed_at=nw.lit(None, dtype=nw.Datetime("us", "UTC"))).select(*names)
    first = placed.group_by("ticket_id").agg(nw.col("placed_at").min())
    ungrouped = timed.join(first, left_on="id", right_on="ticket_id", how="left").select(*names)
    groups = placed.group_by("ticket_id", "issue_id", "issue_label").agg(nw.col("placed_at").min())
    grouped = tickets.select("account_id", "id", "created_at").join(
        groups, left_on="id", right_on="ticket_id", how="inner"
    )
    return nw.concat([ungrouped, grouped.with_columns(issue=nw.col("issue_label")).select(*names)])


def _numbered(known: "nw.DataFrame[Any]") -> Numbers:
    """A number for each issue of each account, of rows that are sorted by them."""
    if not len(known):
        return np.zeros(0, dtype=np.int64)
    names = ["_account", "issue_id", "issue"]
    is_same = [(known[name] == known[name].shift(1)).fill_null(False).to_numpy() for name in names]
    return np.cumsum(~np.logical_and.reduce(is_same))


@dataclass(frozen=True)
class _Repeated:
    """Tickets by account and issue: from which moment on they count and before which, and the label's place."""

    grid: Grid
    account: Numbers
    issue: Numbers
    enter: Numbers
    leave: Numbers
    rank: Numbers
    labels: "nw.Series[Any]"

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        low, high = (int(at) for at in np.searchsorted(self.account, [stretch.begin, stretch.end]))
        account, enter, leave, what = self._stretches(slice(low, high))
        # What comes last is seen: the greatest number of tickets, and of these the first label.
        order = np.argsort(what, kind="stable")
        cells = Cells(self.grid, stretch)
        seen = cells.painted(account[order], enter[order], leave[order], what[order], 0)
        counts, place = seen // len(self.labels), len(self.labels) - 1 - seen % len(self.labels)
        return {"repeated_issue_count": (counts, None), "repeated_issue": (self.labels[place], None)}

    def _stretches(self, part: slice) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Account, first moment, the one behind the last, and how many tickets (and which label) it was then."""
        account, issue, rank = (np.tile(of[part], 2) for of in (self.account, self.issue, self.rank))
        moment = np.concatenate([self.enter[part], self.leave[part]])
        change = np.repeat([1, -1], len(moment) // 2)
        order = np.lexsort((moment, issue))
        account, issue, rank, moment = account[order], issue[order], rank[order], moment[order]
        # Of each issue as many tickets leave as enter, so that the sum begins anew with the next.
        count = np.cumsum(change[order])
        until = np.append(moment[1:], 0)
        is_seen = (count > 0) & (until > moment)
        what = count * len(self.labels) + (len(self.labels) - 1 - rank)
        return account[is_seen], moment[is_seen], until[is_seen], what[is_seen]
