"""Knows which facts of a ticket its clocks are read from, in which columns."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import narwhals as nw

Frame: TypeAlias = nw.LazyFrame[Any]


@dataclass(frozen=True)
class TicketHistories:
    """Lazy frames; times are Datetime("us", "UTC"), ids Int64. What is later than `as_of` is not looked at.

    * tickets: id, created_at, status, priority (null: none), first_replied_at, resolved_at
    * messages: id, ticket_id, author_kind, public, impactful (null: not read), sent_at
    * events: id, ticket_id, kind, from_value, to_value, happened_at; `status`, `priority` and `merged` are read
    * outreach: ticket_id, happened_at; work of success or sales with the ticket's account
    * assignments: ticket_id, since, terms (hash, or null: no policy applies); the first one counts from the beginning
    """

    tickets: Frame
    messages: Frame
    events: Frame
    outreach: Frame
    assignments: Frame
