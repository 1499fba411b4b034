"""Knows what a ticket's conversation cost the customer: waits, replies, questions asked again."""

import narwhals as nw

from rules.satisfaction.facts import Frame, TicketFacts, TicketHistory

_SUPPLEMENT_HOURS = 1
_ORDER = ["sent_at", "id"]
_BY_CUSTOMER, _BY_AGENT = nw.col("author_kind") == "customer", nw.col("author_kind") == "agent"


def spoken(cases: Frame, facts: TicketHistory) -> Frame:
    """The public messages of customers and agents that were there at each case's moment, without automatic ones.

    case, created_at, seen_at, id, author_kind, sent_at, characters, before and before_at (of the one before).
    """
    # Whether a message is automatic is often not told; then a person wrote it.
    by_person = (_BY_CUSTOMER | _BY_AGENT) & nw.col("public") & ~nw.col("automatic").fill_null(value=False)
    columns = ("id", "ticket_id", "author_kind", "sent_at", "characters")
    said = facts.messages.filter(by_person).select(*columns)
    seen = cases.select("case", "ticket_id", "created_at", "seen_at").join(said, on="ticket_id", how="inner")
    known = seen.filter(nw.col("sent_at") <= nw.col("seen_at"))
    return known.with_columns(
        before=nw.col("author_kind").shift(1).over("case", order_by=_ORDER),
        before_at=nw.col("sent_at").shift(1).over("case", order_by=_ORDER),
    )


def counted(talk: Frame) -> Frame:
    """case, replies, customer_messages, asked_again, customer_characters.

    A message asks again if the one before it was the customer's own, an hour earlier or more: that had no answer, and
    what follows sooner is rather a supplement.
    """
    own = _BY_CUSTOMER & (nw.col("before") == "customer")
    again = (own & (_hours(nw.col("sent_at"), "before_at") >= _SUPPLEMENT_HOURS)).fill_null(value=False)
    return talk.group_by("case").agg(
        _BY_AGENT.sum().cast(nw.Int64).alias("replies"),
        _BY_CUSTOMER.sum().cast(nw.Int64).alias("customer_messages"),
        again.sum().cast(nw.Int64).alias("asked_again"),
        nw.when(_BY_CUSTOMER).then(nw.col("characters")).otherwise(0).sum().alias("customer_characters"),
    )


def waits(talk: Frame) -> Frame:
    """case, first_reply_hours, longest_wait_hours, waited_hours; elapsed hours, day and night.

    A wait begins with a customer's message after an agent's, or the first, and ends with the next of an agent or at
    the moment that is looked at. The first reply is measured from the ticket's creation, unknown where there was none.
    """
    turns = talk.filter((nw.col("before") != nw.col("author_kind")) | nw.col("before").is_null())
    turns = turns.with_columns(answered_at=nw.col("sent_at").shift(-1).over("case", order_by=_ORDER))
    waited = turns.filter(_BY_CUSTOMER).with_columns(hours=_hours(nw.coalesce("answered_at", "seen_at"), "sent_at"))
    by_case = waited.group_by("case").agg(
        nw.col("hours").max().alias("longest_wait_hours"), nw.col("hours").sum().alias("waited_hours")
    )
    replied = talk.filter(_BY_AGENT).with_columns(first_reply_hours=_hours(nw.col("sent_at"), "created_at"))
    first = replied.group_by("case").agg(nw.col("first_reply_hours").min())
    every = talk.select("case").unique("case")
    return every.join(by_case, on="case", how="left").join(first, on="case", how="left")


def sounded(talk: Frame, facts: TicketFacts) -> Frame:
    """case, last_sentiment, mean_sentiment, lowest_sentiment of the customer's readable messages."""
    readings = facts.readings.filter(~nw.col("sentiment").is_null())
    read = talk.filter(_BY_CUSTOMER).join(readings, left_on="id", right_on="message_id", how="inner")
    feeling = nw.col("sentiment").cast(nw.Float64)
    whole = read.group_by("case").agg(
        feeling.mean().alias("mean_sentiment"), feeling.min().alias("lowest_sentiment"), nw.col("sent_at").max()
    )
    # Of two messages of one second the worse was the last word.
    last = read.join(whole.select("case", "sent_at"), on=["case", "sent_at"], how="inner")
    words = last.group_by("case").agg(feeling.min().alias("last_sentiment"))
    return whole.drop("sent_at").join(words, on="case", how="left")


def repeated(talk: Frame, facts: TicketFacts) -> Frame:
    """case, said_again: how many sentences a customer wrote that had stood on the ticket before."""
    own = talk.filter(_BY_CUSTOMER).join(facts.said_again, left_on="id", right_on="message_id", how="inner")
    return own.group_by("case").agg(nw.col("again").sum().alias("said_again"))


def witnessed(talk: Frame, facts: TicketFacts) -> Frame:
    """case, speaks_of_leaving, praises: how many places of the customer's messages say so."""
    own = talk.filter(_BY_CUSTOMER).join(facts.evidence, left_on="id", right_on="message_id", how="inner")
    return own.group_by("case").agg(
        (nw.col("kind") == "leaving").sum().cast(nw.Int64).alias("speaks_of_leaving"),
        (nw.col("kind") == "praise").sum().cast(nw.Int64).alias("praises"),
    )


def _hours(until: nw.Expr, since: str) -> nw.Expr:
    return (until - nw.col(since)).dt.total_seconds().cast(nw.Float64) / 3_600
