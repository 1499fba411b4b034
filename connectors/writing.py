"""Knows how a planned change is carried out, and how a note is recognised as ours however often it is sent."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from connectors.contract import OutgoingRequest, Written
from connectors.http import Conflict, Http

Wanted = TypeVar("Wanted")


class Writer(ABC, Generic[Wanted]):
    """Looks what a change still needs, and sends that.

    `already` says of the thing that it needs nothing. `overtaken` is for a vendor that refuses a request when somebody
    has changed the thing since it was read; without it a conflict is an error.
    """

    http: Http
    already: ClassVar[str]
    overtaken: ClassVar[str | None] = None

    @abstractmethod
    def planned(self, wanted: Wanted) -> tuple[list[OutgoingRequest], str]:
        """What is to be sent; and why nothing is, or what is left out."""

    def plan(self, wanted: Wanted) -> Sequence[OutgoingRequest]:
        requests, _ = self.planned(wanted)
        return requests

    def write(self, wanted: Wanted) -> Written:
        requests, because = self.planned(wanted)
        try:
            return sent(self.http, requests, because, self.already)
        except Conflict:
            if self.overtaken is None:
                raise
            return Written("stepped_back", self.overtaken)


def sent(http: Http, requests: Sequence[OutgoingRequest], because: str, already: str) -> Written:
    """Send what is planned, in its order."""
    if not requests:
        return nothing_sent(because, already)
    for each in requests:
        http.write(each.method, each.path, each.body, each.headers)
    return Written("done", f"written; {because}" if because else "written", tuple(requests))


def nothing_sent(because: str, already: str) -> Written:
    """What became of a change that needs no request, or may have none."""
    return Written("stepped_back" if because else "already", because or already)


def mark(key: str) -> str:
    """What stands under a note of Keepline's: short, the same for every attempt, and not to be guessed by chance."""
    return f"Keepline ref {hashlib.sha256(key.encode()).hexdigest()[:12]}"


def marked(text: str, key: str) -> str:
    """The text of a note with its mark."""
    return f"{text.rstrip()}\n\n{mark(key)}"


def bears_mark(text: str, key: str) -> bool:
    """Whether a note is the one that was sent for `key`."""
    return mark(key) in text
