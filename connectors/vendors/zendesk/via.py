"""Knows how Zendesk says how something came about: as an object, a word or a number."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.raw import Raw
from domain.tickets import AuthorKind

MERGE = "merge"
# Where Zendesk gives a number in place of a word. Source: its reference of via types.
_BY_NUMBER = {"8": "rule", "19": MERGE}
_BOTS = ("rule", "answer_bot")


@dataclass(frozen=True)
class Via:
    """How a change or a comment came about; `ticket` is the other one of a merge, where it is named."""

    channel: str = ""
    ticket: str | None = None

    @classmethod
    def of(cls, raw: Raw) -> "Via":
        """What an event or a comment says of itself. Exports say it in a word, other answers by an object."""
        said = raw.fields.get("via")
        if not isinstance(said, Mapping):
            return cls(_channel(said), raw.ref("via_reference_id"))
        source = Raw.of(said).object("source") or Raw({})
        ends = [end for name in ("to", "from") if (end := source.object(name))]
        ticket = next((each for end in ends if (each := end.ref("ticket_id"))), None)
        return cls(MERGE if source.text("rel") == MERGE else _channel(said.get("channel")), ticket)

    @property
    def writes(self) -> AuthorKind | None:
        """Who wrote a comment that came about like this, where it was no person."""
        if self.channel == MERGE:
            return "system"
        return "bot" if self.channel.startswith(_BOTS) else None


def _channel(said: object) -> str:
    word = str(said or "").lower().replace(" ", "_")
    return _BY_NUMBER.get(word, word)
