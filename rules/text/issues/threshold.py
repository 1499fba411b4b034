"""Knows from which similarity on two questions of one account are about the same, told by the team's own texts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rules.text.issues.sparse import Floats

# Where the bound stands among the similarities of the team's random pairs: of texts of one account, where its own pairs
# are alike no more often than random ones, and how low it may go where they are; of texts whose account is unknown.
STRICT, LOOSE, UNKNOWN_ACCOUNT = 0.92, 0.88, 0.97
# No bound is lower, however little random pairs have in common.
LEAST = 0.12
# Below so many pairs within accounts, what is usual in them is not told.
FEWEST_PAIRS = 300
_LOOKED_AT = 0.90
# How much oftener than by chance an account's pairs are alike: the bound falls between these two.
_SELDOM, _OFTEN = 1.2, 1.7
_SAMPLE = 1_500
_SEED = 20_260_102


def least_similarity(background: Floats, accounts: Sequence[Floats] = ()) -> float:
    """The similarity from which on two texts count as alike, a high quantile of the team's own random pairs.

    `background` are vectors of the team's texts, `accounts` those of each account. An account asks again about what
    troubles it: the oftener its pairs are alike, compared with random ones, the less alike must a pair be to count.
    """
    chance = pair_similarities(_some(background, _SAMPLE))
    if not len(chance):
        return 1.0
    within = [pair_similarities(_some(each, 200)) for each in accounts if len(each) > 1]
    quantile = _quantile(chance, np.concatenate(within)) if within else UNKNOWN_ACCOUNT
    return max(float(np.quantile(chance, quantile)), LEAST)


def pair_similarities(vectors: Floats) -> Floats:
    """The similarity of each pair of different rows, of those that have any."""
    known = vectors[np.abs(vectors).sum(axis=1) > 0]
    return np.asarray((known @ known.T)[np.triu_indices(len(known), 1)])


def _quantile(chance: Floats, within: Floats) -> float:
    if len(within) < FEWEST_PAIRS:
        return (STRICT + LOOSE) / 2
    oftener = float(np.mean(within >= np.quantile(chance, _LOOKED_AT))) / (1 - _LOOKED_AT)
    fallen = min(max((oftener - _SELDOM) / (_OFTEN - _SELDOM), 0.0), 1.0)
    return STRICT - (STRICT - LOOSE) * fallen


def _some(rows: Floats, most: int) -> Floats:
    if len(rows) <= most:
        return rows
    chosen: NDArray[np.int64] = np.random.default_rng(_SEED).choice(len(rows), most, replace=False)
    return rows[np.sort(chosen)]


def across_accounts(background: Floats) -> float:
    """The similarity from which on questions of different accounts are about the same issue."""
    chance = pair_similarities(_some(background, _SAMPLE))
    return max(float(np.quantile(chance, UNKNOWN_ACCOUNT)), LEAST) if len(chance) else 1.0
