"""Knows which facts KPIs are made from, in which columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from rules.sla.calendar import Calendar

Frame = nw.LazyFrame[Any]
Results = nw.DataFrame[Any]
SOLVED = ("solved", "closed")


@dataclass(frozen=True)
class KpiFacts:
    """Frames; times are Datetime("us", "UTC"), ids and seconds Int64. What is later than `as_of` is not looked at.

    * tickets: id, account_id, status, priority, channel, team, assignee, source, escalated, created_at,
      first_replied_at, resolved_at; segment and days_to_renewal of its account when it was created, where a cut needs
      them
    * messages: id, ticket_id, author_kind, public, sent_at
    * events: id, ticket_id, kind, from_value, to_value, happened_at
    * clocks: what `rules.sla.clock.clocks` gives for these tickets at `as_of`
    * surveys: ticket_id, kind, score, scale_min, scale_max, answered_at; segment and days_to_renewal of its account at
      the answer, where a cut needs them
    * views: id, source, account_id, ticket_id, article_ref, visitor, viewed_at; segment and days_to_renewal of its
      account at the view, where a cut needs them
    * known_since: when the first ticket of all was created, None: there is none; counts are not compared with the time
      before it
    * calendars: by the hash of the terms; a ticket without terms is measured with `default_calendar`
    """

    as_of: datetime
    tickets: Frame
    messages: Frame
    events: Frame
    clocks: Results
    surveys: Frame
    views: Frame
    calendars: Mapping[str, Calendar]
    default_calendar: Calendar
    known_since: datetime | None = None
