"""Knows what a kind of contradiction is, and how a row that shows one is put into words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.conventions import LedgerConventions
from domain.imports import Contradiction
from domain.money import with_currency
from retention.ledger import Frame
from retention.windows import utc_day


@dataclass(frozen=True)
class Claims:
    """What the sources say, as storage hands it out, and the day on which it is compared.

    Every frame has the columns of the record of its name, with `account_id`.
    """

    accounts: Frame
    lines: Frame
    churn_reports: Frame
    contracts: Frame
    tickets: Frame
    surveys: Frame
    usage_days: Frame
    as_of: datetime
    conventions: LedgerConventions

    @property
    def today(self) -> date:
        """The UTC date of `as_of`."""
        return utc_day(self.as_of)


@dataclass(frozen=True)
class Kind:
    """One way in which two claims exclude each other.

    `find` gives a row per contradiction: account_ref, external_id and the columns that the three sentences name in
    braces; a `…_cents` column is written with the row's `currency`. `information` marks what is no error by itself.
    """

    name: str
    means: str
    record: str
    claim: str
    against: str
    believed: str
    find: Callable[[Claims], Frame]
    information: bool = False

    def contradictions(self, claims: Claims) -> list[Contradiction]:
        """The rows that show this kind, by account and id."""
        rows = self.find(claims).sort("account_ref", "external_id").collect().rows(named=True)
        return [self._told(row) for row in rows]

    def _told(self, row: Mapping[str, Any]) -> Contradiction:
        words = {name: _words(name, found, row) for name, found in row.items()}
        return Contradiction(
            kind=self.name,
            account_ref=row["account_ref"],
            record=self.record,
            external_id=row["external_id"],
            claim=self.claim.format_map(words),
            against=self.against.format_map(words),
            believed=self.believed.format_map(words),
        )


def _words(name: str, found: Any, row: Mapping[str, Any]) -> str:
    if found is None:
        return "no end" if name.endswith("_on") else "nothing"
    if name.endswith("_cents"):
        return with_currency(found, row["currency"])
    return f"{found:%Y-%m-%d %H:%M}" if isinstance(found, datetime) else str(found)
