"""Knows what a quoted sentence carries with it: who wrote it, where, when, and why it was chosen."""

from dataclasses import dataclass
from datetime import datetime

from domain.tickets import AuthorKind


@dataclass(frozen=True, slots=True)
class Quoted:
    """One sentence of a message, verbatim but for what was masked in it; `because` says why it was chosen."""

    ticket_ref: str
    message_ref: str
    author_kind: AuthorKind
    sent_at: datetime
    sentence: str
    because: str

    @property
    def line(self) -> str:
        """The sentence on one line."""
        return " ".join(self.sentence.split())


@dataclass(frozen=True, slots=True)
class Summary:
    """The sentences that matter, oldest first.

    * messages: how many public messages of persons there are; read: of how many sentences were weighed
    * sampled: whether some were left out because the thread is very long, first and last ones never
    """

    quotes: tuple[Quoted, ...]
    messages: int
    read: int
    sampled: bool
