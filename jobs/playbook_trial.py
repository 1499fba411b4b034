"""Says what a file of playbooks would change against what counts now, and which of its words cannot be obeyed here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jobs.ledger import ledger_frames
from jobs.playbooks_in_force import history
from jobs.rulebook import Rulebook
from retention.ledger import open_ledger
from rules.playbook_changes import Change, changes, said
from rules.playbooks import Playbook, require_currency
from storage.store import Store


@dataclass(frozen=True)
class Difference:
    """What would become of one playbook.

    `new`: nothing of it counts now; `changed`: another version does; `off`: a person paused or retired it and this
    version is not new, so that it stays off; `tried`: it is in shadow; `gone`: it counts now and is not in the file.
    """

    playbook: str
    kind: Literal["new", "changed", "same", "gone", "off", "tried"]
    version: str | None
    changes: list[Change]
    said: list[str]


def differences(store: Store, rulebook: Rulebook, playbooks: Sequence[Playbook], as_of: datetime) -> list[Difference]:
    """What would become of each playbook of a file, then of those that count now and are not in it."""
    known = history(store, rulebook)
    standing = known.standing(as_of)
    active = {book.id: book for book in known.at(as_of).active}
    found: list[Difference] = []
    for book in playbooks:
        now = active.get(book.id)
        stands = standing.get(book.id)
        is_off = now is None and stands is not None and book.content_hash in known.versions
        if now is not None and now.content_hash == book.content_hash:
            found.append(Difference(book.id, "same", book.content_hash, [], []))
        elif stands is not None and stands.shadow == book.content_hash:
            found.append(Difference(book.id, "tried", book.content_hash, changes(now, book), []))
        elif is_off:
            found.append(Difference(book.id, "off", book.content_hash, [], []))
        else:
            kind: Literal["new", "changed"] = "new" if now is None else "changed"
            told = said(book, rulebook.windows)
            found.append(Difference(book.id, kind, book.content_hash, changes(now, book), told))
    here = {book.id for book in playbooks}
    return found + [Difference(name, "gone", None, [], []) for name in sorted(active.keys() - here)]


def further_mistakes(
    store: Store, rulebook: Rulebook, playbooks: Sequence[Playbook], as_of: datetime
) -> Iterator[tuple[str, str]]:
    """What only this installation can find wrong, as (what stands there, what would be right): amounts, calendars."""
    facts = store.facts()
    frames = ledger_frames(facts)
    currency = open_ledger(frames.lines, frames.fx_rates, as_of, rulebook.ledger).currency
    for book in playbooks:
        try:
            require_currency([book], currency)
        except ValueError as error:
            yield f"an amount in playbook {book.id}", str(error)
        for step in book.steps:
            if step.time_left.counting == "business" and rulebook.sla.default_calendar is None:
                remedy = "name a default calendar in sla.yaml, or count the step as elapsed"
                yield f"{step.within!r} in playbook {book.id}", remedy
