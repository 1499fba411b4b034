"""Knows when a fall in one currency is no loss: the account pays more in another from the same day on."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import narwhals as nw

from retention.fx import RateTable
from retention.ledger import Frame

_FALL = ("account_id", "currency", "day")


def moved_cents(steps: Frame, rates: RateTable | None) -> Frame:
    """What of each fall went into another currency on the same day, in minor units of the currency that fell.

    `steps` has account_id, currency, day and delta (minor units, negative for a fall). A row of the result is a fall
    with account_id, currency, day, moved_cents; falls without a rise beside them are absent. A rise is set off once.
    Where no rate is known the whole fall counts as moved: nothing is called lost that cannot be valued.
    """
    fell = steps.filter(nw.col("delta") < 0).select(*_FALL, fell_cents=-nw.col("delta"))
    rose = steps.filter(nw.col("delta") > 0).select("account_id", "day", into="currency", rose_cents="delta")
    pairs = fell.join(rose, on=["account_id", "day"], how="inner").sort(*_FALL, "into").collect()
    moved = _set_off(list(pairs.iter_rows(named=True)), rates)
    columns: dict[str, Sequence[Any]] = {name: [fall[place] for fall in moved] for place, name in enumerate(_FALL)}
    schema = {name: pairs.schema[name] for name in _FALL} | {"moved_cents": nw.Int64()}
    return nw.from_dict({**columns, "moved_cents": list(moved.values())}, schema, backend=pairs.implementation).lazy()


def _set_off(pairs: Sequence[dict[str, Any]], rates: RateTable | None) -> dict[tuple[Any, ...], int]:
    """Moves between currencies are rare, so they are looked at one by one."""
    moved: dict[tuple[Any, ...], int] = {}
    used: dict[tuple[Any, ...], int] = {}
    for pair in pairs:
        fall, rise = tuple(pair[name] for name in _FALL), (pair["account_id"], pair["day"], pair["into"])
        open_cents = pair["fell_cents"] - moved.get(fall, 0)
        worth = _worth(pair["into"], pair["currency"], pair["day"], rates)
        if worth is None:
            moved[fall] = pair["fell_cents"]
            continue
        taken = min(open_cents, round((pair["rose_cents"] - used.get(rise, 0)) * worth))
        moved[fall] = moved.get(fall, 0) + max(taken, 0)
        used[rise] = used.get(rise, 0) + round(max(taken, 0) / worth)
    return moved


def _worth(base: str, quote: str, day: date, rates: RateTable | None) -> Fraction | None:
    """Minor units of `quote` for one of `base` on `day`."""
    factors = [rates.factor(currency, day) if rates else None for currency in (base, quote)]
    return factors[0] / factors[1] if factors[0] and factors[1] else None
