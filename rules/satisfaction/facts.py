"""Knows which facts satisfaction is foretold from, and in which columns."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import narwhals as nw

Frame: TypeAlias = nw.LazyFrame[Any]


@dataclass(frozen=True)
class TicketHistory:
    """Lazy frames of the tickets that are looked at; times are Datetime("us", "UTC"), ids Int64.

    * tickets: id, account_id, account (a name of the account that stays, or null), source, ref, created_at, resolved_at
    * messages: id, ticket_id, author_kind, public, automatic, sent_at, characters (Int64: length of the text)
    * events: ticket_id, kind, from_value, to_value, happened_at
    """

    tickets: Frame
    messages: Frame
    events: Frame


@dataclass(frozen=True)
class TicketFacts(TicketHistory):
    """The same with all that may speak for or against satisfaction.

    * breaches: ticket_id, breached_at
    * promised: ticket_id, since: from when on it has had a target
    * surveys: ticket_id, kind, score, scale_min, scale_max, answered_at
    * readings: message_id, sentiment (−100..100 or null); of one reader, one row a message
    * said_again: message_id, again (Int64: its sentences that a customer had written on the ticket before)
    * evidence: message_id, kind
    """

    breaches: Frame
    promised: Frame
    surveys: Frame
    readings: Frame
    said_again: Frame
    evidence: Frame
