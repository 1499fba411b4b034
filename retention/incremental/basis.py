"""Knows how covariates enter the models: straight, and as squares, bends and products that are shrunk harder."""

from dataclasses import dataclass

import numpy as np

from retention.incremental.ridge import Floats

# A straight term's penalty: weak, it only keeps rare categories from running away.
STRAIGHT = 1.0
# Penalties tried for all the other terms; none at all is the last.
BENT = (300.0, 50.0, 8.0, 1.5)
# Beyond this many columns, models of some thousand episodes gain little, and take far longer.
_MOST_COLUMNS = 90
_EPISODES_PER_COLUMN = 8
# With more covariates than this each is bent in one place only.
_FEW = 8
_CUTS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Basis:
    """Columns of mean 0 and deviation 1: the covariates themselves, their bends, their products."""

    matrix: Floats
    straight: int
    bends: int
    products: int

    def penalties(self, bent: float = BENT[0], product: float = BENT[0]) -> Floats:
        """One penalty per column: `STRAIGHT`, then `bent`, then `product`."""
        return np.repeat([STRAIGHT, bent, product], [self.straight, self.bends, self.products])


def basis(covariates: Floats, *measures: Floats) -> Basis:
    """Expand a matrix of episodes × covariates.

    Bends are the square and what exceeds the quartiles (with many covariates: the median) of each covariate with more
    than two values. Products are of pairs of those covariates that go along most with any of `measures`, as many as
    the number of episodes carries.
    """
    straight = standardised(covariates)
    kept = straight[:, straight.any(axis=0)]
    most = min(_MOST_COLUMNS, len(kept) // _EPISODES_PER_COLUMN)
    bends = _varying(_bends(kept))
    # Each covariate comes a second time where help may work differently by it.
    room = most - 2 * kept.shape[1] - len(bends) - 2
    products = _varying(_products(kept, room, measures))
    return Basis(np.column_stack([kept, *bends, *products]), kept.shape[1], len(bends), len(products))


def standardised(matrix: Floats) -> Floats:
    """Columns with mean 0 and deviation 1; a constant one becomes 0."""
    spread = matrix.std(axis=0)
    told: Floats = (matrix - matrix.mean(axis=0)) / np.where(spread > 1e-12, spread, np.inf)
    return told


def _varying(columns: list[Floats]) -> list[Floats]:
    shown = [standardised(column[:, None])[:, 0] for column in columns]
    return [column for column in shown if column.any()]


def _bends(straight: Floats) -> list[Floats]:
    cuts = _CUTS if straight.shape[1] <= _FEW else (0.5,)
    found: list[Floats] = []
    for column in straight.T:
        if len(np.unique(column)) > 2:
            # A far outlier's square would outweigh all other episodes together.
            found.append(np.clip(column, -3, 3) ** 2)
            found += [np.maximum(column - cut, 0) for cut in np.quantile(column, cuts)]
    return found


def _products(straight: Floats, room: int, measures: tuple[Floats, ...]) -> list[Floats]:
    many = straight.shape[1]
    while many > 1 and many * (many - 1) // 2 > room:
        many -= 1
    if many < 2:
        return []
    along = sum((np.abs(straight.T @ (measure - measure.mean())) / len(straight) for measure in measures), np.zeros(1))
    chosen = np.sort(np.argsort(-np.broadcast_to(along, straight.shape[1]), kind="stable")[:many])
    held = np.clip(straight[:, chosen], -3, 3)
    return [held[:, one] * held[:, other] for one in range(many) for other in range(one)]
