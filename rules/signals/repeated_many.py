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


def repeated_issues(facts: SignalFacts, windows: SignalWindows, grid: Grid, *, is_named: bool) -> "_Repeated":
    """The source of repeated_issue_count and, `is_named`, of repeated_issue."""
    tickets = facts.newest_tickets.filter(~nw.col("account_id").is_null(), ~nw.col("created_at").is_null())
    table = _issues(tickets, facts.placed_tickets, windows).collect()
    place = grid.place(table["account_id"].to_numpy())
    labels, groups = (table[name].unique().sort() for name in ("issue", "issue_id"))
    label, group = _places(table, "issue", labels), _places(table, "issue_id", groups)
    number = (place * len(groups) + group) * len(labels) + label
    order = np.argsort(number, kind="stable")
    order = order[place[order] >= 0]
    created, placed = microseconds(table["created_at"]), microseconds(table["placed_at"])
    is_grouped = (table["issue_id"] != "").to_numpy()
    gone = created + windows.issue_days * DAY
    # Before it was placed a ticket has its subject and tags, from then on its group.
    since = np.where(is_grouped, np.maximum(created, placed), created)
    until = np.where(is_grouped | (placed == NEVER), gone, np.minimum(gone, placed))
    enter, leave = grid.enter(since[order]), grid.enter(until[order])
    return _Repeated(
        grid, place[order], number[order], enter, np.maximum(leave, enter), label[order], with_null(labels), is_named
    )


def _places(table: "nw.DataFrame[Any]", name: str, values: "nw.Series[Any]") -> Numbers:
    """Of each row the place of its value among all."""
    places = values.to_frame().with_columns(
        nw.new_series("_place", np.arange(len(values)), backend=table.implementation)
    )
    found = table.select(name).join(places, on=name, how="left")["_place"]
    return np.asarray(found.to_numpy(), dtype=np.int64)


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
    is_named: bool

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        low, high = (int(at) for at in np.searchsorted(self.account, [stretch.begin, stretch.end]))
        account, enter, leave, what = self._stretches(slice(low, high))
        # What comes last is seen: the greatest number of tickets, and of these the first label.
        order = np.argsort(what, kind="stable")
        cells = Cells(self.grid, stretch)
        seen = cells.painted(account[order], enter[order], leave[order], what[order], 0)
        counts = seen // len(self.labels)
        columns: dict[str, Column] = {"repeated_issue_count": (counts, None)}
        if self.is_named:
            columns["repeated_issue"] = (self.labels[len(self.labels) - 1 - seen % len(self.labels)], None)
        return columns

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
