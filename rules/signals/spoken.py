"""Knows what an account's customers have lately given away in words: asking to leave, escalating, wanting more."""

from typing import NamedTuple

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import SignalFacts
from rules.signals.measures import Count, Events, Happening, Latest, Newest
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows

_UNKNOWN = (
    "nothing was looked for yet, or customers wrote in these days and none of it is in a language that the rules read"
)


class _Counted(NamedTuple):
    """One counted kind: what one message and several do, and what they hold."""

    name: str
    kind: str
    one: str
    many: str
    noun: str

    @property
    def said(self) -> str | None:
        """The signal with the newest sentence."""
        return _SAID.get(self.kind)

    def phrase(self, shown: Shown) -> str:
        sentence = shown.values.get(self.said) if self.said else None
        quoted = f", the last: “{sentence}”" if sentence else ""
        does = self.one if shown.values.get(self.name) == 1 else self.many
        return f"{shown.count(self.name, 'message')} in {shown.windows.evidence_days} days that {does}{quoted}"

    @property
    def signal(self) -> Signal:
        return Signal(
            name=self.name, kind="number", unit="messages", noun=f"messages in {{evidence_days}} days with {self.noun}",
            meaning=f"Customers' public messages of the last {{evidence_days}} days in which a rule of evidence.yaml "
            f"found {self.noun}.",
            unknown_when=_UNKNOWN, phrase=self.phrase, shows=(self.said,) if self.said else (),
        )  # fmt: skip


_SAID = {"churn_intent": "churn_intent_said", "expansion_interest": "expansion_said"}
_COUNTED = tuple(
    _Counted(f"{name}_30d", kind, *words)
    for name, kind, *words in (
        ("churn_intent", "churn_intent", "asks or threatens to leave", "ask or threaten to leave", "churn intent"),
        ("expansion_interest", "expansion_interest", "asks for more", "ask for more", "interest in more"),
        ("competitor_named", "competitor_named", "names a competitor", "name a competitor", "a competitor named"),
        ("contact_leaving", "contact_leaving", "tells of a contact who leaves", "tell of a contact who leaves",
         "a contact leaving"),
        ("budget_cut", "budget_cut", "tells of a budget cut", "tell of a budget cut", "a budget cut"),
        ("legal_trouble", "legal_trouble", "speaks of law or breach", "speak of law or breach", "legal trouble"),
        ("repeat_complaint", "repeat_complaint", "complains again", "complain again", "a repeated complaint"),
        ("escalation_asked", "escalation_asked", "asks for a manager", "ask for a manager", "a manager asked for"),
        ("praise", "praise", "praises", "praise", "praise"),
    )
)  # fmt: skip
COUNTED = {counted.name: counted.kind for counted in _COUNTED}

SIGNALS = (
    *(counted.signal for counted in _COUNTED),
    Signal(
        name="days_since_churn_intent", kind="days", unit="days", noun="days since churn intent",
        meaning="Whole days since the newest message with churn intent, of the last {evidence_history_days} days.",
        unknown_when="no churn intent was found in these days",
        phrase=lambda s: f"{s.count('days_since_churn_intent', 'day')} since churn intent",
    ),
    Signal(
        name="churn_intent_said", kind="text", unit="", noun="the newest sentence with churn intent",
        meaning="The newest sentence behind churn_intent_30d, masked.",
        unknown_when="no churn intent was found in the last {evidence_days} days",
        phrase=lambda s: f"said “{s.values.get('churn_intent_said')}”",
    ),
    Signal(
        name="expansion_said", kind="text", unit="", noun="the newest sentence with interest in more",
        meaning="The newest sentence behind expansion_interest_30d, masked.",
        unknown_when="no interest in more was found in the last {evidence_days} days",
        phrase=lambda s: f"said “{s.values.get('expansion_said')}”",
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """Messages of each kind, the newest sentences, and how much was written and how much of it could not be read."""
    if facts.evidence is None or facts.unheard is None:
        return []
    days, kind = windows.evidence_days, nw.col("kind")
    # A message with several sentences of a kind counts once.
    found = facts.evidence.select("account_id", "message_id", "sent_at", "kind")
    counts = tuple(Count(f"_{name}", days, where=kind == of, serves=(name,)) for name, of, *_ in _COUNTED)
    said = tuple(Newest(name, "sentence", where=kind == of, serves=(name,)) for of, name in _SAID.items())
    wrote = facts.messages.filter(nw.col("author_kind") == "customer", nw.col("public")).select("account_id", "sent_at")
    return [
        Events(
            found, at="sent_at", prepare=lambda rows: rows.unique(["account_id", "message_id", "kind", "sent_at"]),
            takes=(*counts, Latest("_churn_intent_at", where=kind == "churn_intent")),
        ),
        Events(facts.evidence, at="sent_at", days=days, takes=said),
        Events(wrote, at="sent_at", days=days, takes=(Count("_written"),)),
        Events(facts.unheard, at="sent_at", days=days, takes=(Count("_unheard"),)),
    ]  # fmt: skip


def columns(facts: SignalFacts, standpoint: Standpoint) -> list[nw.Expr]:
    """The counts (Int64) and the days; the sentences are what was taken."""
    names = [counted.name for counted in _COUNTED]
    if facts.evidence is None or facts.unheard is None:
        nothing = [nw.lit(None, dtype=nw.Int64).alias(name) for name in (*names, "days_since_churn_intent")]
        return [*nothing, *(nw.lit(None, dtype=nw.String).alias(name) for name in _SAID.values())]
    # Customers wrote, and nothing of it could be read.
    deaf = (nw.col("_written") > 0) & (nw.col("_unheard") >= nw.col("_written"))
    return [
        *(nw.when(~deaf).then(nw.col(f"_{name}")).alias(name) for name in names),
        standpoint.days_since("_churn_intent_at").alias("days_since_churn_intent"),
    ]
