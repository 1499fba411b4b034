"""Knows what each account is worth a year on a day: what the ledger bills, otherwise what its contracts say."""

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from retention.fx import RateTable
from retention.ledger import Frame, Ledger, numbered, valued
from retention.valuation import in_reporting_currency
from retention.windows import Window, utc_day


def account_values(ledger: Ledger, contracts: Frame, fx_rates: Frame) -> Frame:
    """What every account with revenue is worth on `ledger.as_of`'s UTC date.

    A row is an account: account_id, acv_cents in the reporting currency. That is 12 × its MRR; where no paid line is
    in force, the ARR of its contracts in force. It is null where a rate is missing; accounts worth nothing are absent.
    """
    return values_on(ledger, contracts, fx_rates, [utc_day(ledger.as_of)]).drop("day")


def values_on(ledger: Ledger, contracts: Frame, fx_rates: Frame, days: Sequence[date]) -> Frame:
    """The same on each of `days`, none of them after `ledger.as_of`: day, account_id, acv_cents."""
    # The balance of a day is the closing of a window of that one day.
    shown = [Window(str(day), "month", first_day=day, last_day=day) for day in days]
    each_day = numbered(ledger, shown).select("window", day="last_day")
    balances = valued(ledger, shown).group_by("window", "account_id")
    billed = balances.agg(nw.col("closing_cents", "unconverted_cents").sum()).filter(
        (nw.col("closing_cents") > 0) | (nw.col("unconverted_cents") > 0)
    )
    known = nw.when(nw.col("unconverted_cents") == 0).then(nw.col("closing_cents") * 12)
    worth = billed.join(each_day, on="window").select("day", "account_id", acv_cents=known)
    agreed = _agreed(ledger, contracts, fx_rates, each_day)
    return nw.concat([worth, agreed.join(worth, on=["day", "account_id"], how="anti")])


def _agreed(ledger: Ledger, contracts: Frame, fx_rates: Frame, each_day: Frame) -> Frame:
    """day, account_id, acv_cents of the contracts in force; null where one of them cannot be converted."""
    goes_on = nw.col("ends_on").is_null() | (nw.col("ends_on") > nw.col("day"))
    in_force = (
        contracts.join(each_day, how="cross")
        .filter(nw.col("starts_on") <= nw.col("day"), goes_on)
        .select("day", "account_id", "currency", acv_cents="arr_cents")
    )
    currencies = in_force.select("currency").unique().collect()["currency"].to_list()
    rates = RateTable.read(fx_rates, currencies, ledger.currency)
    by_account = in_reporting_currency(in_force, rates, "day", ["acv_cents"]).lazy().group_by("day", "account_id")
    sums = by_account.agg(nw.col("acv_cents").sum(), unknown=nw.col("acv_cents").is_null().any())
    return sums.select("day", "account_id", acv_cents=nw.when(~nw.col("unknown")).then(nw.col("acv_cents")))
