"""Knows on which day a contract falls due and how much of its account's recurring revenue it carries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import narwhals as nw

from retention.ledger import Frame, carries_revenue, in_force, monthly_amount
from retention.shares import by_largest_remainder
from retention.terms import terms
from retention.windows import utc_day

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Renewals:
    """What the agreements and the payments say, looked at on one day.

    `contracts` and `lines` are storage's frames of these names; `today` is the last day that is known. With `versions`,
    storage's history of contracts, those that are renewed in place have the renewals behind them too.
    """

    contracts: Frame
    lines: Frame
    today: date
    versions: Frame | None = None

    @classmethod
    def known(cls, contracts: Frame, lines: Frame, as_of: datetime, versions: Frame | None = None) -> "Renewals":
        """The view on `as_of`'s UTC date."""
        return cls(contracts, lines, utc_day(as_of), versions)

    def paid(self) -> Frame:
        """Paid lines begun by today: account_id, account_ref, currency, starts_on, ends_on, arr_cents (12 × MRR)."""
        begun = self.lines.filter(carries_revenue() & (nw.col("starts_on") <= self.today))
        return begun.select(
            "account_id", "account_ref", "currency", "starts_on", "ends_on", arr_cents=monthly_amount() * MONTHS_A_YEAR
        )

    def dated(self) -> Frame:
        """Terms of contracts that lasted at least a day, with `due_on`; null where neither renewal nor end is known."""
        dated = terms(self.contracts, self.versions)
        return dated.filter(nw.col("due_on").is_null() | (nw.col("due_on") > nw.col("starts_on")))

    def paying(self) -> Frame:
        """What each account pays today: account_id, currency, arr_cents; accounts that pay nothing are absent."""
        now = self.paid().filter(in_force(self.today))
        return now.group_by("account_id", "currency").agg(nw.col("arr_cents").sum())

    def carried(self, balances: Frame) -> Frame:
        """Split what an account pays over the contracts in force the day before `day`, pro rata to their ARR.

        `balances` has account_id, currency, day and paid_cents. A row of the result is a contract × day: the columns
        of both, and `carried_cents`. A contract that fell due earlier carries nothing, so no dollar has two renewals.
        """
        holding = self.dated().join(balances, on=["account_id", "currency"], how="inner")
        holding = holding.filter(
            nw.col("starts_on") < nw.col("day"), nw.col("due_on").is_null() | (nw.col("due_on") >= nw.col("day"))
        )
        return by_largest_remainder(
            holding, "paid_cents", "arr_cents", ["account_id", "currency", "day"], ["id"], "carried_cents"
        )

    def upcoming(self, days: int) -> Frame:
        """Contracts that fall due in the `days` days after today.

        A row is a contract: its columns, `due_on`, and `carried_cents`: its part of what the account pays today, or its
        own ARR where the account has no paid line. Rows that carry nothing are absent.
        """
        tomorrow, last = self.today + timedelta(days=1), self.today + timedelta(days=days)
        balances = self.paying().with_columns(nw.lit(tomorrow).alias("day")).rename({"arr_cents": "paid_cents"})
        by_lines = self.carried(balances).drop("day", "paid_cents")
        running = self.dated().filter(nw.col("starts_on") <= self.today)
        by_contract = running.join(self.paid().select("account_id"), on="account_id", how="anti")
        by_contract = by_contract.with_columns(carried_cents=nw.col("arr_cents"))
        ahead = nw.concat([by_lines, by_contract.select(by_lines.collect_schema().names())])
        return ahead.filter(nw.col("due_on") > self.today, nw.col("due_on") <= last, nw.col("carried_cents") > 0).sort(
            "due_on", "carried_cents", "id", descending=[False, True, False]
        )

    def without_renewal(self) -> Frame:
        """Accounts that pay today and have no contract with a renewal ahead: account_id, currency, arr_cents."""
        ahead = self.dated().filter(nw.col("due_on") > self.today, nw.col("starts_on") <= self.today)
        return self.paying().join(ahead.select("account_id"), on="account_id", how="anti")
