"""Knows what of today's MRR is committed: what is in force less what is under notice or has a known end."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from domain.money import decimal_amount
from retention.committed import ahead
from retention.ledger import Ledger, LedgerFrames, valued
from retention.windows import Window, utc_day


@dataclass(frozen=True)
class Scheduled:
    """MRR on a day, what of it is scheduled to leave, and the accounts behind that, the soonest first.

    A row of `leaving` is an account, an effective date and a contract or none: account_id, name, leaving_cents,
    notice_on, effective_on, contract. Cents are of `currency`, a month.
    """

    today: date
    currency: str
    mrr_cents: int
    leaving: tuple[dict[str, Any], ...]

    @property
    def leaving_cents(self) -> int:
        """What is scheduled to leave, whenever."""
        return sum(row["leaving_cents"] for row in self.leaving)

    @property
    def committed_cents(self) -> int:
        """What stays."""
        return self.mrr_cents - self.leaving_cents

    def as_json(self) -> dict[str, Any]:
        """The figures with amounts as decimals."""
        amounts = {"mrr": self.mrr_cents, "leaving": self.leaving_cents, "committed": self.committed_cents}
        rows = [
            {name.removesuffix("_cents"): value for name, value in row.items()}
            | {"leaving": decimal_amount(row["leaving_cents"], self.currency)}
            for row in self.leaving
        ]
        told = {name: decimal_amount(cents, self.currency) for name, cents in amounts.items()}
        return {"on": self.today, "currency": self.currency} | told | {"accounts": rows}


def scheduled(ledger: Ledger, frames: LedgerFrames) -> Scheduled:
    """What is in force on the ledger's day, and what of it will leave; `frames` with contracts, where there are any."""
    today = utc_day(ledger.as_of)
    balances = valued(ledger, [Window(str(today), "month", today, today)])
    mrr = balances.select(nw.col("closing_cents").sum()).collect()["closing_cents"].to_list()
    rows = ahead(ledger, frames.lines, frames.contracts, frames.accounts).collect().iter_rows(named=True)
    return Scheduled(today, ledger.currency, int(mrr[0] or 0), tuple(rows))
