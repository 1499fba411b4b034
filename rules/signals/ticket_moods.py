"""Knows how a ticket's customer sounds, and what the messages in it give away."""

from typing import NamedTuple

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.sentiment import faded, ticket_levels
from rules.signals.signal import Shown, Signal
from rules.signals.ticket_facts import Rows, TicketFacts
from rules.signals.windows import SignalWindows

_UNKNOWN = "nothing was looked for yet, or none of the ticket's messages is in a language that the rules read"


class _Kind(NamedTuple):
    """One counted kind of evidence."""

    kind: str
    noun: str

    @property
    def name(self) -> str:
        return f"ticket_{self.kind}"

    def phrase(self, shown: Shown) -> str:
        sentence = shown.values.get("ticket_said")
        quoted = f", the last: “{sentence}”" if sentence else ""
        return f"{shown.count(self.name, 'message')} in the ticket with {self.noun}{quoted}"

    @property
    def signal(self) -> Signal:
        return Signal(
            name=self.name, kind="number", unit="messages", noun=f"messages in the ticket with {self.noun}",
            meaning=f"The ticket's public messages of customers in which a rule of evidence.yaml found {self.noun}.",
            unknown_when=_UNKNOWN, phrase=self.phrase, shows=("ticket_said",),
        )  # fmt: skip


_KINDS = (
    _Kind("churn_intent", "churn intent"),
    _Kind("escalation_asked", "a manager asked for"),
    _Kind("legal_trouble", "legal trouble"),
    _Kind("repeat_complaint", "a repeated complaint"),
    _Kind("competitor_named", "a competitor named"),
    _Kind("contact_leaving", "a contact leaving"),
    _Kind("budget_cut", "a budget cut"),
    _Kind("expansion_interest", "interest in more"),
    _Kind("praise", "praise"),
)
_TROUBLE = [each.kind for each in _KINDS[:7]]

SIGNALS = (
    Signal(
        name="ticket_sentiment", kind="number", unit="−100..100", noun="sentiment of the ticket",
        meaning="Level of the customers' public messages in the ticket, −100 (worst) to 100 (best): a mean in which a "
        "message of {sentiment_half_life_days} days weighs half of a fresh one.",
        unknown_when="no message of a customer in it could be read",
        phrase=lambda shown: f"sentiment {shown.number('ticket_sentiment', 0)} in the ticket",
    ),
    Signal(
        name="newest_sentiment", kind="number", unit="−100..100", noun="sentiment of the customer's last message",
        meaning="How the customer's newest message in the ticket sounds, −100 (worst) to 100 (best).",
        unknown_when="there is none, or it could not be read",
        phrase=lambda shown: f"sentiment {shown.number('newest_sentiment', 0)} in the customer's last message",
    ),
    *(each.signal for each in _KINDS),
    Signal(
        name="ticket_said", kind="text", unit="", noun="the newest telling sentence of the ticket",
        meaning="The newest sentence of the ticket with churn intent or another sign of trouble, masked.",
        unknown_when="none was found", phrase=lambda shown: f"said “{shown.values.get('ticket_said')}”",
    ),
)  # fmt: skip


def moods(facts: TicketFacts, tickets: Rows, clock: Clock, windows: SignalWindows) -> list[Rows]:
    """Frames of ticket_id and the signals of this module: sentiment Float64, counts Int64, the sentence String."""
    said = facts.messages.filter(clock.known("sent_at"), nw.col("author_kind") == "customer", nw.col("public"))
    said = said.join(tickets.select("ticket_id", "account_id"), on="ticket_id", how="inner")
    return [*_sounds(facts, said, clock, windows), *_evidence(facts, said, tickets, clock)]


def _sounds(facts: TicketFacts, said: Rows, clock: Clock, windows: SignalWindows) -> list[Rows]:
    read = said.join(facts.readings, left_on="id", right_on="message_id", how="left").select(
        "ticket_id", "account_id", "sent_at", nw.col("sentiment").cast(nw.Float64)
    )
    known = read.filter(~nw.col("sentiment").is_null())
    levels = ticket_levels(known.lazy(), faded(clock, windows.sentiment_half_life_days)).collect()
    newest = read.filter(nw.col("sent_at") == nw.col("sent_at").max().over("ticket_id"))
    # Of two messages of one moment the worse was the last word.
    last = newest.group_by("ticket_id").agg(nw.col("sentiment").min().alias("newest_sentiment"))
    return [levels.select("ticket_id", nw.col("level").round(2).alias("ticket_sentiment")), last]


def _evidence(facts: TicketFacts, said: Rows, tickets: Rows, clock: Clock) -> list[Rows]:
    if facts.evidence is None:
        return [tickets.select(
            "ticket_id", *(nw.lit(None, dtype=nw.Int64).alias(each.name) for each in _KINDS),
            nw.lit(None, dtype=nw.String).alias("ticket_said"),
        )]  # fmt: skip
    found = said.join(facts.evidence, left_on="id", right_on="message_id", how="inner")
    wide = tickets.select("ticket_id", "account_id").join(_deaf(facts, said, clock), on="ticket_id", how="left")
    for each in _KINDS:
        of_kind = found.filter(nw.col("kind") == each.kind).select("ticket_id", "id").unique(["ticket_id", "id"])
        wide = wide.join(of_kind.group_by("ticket_id").agg(nw.len().alias(each.name)), on="ticket_id", how="left")
    heard = nw.col("_deaf").is_null() & ~nw.col("account_id").is_null()
    counts = [nw.when(heard).then(nw.col(each.name).fill_null(0).cast(nw.Int64)).alias(each.name) for each in _KINDS]
    telling = found.filter(nw.col("kind").is_in(_TROUBLE))
    newest = telling.filter(nw.col("sent_at") == nw.col("sent_at").max().over("ticket_id"))
    sentence = newest.group_by("ticket_id").agg(nw.col("sentence").min().alias("ticket_said"))
    return [wide.select("ticket_id", *counts), sentence]


def _deaf(facts: TicketFacts, said: Rows, clock: Clock) -> Rows:
    """ticket_id, _deaf: of those whose customers wrote, and nothing of it could be read."""
    written = said.group_by("ticket_id").agg(nw.len().alias("_written"))
    if facts.unheard is None:
        return written.select("ticket_id", _deaf=nw.lit(value=True)).head(0)
    unheard = facts.unheard.filter(clock.known("sent_at")).group_by("ticket_id").agg(nw.len().alias("_unheard"))
    both = written.join(unheard, on="ticket_id", how="inner").filter(nw.col("_unheard") >= nw.col("_written"))
    return both.select("ticket_id", _deaf=nw.lit(value=True))
