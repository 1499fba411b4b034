"""Knows the deadlines of one ticket that is given as plain data; the answer is that of all tickets at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import narwhals as nw

from domain.sla import ClockState, Counting, Metric
from rules.sla.clock import clocks
from rules.sla.given import GivenEvent, GivenTicket, given_terms, moment
from rules.sla.histories import Frame, TicketHistories
from rules.sla.terms import Terms

Plain: TypeAlias = Mapping[str, Any]
_MOMENT = nw.Datetime("us", "UTC")
_TICKET = 1
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Deadline:
    """One wait of a ticket for one metric; moments in UTC, lengths in whole seconds, None where there is none.

    What each field means is told by `rules.sla.clock.clocks`. `terms` and `breached_terms` are places in the given
    terms, from 0: those in force when the wait was over, or now, and those that were broken.
    """

    metric: Metric
    cycle: int
    state: ClockState
    started_at: datetime
    fulfilled_at: datetime | None
    ended_at: datetime | None
    deadline_at: datetime | None
    target: timedelta | None
    counting: Counting
    spent: timedelta | None
    remaining: timedelta | None
    business: timedelta | None
    elapsed: timedelta
    paused: timedelta
    breached_at: datetime | None
    breached_terms: int | None
    terms: int | None
    warned_percent: int
    next_warning_at: datetime | None
    retargets: int
    history: str


def deadlines(ticket: Plain, terms: Plain | Terms | Sequence[Plain], as_of: datetime | str) -> list[Deadline]:
    """Where all clocks of a ticket stand at `as_of`: one `Deadline` per metric and wait, sorted.

    Args:
        ticket: `created_at`, and what there is of `status`, `priority`, `messages` (`at`, `by`, `public`, `impactful`),
            `events` (`at`, `kind`, `from`, `to`), `outreach`, `first_replied_at`, `resolved_at`
        terms: `targets`, and what there is of `calendar`, `pauses`, `grace`, `warnings`, `reopened`, `policy`; or a
            list of such, each with the moment `since` which it holds
        as_of: what is later is not looked at

    Moments are aware datetimes or ISO 8601 texts with a zone.

    Raises:
        ValueError: something is wrong with the data; the message has the place, and what would be right.

    Source: docs/sla.md, "Clocks".
    """
    given = GivenTicket.model_validate(ticket)
    phases = _phases(terms)
    named = {phase.content_hash: phase for _, phase in phases}
    frame = clocks(_histories(given, phases), named, moment(as_of))
    places = {name: place for place, (_, phase) in reversed(list(enumerate(phases))) for name in [phase.content_hash]}
    return [_deadline(row, places) for row in frame.iter_rows(named=True)]


def _phases(terms: Plain | Terms | Sequence[Plain]) -> list[tuple[datetime, Terms]]:
    if isinstance(terms, Terms):
        return [(_BEGINNING, terms)]
    given = [(each.since or _BEGINNING, each.terms) for each in given_terms(terms)]
    first = min(range(len(given)), key=lambda place: given[place][0])
    return [(_BEGINNING if place == first else since, each) for place, (since, each) in enumerate(given)]


def _histories(ticket: GivenTicket, phases: Sequence[tuple[datetime, Terms]]) -> TicketHistories:
    return TicketHistories(
        tickets=_frame(
            [(_TICKET, ticket.created_at, ticket.status, ticket.priority, ticket.first_replied_at, ticket.resolved_at)],
            id=nw.Int64, created_at=_MOMENT, status=nw.String, priority=nw.String, first_replied_at=_MOMENT,
            resolved_at=_MOMENT,
        ),
        messages=_frame(
            [(n, _TICKET, one.by, one.public, one.impactful, one.at) for n, one in enumerate(ticket.messages)],
            id=nw.Int64, ticket_id=nw.Int64, author_kind=nw.String, public=nw.Boolean, impactful=nw.Boolean,
            sent_at=_MOMENT,
        ),
        events=_frame(
            [(n, _TICKET, one.kind, one.before, one.after, one.at) for n, one in enumerate(_events(ticket))],
            id=nw.Int64, ticket_id=nw.Int64, kind=nw.String, from_value=nw.String, to_value=nw.String,
            happened_at=_MOMENT,
        ),
        outreach=_frame(
            [(_TICKET, at) for at in ticket.outreach if at >= ticket.created_at],
            ticket_id=nw.Int64, happened_at=_MOMENT,
        ),
        assignments=_frame(
            # Of several since the same moment the last one holds.
            [(_TICKET, since, phase.content_hash) for since, phase in dict(phases).items()],
            ticket_id=nw.Int64, since=_MOMENT, terms=nw.String,
        ),
    )  # fmt: skip


def _events(ticket: GivenTicket) -> list[GivenEvent]:
    """The events, of which the first change of priority tells what it was before."""
    ordered = sorted(ticket.events, key=lambda event: event.at)
    for place, event in enumerate(ordered):
        if event.kind == "priority":
            ordered[place] = event.model_copy(update={"before": event.before or ticket.priority})
            break
    return ordered


def _frame(rows: Sequence[tuple[Any, ...]], **schema: Any) -> Frame:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    data = {name: list(column) for name, column in zip(schema, columns, strict=True)}
    return nw.from_dict(data, schema=schema, backend="polars").lazy()


def _deadline(row: Plain, places: Mapping[str, int]) -> Deadline:
    values = {name.removesuffix("_seconds"): value for name, value in row.items() if name != "ticket_id"}
    values |= {name: at.replace(tzinfo=UTC) for name, at in values.items() if isinstance(at, datetime)}
    for name in ("target", "spent", "remaining", "business", "elapsed", "paused"):
        values[name] = None if values[name] is None else timedelta(seconds=values[name])
    for name in ("terms", "breached_terms"):
        values[name] = None if values[name] is None else places[values[name]]
    return Deadline(**values)
