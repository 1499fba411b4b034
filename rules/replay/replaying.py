"""Knows what rules decide over panels of signals, and keeps of each part of the accounts only what fired.

Several sets of rules are replayed in one pass: a rule that stands in two of them is asked once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np

from rules.playbooks import Playbook
from rules.replay.grid import DAY, NEVER, Grid, Numbers, times, whole
from rules.replay.openings import Fires, Openings, openings
from rules.replay.tickets import TicketView, rows_or_nothing
from rules.signals.fields import with_fields
from rules.spells import fired, observed
from rules.ticket_looks import ticket_looks

Table: TypeAlias = nw.DataFrame[Any]
# What an alert says of its account beside what its rule asks.
ALWAYS_SEEN = ("acv", "renewal_on")


@dataclass(frozen=True)
class Alerts:
    """The openings of a set of rules, with what was seen at each; a row of `seen` and an entry of the rest are one.

    * opened, closed: microseconds since 1970; `NEVER` for what was still open at the last moment
    * acv: the account's ACV in minor units, −1 where it was unknown
    * renews: the renewal that was ahead, in microseconds; `NEVER` without one
    * seen: what the rules look at; where one of them is about tickets ticket_ref, too, of the ticket that opened it
    """

    playbooks: tuple[Playbook, ...]
    account: Numbers
    moment: Numbers
    playbook: Numbers
    opened: Numbers
    closed: Numbers
    acv: Numbers
    renews: Numbers
    seen: Table | None

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True)
class Decided:
    """What one set of rules would have done: decisions by playbook and moment (counts), and its alerts."""

    alerts: Alerts
    decisions: Numbers

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        return self.alerts.playbooks


def signals_needed(playbooks: Sequence[Playbook]) -> set[str]:
    """The names of the signals that a replay of these looks at."""
    return {*ALWAYS_SEEN, *(name for playbook in playbooks for name in asked(playbook))}


def asked(playbook: Playbook) -> tuple[str, ...]:
    """The signals that a playbook's conditions compare or print."""
    cleared = () if playbook.clear_when is None else playbook.clear_when.signals()
    return tuple(dict.fromkeys([*playbook.when.signals(), *cleared]))


def replay(
    panels: Iterator[Table], sets: Mapping[str, Sequence[Playbook]], grid: Grid, view: TicketView
) -> dict[str, Decided]:
    """What each set of rules decides and opens on the panels of `signal_panels`, account by account.

    The panels have every account at each of the grid's moments, and the signals of `signals_needed` that are about
    accounts. Decisions about tickets count for their accounts.
    """
    found: dict[str, list[tuple[Openings, Table | None, Numbers]]] = {name: [] for name in sets}
    needed = signals_needed([playbook for playbooks in sets.values() for playbook in playbooks])
    for panel in panels:
        part = _Part(panel, grid, needed, view)
        for name, playbooks in sets.items():
            found[name].append(part.decided(playbooks))
    return {name: _together(tuple(sets[name]), parts, grid) for name, parts in found.items()}


def decisions_of(panels: Iterator[Table], playbooks: Sequence[Playbook], grid: Grid, view: TicketView) -> list[Table]:
    """Every decision: for each playbook account_id, account_ref, as_of and the signals that it asks, by account.

    Of one about tickets also ticket_ref. For small companies, and for comparing: a replay of many accounts keeps its
    openings alone.
    """
    found: list[list[Table]] = [[] for _ in playbooks]
    needed = signals_needed(playbooks)
    for panel in panels:
        part = _Part(panel, grid, needed, view)
        for place, playbook in enumerate(playbooks):
            found[place].append(part.decisions(playbook))
    return [nw.concat(tables) for tables in found]


