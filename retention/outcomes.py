"""Knows what became of an account's recurring revenue: on its renewals, and on the days on which it fell."""

from datetime import datetime

import narwhals as nw

from retention.currency_moves import moved_cents
from retention.fx import RateTable
from retention.ledger import Frame
from retention.renewals import Renewals
from retention.shares import by_largest_remainder

_BALANCE = ["account_id", "currency", "day"]
COLUMNS = (
    "outcome_id", "account_id", "account_ref", "kind", "happened_at", "at_stake_cents", "kept_cents", "lost_cents",
    "currency",
)  # fmt: skip


def outcomes(
    contracts: Frame,
    lines: Frame,
    as_of: datetime,
    rates: RateTable | None = None,
    contract_versions: Frame | None = None,
) -> Frame:
    """What became of recurring revenue up to `as_of`'s UTC date.

    `contracts`, `lines` and `contract_versions` are storage's frames; without the last one a contract that is renewed
    in place has no renewal behind it. A row is an outcome with `COLUMNS`: the fields of `domain.Outcome`
    but `flagged_at` and `intervened_at`, which `episodes.followed` adds, and the account's link.

    * A contract that fell due puts at stake what it carried of the account's ARR the day before; lost is what the
      account pays less from that day on. Accounts without a paid line are judged by their contracts alone.
    * Any other fall puts at stake what fell, and loses it: `churned` where the account pays nothing any more,
      otherwise `contracted`. Without a renewal date nothing is ever counted as renewed.
    * A fall in one currency on a day on which the account pays more in another is a move between currencies: the rise
      is set off at that day's rate (`rates`), and entirely where no rate is known.

    So a dollar is in at most one outcome of a day, and what was lost is what fell. Source: docs/attribution.md.
    """
    view = Renewals.known(contracts, lines, as_of, contract_versions)
    # Few rows, read by all that follows: computed once.
    steps = _steps(view, rates).collect().lazy()
    by_lines = _judged_by_lines(view, steps)
    found = [_of_contracts(by_lines), _of_contracts(_judged_by_contracts(view)), _of_falls(view, steps, by_lines)]
    return nw.concat(found).sort("happened_at", "outcome_id")


def _steps(view: Renewals, rates: RateTable | None) -> Frame:
    """Account × currency × day, for each day of a change and each day a contract falls due.

    `paid_cents` is the ARR the day before, `fell_cents` how much less it is from the day on, `gone` whether the account
    then pays nothing in any currency.
    """
    changes = _changes(view).collect().lazy()
    pays = nw.col("delta").cum_sum().over("account_id", "currency", order_by="day")
    steps = changes.with_columns(paid_cents=pays - nw.col("delta")).join(
        moved_cents(changes, rates), on=_BALANCE, how="left"
    )
    left = changes.group_by("account_id", "day").agg(nw.col("lines").sum())
    left = left.with_columns(gone=nw.col("lines").cum_sum().over("account_id", order_by="day") == 0).drop("lines")
    fell = nw.max_horizontal(-nw.col("delta") - nw.col("moved_cents").fill_null(0), nw.lit(0))
    return steps.select(*_BALANCE, "paid_cents", fell_cents=fell).join(left, on=["account_id", "day"], how="left")


def _changes(view: Renewals) -> Frame:
    """Account × currency × day with `delta` (ARR in minor units) and `lines` (how many more or fewer)."""
    paid = view.paid()
    begun = paid.select("account_id", "currency", day="starts_on", delta="arr_cents", lines=nw.lit(1))
    ended = paid.filter(nw.col("ends_on") <= view.today).select(
        "account_id", "currency", day="ends_on", delta=-nw.col("arr_cents"), lines=nw.lit(-1)
    )
    due = view.dated().filter(nw.col("due_on") <= view.today).join(paid, on="account_id", how="semi")
    looked_at = due.select("account_id", "currency", day="due_on", delta=nw.lit(0, nw.Int64), lines=nw.lit(0))
    return nw.concat([begun, ended, looked_at]).group_by(_BALANCE).agg(nw.col("delta", "lines").sum())


