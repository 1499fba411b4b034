"""Knows every account's signals at many moments: what a replay decides on, a part of the accounts at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import narwhals as nw

from domain.conventions import SegmentBands
from rules.signals.account import account_signals
from rules.signals.facts import Frame, SignalFacts
from rules.signals.windows import SignalWindows


def signal_panels(
    facts: SignalFacts,
    values: Frame,
    moments: Sequence[datetime],
    windows: SignalWindows,
    bands: SegmentBands | None = None,
    only: Collection[str] | None = None,
) -> Iterator[nw.DataFrame]:  # type: ignore[type-arg]
    """The signals of `account_signals` at every moment, each account's rows together, by account and moment.

    `values` has day (UTC), account_id, acv_cents; `facts.account_value` is not looked at. Each frame has account_id,
    account_ref, account, as_of and the signals; together they have every account once at every moment.
    """
    seen = []
    for moment in moments:
        worth = values.filter(nw.col("day") == moment.date()).drop("day")
        frame = account_signals(replace(facts, account_value=worth), moment, windows, bands, only).collect()
        seen.append(frame.with_columns(nw.lit(moment).alias("as_of")))
    if seen:
        yield nw.concat(seen).sort("account_id", "as_of")
