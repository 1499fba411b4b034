"""Knows which share of the promises that came due in a span were kept, in one figure or cut by something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal, get_args

import narwhals as nw

Cut = Literal["metric", "policy", "priority", "segment", "team", "week"]
CUTS: tuple[Cut, ...] = get_args(Cut)
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Attained:
    """One slice: promises kept and broken in the span; `share` is None where none came due."""

    slice: str
    met: int
    breached: int

    @property
    def share(self) -> Fraction | None:
        """The kept ones of those that came due."""
        due = self.met + self.breached
        return Fraction(self.met, due) if due else None


def decision() -> dict[str, nw.Expr]:
    """Of clocks with a target that are over or broken: `decided_at` and `is_met`.

    A clock is broken at its deadline and met when its wait is over; what came after a breach does not mend it.
    """
    is_broken = ~nw.col("breached_at").is_null()
    decided_at = nw.when(is_broken).then(nw.col("breached_at")).otherwise(nw.col("fulfilled_at"))
    return {"decided_at": decided_at, "is_met": ~is_broken}


def decided(clocks: nw.DataFrame[Any], since: datetime, until: datetime) -> nw.DataFrame[Any]:
    """The clocks with a target that were met or broken in `[since, until)`, with `decided_at` and `is_met`."""
    dated = clocks.filter(nw.col("state").is_in(["met", "breached"])).with_columns(**decision())
    return dated.filter((nw.col("decided_at") >= since) & (nw.col("decided_at") < until))


def attainment(
    clocks: nw.DataFrame[Any],
    tickets: nw.DataFrame[Any],
    policies: Mapping[str, str],
    since: datetime,
    until: datetime,
    by: Cut | None = None,
) -> list[Attained]:
    """The promises that came due in `[since, until)`, sorted by slice; the one slice `all` where `by` is None.

    `clocks` are those of `rules.sla.clock`; `tickets` has ticket_id, priority, team and segment; `policies` names the
    policy of each terms hash. Weeks are ISO weeks (UTC) in which a clock was met or broken.
    """
    found = decided(clocks, since, until).join(tickets, on="ticket_id").with_columns(_slice(by, policies))
    met = nw.col("is_met").cast(nw.Int64).sum()
    sums = found.group_by("_slice").agg(met.alias("met"), nw.len().alias("due")).sort("_slice")
    rows = [Attained(name, kept, due - kept) for name, kept, due in sums.iter_rows()]
    return rows or ([Attained("all", 0, 0)] if by is None else [])


def _slice(by: Cut | None, policies: Mapping[str, str]) -> nw.Expr:
    if by is None:
        return nw.lit("all").alias("_slice")
    if by == "week":
        return nw.col("decided_at").dt.to_string("%G-W%V").alias("_slice")
    if by == "policy":
        broken = nw.coalesce("breached_terms", "terms")
        column = broken.replace_strict(list(policies), list(policies.values()), return_dtype=nw.String)
    else:
        column = nw.col(by)
    return column.fill_null(UNKNOWN).alias("_slice")
