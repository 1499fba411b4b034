"""Knows the signs of growth by their kind: seats and their limits, what a higher plan has, another team.

They are the messages of expansion_interest_30d, told apart by the words of the sentence in which it was found; one that
speaks of seats and of a plan is a sign of both, one that has none of the words of neither.
"""

import re
from collections.abc import Iterator

import narwhals as nw

from rules.signals.facts import SignalFacts
from rules.signals.measures import Count, Events, Happening
from rules.signals.signal import Phrase, Signal
from rules.signals.windows import SignalWindows

_SIGNS = {
    "seats": ("seats or licences", "expansion_seat_words"),
    "plan": ("a higher plan or what it has", "expansion_plan_words"),
    "team": ("another team", "expansion_team_words"),
}
_INTEREST = "expansion_interest_30d"


def _phrase(name: str, what: str) -> Phrase:
    return lambda s: f"{s.count(name, 'message')} in {s.windows.evidence_days} days about {what}"


def _signals() -> Iterator[Signal]:
    for sign, (what, words) in _SIGNS.items():
        name = f"expansion_{sign}_30d"
        yield Signal(
            name=name, kind="number", unit="messages",
            noun=f"messages in {{evidence_days}} days with interest in {what}",
            meaning=f"The messages of {_INTEREST} whose sentence speaks of {what}: it has one of the `{words}` of "
            "signals.yaml.",
            unknown_when=f"as {_INTEREST}", phrase=_phrase(name, what),
        )  # fmt: skip


SIGNALS = tuple(_signals())
NEEDS = (_INTEREST,)


def speaks_of(sign: str, windows: SignalWindows) -> nw.Expr:
    """Whether a sentence has one of the words of a sign, as whole words in any case."""
    words: tuple[str, ...] = getattr(windows, _SIGNS[sign][1])
    listed = "|".join(re.escape(word.lower()).replace(r"\ ", r"\s+") for word in words)
    return nw.col("sentence").str.to_lowercase().str.contains(rf"\b({listed})\b") if words else nw.lit(False)


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """The messages of each sign, each once."""
    if facts.evidence is None:
        return []
    found = facts.evidence.filter(nw.col("kind") == "expansion_interest", ~nw.col("account_id").is_null())
    columns = ("account_id", "message_id", "sent_at")
    return [
        Events(
            found.filter(speaks_of(sign, windows)).select(*columns), at="sent_at", days=windows.evidence_days,
            prepare=lambda rows: rows.unique(["account_id", "message_id", "sent_at"]),
            takes=(Count(f"_expansion_{sign}"),),
        )
        for sign in _SIGNS
    ]  # fmt: skip


def columns(facts: SignalFacts) -> list[nw.Expr]:
    """The three counts (Int64), unknown where the interest itself is."""
    if facts.evidence is None:
        return [nw.lit(None, dtype=nw.Int64).alias(signal.name) for signal in SIGNALS]
    known = ~nw.col(_INTEREST).is_null()
    return [nw.when(known).then(nw.col(f"_expansion_{sign}")).alias(f"expansion_{sign}_30d") for sign in _SIGNS]
