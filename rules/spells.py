"""Knows when a rule applies that depends on earlier looks: how long its condition must have held, and when it is over.

One look is one row of an account (or of one of its tickets) at a moment. The laws, for each account on its own:

1. A run of `when` goes on while every look finds it true; false or unknown breaks it.
2. The rule comes on at the first look at which the run is at least `hold_for` old, inside of its days of validity.
3. Without `clear_when` it is over when the run breaks. With it, it stays on through whatever `when` says until a look
   finds `clear_when` true; a look that finds both true is one at which it is over.
4. It decides at every look at which it is on and `when` is true.

The same function serves one moment with the spells that stand, and all moments of a replay at once; cutting the
moments into several calls that hand over their spells changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
import numpy.typing as npt

from rules.conditions import expression
from rules.playbooks import Playbook
from rules.signals.fields import with_fields

Table: TypeAlias = nw.DataFrame[Any]
Flags: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.int64]

_KEYS = ("account_id", "account_ref", "ticket_ref")
_MICROSECOND = timedelta(microseconds=1)


def observed(playbook: Playbook, panel: Table) -> Table:
    """What a playbook's conditions are at every row of signals, true, false or null where they are unknown.

    `panel` has account_id, as_of and the signals, account_ref and ticket_ref where it knows them. The rows keep their
    order and have these columns beside when and clear; `clear` is null where the playbook has no `clear_when`.
    """
    compared = [name for each in (playbook.when, playbook.clear_when) if each is not None for name in each.signals()]
    panel = with_fields(panel, compared)
    over = nw.lit(None, nw.Boolean) if playbook.clear_when is None else expression(playbook.clear_when)
    kept = [name for name in (*_KEYS, "as_of") if name in panel.columns]
    return panel.select(*kept, expression(playbook.when).alias("when"), over.alias("clear"))


def fired(playbook: Playbook, observed: Table, standing: Table | None = None) -> tuple[Table, Table]:
    """Where a playbook decides, and the spells that these looks began, carried on or ended.

    `observed` is what the function of that name returned. `standing` are the open spells before its first moment: the
    columns of account_id, account_ref, ticket_ref (as far as `observed` has them), true_since and on_since; spells of
    which `observed` has no row are not looked at. The rows that fired come back sorted by account (and ticket) and
    moment, with all columns of `observed` and `since`: from when on the rule has been on, null for a playbook that does
    not depend on earlier looks; such a one leaves no spells.

    A spell has rule_hash, the key columns, true_since, on_since (null while it only waits) and ended_at (null while it
    is open). One that was handed over comes back too, ended or not.
    """
    keys = [name for name in _KEYS if name in observed.columns]
    by = [name for name in keys if name != "account_ref"]
    if not playbook.remembers:
        fires = observed.filter(nw.col("when") & _is_valid(playbook)).sort(*by, "as_of")
        since = nw.lit(None, nw.Datetime("us", "UTC")).alias("since")
        return fires.with_columns(since), _no_spells(observed, keys)
    looks = _with_standing(observed, standing, keys, by)
    told = _Told(playbook, looks, _first_rows(looks, by))
    on_since = looks["as_of"][told.on_since]
    looks_on = looks.with_columns(on_since.alias("since"), _flags(on_since, told.fires, "_fires"))
    return looks_on.filter(nw.col("_fires")).drop("_look", "_fires"), _spells(playbook, looks, told, keys)


def stood(spells: Table, before: datetime) -> Table:
    """The open spells as they stood before the looks of a moment, from all that were ever kept."""
    later_on, later_end = nw.col("on_since") >= before, nw.col("ended_at") >= before
    begun = spells.filter(nw.col("true_since") < before, nw.col("ended_at").is_null() | later_end)
    nothing = nw.lit(None, nw.Datetime("us", "UTC"))
    return begun.with_columns(
        nw.when(~later_on).then(nw.col("on_since")).otherwise(nothing).alias("on_since"), nothing.alias("ended_at")
    )


def _is_valid(playbook: Playbook) -> nw.Expr:
    first, last = playbook.valid_span
    return (nw.col("as_of") >= first) & (nw.col("as_of") < last)


def _with_standing(observed: Table, standing: Table | None, keys: list[str], by: list[str]) -> Table:
    """The looks by key and moment, with what stands as looks before the first: one at which the run began, and one at
    which the rule came on. From these two everything else follows.
    """
    looks = observed.select(*keys, nw.col("as_of").cast(nw.Datetime("us", "UTC")), "when", "clear")
    looks = looks.with_columns(nw.lit(True).alias("_look"))
    if standing is None or not len(standing):
        return looks.sort(*by, "as_of")
    first = looks.group_by(by).agg(nw.col("as_of").min().alias("_first"))
    open_ones = standing.filter(nw.col("ended_at").is_null()) if "ended_at" in standing.columns else standing
    before = open_ones.select(*keys, "true_since", "on_since").join(first, on=by, how="inner")
    past = [
        before.filter(nw.col(column) < nw.col("_first"))
        .select(*keys, nw.col(column).cast(nw.Datetime("us", "UTC")).alias("as_of"))
        .with_columns(nw.lit(True).alias("when"), nw.lit(None, nw.Boolean).alias("clear"), nw.lit(False).alias("_look"))
        for column in ("true_since", "on_since")
    ]
    return nw.concat([looks, *past]).unique([*by, "as_of"], keep="any").sort(*by, "as_of")


def _first_rows(looks: Table, by: list[str]) -> Flags:
    """Whether a row is the first of its account, or ticket."""
    first = np.zeros(len(looks), dtype=np.bool_)
    first[:1] = True
    for name in by:
        column = looks[name].to_numpy()
        first[1:] |= column[1:] != column[:-1]
    return first


class _Told:
    """What the laws make of the rows, which are sorted by key and moment.

    * on, open: whether the rule is on, and whether it is on or its condition is waiting for it
    * fires: whether it decides, leaving out what stood before
    * on_since: the row at which the rule came on, where it is on
    * first, opens: whether an account's rows begin, and whether a spell does
    """

    def __init__(self, playbook: Playbook, looks: Table, first: Flags) -> None:
        rows = np.arange(len(looks))
        moments: Places = looks["as_of"].dt.timestamp("us").to_numpy()
        valid_from, valid_until = (_microseconds(moment) for moment in playbook.valid_span)
        past = moments >= valid_until
        when = looks["when"].fill_null(False).to_numpy() & ~past
        is_cleared = np.zeros(len(looks), dtype=np.bool_)
        if playbook.clear_when is not None:
            is_cleared = looks["clear"].fill_null(False).to_numpy()
        clear = is_cleared | past
        when &= ~clear
        ends = ~when if playbook.clear_when is None else clear
        begins = when & (first | ~_before(when))
        run = _latest(begins, rows)
        held = when & (moments - moments[run] >= playbook.hold_time // _MICROSECOND) & (moments >= valid_from)
        # What happened last to the rule at or before a row: it came on, it ended, or another account's rows began.
        settled = _latest(held | ends | first, rows)
        self.first, self.on = first, held[settled]
        came_on = self.on & (first | ~_before(self.on))
        self.on_since = _latest(came_on, rows)
        self.open = self.on | when
        self.opens = self.open & (first | ~_before(self.open))
        self.fires = self.on & when & looks["_look"].to_numpy()


def _microseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, moment.tzinfo)) // _MICROSECOND


def _before(flags: Flags) -> Flags:
    """What stands in the row before; false for the first."""
    return np.concatenate([np.zeros(1, dtype=np.bool_), flags[:-1]])[: len(flags)]


def _latest(flags: Flags, rows: Places) -> Places:
    """The last row up to each at which the flag stands; the first row of all where there is none."""
    return np.maximum.accumulate(np.where(flags, rows, 0)) if len(rows) else rows


def _spells(playbook: Playbook, looks: Table, told: _Told, keys: list[str]) -> Table:
    """One row per unbroken stretch of open rows."""
    rows = np.arange(len(looks))
    starts = np.flatnonzero(told.opens)
    # The stretch ends at the first row that is not open, or does not end where the account's rows do.
    closes = np.flatnonzero((~told.open | told.first) & (rows > 0))
    after = np.searchsorted(closes, starts, side="right")
    end = np.append(closes, len(rows))[after]
    is_over = np.append(~told.open & ~told.first, False)[end]
    last = end - 1
    moments = looks["as_of"]
    ended = nw.when(nw.col("_over")).then(nw.col("ended_at"))
    began = nw.when(nw.col("_on")).then(nw.col("on_since"))
    spells = looks.select(*keys)[starts].with_columns(
        moments[starts].alias("true_since"),
        moments[told.on_since[last]].alias("on_since"),
        moments[np.where(is_over, end, starts)].alias("ended_at"),
        _flags(moments, told.on[last], "_on"),
        _flags(moments, is_over, "_over"),
    )
    spells = spells.with_columns(ended.alias("ended_at"), began.alias("on_since")).drop("_over", "_on")
    return spells.select(nw.lit(playbook.content_hash).alias("rule_hash"), nw.all())


def _flags(like: nw.Series[Any], flags: Flags, name: str) -> nw.Series[Any]:
    return nw.new_series(name, flags, nw.Boolean, backend=like.implementation)


def _no_spells(observed: Table, keys: list[str]) -> Table:
    nothing = nw.lit(None, nw.Datetime("us", "UTC"))
    return (
        observed.head(0)
        .select(*keys)
        .with_columns(nothing.alias("true_since"), nothing.alias("on_since"), nothing.alias("ended_at"))
        .select(nw.lit("").alias("rule_hash"), nw.all())
    )
