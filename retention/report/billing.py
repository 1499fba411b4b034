"""Knows how the ledger's closing MRR compares with what the billing source and the contracts themselves say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

from domain.money import decimal_amount
from retention.ledger import Frame, Ledger, LedgerFrames
from retention.report import billed_lines, contracted
from retention.windows import Window, windows

Against = Literal["reported", "contracts"]
MEANS = billed_lines.MEANS | contracted.MEANS


@dataclass(frozen=True)
class Comparison:
    """A month's closing MRR by the ledger and by one claim, and what explains the difference, reason by reason.

    `ledger_cents - claimed_cents` is the sum of `reasons`; a reason may cancel out within itself.
    """

    against: Against
    period: str
    ledger_cents: int
    claimed_cents: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Difference:
    """An account's part in a difference, for one reason."""

    against: Against
    account_id: int
    name: str | None
    reason: str
    ledger_cents: int
    claimed_cents: int


@dataclass(frozen=True)
class Reconciliation:
    """All months, and the accounts that differ in one of them. Cents are of `currency`, a month."""

    currency: str
    opened: str | None
    months: tuple[Comparison, ...]
    accounts: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        """Amounts as decimals; `difference` is the ledger's less the claim."""
        return {
            "currency": self.currency,
            "months": [
                {
                    "against": each.against,
                    "period": each.period,
                    **self._amounts(each),
                    "reasons": {name: self._amount(cents) for name, cents in each.reasons.items()},
                }
                for each in self.months
            ],
            "opened": self.opened,
            "accounts": [
                {
                    "against": each.against,
                    "account_id": each.account_id,
                    "name": each.name,
                    "reason": each.reason,
                    **self._amounts(each),
                }
                for each in self.accounts
            ],
            "means": MEANS,
        }

    def _amounts(self, each: Comparison | Difference) -> dict[str, Any]:
        amounts = {"ledger": each.ledger_cents, "claimed": each.claimed_cents}
        told = amounts | {"difference": each.ledger_cents - each.claimed_cents}
        return {name: self._amount(cents) for name, cents in told.items()}

    def _amount(self, cents: int) -> Any:
        return decimal_amount(cents, self.currency)


def reconciliation(ledger: Ledger, frames: LedgerFrames, opened: str | None = None) -> Reconciliation:
    """Compare every whole month, and list the accounts that differ in the month `opened`, by default the last one.

    `frames` with contracts, where there are any. A claim that no source makes is not compared.
    """
    months = [] if ledger.since is None else windows("month", ledger.since, ledger.as_of)
    place = next((at for at, month in enumerate(months) if month.label == opened), len(months) - 1)
    found: dict[Against, Frame] = {}
    if months and billed_lines.reports_anything(frames.lines):
        found["reported"] = billed_lines.against_reports(ledger, frames.lines, frames.fx_rates, months)
    if months and frames.contracts is not None and len(frames.contracts.select("id").head(1).collect()):
        found["contracts"] = contracted.against_contracts(ledger, frames.contracts, frames.fx_rates, months)
    compared = [each for against, rows in found.items() for each in _months(against, rows.collect(), months)]
    names = frames.accounts.select("name", account_id="id")
    differing = [each for against, rows in found.items() for each in _accounts(against, rows, names, place)]
    return Reconciliation(ledger.currency, months[place].label if months else None, tuple(compared), tuple(differing))


def _months(against: Against, rows: nw.DataFrame[Any], months: Sequence[Window]) -> list[Comparison]:
    sums = rows.group_by("window", "reason").agg(nw.col("ledger_cents", "claimed_cents").sum()).rows(named=True)
    return [
        _compared(against, month, [row for row in sums if row["window"] == place]) for place, month in enumerate(months)
    ]


def _compared(against: Against, month: Window, sums: Sequence[dict[str, Any]]) -> Comparison:
    reasons = {row["reason"]: row["ledger_cents"] - row["claimed_cents"] for row in sums}
    ledger, claimed = (sum(row[name] for row in sums) for name in ("ledger_cents", "claimed_cents"))
    told = {name: reasons[name] for name in MEANS if name in reasons}
    return Comparison(against, month.label, ledger, claimed, told)


def _accounts(against: Against, rows: Frame, names: Frame, place: int) -> list[Difference]:
    """The accounts that differ in the month, the largest difference first."""
    month = rows.filter(nw.col("window") == place, nw.col("reason") != billed_lines.AGREES)
    sums = month.group_by("account_id", "reason").agg(nw.col("ledger_cents", "claimed_cents").sum())
    differing = sums.filter(nw.col("ledger_cents") != nw.col("claimed_cents")).join(names, on="account_id", how="left")
    size = (nw.col("ledger_cents") - nw.col("claimed_cents")).abs()
    ordered = differing.with_columns(size=size).sort("size", "account_id", descending=[True, False]).collect()
    return [
        Difference(against, row["account_id"], row["name"], row["reason"], row["ledger_cents"], row["claimed_cents"])
        for row in ordered.iter_rows(named=True)
    ]
