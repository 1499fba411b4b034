"""Publishes what the ledger says of windows that are over, and restates visibly what it says differently later."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.conventions import Cut, LedgerConventions, PublishingConventions
from domain.publishing import JUDGING, PublishedFigure, differing
from jobs.ledger import ledger_frames
from jobs.rulebook import Rulebook
from retention.ledger import LedgerFrames
from retention.rows import retention_in_cuts
from storage.facts import Facts
from storage.published import Place, PublishedBook, place_of
from storage.store import Store

_READING_MORE: tuple[Cut, ...] = ("journey_stage", "workflow")


@dataclass(frozen=True)
class Publication:
    """How many rows were told for the first time, and how many were told differently."""

    new: int = 0
    restated: int = 0


def publish(store: Store, rulebook: Rulebook, as_of: datetime) -> Publication:
    """Tell every row of the windows that are over at `as_of` which was never told, or which differs from what was."""
    book = PublishedBook(store.engine)
    told, moment = book.newest(), book.moment(as_of)
    facts, wanted = store.facts(), rulebook.publishing
    now = {place_of(row): row for row in rows_of(facts, rulebook.ledger, wanted, as_of, moment)}
    new = [row for place, row in now.items() if place not in told]
    changed = [row for place, row in now.items() if place in told and differing(told[place].figures, row.figures)]
    gone = [_gone(each, rulebook.ledger, moment) for each in told.values() if _is_gone(each, now, wanted)]
    # What comes back after it was no more is told again, as a restatement; so is a slice that a window had not.
    book.append([*new, *changed, *gone])
    windows = {place[:3] for place in told}
    first = sum(place_of(row)[:3] not in windows for row in new)
    return Publication(first, len(new) - first + len(changed) + len(gone))


def rows_of(
    facts: Facts,
    ledger: LedgerConventions,
    wanted: PublishingConventions,
    as_of: datetime,
    published_at: datetime,
) -> Iterator[PublishedFigure]:
    """The rows that are published of these facts, as they are told."""
    conventions = _as_told(ledger.model_dump(mode="json", exclude=set(JUDGING)))
    frames, cuts = _frames(facts, wanted), (None, *wanted.cuts)
    for period in wanted.periods:
        for by, rows in retention_in_cuts(frames, period, as_of, cuts, ledger).items():
            for row in rows:
                yield PublishedFigure(
                    length=period,
                    period=row.period,
                    by=by or "",
                    slice=row.slice or "",
                    currency=row.currency,
                    figures=_as_told(row.as_json()),
                    conventions=conventions,
                    published_at=published_at,
                )


def _frames(facts: Facts, wanted: PublishingConventions) -> LedgerFrames:
    """What the ledger reads for all cuts that are published, read once."""
    frames = ledger_frames(facts)
    for by in wanted.cuts:
        own = ledger_frames(facts, by) if by in _READING_MORE else frames
        frames = replace(frames, contracts=frames.contracts or own.contracts, tickets=frames.tickets or own.tickets)
    # Every length of window reads them again.
    once = {name: getattr(frames, name).collect().lazy() for name in ("lines", "accounts", "segments", "fx_rates")}
    return replace(frames, **once)


def _as_told(printed: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the database."""
    told: dict[str, Any] = json.loads(json.dumps(printed, default=str))
    return told


def _is_gone(told: PublishedFigure, now: dict[Place, PublishedFigure], wanted: PublishingConventions) -> bool:
    """Whether a row is no more, though its window and cut are still published."""
    asked: tuple[Cut | None, ...] = (None, *wanted.cuts)
    is_asked = told.length in wanted.periods and (told.by or None) in asked
    return is_asked and bool(told.figures) and place_of(told) not in now


def _gone(told: PublishedFigure, ledger: LedgerConventions, moment: datetime) -> PublishedFigure:
    conventions = _as_told(ledger.model_dump(mode="json", exclude=set(JUDGING)))
    return told.model_copy(update={"figures": {}, "conventions": conventions, "published_at": moment})
