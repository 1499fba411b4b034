"""Knows what an account's customers have lately given away in words: asking to leave, escalating, wanting more."""

from typing import NamedTuple

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
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


def spoken(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> list[Frame]:
    """account_id and every signal of this module: counts Int64, sentences String."""
    accounts = facts.accounts.select(account_id="id")
    if facts.evidence is None or facts.unheard is None:
        nothing = [nw.lit(None, dtype=nw.Int64).alias(name) for name, *_ in _COUNTED]
        texts = [nw.lit(None, dtype=nw.String).alias(name) for name in _SAID.values()]
        days = nw.lit(None, dtype=nw.Int64).alias("days_since_churn_intent")
        return [accounts.select("account_id", *nothing, days, *texts)]
    found = facts.evidence.filter(clock.known("sent_at"), ~nw.col("account_id").is_null())
    recent = found.filter(clock.within("sent_at", windows.evidence_days))
    counts = [
        _distinct_messages(recent, kind).rename({"messages": f"_{name}"}) for name, kind, *_ in _COUNTED
    ]  # fmt: skip
    wide = accounts.join(_only_unheard(facts, clock, windows), on="account_id", how="left")
    for counted in counts:
        wide = wide.join(counted, on="account_id", how="left")
    known = nw.col("_deaf").is_null()
    columns = [nw.when(known).then(nw.col(f"_{name}").fill_null(0).cast(nw.Int64)).alias(name) for name, *_ in _COUNTED]
    last = found.filter(nw.col("kind") == "churn_intent").group_by("account_id").agg(nw.col("sent_at").max())
    since = last.select("account_id", clock.days_since("sent_at").alias("days_since_churn_intent"))
    said = [_newest(recent, kind, name) for kind, name in _SAID.items()]
    return [wide.select("account_id", *columns), since, *said]


def _distinct_messages(recent: Frame, kind: str) -> Frame:
    of_kind = recent.filter(nw.col("kind") == kind).select("account_id", "message_id").unique(["message_id"])
    return of_kind.group_by("account_id").agg(nw.len().alias("messages"))


def _only_unheard(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, _deaf: of those whose customers wrote, and nothing of it could be read."""
    within = clock.within("sent_at", windows.evidence_days)
    wrote = facts.messages.filter(within, nw.col("author_kind") == "customer", nw.col("public"))
    written = wrote.group_by("account_id").agg(nw.len().alias("_written"))
    unheard = facts.unheard.filter(within) if facts.unheard is not None else wrote
    deaf = unheard.group_by("account_id").agg(nw.len().alias("_unheard"))
    both = written.join(deaf, on="account_id", how="inner").filter(nw.col("_unheard") >= nw.col("_written"))
    return both.select("account_id", nw.lit(True).alias("_deaf"))


def _newest(recent: Frame, kind: str, name: str) -> Frame:
    """The sentence of the newest message; of one message the first by alphabet."""
    of_kind = recent.filter(nw.col("kind") == kind)
    newest = of_kind.filter(nw.col("sent_at") == nw.col("sent_at").max().over("account_id"))
    return newest.group_by("account_id").agg(nw.col("sentence").min().alias(name))
