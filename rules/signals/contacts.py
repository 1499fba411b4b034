"""Knows how long ago the executive sponsor, and the customer success manager, was last in contact with an account."""

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import SignalFacts
from rules.signals.measures import Events, Happening, Latest
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

SIGNALS = (
    Signal(
        name="days_since_sponsor_contact", kind="days", unit="days", noun="days since the executive sponsor's contact",
        meaning="Whole days since the newest touch of an executive sponsor: one whose actor is listed in "
        "`sponsor_actors`, or whose note has one of the words `sponsor_words`, of signals.yaml.",
        unknown_when="no such touch with the account is on record",
        phrase=lambda s: f"{s.count('days_since_sponsor_contact', 'day')} since the executive sponsor was in contact",
    ),
    Signal(
        name="days_since_csm_contact", kind="days", unit="days", noun="days since the CSM's contact",
        meaning="Whole days since the newest touch of a customer success manager: of a kind of `csm_touches`, or one "
        "whose note has one of the words `csm_words`, of signals.yaml.",
        unknown_when="no such touch with the account is on record",
        phrase=lambda s: f"{s.count('days_since_csm_contact', 'day')} since the CSM was in contact",
    ),
)  # fmt: skip


def by_sponsor(windows: SignalWindows) -> nw.Expr:
    """Whether a touch is an executive sponsor's."""
    actor = nw.col("actor").str.to_lowercase().is_in([name.lower() for name in windows.sponsor_actors])
    return actor.fill_null(False) | _noted(windows.sponsor_words)


def by_csm(windows: SignalWindows) -> nw.Expr:
    """Whether a touch is a customer success manager's."""
    return nw.col("kind").is_in(list(windows.csm_touches)) | _noted(windows.csm_words)


def _noted(words: tuple[str, ...]) -> nw.Expr:
    noted = nw.lit(False)
    for word in words:
        noted = noted | nw.col("note").str.to_lowercase().str.contains(word.lower(), literal=True).fill_null(False)
    return noted


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """The newest touch of each."""
    if facts.touches is None:
        return []
    linked = facts.touches.filter(~nw.col("account_id").is_null())
    takes = (Latest("_sponsor_at", where=by_sponsor(windows)), Latest("_csm_at", where=by_csm(windows)))
    return [Events(linked, "happened_at", takes)]


def columns(facts: SignalFacts, standpoint: Standpoint) -> list[nw.Expr]:
    """Both signals (Int64)."""
    if facts.touches is None:
        return [nw.lit(None, dtype=nw.Int64).alias(signal.name) for signal in SIGNALS]
    return [
        standpoint.days_since("_sponsor_at").alias("days_since_sponsor_contact"),
        standpoint.days_since("_csm_at").alias("days_since_csm_contact"),
    ]
