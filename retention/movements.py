"""Knows how an account's two balances become one movement, and what of an expansion was upsell or cross-sell."""

from collections.abc import Sequence

import narwhals as nw

from retention.fx import half_even, wide
from retention.ledger import BALANCES, Frame, Ledger, numbered, valued
from retention.spells import spells
from retention.windows import Window

MOVEMENTS = ("new", "expansion", "upsell", "cross_sell", "contraction", "churn", "reactivation", "fx")
_OPENING, _CLOSING = nw.col("opening_cents"), nw.col("closing_at_opening_rate_cents")


def unit_movements(
    ledger: Ledger, shown: Sequence[Window], unit: Sequence[str], firsts: Frame, unconverted: Sequence[str] = ()
) -> Frame:
    """One row per window and unit that paid when it opened or closed: its balances, its category, its movements.

    `shown` needs at least one window; `period` is its label and `begins` the number of its first month. `unit` is
    account_id, alone or with plan or product; `firsts` is `ledger.first_paid` of the same unit. Besides `BALANCES` a
    row has `first_paid`, `category` (new, reactivation, expansion, contraction, churn, unchanged, or absent where
    neither balance is above 0), a `…_cents` column for each of `MOVEMENTS`, `base_parts`, `kept_parts` and
    `held_parts` (the denominator and the numerators of GRR and NRR), and `unconverted_…` for each currency named in
    `unconverted`.
    """
    units = _unit_balances(ledger, shown, unit, unconverted).join(firsts, on=list(unit), how="left")
    moved = units.with_columns(category=_category(), **_amounts())
    return moved.with_columns(cross_sell_cents=_cross_sell()).with_columns(_upsell()).drop("grown_cents", "added_cents")


def run_movements(
    ledger: Ledger, shown: Sequence[Window], unit: Sequence[str], unconverted: Sequence[str] = ()
) -> Frame | None:
    """The same with a unit's windows that are alike in one row, which lies at the first of them; in memory.

    `shown` are windows of one length, oldest first. A row is of the windows from `window` on and before `until` (places
    in `shown`); where these are several, the unit has not moved in them. It has neither `period` nor `category`. None
    where a figure might not fit into 64 bits.
    """
    runs = spells(ledger, shown, unit, unconverted)
    return None if runs is None else runs.with_columns(**_amounts()).with_columns(_upsell()).lazy()


def unconverted_column(currency: str) -> str:
    """The name of the column that holds what could not be converted out of `currency`."""
    return f"unconverted_{currency}"


def _unit_balances(ledger: Ledger, shown: Sequence[Window], unit: Sequence[str], unconverted: Sequence[str]) -> Frame:
    """One row per window and unit: balances and its products' gains: `grown_cents`, of new ones `added_cents`."""
    of_currency = {
        unconverted_column(name): nw.when(nw.col("currency") == name).then("unconverted_cents").otherwise(nw.lit(0))
        for name in unconverted
    }
    grain = list(dict.fromkeys(["window", *unit, "product"]))
    lines = valued(ledger, shown).select(*grain, *BALANCES, **of_currency)
    products = lines.group_by(*grain).agg(nw.col(*BALANCES, *of_currency).sum())
    grown = nw.max_horizontal(_CLOSING - _OPENING, nw.lit(0))
    split = products.with_columns(grown_cents=grown, added_cents=_if(_OPENING == 0, grown))
    sums = split.group_by("window", *unit).agg(nw.col(*BALANCES, "grown_cents", "added_cents", *of_currency).sum())
    named = numbered(ledger, shown).select("window", "period", "begins")
    return sums.join(named, on="window", how="left").drop("window")


def _category() -> nw.Expr:
    """The name of the movement."""
    stayed = nw.when(_OPENING > 0).then(nw.lit("unchanged")).otherwise(nw.lit("absent"))
    for name, (happened, _) in _changes().items():
        stayed = nw.when(happened).then(nw.lit(name)).otherwise(stayed)
    return stayed


def _changes() -> dict[str, tuple[nw.Expr, nw.Expr]]:
    """When an account has each movement, and how much of it."""
    came = (_OPENING == 0) & (_CLOSING > 0)
    paid_before = (nw.col("first_paid") < nw.col("begins")).fill_null(False)
    return {
        "new": (came & ~paid_before, _CLOSING),
        "reactivation": (came & paid_before, _CLOSING),
        "expansion": ((_OPENING > 0) & (_CLOSING > _OPENING), _CLOSING - _OPENING),
        "contraction": ((_CLOSING > 0) & (_CLOSING < _OPENING), _OPENING - _CLOSING),
        "churn": ((_OPENING > 0) & (_CLOSING == 0), _OPENING),
    }


def _amounts() -> dict[str, nw.Expr]:
    """The movement columns but the split of expansion, from the balances."""
    amounts = {f"{name}_cents": _if(happened, cents) for name, (happened, cents) in _changes().items()}
    amounts["fx_cents"] = nw.col("closing_cents") - _CLOSING
    return amounts | _rate_terms()


def _upsell() -> nw.Expr:
    return (nw.col("expansion_cents") - nw.col("cross_sell_cents")).alias("upsell_cents")


def _rate_terms() -> dict[str, nw.Expr]:
    """What rates are made of, before any rounding, over the units that opened above zero."""
    opening, closing = nw.col("opening_parts"), nw.col("closing_at_opening_rate_parts")
    terms = {"base_parts": opening, "kept_parts": nw.min_horizontal(opening, closing), "held_parts": closing}
    return {name: _if(_OPENING > 0, parts) for name, parts in terms.items()}


def _cross_sell() -> nw.Expr:
    """The expansion times the share of products that opened at zero in all gross increases, rounded half-even."""
    share = half_even(wide(nw.col("expansion_cents")) * wide(nw.col("added_cents")), wide(nw.col("grown_cents")))
    return _if(nw.col("expansion_cents") > 0, share.cast(nw.Int64))


def _if(condition: nw.Expr, cents: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(cents).otherwise(nw.lit(0))
