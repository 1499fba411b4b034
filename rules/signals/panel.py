"""Knows every account's signals at many moments: what a replay decides on, a part of the accounts at a time."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import narwhals as nw
import numpy as np

from domain.conventions import SegmentBands
from rules.signals.account import PARTS, account_signals, accounts, names_of
from rules.signals.clock import EachMoment
from rules.signals.facts import Frame, SignalFacts
from rules.signals.grid import DAY, Cells, Grid, Stretch
from rules.signals.many import Source
from rules.signals.part import Part, Scene, completed, parts_for
from rules.signals.windows import SignalWindows

_CELLS = 500_000
_WORKERS = 2
_NAMES = ("account_id", "account_ref", "account", "as_of")


def signal_panels(
    facts: SignalFacts,
    values: Frame,
    moments: Sequence[datetime],
    windows: SignalWindows,
    bands: SegmentBands | None = None,
    only: Collection[str] | None = None,
    most_cells: int = _CELLS,
) -> Iterator[nw.DataFrame[Any]]:
    """The signals of `account_signals` at every moment, each account's rows together, by account and moment.

    `values` has day (UTC), account_id, acv_cents; `facts.account_value` is not looked at. Each frame has account_id,
    account_ref, account, as_of and the signals; together they have every account once at every moment. What says by
    `happenings` what it takes of the facts is computed for all moments at once, all else moment by moment. `most_cells`
    is about how many rows a frame has.
    """
    ordered = sorted(moments)
    names = names_of(windows, only)
    if not ordered:
        return
    known = accounts(facts).sort("account_id").collect()
    grid = Grid(known["account_id"].to_numpy(), ordered)
    needed = facts.derived.rest_on(names)
    asked = frozenset(needed).union(*(part.needs for part in parts_for(PARTS, needed)))
    scene = Scene(replace(facts, account_value=values), EachMoment(), windows, bands or SegmentBands(), asked)
    panel = _panel(scene, grid, known, ordered, facts.derived.rest_on(names))
    stretches = iter(grid.stretches(most_cells))
    with ThreadPoolExecutor(_WORKERS) as workers:
        ahead: list[Future[nw.DataFrame[Any]]] = [
            workers.submit(panel.frame, one) for one in islice(stretches, _WORKERS)
        ]
        while ahead:
            done = ahead.pop(0).result()
            ahead += [workers.submit(panel.frame, one) for one in islice(stretches, 1)]
            yield facts.derived.added(done, nw.col("as_of"), names).select(*_NAMES, *names)


@dataclass(frozen=True)
class _Panel:
    """What was read once: the accounts, the sources of columns, and the signals that were computed one by one."""

    scene: Scene
    grid: Grid
    known: nw.DataFrame[Any]
    parts: list[Part]
    sources: list[Source]
    at_once: list[str]
    one_by_one: nw.DataFrame[Any] | None
    names: list[str]

    def frame(self, stretch: Stretch) -> nw.DataFrame[Any]:
        """The rows of a stretch of accounts."""
        cells = Cells(self.grid, stretch)
        columns = [column for source in self.sources for column in source.columns(stretch).items()]
        arrays = {name: values for name, (values, _) in columns if isinstance(values, np.ndarray)}
        gathered = [values.alias(name) for name, (values, _) in columns if isinstance(values, nw.Series)]
        arrays |= {f"_knows_{name}": is_known for name, (_, is_known) in columns if is_known is not None}
        arrays["as_of"] = cells.each(self.grid.moments).view("datetime64[us]")
        arrays["_midnight"] = cells.each(self.grid.days * DAY).view("datetime64[us]")
        taken = nw.from_dict(arrays, backend=self.known.implementation).with_columns(*gathered)
        rows = np.repeat(np.arange(stretch.begin, stretch.end), len(self.grid.moments))
        wide = nw.concat([self.known[rows], taken], how="horizontal").lazy()
        zoned = [name for name, (values, _) in columns if isinstance(values, np.ndarray) and values.dtype.kind == "M"]
        wide = wide.with_columns(
            *(nw.col(name).cast(nw.Datetime("us", "UTC")) for name in ("as_of", *zoned)),
            *(nw.when(nw.col(f"_knows_{name}")).then(nw.col(name)).alias(name) for name, (_, is_known) in columns
              if is_known is not None),
        )  # fmt: skip
        complete = completed(wide, self.parts, self.scene).select(*_NAMES, *self.at_once).collect()
        if self.one_by_one is not None:
            begin, end = (place * len(self.grid.moments) for place in (stretch.begin, stretch.end))
            complete = nw.concat([complete, self.one_by_one[begin:end]], how="horizontal")
        derived = self.scene.facts.derived.added(complete, nw.col("as_of"), self.names)
        return derived.select(*_NAMES, *self.names)


def _panel(scene: Scene, grid: Grid, known: nw.DataFrame[Any], moments: Sequence[datetime], names: list[str]) -> _Panel:
    needed = scene.facts.derived.rest_on(names)
    parts = parts_for(PARTS, needed)
    alone = [name for part in parts if not part.is_at_once for name in needed if part.gives([name])]
    at_once = [part for part in parts if part.is_at_once]
    return _Panel(
        scene, grid, known, at_once,
        sources=_sources(at_once, scene, grid),
        at_once=[name for name in needed if name not in alone],
        one_by_one=_one_by_one(scene, moments, alone),
        names=names,
    )  # fmt: skip


def _sources(parts: Sequence[Part], scene: Scene, grid: Grid) -> list[Source]:
    with ThreadPoolExecutor(_WORKERS) as workers:
        read = [workers.submit(part.sources, scene, grid) for part in parts]
        return [source for each in read for source in each.result()]


def _one_by_one(scene: Scene, moments: Sequence[datetime], names: list[str]) -> nw.DataFrame[Any] | None:
    """Signals that know only one moment, for all accounts at every moment, by account and moment."""
    if not names:
        return None
    seen = []
    for place, moment in enumerate(moments):
        worth = scene.facts.account_value.filter(nw.col("day") == moment.date()).drop("day")
        facts = replace(scene.facts, account_value=worth)
        frame = account_signals(facts, moment, scene.windows, scene.bands, names).collect()
        seen.append(frame.with_columns(_place=nw.lit(place)))
    return nw.concat(seen).sort("account_id", "_place").select(names)
