"""Knows how whole numbers are split by whole weights, exactly, for all journeys at once."""

import numpy as np

from retention.trails import Ints

# Below this the remainder of an estimated quotient fits into 64 bits, however the product wrapped.
_ROOM = 2.0**62


def floored(total: Ints, weight: Ints, whole: Ints) -> tuple[Ints, Ints]:
    """`total * weight // whole` and what is left of it, for integers >= 0 with `weight <= whole` and `whole > 0`.

    The product may need 128 bits. A quotient is estimated in floating point; its remainder is exact in wrapping 64-bit
    arithmetic, because the estimate is off by less than the remainder's room, and corrects it.
    """
    if not len(total):
        return total, total
    farthest = float(total.max()) * 2.0**-50 + 2
    if farthest * float(whole.max()) >= _ROOM:
        product = total.astype(object) * weight
        return (product // whole).astype(np.int64), (product % whole).astype(object)
    estimate = (total.astype(np.float64) * weight / whole).astype(np.int64)
    left = total * weight - estimate * whole
    carried = left // whole
    return estimate + carried, left - carried * whole


def rest_to_the_first(total: Ints, weight: Ints, begins: Ints, owner: Ints) -> Ints:
    """Each part's share of its owner's `total`, rounded down; what is left goes to the first part of the owner.

    Parts stand owner by owner, `begins` has the first of each, `owner` each part's; no weight is 0.
    """
    if not len(weight):
        return weight
    whole = np.add.reduceat(weight, begins)
    share, _ = floored(total[owner], weight, whole[owner])
    share[begins] += total - np.add.reduceat(share, begins)
    return share


def by_largest_remainders(total: Ints, weight: Ints, begins: Ints, owner: Ints, rank: Ints) -> Ints:
    """Each part's share; what is left goes one unit each to the largest remainders, among equals to the lower `rank`.

    Parts and owners are as in `rest_to_the_first`; each owner has a weight above 0, and what weighs 0 gets nothing.
    """
    if not len(weight):
        return weight
    whole = np.add.reduceat(weight, begins)
    share, remainder = floored(total[owner], weight, whole[owner])
    left = total - np.add.reduceat(share, begins)
    unsettled = np.flatnonzero(left[owner] > 0)
    order = unsettled[np.lexsort((rank[unsettled], -remainder[unsettled], owner[unsettled]))]
    among = owner[order]
    starts = np.flatnonzero(np.diff(among, prepend=-1))
    place = np.arange(len(among)) - np.repeat(starts, np.diff(np.append(starts, len(among))))
    share[order[place < left[among]]] += 1
    return share
