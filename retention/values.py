"""Knows what each account is worth a year on a day: what the ledger bills, otherwise what its contracts say."""

import narwhals as nw

from retention.fx import RateTable
from retention.ledger import Frame, Ledger, valued
from retention.valuation import in_reporting_currency
from retention.windows import Window, utc_day


def account_values(ledger: Ledger, contracts: Frame, fx_rates: Frame) -> Frame:
    """What every account with revenue is worth on `ledger.as_of`'s UTC date.

    A row is an account: account_id, acv_cents in the reporting currency. That is 12 × its MRR; where no paid line is
    in force, the ARR of its contracts in force. It is null where a rate is missing; accounts worth nothing are absent.
    """
    today = utc_day(ledger.as_of)
    # The balance of a day is the closing of a window of that one day.
    balances = valued(ledger, [Window("today", "month", first_day=today, last_day=today)]).group_by("account_id")
    billed = balances.agg(nw.col("closing_cents", "unconverted_cents").sum()).filter(
        (nw.col("closing_cents") > 0) | (nw.col("unconverted_cents") > 0)
    )
    known = nw.when(nw.col("unconverted_cents") == 0).then(nw.col("closing_cents") * 12)
    agreed = _agreed(ledger, contracts, fx_rates).join(billed, on="account_id", how="anti")
    return nw.concat([billed.select("account_id", acv_cents=known), agreed])


def _agreed(ledger: Ledger, contracts: Frame, fx_rates: Frame) -> Frame:
    """account_id, acv_cents of the contracts in force; null where one of them cannot be converted."""
    today = utc_day(ledger.as_of)
    goes_on = nw.col("ends_on").is_null() | (nw.col("ends_on") > today)
    in_force = contracts.filter(nw.col("starts_on") <= today, goes_on).select(
        "account_id", "currency", acv_cents="arr_cents", day=nw.lit(today)
    )
    currencies = in_force.select("currency").unique().collect()["currency"].to_list()
    rates = RateTable.read(fx_rates, currencies, ledger.currency)
    valued_contracts = in_reporting_currency(in_force, rates, "day", ["acv_cents"]).lazy().group_by("account_id")
    sums = valued_contracts.agg(nw.col("acv_cents").sum(), unknown=nw.col("acv_cents").is_null().any())
    return sums.select("account_id", acv_cents=nw.when(~nw.col("unknown")).then(nw.col("acv_cents")))
