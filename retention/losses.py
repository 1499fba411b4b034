"""Knows what accounts lost on a day, in the reporting currency, and when notice of it had been given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from retention.fx import RateTable
from retention.ledger import Frame
from retention.outcomes import outcomes
from retention.valuation import in_reporting_currency

_NOTICE_DAYS = 365
_DAY = ["account_id", "happened_at"]


@dataclass(frozen=True)
class LossesAndRenewals:
    """`losses` has account_id, happened_at, churned, lost_cents (0 without a rate) and notice_on, an account and
    moment a row; `renewals` has happened_at and `lost`: whether a contract that fell due then was not kept whole.
    """

    losses: nw.DataFrame[Any]
    renewals: nw.DataFrame[Any]


def losses_and_renewals(
    lines: Frame, contracts: Frame, contract_versions: Frame, fx_rates: Frame, as_of: datetime, currency: str
) -> LossesAndRenewals:
    """Churn and contraction up to `as_of`, and what became of renewals, from storage's frames.

    Notice is the newest of the account's contracts in the year before the loss, that day included.
    """
    sold_in = nw.concat([lines.select("currency"), contracts.select("currency")]).unique().collect()
    rates = RateTable.read(fx_rates, sold_in["currency"].to_list(), currency)
    found = outcomes(contracts, lines, as_of, rates, contract_versions)
    dated = found.with_columns(day=nw.col("happened_at").dt.date())
    counted = in_reporting_currency(dated, rates, "day", ["lost_cents"])
    lost = counted.filter(nw.col("kind") != "renewed", nw.col("own_lost_cents") > 0)
    churned = (nw.col("kind") == "churned").alias("churned")
    summed = lost.with_columns(churned).group_by(*_DAY).agg(nw.col("lost_cents").sum(), nw.col("churned").any())
    renewals = counted.filter(nw.col("outcome_id").str.starts_with("contract:"))
    return LossesAndRenewals(
        summed.join(_notices(summed, contracts), on=_DAY, how="left").sort(*_DAY),
        renewals.select("happened_at", lost=nw.col("kind") != "renewed"),
    )


def _notices(lost: nw.DataFrame[Any], contracts: Frame) -> nw.DataFrame[Any]:
    """account_id, happened_at, notice_on."""
    given = contracts.filter(~nw.col("notice_on").is_null()).select("account_id", "notice_on").collect()
    pairs = lost.select(*_DAY).join(given, on="account_id", how="inner")
    day = nw.col("happened_at").dt.date()
    near = pairs.filter(nw.col("notice_on") <= day, nw.col("notice_on") > day.dt.offset_by(f"-{_NOTICE_DAYS}d"))
    return near.group_by(*_DAY).agg(nw.col("notice_on").max())
