"""Supposes that a document had been in force: which promises of a span it would have made, and which were kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import narwhals as nw

from jobs.rulebook import Rulebook
from jobs.sla.promising import horizon
from jobs.sla.scenes import Scenes
from jobs.sla.watching import all_terms, ticket_histories
from rules.sla.attainment import Attained, attainment
from rules.sla.clock import clocks
from rules.sla.matching import match
from rules.sla.policy import SlaDocument
from storage.store import Store


def last_quarter(as_of: datetime) -> tuple[datetime, datetime]:
    """The first moment of the last whole calendar quarter (UTC), and the first one after it."""
    today = as_of.astimezone(UTC).date()
    begun = date(today.year, today.month - (today.month - 1) % 3, 1)
    before = date(begun.year, begun.month - 3, 1) if begun.month > 3 else date(begun.year - 1, 10, 1)
    return datetime.combine(before, time(), UTC), datetime.combine(begun, time(), UTC)


def kept(
    store: Store,
    rulebook: Rulebook,
    documents: list[SlaDocument | None],
    as_of: datetime,
    since: datetime,
    until: datetime,
) -> list[Attained]:
    """What of `[since, until)` was kept, on the same histories: of what was promised (None), or by a document.

    By a document each ticket has the terms of its creation, as its account was seen on that day; those that a first
    run would promise nothing have none.
    """
    first, known = horizon(rulebook, as_of), all_terms(store)
    histories = ticket_histories(store, first, as_of)
    names = tuple(dict.fromkeys(name for each in documents if each for name in each.signals()))
    scenes = Scenes.read(store, rulebook, first, as_of, names)
    seen, currency = scenes.seen(scenes.at_creation(as_of))
    found = []
    for document in documents:
        terms, promised = known, histories
        if document is not None:
            matched = match(document, seen, nw.col("at"), currency)
            assignments = matched.tickets.join(seen.select("ticket_id", since="at"), on="ticket_id")
            promised = replace(histories, assignments=assignments.select("ticket_id", "since", "terms").lazy())
            terms = dict(matched.terms)
        told = clocks(promised, terms, as_of)
        found += attainment(told, scenes.tickets, {}, since, until)
    return found
