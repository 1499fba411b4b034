"""Knows how a ticket's conversation stands: how old it is, who waits for whom and how long, and who wrote how often."""

from collections.abc import Callable, Iterator

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.signal import Shown, Signal
from rules.signals.ticket_facts import Rows, TicketFacts
from rules.signals.ticket_time import Stopwatch

_NO_MESSAGES = "no message of the ticket is known"
_SUPPLEMENT_SECONDS = 3_600
_CUSTOMER = nw.col("author_kind") == "customer"
_AGENT = nw.col("author_kind") == "agent"
_REPLIES = ("first_reply", "next_reply")


def _lengths(name: str, noun: str, meaning: str, unknown_when: str, said: Callable[[str], str]) -> Iterator[Signal]:
    for unit, ending in (("elapsed", ""), ("business", "_business")):
        hours = "on the wall's clock" if unit == "elapsed" else "in the open hours of the default calendar"
        yield Signal(
            name=f"{name}{ending}", kind="duration", unit=unit, noun=f"{noun} in {unit} time",
            meaning=f"{meaning}, {hours}.", unknown_when=unknown_when, phrase=_told(f"{name}{ending}", unit, said),
        )  # fmt: skip


def _told(name: str, unit: str, said: Callable[[str], str]) -> Callable[[Shown], str]:
    return lambda shown: said(f"{shown.length(name)}{' of business time' if unit == 'business' else ''}")


SIGNALS = (
    *_lengths(
        "ticket_age", "age of the ticket", "Time since the ticket was created", "never",
        lambda length: f"open for {length}",
    ),
    *_lengths(
        "customer_waiting", "time that the customer waits for an answer",
        "Time since the oldest message of the customer that nobody has answered, its creation among them; 0 where "
        "nobody waits", "no message of the ticket is known, and its first answer was given",
        lambda length: f"customer waiting for {length}",
    ),
    *_lengths(
        "our_silence", "time since our last word",
        "Time since an agent last wrote to the customer; since the creation where none ever did", _NO_MESSAGES,
        lambda length: f"{length} since our last word",
    ),
    *_lengths(
        "customer_silence", "time since the customer's last word", "Time since the customer last wrote",
        "no message of a customer is known", lambda length: f"{length} since the customer's last word",
    ),
    Signal(
        name="ticket_replies", kind="number", unit="messages", noun="replies in the ticket",
        meaning="Agents' public messages in the ticket.", unknown_when=_NO_MESSAGES,
        phrase=lambda shown: shown.count("ticket_replies", "reply", "replies"),
    ),
    Signal(
        name="ticket_customer_messages", kind="number", unit="messages", noun="customer's messages in the ticket",
        meaning="The customer's public messages in the ticket.", unknown_when=_NO_MESSAGES,
        phrase=lambda shown: shown.count("ticket_customer_messages", "message") + " of the customer",
    ),
    Signal(
        name="ticket_asked_again", kind="number", unit="messages", noun="times asked again in the ticket",
        meaning="How often the customer wrote again, an hour later or more, without an answer in between.",
        unknown_when=_NO_MESSAGES,
        phrase=lambda shown: f"asked again {shown.count('ticket_asked_again', 'time')}",
    ),
)  # fmt: skip


def talk(facts: TicketFacts, tickets: Rows, clocks: Rows, clock: Clock) -> list[Rows]:
    """Frames of ticket_id and the signals of this module: lengths in seconds and counts, Int64.

    `tickets` are the open ones, with created_at; `clocks` theirs, as `rules.sla.clock.clocks` tells them.
    """
    said = facts.messages.filter(clock.known("sent_at")).join(tickets, on="ticket_id", how="semi")
    return [_spoken(said), _silences(said, tickets, clocks, Stopwatch(facts.calendar, clock.as_of))]


def _spoken(said: Rows) -> Rows:
    """The counts of the tickets with a message."""
    talked = said.filter(nw.col("public") & (_CUSTOMER | _AGENT)).sort("ticket_id", "sent_at", "id")
    before = talked.with_columns(
        _whose=nw.col("author_kind").shift(1).over("ticket_id"), _when=nw.col("sent_at").shift(1).over("ticket_id")
    )
    waited = (nw.col("sent_at") - nw.col("_when")).dt.total_seconds() >= _SUPPLEMENT_SECONDS
    again = (_CUSTOMER & (nw.col("_whose") == "customer") & waited).fill_null(value=False)
    counted = before.group_by("ticket_id").agg(
        _AGENT.cast(nw.Int64).sum().alias("ticket_replies"),
        _CUSTOMER.cast(nw.Int64).sum().alias("ticket_customer_messages"),
        again.cast(nw.Int64).sum().alias("ticket_asked_again"),
    )
    every = said.select("ticket_id").unique("ticket_id").join(counted, on="ticket_id", how="left")
    return every.with_columns(nw.col(name).fill_null(0) for name in counted.columns if name != "ticket_id")


def _silences(said: Rows, tickets: Rows, clocks: Rows, stopwatch: Stopwatch) -> Rows:
    goes_on = nw.col("fulfilled_at").is_null() & nw.col("ended_at").is_null()
    waits = clocks.filter(nw.col("metric").is_in(_REPLIES), goes_on)
    rows = tickets.select("ticket_id", "created_at")
    for name, frame in (
        ("_talked", said.group_by("ticket_id").agg(nw.col("sent_at").max().alias("_talked"))),
        ("_waiting", waits.group_by("ticket_id").agg(nw.col("started_at").min().alias("_waiting"))),
        ("_ours", _last(said, _AGENT, "_ours")),
        ("_theirs", _last(said, _CUSTOMER, "_theirs")),
    ):
        rows = rows.join(frame.select("ticket_id", name), on="ticket_id", how="left")
    has_talked = ~nw.col("_talked").is_null()
    rows = rows.with_columns(
        # A wait that begins now has lasted no time: nobody waits.
        _waiting=nw.when(has_talked)
        .then(nw.coalesce("_waiting", nw.lit(stopwatch.as_of)))
        .otherwise(nw.col("_waiting")),
        _ours=nw.when(has_talked).then(nw.coalesce("_ours", "created_at")),
    )
    measured = {
        "ticket_age": "created_at", "customer_waiting": "_waiting", "our_silence": "_ours",
        "customer_silence": "_theirs",
    }  # fmt: skip
    return stopwatch.lengths(rows, measured)


def _last(said: Rows, whose: nw.Expr, name: str) -> Rows:
    return said.filter(nw.col("public"), whose).group_by("ticket_id").agg(nw.col("sent_at").max().alias(name))
