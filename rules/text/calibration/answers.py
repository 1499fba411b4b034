"""Knows what an answer says of how a message sounds: one class, or those that it leaves open."""

from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["neg", "neu", "pos", "not_neg", "not_pos", "right", "too_harsh", "too_mild"]
# Negative, neutral, positive.
Allowed: TypeAlias = tuple[bool, bool, bool]

_CLASSES: dict[str, Allowed] = {
    "neg": (True, False, False), "neu": (False, True, False), "pos": (False, False, True),
    "not_neg": (False, True, True), "not_pos": (True, True, False),
}  # fmt: skip
# A shown score beyond a third of the scale was shown as negative or positive.
_THIRD = 100 / 3


def allowed(answer: Answer, shown: float | None = None) -> Allowed:
    """Which of negative, neutral and positive an answer leaves possible.

    `right` confirms the class of the score that was shown; `too_harsh` says that the message sounds better than the
    class that was shown, `too_mild` worse; where nothing is better than positive or worse than negative, that class.

    Raises:
        ValueError: the answer is unknown, or speaks of a score and none was shown.
    """
    if answer in _CLASSES:
        return _CLASSES[answer]
    if answer not in {"right", "too_harsh", "too_mild"}:
        known = ", ".join([*_CLASSES, "right", "too_harsh", "too_mild"])
        raise ValueError(f"{answer!r} is no answer; write one of {known}")
    if shown is None:
        raise ValueError(f"{answer!r} speaks of a score; give the score that was shown, or answer neg, neu or pos")
    place = 0 if shown <= -_THIRD else 2 if shown >= _THIRD else 1
    if answer == "right":
        return _CLASSES[("neg", "neu", "pos")[place]]
    if answer == "too_harsh":
        return _CLASSES[("not_neg", "pos", "pos")[place]]
    return _CLASSES[("neg", "neg", "not_pos")[place]]
