"""Knows what a part of the signals is: some that are computed together, what they read and what they rest on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import narwhals as nw

from domain.conventions import SegmentBands
from rules.signals.clock import Clock, Standpoint
from rules.signals.facts import Frame, SignalFacts
from rules.signals.grid import Grid
from rules.signals.many import Source, source_of
from rules.signals.measures import Happening, counted
from rules.signals.signal import Signal
from rules.signals.taking import taken
from rules.signals.windows import SignalWindows


@dataclass(frozen=True)
class Scene:
    """What is looked at, and from where: one moment, or many of which each row has its own."""

    facts: SignalFacts
    standpoint: Standpoint
    windows: SignalWindows
    bands: SegmentBands
    names: frozenset[str] = frozenset()
    """The signals asked for; of none all are."""

    def asks(self, names: Collection[str]) -> bool:
        """Whether one of these signals is asked for."""
        return not self.names or not self.names.isdisjoint(names)

    @property
    def clock(self) -> Clock:
        """The one moment.

        Raises:
            TypeError: many moments are looked at.
        """
        if not isinstance(self.standpoint, Clock):
            raise TypeError("these signals are computed for one moment at a time")
        return self.standpoint


@dataclass(frozen=True)
class Part:
    """Signals that are computed together.

    `reads` are the facts that they look at. What is taken of the facts is said by `happenings`
    (rules/signals/measures.py), which serve one moment and many; or else by `frames` of account_id and columns for one
    moment (`scene.clock`), which many moments take one after the other unless `many` gives the same columns for all at
    once. `columns` are what follows from the taken
    columns and the account's own segment and signed_up_on, with `scene.standpoint`. `counts` are columns of `frames`
    that are 0, not unknown, for an account without a row.

    `stages` are columns to be worked out before, one after another, where `columns` would say the same many times.
    `names` tells whether a name is of a family that has no list, such as custom fields.

    Signals made of other signals have these in `needs`, and their `columns` are computed after them.
    """

    signals: tuple[Signal, ...]
    reads: tuple[str, ...]
    frames: Callable[[Scene], list[Frame]] | None = None
    columns: Callable[[Scene], list[nw.Expr]] = lambda _: []
    counts: tuple[str, ...] = ()
    happenings: Callable[[SignalFacts, SignalWindows], list[Happening]] = lambda *_: []
    needs: tuple[str, ...] = ()
    many: Callable[[Scene, Grid], list[Source]] | None = None
    names: Callable[[str], bool] = lambda _: False
    stages: Callable[[Scene], list[list[nw.Expr]]] = lambda _: []

    @property
    def is_at_once(self) -> bool:
        """Whether many moments can be looked at together."""
        return self.frames is None or self.many is not None

    def sources(self, scene: Scene, grid: Grid) -> list[Source]:
        """What gives the taken columns for many moments."""
        more = [] if self.many is None else self.many(scene, grid)
        happenings = self.happenings(scene.facts, scene.windows)
        return [*more, *(source_of(each, grid, scene.asks) for each in happenings)]

    def gives(self, names: Collection[str]) -> bool:
        """Whether one of these signals is of this part."""
        return any(signal.name in names for signal in self.signals) or any(map(self.names, names))

    def taken(self, scene: Scene) -> list[Frame]:
        """Frames of account_id and what is taken of the facts, for one moment."""
        frames = [] if self.frames is None else self.frames(scene)
        happenings = self.happenings(scene.facts, scene.windows)
        return [*frames, *(frame for each in happenings for frame in taken(each, scene.clock))]

    def zeros(self, scene: Scene) -> list[nw.Expr]:
        """The counts with 0 where no row was."""
        names = [*self.counts, *counted(self.happenings(scene.facts, scene.windows))]
        return [nw.col(name).fill_null(0).cast(nw.Int64) for name in names]


def parts_for(parts: tuple[Part, ...], names: Collection[str]) -> list[Part]:
    """The parts that give these signals and, in the same order, those that they rest on."""
    wanted, before = set(names), -1
    while len(wanted) > before:
        before = len(wanted)
        wanted |= {need for part in parts if part.gives(wanted) for need in part.needs}
    return [part for part in parts if part.gives(wanted)]


def filled(wide: Frame, parts: Collection[Part], scene: Scene) -> Frame:
    """What was taken for one moment, with 0 for the counts of accounts without a row."""
    return wide.with_columns(zero for part in parts for zero in part.zeros(scene))


def completed(wide: Frame, parts: Collection[Part], scene: Scene) -> Frame:
    """All signals of the parts beside the columns that were taken for them, in which the zeros are filled in."""
    staged = wide
    for stage in (stage for part in parts for stage in part.stages(scene)):
        staged = staged.with_columns(stage)
    complete = staged.with_columns(column for part in parts if not part.needs for column in part.columns(scene))
    for part in parts:
        complete = complete.with_columns(part.columns(scene)) if part.needs else complete
    return complete
