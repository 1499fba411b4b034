"""Knows how an account's people have sounded lately: message by message, ticket by ticket, and against their past.

A message of age a days weighs 2^(−a ÷ half-life). A ticket's level is the weighted mean of its messages; an account's
is the mean of its tickets' levels, each weighing what its messages weigh together, but at most
`sentiment_ticket_most` fresh ones, so that one long quarrel is not the whole account. A newer message that is no milder
than its ticket and its account can only lower the level.
"""

import math

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows

# One message, or two, that sound bad make no bad ticket.
_LEAST_IN_TICKET = 2
_DAY_SECONDS = 86_400


def _trend(shown: Shown) -> str:
    change = shown.values.get("sentiment_trend")
    if not isinstance(change, int | float):
        return "an unknown change of sentiment"
    direction = "down" if change < 0 else "up"
    points = f"{abs(change):,.0f} points"
    return f"sentiment {direction} {points} against the {shown.windows.sentiment_earlier_days} days before"


SIGNALS = (
    Signal(
        name="sentiment", kind="number", unit="−100..100", noun="sentiment",
        meaning="Level of the customers' public messages of the last {sentiment_days} days, −100 (worst) to 100 "
        "(best): a mean in which a message of {sentiment_half_life_days} days weighs half of a fresh one, and a ticket "
        "at most as {sentiment_ticket_most} fresh messages.",
        unknown_when="fewer than {sentiment_min_messages} messages of these days could be read",
        phrase=lambda s: f"sentiment {s.number('sentiment', 0)} over {s.windows.sentiment_days} days",
    ),
    Signal(
        name="worst_ticket_sentiment", kind="number", unit="−100..100", noun="sentiment of the worst ticket",
        meaning="The lowest level of a ticket with two or more read messages in the last {sentiment_days} days.",
        unknown_when="no ticket has two messages of these days that could be read",
        phrase=lambda s: f"sentiment {s.number('worst_ticket_sentiment', 0)} in the worst ticket",
    ),
    Signal(
        name="sentiment_trend", kind="number", unit="points", noun="change of sentiment",
        meaning="`sentiment` less the account's own level over the {sentiment_earlier_days} days before, in points, "
        "drawn towards 0 where it rests on few messages: × m ÷ (m + 1), where m = recent × earlier ÷ (recent + "
        "earlier) messages.",
        unknown_when="`sentiment` is unknown, or fewer than {sentiment_earlier_min_messages} messages of the "
        "{sentiment_earlier_days} days before could be read",
        phrase=_trend, shows=("sentiment",),
    ),
)  # fmt: skip


def sentiment(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> list[Frame]:
    """Frames of account_id with sentiment and worst_ticket_sentiment, and with sentiment_trend (Float64)."""
    read = read_messages(facts, clock, windows.sentiment_days + windows.sentiment_earlier_days)
    cap = windows.sentiment_ticket_most
    is_recent = nw.col("sent_at") > clock.ago(windows.sentiment_days)
    recent = ticket_levels(read.filter(is_recent), faded(clock, windows.sentiment_half_life_days))
    earlier = ticket_levels(read.filter(~is_recent), nw.lit(1.0))
    worst = recent.filter(nw.col("read") >= _LEAST_IN_TICKET).group_by("account_id")
    now, before = _account_levels(recent, cap, "now"), _account_levels(earlier, cap, "before")
    enough = nw.col("now_read") >= windows.sentiment_min_messages
    known = enough & (nw.col("before_read") >= windows.sentiment_earlier_min_messages)
    both = nw.col("now_read") * nw.col("before_read") / (nw.col("now_read") + nw.col("before_read"))
    change = (nw.col("now") - nw.col("before")) * both / (both + 1)
    return [
        now.select("account_id", nw.when(enough).then(nw.col("now").round(2)).alias("sentiment")),
        worst.agg(nw.col("level").min().round(2).alias("worst_ticket_sentiment")),
        now.join(before, on="account_id", how="inner").select(
            "account_id", nw.when(known).then(change.round(2)).alias("sentiment_trend")
        ),
    ]


def read_messages(facts: SignalFacts, clock: Clock, days: int) -> Frame:
    """account_id, ticket_id, sent_at, sentiment of the customers' public messages that could be read."""
    spoken = facts.messages.filter(clock.within("sent_at", days), nw.col("author_kind") == "customer", nw.col("public"))
    readings = facts.readings.filter(~nw.col("sentiment").is_null()).select("message_id", "sentiment")
    names = ("id", "account_id", "ticket_id", "sent_at")
    read = spoken.select(*names).join(readings, left_on="id", right_on="message_id", how="inner")
    return read.select("account_id", "ticket_id", "sent_at", "sentiment")


def faded(clock: Clock, half_life_days: int) -> nw.Expr:
    """What a message weighs by its age."""
    age = (nw.lit(clock.as_of) - nw.col("sent_at")).dt.total_seconds()
    return (age * (-math.log(2) / (half_life_days * _DAY_SECONDS))).exp()


def ticket_levels(read: Frame, weight: nw.Expr) -> Frame:
    """account_id, ticket_id, level (weighted mean of its messages), weight (their sum), read (how many)."""
    weighed = read.select("account_id", "ticket_id", "sentiment", weight=weight)
    product = (nw.col("sentiment") * nw.col("weight")).alias("product")
    summed = (
        weighed.with_columns(product)
        .group_by("account_id", "ticket_id")
        .agg(nw.col("product").sum(), nw.col("weight").sum(), nw.len().alias("read"))
    )
    return summed.select("account_id", "ticket_id", "weight", "read", level=nw.col("product") / nw.col("weight"))


def _account_levels(tickets: Frame, cap: int, name: str) -> Frame:
    """account_id, the level as `name`, and how many messages it rests on as `name`_read."""
    weight = nw.col("weight").clip(upper_bound=cap)
    by_account = (
        tickets.select("account_id", "read", weight=weight, product=weight * nw.col("level"))
        .group_by("account_id")
        .agg(nw.col("product").sum(), nw.col("weight").sum(), nw.col("read").sum())
    )
    return by_account.select(
        "account_id", (nw.col("product") / nw.col("weight")).alias(name), nw.col("read").alias(f"{name}_read")
    )
