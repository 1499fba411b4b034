"""Finds which exchange rates the recorded amounts need, so that those that come with the software can be taken."""

from datetime import date, timedelta

import narwhals as nw

from domain.conventions import LedgerConventions
from storage.facts import Facts

# The last rate before a day may be some days old: banks publish none on Sundays and holidays.
_BEFORE = timedelta(days=14)


def needed_rates(facts: Facts, conventions: LedgerConventions) -> tuple[frozenset[str], date | None]:
    """The currencies of lines, contracts and reports, and the first day on which any of them is needed."""
    lines = facts.lines().select("currency", "starts_on")
    agreed = facts.contracts().select("currency", "starts_on")
    found = nw.concat([lines, agreed]).group_by("currency").agg(nw.col("starts_on").min()).collect()
    known = dict(found.select("currency", "starts_on").iter_rows())
    reporting = {conventions.reporting_currency} if conventions.reporting_currency else set()
    first = min(known.values(), default=None)
    return frozenset(known) | reporting, None if first is None else first - _BEFORE
