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
LEAST_IN_TICKET = 2
FRESH = 1_000_000_000
"""The weight of a message of this moment."""
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
    """Frames of account_id and what `columns` needs: products, weights and numbers of the two windows, the worst."""
    read = read_messages(facts, clock, windows.sentiment_days + windows.sentiment_earlier_days)
    is_recent = nw.col("sent_at") > clock.ago(windows.sentiment_days)
    age = (nw.lit(clock.as_of) - nw.col("sent_at")).dt.total_seconds()
    recent = _tickets(read.filter(is_recent), whole_weight(age, windows.sentiment_half_life_days), windows)
    earlier = _tickets(read.filter(~is_recent), nw.lit(FRESH, nw.Int64), windows)
    worst = recent.filter(nw.col("read") >= LEAST_IN_TICKET).group_by("account_id")
    return [
        _summed(recent, "now"),
        _summed(earlier, "before"),
        worst.agg((nw.col("product") / nw.col("weight")).min().alias("_worst")),
    ]


def columns(windows: SignalWindows) -> list[nw.Expr]:
    """The signals (Float64) from what was summed up."""
    now, before = (nw.col(f"_{name}_product") / nw.col(f"_{name}_weight") for name in ("now", "before"))
    now_read, before_read = nw.col("_now_read"), nw.col("_before_read")
    enough = now_read >= windows.sentiment_min_messages
    known = enough & (before_read >= windows.sentiment_earlier_min_messages)
    both = now_read * before_read / (now_read + before_read)
    change = (now - before) * both / (both + 1)
    return [
        nw.when(enough).then(now.round(2)).alias("sentiment"),
        nw.col("_worst").round(2).alias("worst_ticket_sentiment"),
        nw.when(known).then(change.round(2)).alias("sentiment_trend"),
    ]


def read_messages(facts: SignalFacts, clock: Clock, days: int) -> Frame:
    """account_id, ticket_id, sent_at, sentiment of the customers' public messages that could be read."""
    return with_readings(facts.messages.filter(clock.within("sent_at", days)), facts.readings)


def with_readings(messages: Frame, readings: Frame) -> Frame:
    """The same of messages whenever they were sent."""
    names = ("id", "account_id", "ticket_id", "sent_at")
    spoken = messages.filter(nw.col("author_kind") == "customer", nw.col("public")).select(*names)
    known = readings.filter(~nw.col("sentiment").is_null()).select("message_id", "sentiment")
    read = spoken.join(known, left_on="id", right_on="message_id", how="inner")
    return read.select("account_id", "ticket_id", "sent_at", "sentiment")


def faded(clock: Clock, half_life_days: int) -> nw.Expr:
    """What a message weighs by its age: a share of a fresh one."""
    return _share((nw.lit(clock.as_of) - nw.col("sent_at")).dt.total_seconds(), half_life_days)


def whole_weight(age_seconds: nw.Expr, half_life_days: int) -> nw.Expr:
    """The same as a whole number, of which a fresh one has FRESH: sums do not depend on their order."""
    return (_share(age_seconds, half_life_days) * float(FRESH)).floor().cast(nw.Int64)


def _share(age_seconds: nw.Expr, half_life_days: int) -> nw.Expr:
    return (age_seconds * (-math.log(2) / (half_life_days * _DAY_SECONDS))).exp()


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


def _tickets(read: Frame, weight: nw.Expr, windows: SignalWindows) -> Frame:
    """account_id, ticket_id, product and weight of its messages, read (how many), and both as the account takes them.

    All are whole numbers: their sums are the same in whatever order they are added.
    """
    weighed = read.select("account_id", "ticket_id", "sentiment", weight=weight)
    summed = (
        weighed.with_columns(product=nw.col("sentiment") * nw.col("weight"))
        .group_by("account_id", "ticket_id")
        .agg(nw.col("product").sum(), nw.col("weight").sum(), nw.len().alias("read"))
    )
    capped = nw.col("weight").clip(upper_bound=windows.sentiment_ticket_most * FRESH)
    level = nw.col("product") / nw.col("weight")
    return summed.with_columns(capped=capped, taken=(capped * level).floor().cast(nw.Int64))


def _summed(tickets: Frame, name: str) -> Frame:
    """account_id and of its tickets' levels the sum of products and weights, and how many messages it rests on."""
    return tickets.group_by("account_id").agg(
        nw.col("taken").sum().alias(f"_{name}_product"),
        nw.col("capped").sum().alias(f"_{name}_weight"),
        nw.col("read").sum().alias(f"_{name}_read"),
    )
