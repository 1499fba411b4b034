"""Knows what a case is: one reply, one ticket or one answer that a figure counts, or does not know."""

from typing import Literal

import narwhals as nw

from rules.kpis.facts import Frame

# counted: in the figure. pending: not decided at the window's end. unknown: the facts do not say.
State = Literal["counted", "pending", "unknown"]
_MOMENT = nw.Datetime("us", "UTC")
COLUMNS: dict[str, nw.dtypes.DType] = {
    "ticket_id": nw.Int64(), "state": nw.String(), "began_at": _MOMENT, "at": _MOMENT, "business": nw.Int64(),
    "elapsed": nw.Int64(), "score": nw.Int64(), "rating": nw.Float64(), "own_segment": nw.String(),
    "own_days": nw.Int64(), "own_source": nw.String(), "account_id": nw.Int64(), "article_ref": nw.String(),
}  # fmt: skip


def cases(frame: Frame, **columns: nw.Expr | str) -> Frame:
    """One row per case, with the columns that are given and nulls for the others.

    * ticket_id: null for an answer without a ticket
    * began_at, at: when the case began, and when it was decided; a pending one has no `at`
    * business, elapsed: whole seconds of a time
    * score: 1 or 0 of a share, −1 to 1 of points
    * rating: a CSAT answer brought to 0..100
    * own_segment, own_days: of the account, for an answer or a visit without a ticket
    * own_source, account_id, article_ref: of a visit to the help centre
    """
    given = {name: nw.col(value) if isinstance(value, str) else value for name, value in columns.items()}
    blank = {name: nw.lit(None, dtype=kind) for name, kind in COLUMNS.items() if name not in given}
    exprs = {**given, **blank}
    return frame.select(**{name: exprs[name].cast(kind) for name, kind in COLUMNS.items()})


def stated(frame: Frame, **conditions: nw.Expr) -> Frame:
    """The rows for which a condition holds, with `state` the name of the first that does."""
    state = nw.lit(None, dtype=nw.String())
    for name, holds in reversed(conditions.items()):
        state = nw.when(holds).then(nw.lit(name)).otherwise(state)
    return frame.with_columns(state=state).filter(~nw.col("state").is_null())


def within(column: str, since: object, until: object) -> nw.Expr:
    """Whether the moment lies in `[since, until)`; false where there is none."""
    return ((nw.col(column) >= since) & (nw.col(column) < until)).fill_null(value=False)


def not_before(column: str, until: object) -> nw.Expr:
    """Whether the moment had not come before `until`; true where there is none."""
    return nw.col(column).is_null() | (nw.col(column) >= until)
