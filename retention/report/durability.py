"""Knows by what each expansion came (usage, seats, a product, price or plan) and how much of it lasted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, get_args

import narwhals as nw

from retention.fx import half_even, wide
from retention.ledger import Frame, Ledger, first_paid, numbered, valued
from retention.metrics import ratio
from retention.movements import unit_movements
from retention.shares import by_largest_remainder
from retention.windows import Window, month_end, month_number, utc_day, windows

ExpansionType = Literal["usage", "seats", "product added", "price or plan", "unknown"]
TYPES: tuple[ExpansionType, ...] = get_args(ExpansionType)
_UNIT = ["window", "account_id", "product"]
# Windows that are in memory together.
_AT_ONCE = 12


@dataclass(frozen=True)
class Lasted:
    """The expansions that are at least `months` old: how many, how much they were, what of it was still there."""

    months: int
    expansions: int
    amount_cents: int
    kept_cents: int

    @property
    def share(self) -> Fraction | None:
        """What was still there, as a share; None where no expansion is that old."""
        return ratio(self.kept_cents, self.amount_cents)


@dataclass(frozen=True)
class Durability:
    """The expansions of one type in all whole months of the ledger; a count is of account × product × month."""

    type: ExpansionType
    expansions: int
    amount_cents: int
    lasted: tuple[Lasted, ...]


def durability(ledger: Ledger, lines: Frame, horizons: Sequence[int]) -> list[Durability]:
    """Each type of expansion that occurs, with what was left of it after so many months.

    Net expansion of an account in a month is split over its products that grew, pro rata; so the amounts of all types
    sum to the expansion of the monthly rows. Still there is what the product pays later above what it paid before, at
    the exchange rates of the day before the expansion, and no more than what was added: what shrinks is what came last.
    `lines` are the ledger's, with seats and pricing.
    """
    if ledger.since is None:
        return []
    months = windows("month", ledger.since, ledger.as_of)
    found = [_expansions(ledger, lines, months[at : at + _AT_ONCE]) for at in range(0, len(months), _AT_ONCE)]
    if not found:
        return []
    came = nw.concat(found).lazy()
    sums = {horizon: _totals(_kept(ledger, came, months, horizon)) for horizon in horizons}
    nothing = (0, 0, 0)
    return [
        Durability(name, count, cents, tuple(Lasted(each, *sums[each].get(name, nothing)) for each in horizons))
        for name, (count, cents, _) in _totals(came.with_columns(kept_cents=nw.lit(0))).items()
    ]


def _expansions(ledger: Ledger, lines: Frame, months: Sequence[Window]) -> nw.DataFrame[Any]:
    """The products that grew in an account that expanded.

    A row: window's `begins` (a month number), account_id, product, type, before_cents, gain_cents, expansion_cents.
    """
    firsts = first_paid(ledger, ["account_id"])
    units = unit_movements(ledger, months, ["account_id"], firsts).filter(nw.col("expansion_cents") > 0)
    expanded = units.select("account_id", "begins", net_cents="expansion_cents")
    named = numbered(ledger, months).select("window", "begins")
    products = _products(ledger, lines, months).join(named, on="window", how="left")
    grown = products.join(expanded, on=["account_id", "begins"], how="inner").filter(nw.col("gain_cents") > 0)
    split = by_largest_remainder(
        grown, "net_cents", "gain_cents", ["account_id", "begins"], ["product"], "expansion_cents"
    )
    columns = ("begins", "account_id", "product", "type", "before_cents", "gain_cents", "expansion_cents")
    return split.select(*columns).collect()


def _products(ledger: Ledger, lines: Frame, months: Sequence[Window]) -> Frame:
    """What each account paid for each product when a month opened and closed, and what its amount follows."""
    told = lines.select("id", "seats", "pricing")
    held = valued(ledger, months).join(told, on="id", how="left").with_columns(
        was=nw.col("opening_cents") > 0, stays=nw.col("closing_at_opening_rate_cents") > 0
    )  # fmt: skip
    sides = {f"{end}_{name}": made for end in ("was", "stays") for name, made in _side(end).items()}
    usage = (nw.col("stays") & (nw.col("pricing") == "usage")).fill_null(False)
    by_seat = (nw.col("stays") & (nw.col("pricing") == "seats")).fill_null(False)
    parts = held.with_columns(**sides, usage=usage, by_seat=by_seat)
    sums = parts.group_by(*_UNIT).agg(
        before_cents=nw.col("opening_cents").sum(), after_cents=nw.col("closing_at_opening_rate_cents").sum(),
        was_seats=nw.col("was_seats").sum(), stays_seats=nw.col("stays_seats").sum(),
        uncounted=(nw.col("was_uncounted") | nw.col("stays_uncounted")).any(),
        usage=nw.col("usage").any(), by_seat=nw.col("by_seat").any(),
        was_first=nw.col("was_plan").min(), was_last=nw.col("was_plan").max(),
        stays_first=nw.col("stays_plan").min(), stays_last=nw.col("stays_plan").max(),
    )  # fmt: skip
    return sums.with_columns(gain_cents=nw.col("after_cents") - nw.col("before_cents"), type=_type())


def _side(end: str) -> dict[str, nw.Expr]:
    here = nw.col(end)
    return {
        "seats": nw.when(here).then("seats").otherwise(nw.lit(0)).fill_null(0),
        "uncounted": here & nw.col("seats").is_null(),
        "plan": nw.when(here).then("plan"),
    }


def _type() -> nw.Expr:
    """By what a product grew: the first that fits of new, usage, seats, and else price or plan where that is sure."""
    new_plan = (nw.col("was_first") != nw.col("stays_first")) | (nw.col("was_last") != nw.col("stays_last"))
    more_seats = nw.when(nw.col("uncounted")).then("by_seat").otherwise(nw.col("stays_seats") > nw.col("was_seats"))
    dearer = nw.when(new_plan | ~nw.col("uncounted")).then(nw.lit("price or plan")).otherwise(nw.lit("unknown"))
    grown = nw.when(more_seats).then(nw.lit("seats")).otherwise(dearer)
    used = nw.when(nw.col("usage")).then(nw.lit("usage")).otherwise(grown)
    return nw.when(nw.col("before_cents") == 0).then(nw.lit("product added")).otherwise(used)


def _kept(ledger: Ledger, came: Frame, months: Sequence[Window], horizon: int) -> Frame:
    """The expansions that are `horizon` months old, with `kept_cents`."""
    over = utc_day(ledger.as_of)
    later = [replace(month, last_day=month_end(month_number(month.first_day) + horizon)) for month in months]
    later = [window for window in later if window.last_day <= over]
    accounts = came.select("account_id").unique()
    theirs = replace(ledger, paid=ledger.paid.join(accounts, on="account_id", how="semi").collect().lazy())
    old = came.filter(nw.col("begins") < (month_number(later[-1].first_day) + 1 if later else 0))
    levels = [_levels(theirs, later[at : at + _AT_ONCE]) for at in range(0, len(later), _AT_ONCE)]
    if not levels:
        return old.with_columns(kept_cents=nw.lit(0))
    known = old.join(nw.concat(levels).lazy(), on=["begins", "account_id", "product"], how="left")
    above = nw.col("level_cents").fill_null(0) - nw.col("before_cents")
    held = known.with_columns(held_cents=nw.min_horizontal(nw.max_horizontal(above, nw.lit(0)), nw.col("gain_cents")))
    share = half_even(wide(nw.col("expansion_cents")) * wide(nw.col("held_cents")), wide(nw.col("gain_cents")))
    return held.with_columns(kept_cents=share.cast(nw.Int64))


def _levels(ledger: Ledger, later: Sequence[Window]) -> nw.DataFrame[Any]:
    """What each product paid at the end of the windows, at the rates of their first day: begins, …, level_cents."""
    named = numbered(ledger, later).select("window", "begins")
    worth = valued(ledger, later).group_by(*_UNIT).agg(level_cents=nw.col("closing_at_opening_rate_cents").sum())
    return worth.join(named, on="window", how="left").drop("window").collect()


def _totals(expansions: Frame) -> dict[ExpansionType, tuple[int, int, int]]:
    """By type in their order: how many expansions, their cents, the cents kept."""
    sums = expansions.group_by("type").agg(
        count=nw.len(), cents=nw.col("expansion_cents").sum(), kept=nw.col("kept_cents").sum()
    )
    found = {row["type"]: (row["count"], row["cents"], row["kept"]) for row in sums.collect().rows(named=True)}
    return {name: found[name] for name in TYPES if name in found}
