"""Knows the effect of a roll-out on each cohort in each period, and how certain every average of them is.

Source: B. Callaway, P. Sant'Anna, "Difference-in-differences with multiple time periods", J. Econometrics 225 (2021):
each cohort is compared, from the period before its own start, with units that are not treated yet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retention.incremental.panel import ALWAYS, NEVER, Panel
from retention.incremental.ridge import Floats

Controls = Literal["not_yet_treated", "never_treated"]
FEWEST = 2
_ROUNDS, _AT_ONCE = 1_000, 100


@dataclass(frozen=True)
class Cell:
    """A cohort (its first treated period) in a period: the effect, and whom it rests on.

    A period before the cohort's start is a placebo: nothing can have come of the roll-out yet.
    """

    cohort: int
    period: int
    effect: float
    treated: int
    controls: int

    @property
    def event_time(self) -> int:
        """Periods since the start: 0 is the first treated one."""
        return self.period - self.cohort


@dataclass(frozen=True)
class Averages:
    """Averages of cells with what each cluster of units contributes to their error, averages × clusters."""

    effects: Floats
    errors: Floats

    @property
    def standard_errors(self) -> Floats:
        """Of each average; clusters are independent."""
        return np.asarray(np.sqrt(np.square(self.errors).sum(axis=1)), np.float64)

    def strayed(self, seed: int) -> Floats:
        """How far the averages stray together by chance, in standard errors: the largest of each of many rounds.

        Source: the multiplier bootstrap of the same paper, with the clusters' signs thrown.
        """
        spread = self.standard_errors
        kept = spread > 0
        if not kept.any():
            return np.zeros(1)
        dice, scaled = np.random.default_rng(seed), (self.errors[kept] / spread[kept, None]).T
        thrown = [dice.choice((-1.0, 1.0), (_AT_ONCE, len(scaled))) @ scaled for _ in range(_ROUNDS // _AT_ONCE)]
        return np.asarray(np.abs(np.concatenate(thrown)).max(axis=1), np.float64)


class GroupTime:
    """All cells of a panel that can be compared."""

    def __init__(self, panel: Panel, controls: Controls = "not_yet_treated") -> None:
        self._panel, self._controls = panel, controls
        self.sizes = {
            int(cohort): int((panel.first == cohort).sum()) for cohort in np.unique(panel.first[panel.first > 0])
        }
        self.cells = [cell for cohort in self.sizes for cell in self._of_cohort(cohort)]

    def _of_cohort(self, cohort: int) -> list[Cell]:
        periods = (period for period in range(len(self._panel.periods)) if period != cohort - 1)
        cells = (self._cell(cohort, period) for period in periods)
        return [cell for cell in cells if cell is not None]

    def _cell(self, cohort: int, period: int) -> Cell | None:
        change, treated, others = self._compared(cohort, period)
        counts = int(treated.sum()), int(others.sum())
        if min(counts) < FEWEST:
            return None
        return Cell(cohort, period, float(change[treated].mean() - change[others].mean()), *counts)

    def _compared(self, cohort: int, period: int) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
        """The change since the period before the cohort's start, and who of the cohort and of its controls was seen."""
        first, outcomes = self._panel.first, self._panel.outcomes
        change = outcomes[:, period] - outcomes[:, cohort - 1]
        seen = ~np.isnan(change)
        others = first == NEVER
        if self._controls == "not_yet_treated":
            others = others | (first > max(period, cohort))
        return change, seen & (first == cohort), seen & others

    def averages(self, groups: Sequence[Callable[[Cell], bool]]) -> Averages:
        """The average of the cells of each group, each cell weighing as many units as its cohort has.

        It is the effect on those whom the roll-out reached: the cohorts' sizes are taken as they are.
        """
        chosen = [[cell for cell in self.cells if holds(cell)] for holds in groups]
        weights = [np.array([self.sizes[cell.cohort] for cell in cells], float) for cells in chosen]
        effects = np.array([
            float(np.average([cell.effect for cell in cells], weights=weight)) if cells else np.nan
            for cells, weight in zip(chosen, weights, strict=True)
        ])  # fmt: skip
        errors = np.zeros((len(groups), len(self._panel.units)))
        for cell in self.cells:
            concerned = [place for place, cells in enumerate(chosen) if cell in cells]
            if not concerned:
                continue
            own = self._error(cell) * self.sizes[cell.cohort]
            for place in concerned:
                errors[place] += own / weights[place].sum()
        return Averages(effects, self._by_cluster(errors))

    def _error(self, cell: Cell) -> Floats:
        """What each unit contributes to the error of a cell: its influence."""
        change, treated, others = self._compared(cell.cohort, cell.period)
        error = np.zeros(len(change))
        for sign, arm, count in ((1, treated, cell.treated), (-1, others, cell.controls)):
            centred = change[arm] - change[arm].mean()
            error[arm] = sign * centred / np.sqrt(count * (count - 1))
        return error

    def _by_cluster(self, errors: Floats) -> Floats:
        clusters = self._panel.clusters
        if len(np.unique(clusters)) == len(clusters):
            return errors
        sums = np.zeros((len(errors), int(clusters.max()) + 1))
        for place, row in enumerate(errors):
            sums[place] = np.bincount(clusters, row, sums.shape[1])
        return sums


def two_way_fixed_effects(panel: Panel) -> tuple[float, float] | None:
    """What the usual regression with unit and period effects says, and the share of treated cells it counts negatively.

    Where effects differ between cohorts or grow with time it compares treated units with treated ones, and is wrong: it
    is here for contrast only. None where nobody is treated within the panel. Source: C. de Chaisemartin,
    X. D'Haultfœuille, "Two-way fixed effects estimators with heterogeneous treatment effects", Am. Econ. Rev. 110
    (2020).
    """
    outcomes = panel.outcomes[panel.first != ALWAYS]
    first = panel.first[panel.first != ALWAYS]
    period = np.arange(outcomes.shape[1])
    treated = ((first[:, None] > 0) & (period[None, :] >= first[:, None])).astype(float)
    seen = ~np.isnan(outcomes)
    left = _residual(treated, seen)
    strength = float((left**2).sum())
    if strength <= 1e-12:
        return None
    effect = float((left * np.where(seen, outcomes, 0.0)).sum()) / strength
    weights = left[(treated > 0) & seen]
    return effect, float((weights < 0).mean())


def _residual(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    """What unit and period means leave of `values`, where seen; 0 elsewhere."""
    left = np.where(seen, values, 0.0)
    for _ in range(500):
        before = left
        for axis in (1, 0):
            counts = np.maximum(seen.sum(axis=axis, keepdims=True), 1)
            left = np.where(seen, left - left.sum(axis=axis, keepdims=True) / counts, 0.0)
        if np.abs(left - before).max(initial=0.0) < 1e-12:
            break
    return left
