"""Knows how a replay looks at open tickets: at which moments, and what is seen of those of some accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np

from rules.replay.grid import Numbers

Table: TypeAlias = nw.DataFrame[Any]


@dataclass(frozen=True)
class TicketView:
    """What sees the open tickets of some accounts, and the moments at which they are looked at, rising.

    `see` is given the panel of the accounts at these moments and returns a row per open ticket and moment, as
    `ticket_signals` tells it, with as_of. It is only called where a rule is about tickets.
    """

    moments: tuple[datetime, ...]
    see: Callable[[Table], Table]

    def tickets(self, panel: Table) -> Table:
        """The open tickets of the accounts of a panel of all moments; the others' are not known by their accounts."""
        seen = self.see(panel.filter(nw.col("as_of").is_in(self.moments)))
        return seen.filter(~nw.col("account_ref").is_null())


def rows_or_nothing(table: Table, places: Numbers) -> Table:
    """The rows of a table at some places; one of nulls where the place is −1."""
    nothing = nw.from_dict({name: [None] for name in table.columns}, table.schema, backend=table.implementation)
    return nw.concat([table, nothing])[np.where(places < 0, len(table), places)]
