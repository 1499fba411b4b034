"""Knows what was foretold at many moments: each prediction counts while its model is the newest one in use."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from rules.signals.facts import SignalFacts
from rules.signals.grid import DAY, NEVER, Cells, Chosen, Grid, Numbers, Stretch, microseconds
from rules.signals.many import Column, Source
from rules.signals.measures import whole
from rules.signals.windows import SignalWindows


def foretold(facts: SignalFacts, windows: SignalWindows, grid: Grid) -> list[Source]:
    """The source of what `rules.signals.survey.foretold_columns` needs; none without predictions."""
    if facts.predictions is None:
        return []
    csat = facts.predictions.filter(nw.col("predicts") == "csat", ~nw.col("trained_at").is_null())
    table = csat.with_columns(_ratio=whole(nw.col("predicted_ratio")).fill_null(0)).collect()
    place = np.where(table["account_id"].is_null().to_numpy(), -1, grid.place(_numbers(table["account_id"])))
    trained, withdrawn = microseconds(table["trained_at"]), microseconds(table["withdrawn_at"])
    last = len(grid.moments)
    is_used = _in_use(trained, withdrawn, grid)
    predicted, resolved, answered = (
        microseconds(table[name]) for name in ("predicted_at", "resolved_at", "answered_at")
    )
    begun = grid.enter(np.maximum(np.maximum(predicted, resolved), trained))
    end = np.minimum(grid.enter(resolved + windows.survey_days * DAY), _until(answered, grid))
    end = np.minimum(end, _until(withdrawn, grid))
    is_known = (place >= 0) & (predicted != NEVER) & (resolved != NEVER) & (begun < np.minimum(end, last))
    order = np.flatnonzero(is_known)[np.argsort(place[is_known], kind="stable")]
    known = ~table["predicted_ratio"].is_null().to_numpy()
    ratio = _numbers(table["_ratio"])
    _, model = np.unique(trained, return_inverse=True)
    return [_Foretold(grid, place[order], begun[order], end[order], ratio[order], known[order], model[order], is_used)]


def _numbers(values: "nw.Series[Any]") -> Numbers:
    return np.asarray(values.fill_null(0).to_numpy(), dtype=np.int64)


def _until(at: Numbers, grid: Grid) -> Numbers:
    return np.where(at == NEVER, len(grid.moments), grid.enter(at))


def _in_use(trained: Numbers, withdrawn: Numbers, grid: Grid) -> Chosen:
    """Models by age × moments: whether this one is the newest of those that were trained and not withdrawn then."""
    models, model = np.unique(trained, return_inverse=True)
    ends = np.full(len(models), NEVER, dtype=np.int64)
    np.maximum.at(ends, model, np.where(withdrawn == NEVER, np.iinfo(np.int64).max, withdrawn))
    stands = (models[:, None] <= grid.moments) & (grid.moments < ends[:, None])
    newest = np.where(stands, np.arange(len(models))[:, None], -1).max(axis=0, initial=-1)
    used: Chosen = np.arange(len(models))[:, None] == newest
    return used


@dataclass(frozen=True)
class _Foretold:
    """Predictions by account: from which moment on each stands and before which, its share, its model."""

    grid: Grid
    account: Numbers
    enter: Numbers
    leave: Numbers
    ratio: Numbers
    known: Chosen
    model: Numbers
    is_used: Chosen

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        part = slice(*(int(at) for at in np.searchsorted(self.account, [stretch.begin, stretch.end])))
        cells, moments = Cells(self.grid, stretch), len(self.grid.moments)
        total = {name: np.zeros(len(stretch) * moments, dtype=np.int64) for name in ("rows", "sum", "known")}
        for number, is_used in enumerate(self.is_used):
            of = part.start + np.flatnonzero(self.model[part] == number)
            account, enter, leave, known = self.account[of], self.enter[of], self.leave[of], self.known[of]
            used = cells.each(is_used.astype(np.int64))
            total["rows"] += used * cells.count(account, enter, leave)
            total["sum"] += used * cells.sum(account, enter, leave, self.ratio[of])
            total["known"] += used * cells.count(account[known], enter[known], leave[known])
        return {f"_foretold_{name}": (of_cells, None) for name, of_cells in total.items()}