class _Part:
    """The panel of some accounts; a rule is asked of it, or of the accounts' tickets, once."""

    def __init__(self, panel: Table, grid: Grid, names: Collection[str], view: TicketView) -> None:
        self.panel, self.grid, self.view = with_fields(panel, names), grid, view
        own = whole(panel["account_id"])[:: grid.width] if grid.width else np.zeros(0, np.int64)
        self._fires: dict[str, Fires] = {}
        self.places = grid.place_of(own)

    def rows(self, account: Numbers, moment: Numbers) -> Numbers:
        """Where accounts stand in the panel at moments; both are places in the grid."""
        return np.searchsorted(self.places, account) * self.grid.width + moment

    def fires(self, playbook: Playbook) -> Fires:
        """Where a playbook decides."""
        if playbook.content_hash not in self._fires:
            self._fires[playbook.content_hash] = self._asked(playbook)
        return self._fires[playbook.content_hash]

    def decisions(self, playbook: Playbook) -> Table:
        """What was seen where a playbook decides."""
        fires, names = self.fires(playbook), ["account_id", "account_ref", "as_of", *asked(playbook)]
        if fires.ticket is not None:
            return self._tickets[fires.ticket].select(*dict.fromkeys(["ticket_ref", *names]))
        return self.panel[self.rows(fires.account, fires.moment)].select(*dict.fromkeys(names))

    def _asked(self, playbook: Playbook) -> Fires:
        decided, spells = fired(playbook, self._observed(playbook))
        ticket = None
        if playbook.about_tickets:
            rows = self._tickets.with_row_index("_row").select("ticket_ref", "as_of", "_row")
            decided = decided.join(rows, on=["ticket_ref", "as_of"], how="inner").sort("_row")
            ticket = whole(decided["_row"])
        account, moment = self._places(decided["account_id"], decided["as_of"])
        since = moment if playbook.clear_when is None else self._at(times(decided["since"]))
        is_about_renewal = "days_to_renewal" in playbook.when.signals()
        renews = None
        if is_about_renewal:
            ahead = times(self.panel["renewal_on"][self.rows(account, moment)])
            renews = np.where(ahead == NEVER, NEVER, ahead // DAY)
        applies = None if playbook.clear_when is None else self._on(spells)
        return Fires(playbook, account, moment, since, applies, renews, ticket)

    def _observed(self, playbook: Playbook) -> Table:
        """What the conditions say; nothing of an account before it was known."""
        if playbook.about_tickets:
            return ticket_looks(playbook, self._tickets, self.view.moments)
        looks = observed(playbook, self.panel)
        late = self.grid.known_from[self.places] > self.grid.at[:1]
        if not late.any():
            return looks
        known = (self.grid.at >= self.grid.known_from[self.places][:, None]).ravel()
        flags = nw.new_series("_known", known, nw.Boolean, backend=looks.implementation)
        told = looks.with_columns(flags)
        heard = (nw.when(nw.col("_known")).then(nw.col(name)).alias(name) for name in ("when", "clear"))
        return told.with_columns(*heard).drop("_known")

    @cached_property
    def _tickets(self) -> Table:
        """The accounts' open tickets, by account, moment and age; none of an account before it was known."""
        seen = self.view.tickets(self.panel).sort("account_id", "as_of", "ticket_id")
        known_from = self.grid.known_from[self.grid.place_of(whole(seen["account_id"]))]
        return seen[np.flatnonzero(times(seen["as_of"]) >= known_from)]

    def _places(self, account: nw.Series[Any], moment: nw.Series[Any]) -> tuple[Numbers, Numbers]:
        return self.grid.place_of(whole(account)), self._at(times(moment))

    def _at(self, moments: Numbers) -> Numbers:
        return np.searchsorted(self.grid.at, moments)

    def _on(self, spells: Table) -> Numbers:
        """The keys of all moments at which a rule that must be cleared is on, the one that cleared it among them."""
        on = spells.filter(~nw.col("on_since").is_null())
        account, first = self._places(on["account_id"], on["on_since"])
        cleared = np.searchsorted(self.grid.at, times(on["ended_at"]))
        long = np.minimum(cleared + 1, self.grid.width) - first
        begin = np.repeat(account * self.grid.width + first, long)
        within = np.arange(len(begin)) - np.repeat(np.cumsum(long) - long, long)
        return np.sort(begin + within)

    def decided(self, playbooks: Sequence[Playbook]) -> tuple[Openings, Table | None, Numbers]:
        """The openings, what was seen at each, and how often each playbook decides at each moment."""
        fires = [self.fires(playbook) for playbook in playbooks]
        counts = [np.bincount(each.moment, minlength=self.grid.width) for each in fires]
        opened = openings(fires, self.grid)
        seen = self._seen(fires, opened)
        return opened, seen, np.stack(counts) if counts else np.zeros((0, self.grid.width), np.int64)

    def _seen(self, fires: Sequence[Fires], opened: Openings) -> Table:
        """What was seen at each opening: of its account, and of its ticket if it is about one."""
        needed = sorted(signals_needed([each.playbook for each in fires]))
        of_accounts = dict.fromkeys(["account_id", "account_ref", "account", *needed])
        known = [name for name in of_accounts if name in self.panel.columns]
        rows = self.panel[self.rows(opened.account, opened.moment)].select(*known)
        if all(each.ticket is None for each in fires):
            return rows
        of_ticket = np.full(len(opened), -1)
        for place, each in enumerate(fires):
            if each.ticket is not None:
                own = opened.playbook == place
                of_ticket[own] = each.ticket[opened.decision[own]]
        names = ["ticket_ref", *(name for name in of_accounts if name not in known)]
        return nw.concat([rows, rows_or_nothing(self._tickets.select(*names), of_ticket)], how="horizontal")


def _together(
    playbooks: tuple[Playbook, ...], parts: Sequence[tuple[Openings, Table | None, Numbers]], grid: Grid
) -> Decided:
    columns = ("account", "moment", "playbook", "closes")
    account, moment, playbook, closes = (
        np.concatenate([np.zeros(0, np.int64), *(getattr(part[0], name) for part in parts)]) for name in columns
    )
    seen = nw.concat([part[1] for part in parts if part[1] is not None]) if parts else None
    none = np.full(len(account), NEVER)
    alerts = Alerts(
        playbooks=playbooks, account=account, moment=moment, playbook=playbook,
        opened=grid.at[moment], closed=np.append(grid.at, NEVER)[closes],
        acv=none if seen is None else whole(seen["acv"]), renews=none if seen is None else times(seen["renewal_on"]),
        seen=seen,
    )  # fmt: skip
    counted = sum((part[2] for part in parts), start=np.zeros((len(playbooks), grid.width), np.int64))
    return Decided(alerts, counted)
