"""Knows how a fact of a path is said in a few words."""

import re
from collections.abc import Sequence

_COUNTED = {
    "late_reply": ("broken reply promise", "broken reply promises"),
    "late_resolution": ("broken resolution promise", "broken resolution promises"),
    "late_care": ("review or outreach too late", "reviews or outreaches too late"),
    "slow_reply": ("ticket answered slowly", "tickets answered slowly"),
    "slow_resolution": ("ticket resolved slowly", "tickets resolved slowly"),
    "unresolved": ("ticket never resolved", "tickets never resolved"),
    "reopened": ("reopening", "reopenings"),
    "repeated_issue": ("ticket about a repeated issue", "tickets about a repeated issue"),
    "hand_off": ("hand-off", "hand-offs"),
    "dropped_hand_off": ("hand-off that nobody took up", "hand-offs that nobody took up"),
    "unanswered_anger": ("angry message left alone", "angry messages left alone"),
    "unhandled_escalation": ("escalation that nobody handled", "escalations that nobody handled"),
    "topic": ("ticket about it", "tickets about it"),
    "anger": ("angry message", "angry messages"),
    "low_rating": ("low rating", "low ratings"),
}
_FAILURES = {
    "late_reply": "broken reply promises",
    "late_resolution": "broken resolution promises",
    "late_care": "late reviews and outreaches",
    "slow_reply": "slow replies",
    "unresolved": "tickets never resolved",
    "reopened": "reopened tickets",
    "repeated_issue": "repeated issue",
    "dropped_hand_off": "dropped hand-offs",
    "unanswered_anger": "anger left alone",
    "unhandled_escalation": "unhandled escalation",
}
_LONGEST = 160


def said_in_words(fact: str, amount: float, text: str | None = None, days: int = 0) -> str:
    """`4 tickets about a repeated issue (export-fails)`, `usage down 62 %`, `the churn report says “price”`.

    `text` is what was written, `days` over how many days usage was looked at.
    """
    if fact in _COUNTED:
        named = f" ({text})" if fact == "repeated_issue" and text else ""
        return f"{amount:,.0f} {_COUNTED[fact][amount != 1]}{named}"
    quoted = f"“{text}”" if text else "it"
    return {
        "usage_drop": f"usage down {amount:.0f} % over {days} days",
        "never_took_off": "usage never took off",
        "silence": f"silent for {amount:.0f} days",
        "young_account": "a young account",
        "said": f"the customer wrote {quoted}",
        "commented": f"the churn report comments {quoted}",
        "reported": f"the churn report's reason is {quoted}",
    }[fact]


def failure_in_words(failure: str) -> str:
    """What people call a kind of failure."""
    return _FAILURES.get(failure, failure)


def sentence_with(text: str, pattern: str) -> str:
    """The sentence of a text in which the pattern is found, shortened where it is long."""
    sentences: Sequence[str] = re.split(r"(?<=[.!?])\s+|\n+", text)
    found = next((each.strip() for each in sentences if re.search(pattern, each)), text.strip())
    return found if len(found) <= _LONGEST else found[: _LONGEST - 1].rstrip() + "…"
