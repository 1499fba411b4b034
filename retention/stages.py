"""Knows where in its journey an account stands when a window begins, and what most of its tickets are about."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import narwhals as nw

from retention.ledger import UNKNOWN, Frame, Ledger, numbered
from retention.windows import Window

ONBOARDING, IN_LIFE, RENEWAL_WINDOW = "onboarding", "in_life", "renewal_window"
NO_TICKET = "(no ticket)"
_UNIT = ["period", "account_id"]


def by_journey_stage(units: Frame, ledger: Ledger, contracts: Frame | None, shown: Sequence[Window]) -> Frame:
    """`units` (rows of `unit_movements`) with the account's journey stage at the window's start as `slice`.

    Onboarding is an account in the first `onboarding_days` since its first paid day, and one that came in the window;
    otherwise it is in its renewal window where a contract in force renews within `renewal_days`, else in life.
    """
    opens = numbered(ledger, shown).select("period", "opens_on")
    began = ledger.paid.group_by("account_id").agg(first_paid_on=nw.col("starts_on").min())
    known = units.join(opens, on="period", how="left").join(began, on="account_id", how="left")
    if contracts is None:
        renewing = known.with_columns(renewing=nw.lit(False))
    else:
        due = nw.concat([_renewing(contracts, window, ledger.conventions.renewal_days) for window in shown])
        renewing = known.join(due, on=_UNIT, how="left")
    since = nw.col("opens_on").dt.offset_by(f"-{ledger.conventions.onboarding_days - 1}d")
    came = (nw.col("opening_cents") == 0) & (nw.col("closing_cents") > 0)
    later = nw.when(nw.col("renewing").fill_null(False)).then(nw.lit(RENEWAL_WINDOW)).otherwise(nw.lit(IN_LIFE))
    stage = nw.when(came | (nw.col("first_paid_on") > since)).then(nw.lit(ONBOARDING)).otherwise(later)
    return renewing.with_columns(slice=stage).drop("opens_on", "first_paid_on", "renewing")


def _renewing(contracts: Frame, window: Window, days: int) -> Frame:
    """The accounts whose contract renews within `days` of the window's start: period, account_id, renewing."""
    start = window.first_day
    runs = (nw.col("starts_on") <= start) & (nw.col("ends_on").is_null() | (nw.col("ends_on") > start))
    near = (nw.col("renews_on") >= start) & (nw.col("renews_on") <= start + timedelta(days=days))
    accounts = contracts.filter(runs & near).select("account_id").unique()
    return accounts.select("account_id", period=nw.lit(window.label), renewing=nw.lit(True))


def by_workflow(units: Frame, ledger: Ledger, tickets: Frame | None, shown: Sequence[Window]) -> Frame:
    """`units` with the workflow of most of the account's tickets of the `workflow_days` before the window as `slice`.

    Ties go to the first by alphabet; tickets without a workflow count where the account has no others.
    """
    if tickets is None:
        return units.with_columns(slice=nw.lit(NO_TICKET))
    told = tickets.filter(~nw.col("account_id").is_null()).select("account_id", "workflow", "created_at")
    most = nw.concat([_most(told, window, ledger.conventions.workflow_days) for window in shown])
    return units.join(most, on=_UNIT, how="left").with_columns(nw.col("slice").fill_null(NO_TICKET))


def _most(tickets: Frame, window: Window, days: int) -> Frame:
    """The workflow of most tickets of each account before the window: period, account_id, slice."""
    start = datetime.combine(window.first_day, time(), UTC)
    recent = tickets.filter(nw.col("created_at") >= start - timedelta(days=days), nw.col("created_at") < start)
    named = nw.when(nw.col("workflow").str.strip_chars() != "").then("workflow")
    counted = recent.with_columns(named=named).group_by("account_id", "named").agg(tickets=nw.len())
    weighed = counted.with_columns(weight=nw.when(~nw.col("named").is_null()).then("tickets").otherwise(nw.lit(0)))
    heaviest = weighed.filter(nw.col("weight") == nw.col("weight").max().over("account_id"))
    chosen = heaviest.group_by("account_id").agg(slice=nw.col("named").min())
    return chosen.select("account_id", nw.col("slice").fill_null(UNKNOWN), period=nw.lit(window.label))
