"""Knows when decisions would have opened escalations, and when these would have ended, had no person touched them.

The laws are those of `rules.escalation`, for all accounts at once: round by round the next opening of each account.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules.playbooks import Playbook
from rules.replay.grid import NEVER, Grid, Numbers, length


@dataclass(frozen=True)
class Fires:
    """Where one playbook decides, by account and then moment; of an account's tickets at one moment the oldest first.

    * account, moment: places in the grid
    * since: the place of the moment from which on the rule has been on; the moment itself for one without a memory
    * applies: account × the grid's width + moment of all moments at which the rule is on, deciding or not, ascending;
      None where it decides whenever it is on
    * renews: the day (since 1970) of the renewal ahead, `NEVER` without one; None where the playbook asks of none
    * ticket: the row of the ticket among those that were seen; None where the playbook is about accounts
    """

    playbook: Playbook
    account: Numbers
    moment: Numbers
    since: Numbers
    applies: Numbers | None = None
    renews: Numbers | None = None
    ticket: Numbers | None = None


@dataclass(frozen=True)
class Openings:
    """Escalations that would have been opened: places of account, moment and playbook (in the list asked for).

    `closes` is the place of the moment at which it would have been closed, the number of moments where none came;
    `decision` is the place of the decision that opened it among those of its playbook.
    """

    account: Numbers
    moment: Numbers
    playbook: Numbers
    closes: Numbers
    decision: Numbers

    def __len__(self) -> int:
        return len(self.account)


def openings(fires: Sequence[Fires], grid: Grid) -> Openings:
    """The openings of all families, by account, then moment, then playbook; `playbook` is the place in `fires`."""
    families: dict[str, list[int]] = {}
    for place, each in enumerate(fires):
        families.setdefault(each.playbook.family, []).append(place)
    found = [_of_family(fires, sorted(members, key=lambda at: fires[at].playbook.rank), grid)
             for members in families.values()]  # fmt: skip
    account, moment, playbook, closes, decision = (
        np.concatenate([getattr(each, name) for each in found]) if found else np.zeros(0, np.int64)
        for name in ("account", "moment", "playbook", "closes", "decision")
    )
    order = np.lexsort((playbook, moment, account))
    return Openings(account[order], moment[order], playbook[order], closes[order], decision[order])


def _of_family(fires: Sequence[Fires], members: Sequence[int], grid: Grid) -> Openings:
    """`members` are the family's places in `fires`, the most urgent first."""
    books = [_Book(fires[place], grid) for place in members]
    family = _Family(np.unique(np.concatenate([book.applies for book in books])), grid)
    account = np.unique(family.keys // grid.width) if len(family.keys) else np.zeros(0, np.int64)
    opened, closed = np.full(len(account), -1), np.full(len(account), -1)
    rounds: list[tuple[Numbers, Numbers, Numbers, Numbers, Numbers]] = []
    while len(account):
        turns = [book.next_opening(account, opened, closed) for book in books]
        moments, places = (np.stack(column) for column in zip(*turns, strict=True))
        first, own = moments.argmin(axis=0), np.arange(len(account))
        moment, decision = moments[first, own], places[first, own]
        some = moment < grid.width
        account, opened, first, decision = account[some], moment[some], first[some], decision[some]
        closed = np.full(len(account), grid.width)
        for place, book in enumerate(books):
            own = np.flatnonzero(first == place)
            closed[own] = family.closing(book, account[own], opened[own])
        rounds.append((account, opened, np.array(members, np.int64)[first], closed, decision))
        over = closed < grid.width
        account, opened, closed = account[over], opened[over], closed[over]
    columns = zip(*rounds, strict=True) if rounds else ((np.zeros(0, np.int64),) for _ in range(5))
    return Openings(*(np.concatenate(column) for column in columns))


class _Book:
    """One playbook of a family: where it decides, and when it may open again."""

    def __init__(self, fires: Fires, grid: Grid) -> None:
        self.grid, self.playbook, self.renews = grid, fires.playbook, fires.renews
        self.keys = fires.account * grid.width + fires.moment
        self.applies = self.keys if fires.applies is None else fires.applies
        self.on_since = None
        if fires.playbook.clear_when is not None:
            self.on_since = np.append(fires.account * grid.width + fires.since, NEVER)
            self._latest_on = np.maximum.accumulate(self.on_since)

    def next_opening(self, account: Numbers, opened: Numbers, closed: Numbers) -> tuple[Numbers, Numbers]:
        """The next moment at which it would open, after the family's last escalation, and the place of the decision.

        `opened` and `closed` are when that one was, −1 where there was none. The moment is `grid.width` where it opens
        no more.
        """
        grid = self.grid
        quiet_until = grid.at[np.maximum(closed, 0)] + length(self.playbook.quiet_time)
        earliest = np.maximum(np.searchsorted(grid.at, quiet_until), closed + 1)
        earliest = np.where(closed < 0, 0, earliest)
        place = np.searchsorted(self.keys, account * grid.width + earliest)
        if self.on_since is not None:
            last = account * grid.width + opened
            place = np.maximum(place, np.searchsorted(self._latest_on, last, side="right"))
            # Of an account it never goes back; one of its tickets may have been on for longer than another.
            while (stands_on := self.on_since[place] <= last).any():
                place += stands_on
        key = np.append(self.keys, NEVER)[place]
        return np.where(key // grid.width == account, key % grid.width, grid.width), place

    def renewal(self, keys: Numbers) -> Numbers | None:
        """The renewals that its escalations are about, by the keys at which they are opened."""
        return None if self.renews is None else self.renews[np.searchsorted(self.keys, keys)]


class _Family:
    """All moments at which a family applies, and when an escalation that nobody touches ends between them."""

    def __init__(self, keys: Numbers, grid: Grid) -> None:
        self.keys, self.grid = keys, grid
        self.account, self.moment = keys // grid.width, keys % grid.width
        same = self.account[1:] == self.account[:-1]
        self.is_last = np.append(~same, True)[: len(keys)]
        self.next_moment = np.append(np.where(same, self.moment[1:], grid.width), grid.width)[: len(keys)]
        unbroken = ~self.is_last & (self.next_moment == self.moment + 1)
        self._run_ends = np.flatnonzero(~unbroken)
        self._patient: dict[int, tuple[Numbers, Numbers]] = {}

    def closing(self, book: _Book, account: Numbers, opened: Numbers) -> Numbers:
        """When escalations of a playbook are closed, the number of moments where they still are open."""
        keys = account * self.grid.width + opened
        ends, closes = self._expiry(length(book.playbook.patience))
        at = ends[np.searchsorted(ends, np.searchsorted(self.keys, keys))]
        closing = closes[at]
        renews = book.renewal(keys)
        return closing if renews is None else np.minimum(closing, self._after_renewal(account, opened, renews))

    def _expiry(self, patience: int) -> tuple[Numbers, Numbers]:
        """The places after which the family is silent for so long (or for good), and when that is, by place."""
        if patience not in self._patient:
            at = self.grid.at
            after = np.maximum(np.searchsorted(at, at[self.moment] + patience), self.moment + 1)
            expires = after < self.next_moment
            ends = np.flatnonzero(expires | self.is_last)
            self._patient[patience] = (ends, np.where(expires, after, self.grid.width))
        return self._patient[patience]

    def _after_renewal(self, account: Numbers, opened: Numbers, renews: Numbers) -> Numbers:
        """The first moment after the renewal at which the family does not apply."""
        width = self.grid.width
        start = np.maximum(np.searchsorted(self.grid.day, renews, side="right"), opened + 1)
        keys = account * width + start
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        applies = (self.keys[place] == keys) & (start < width)
        last = self._run_ends[np.minimum(np.searchsorted(self._run_ends, place), len(self._run_ends) - 1)]
        return np.minimum(np.where(applies, self.moment[last] + 1, start), width)
