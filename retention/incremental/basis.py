"""Knows how covariates enter the models: straight, and as squares, bends and products that are shrunk harder."""

from dataclasses import dataclass

import numpy as np

from retention.incremental.ridge import Floats

# A straight term's penalty: weak, it only keeps rare categories from running away.
STRAIGHT = 1.0
# Penalties tried for all the other terms; none at all is the last.
BENT = (300.0, 50.0, 8.0, 1.5)
_CUTS = (0.25, 0.5, 0.75)
_MOST_PRODUCTS = 120


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


def basis(covariates: Floats) -> Basis:
    """Expand a matrix of episodes × covariates.

    Bent terms are squares and what exceeds the quartiles, of covariates with more than two values, and products of
    pairs as long as these are few and the episodes many.
    """
    straight = standardised(covariates)
    kept = straight[:, straight.std(axis=0) > 0] if straight.size else straight
    bends, products = _varying(_bends(kept)), _varying(_products(kept))
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
    found: list[Floats] = []
    for column in straight.T:
        if len(np.unique(column)) > 2:
            # A far outlier's square would outweigh all other episodes together.
            found.append(np.clip(column, -3, 3) ** 2)
            found += [np.maximum(column - cut, 0) for cut in np.quantile(column, _CUTS)]
    return found


def _products(straight: Floats) -> list[Floats]:
    many = straight.shape[1]
    if many * (many - 1) // 2 > min(_MOST_PRODUCTS, len(straight) // 4):
        return []
    held = np.clip(straight, -3, 3)
    return [held[:, one] * held[:, other] for one in range(many) for other in range(one)]
