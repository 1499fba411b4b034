"""Knows who might leave on a day, and which accounts then left: those that lost all their recurring revenue."""

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from retention.ledger import Frame, carries_revenue, in_force


def leavings(outcomes: Frame, lines: Frame, contracts: Frame) -> Frame:
    """account_id, left_on: the days on which an account lost something entirely and went on with nothing else.

    `outcomes` are those of `retention.outcomes`, the other two storage's frames. An account that has, or had, a paid
    line goes on while one is in force; any other while a contract is.
    """
    lost = outcomes.filter(nw.col("kind") == "churned").select("account_id", left_on=nw.col("happened_at").dt.date())
    goes_on = _going_on(lines, contracts, lost.unique(["account_id", "left_on"]), "left_on")
    return lost.unique(["account_id", "left_on"]).join(goes_on, on=["account_id", "left_on"], how="anti")


def might_leave(lines: Frame, contracts: Frame, days: Sequence[date], accounts: Frame) -> Frame:
    """account_id, day: who pays on each of `days` and has not given notice by then; `accounts` has their `id`."""
    # Every account stands on every day: a table of the two, made on the engine of the accounts.
    every = accounts.select(account_id="id")
    standing = nw.concat([every.with_columns(day=nw.lit(day)) for day in days])
    noticed = (
        _running(contracts)
        .join(standing, on="account_id")
        .filter(in_force(nw.col("day")), nw.col("notice_on") <= nw.col("day"))
    )
    left = noticed.select("account_id", "day").unique(["account_id", "day"])
    return _going_on(lines, contracts, standing, "day").join(left, on=["account_id", "day"], how="anti")


def _going_on(lines: Frame, contracts: Frame, days: Frame, day: str) -> Frame:
    """The rows of account_id and `day` on which the account has revenue."""
    paid = lines.filter(carries_revenue()).select("account_id", "starts_on", "ends_on")
    agreed = _running(contracts).join(paid.select("account_id").unique(), on="account_id", how="anti")
    names = ("account_id", "starts_on", "ends_on")
    either = nw.concat([paid.select(*names), agreed.select(*names)])
    on_the_day = days.join(either, on="account_id").filter(in_force(nw.col(day)))
    return on_the_day.select("account_id", day).unique(["account_id", day])


def _running(contracts: Frame) -> Frame:
    return contracts.select("account_id", "starts_on", "ends_on", "notice_on")
