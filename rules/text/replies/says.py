"""Knows what a phrase can make of a sentence."""

from enum import IntEnum
from typing import TypeAlias


class Says(IntEnum):
    """What a phrase makes of its sentence; in a sentence with several, the lower number decides."""

    AUTOMATIC = 0  # of the whole message: nobody wrote it for this customer
    FOOTER = 1  # of the sentence, whatever else it says
    MOVES = 2  # a question, a step, a cause, a fix, a date for it, an answer
    HOLDS = 3  # received, looking into it, passed on, more to come
    COURTESY = 4  # of itself only; the rest of the sentence is looked at


# What is said, more of it in a word or two, and the phrases: one a line; a line that is indented more goes on with the
# one before.
Table: TypeAlias = tuple[tuple[Says, str, str], ...]
