"""Knows a figure as it was published; what later stands differently is a restatement and not a quiet change."""

from typing import Any

from domain.conventions import Period
from domain.records import Currency, Name, Record, UtcDatetime


class PublishedFigure(Record):
    """One row of the ledger as it was told at `published_at`; `slice` is empty for the whole, `by` too.

    `figures` is the row as `retention --json` prints it, `conventions` are the settings of the ledger that it was made
    with. A later row of the same window and slice restates it; without `figures` the row is no more.
    """

    length: Period
    period: Name
    by: str
    slice: str
    currency: Currency
    figures: dict[str, Any]
    conventions: dict[str, Any]
    published_at: UtcDatetime