def _judged_by_lines(view: Renewals, steps: Frame) -> Frame:
    """Contracts that fell due while the account paid: their columns, at_stake_cents, lost_cents."""
    due = view.dated().select("account_id", "currency", day="due_on")
    fallen = (
        view.carried(steps.join(due, on=_BALANCE, how="semi"))
        .filter(nw.col("due_on") == nw.col("day"))
        .rename({"carried_cents": "at_stake_cents"})
    )
    together = nw.col("at_stake_cents").sum().over(*_BALANCE)
    fallen = fallen.with_columns(all_lost_cents=nw.min_horizontal(together, "fell_cents"))
    return by_largest_remainder(fallen, "all_lost_cents", "at_stake_cents", _BALANCE, ["id"], "lost_cents")


def _judged_by_contracts(view: Renewals) -> Frame:
    """Contracts that fell due for accounts without a paid line: their columns, at_stake_cents, lost_cents.

    Kept is what the account's contracts that start on that day are worth, or, where none does, what has not ended.
    """
    mute = view.dated().filter(nw.col("starts_on") <= view.today)
    mute = mute.join(view.paid(), on="account_id", how="anti")
    begun = mute.group_by("account_id", "currency", "starts_on").agg(begun_cents=nw.col("arr_cents").sum())
    due = mute.filter(nw.col("due_on") <= view.today).with_columns(day=nw.col("due_on"))
    due = due.join(begun.rename({"starts_on": "day"}), on=_BALANCE, how="left")
    goes_on = nw.col("ends_on").is_null() | (nw.col("ends_on") > nw.col("day"))
    unended = nw.when(goes_on).then("arr_cents").otherwise(nw.lit(0)).sum().over(*_BALANCE)
    together = nw.col("arr_cents").sum().over(*_BALANCE)
    kept = nw.min_horizontal(together, nw.coalesce(nw.col("begun_cents"), unended))
    due = due.with_columns(at_stake_cents=nw.col("arr_cents"), all_lost_cents=together - kept)
    return by_largest_remainder(due, "all_lost_cents", "at_stake_cents", _BALANCE, ["id"], "lost_cents")


def _of_contracts(judged: Frame) -> Frame:
    kept = nw.col("at_stake_cents") - nw.col("lost_cents")
    partly = nw.when(nw.col("lost_cents") > 0).then(nw.lit("contracted")).otherwise(nw.lit("renewed"))
    return _shaped(
        judged.with_columns(kind=nw.when(kept > 0).then(partly).otherwise(nw.lit("churned")), kept_cents=kept),
        nw.lit("contract"), nw.col("source"), nw.col("external_id"),
    )  # fmt: skip


def _of_falls(view: Renewals, steps: Frame, by_lines: Frame) -> Frame:
    """What fell on a day beyond what a contract that fell due lost."""
    refs = view.paid().group_by("account_id").agg(nw.col("account_ref").min())
    told = by_lines.group_by(_BALANCE).agg(told_cents=nw.col("lost_cents").sum())
    falls = steps.join(told, on=_BALANCE, how="left").join(refs, on="account_id", how="left")
    fell = nw.col("fell_cents") - nw.col("told_cents").fill_null(0)
    kind = nw.when(nw.col("gone")).then(nw.lit("churned")).otherwise(nw.lit("contracted"))
    lost = falls.with_columns(kind=kind, at_stake_cents=fell, lost_cents=fell, kept_cents=nw.lit(0, nw.Int64))
    return _shaped(lost, nw.lit("fall"), nw.col("account_ref"), nw.col("currency"))


def _shaped(found: Frame, *identity: nw.Expr) -> Frame:
    """`found` as outcomes; what carried nothing is no outcome. The id is the same on every run over the same facts."""
    named = nw.concat_str([*identity, nw.col("day").cast(nw.String)], separator=":")
    moment = nw.col("day").cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        found.filter(nw.col("at_stake_cents") > 0).with_columns(outcome_id=named, happened_at=moment).select(*COLUMNS)
    )
