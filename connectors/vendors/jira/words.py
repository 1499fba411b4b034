"""Knows what the statuses and priorities of a Jira site mean, those of its history among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.raw import Raw

PRIORITY = {
    "highest": "urgent", "urgent": "urgent", "critical": "urgent", "blocker": "urgent", "high": "high",
    "major": "high", "medium": "normal", "normal": "normal", "low": "low", "minor": "low", "lowest": "low",
    "trivial": "low",
}  # fmt: skip
_CATEGORIES = {"new": "new", "undefined": "open", "indeterminate": "open", "done": "solved"}
# What the statuses of Jira's own service workflows say beyond their category.
_STATUSES = {
    ("open", "waiting for customer"): "pending", ("open", "pending"): "on_hold",
    ("open", "waiting for approval"): "on_hold", ("solved", "closed"): "closed", ("solved", "canceled"): "closed",
}  # fmt: skip
# A status that the site has no more stands in the history by its name alone.
_BY_NAME = {name: word for (_, name), word in _STATUSES.items()} | {"resolved": "solved", "done": "solved"}


@dataclass
class Words:
    """The words of one site: `mapped` is the user's mapping, `statuses` the site's statuses by their id."""

    mapped: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)

    def status(self, status: Raw) -> str:
        """Keepline's word for a status of the site."""
        name = (status.text("name") or "").lower()
        category = status.object("statusCategory")
        word = (category.choice("key", _CATEGORIES, "open") if category else None) or "open"
        return self._mapped(name) or _STATUSES.get((word, name), word)

    def change(self, kind: str, item: Raw) -> tuple[str | None, str | None]:
        """What a change of the history went from and to."""
        return self._word(kind, item, "from", "fromString"), self._word(kind, item, "to", "toString")

    def _word(self, kind: str, item: Raw, identity: str, name: str) -> str | None:
        if kind == "priority":
            return item.choice(name, PRIORITY)
        key = item.text(identity)
        if kind != "status" or key is None:
            return key
        said = (item.text(name) or "").lower()
        return self.statuses.get(key) or self._mapped(said) or item.choice(name, _BY_NAME, "open")

    def _mapped(self, name: str) -> str | None:
        for word in ("pending", "on_hold"):
            said = self.mapped.get(f"ticket.{word}_statuses", "").lower().split(",")
            if name and name in {each.strip() for each in said}:
                return word
        return None
