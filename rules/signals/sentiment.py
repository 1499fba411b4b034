"""Knows how an account's people have sounded lately."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

SIGNALS = (
    Signal(
        name="sentiment", kind="number", unit="−100..100", noun="sentiment",
        meaning="Mean reading of the customers' public messages of the last {sentiment_days} days, "
        "−100 (worst) to 100 (best).",
        unknown_when="fewer than {sentiment_min_messages} messages of these days could be read",
        phrase=lambda s: f"sentiment {s.number('sentiment', 0)} over {s.windows.sentiment_days} days",
    ),
)  # fmt: skip


def sentiment(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, sentiment (Float64, unknown where too few messages were readable)."""
    spoken = facts.messages.filter(
        clock.within("sent_at", windows.sentiment_days), nw.col("author_kind") == "customer", nw.col("public")
    )
    readings = facts.readings.filter(~nw.col("sentiment").is_null())
    read = spoken.select("id", "account_id").join(readings, left_on="id", right_on="message_id", how="inner")
    by_account = read.group_by("account_id")
    mean = by_account.agg(nw.col("sentiment").mean(), nw.len().alias("_read"))
    enough = nw.col("_read") >= windows.sentiment_min_messages
    return mean.select("account_id", nw.when(enough).then(nw.col("sentiment")).alias("sentiment"))
