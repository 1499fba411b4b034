"""Knows how long ago moments are, on the wall's clock and in the open hours of a calendar, for a column at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from rules.signals.ticket_facts import Rows
from rules.sla.calendar import Calendar
from rules.sla.open_time import open_time
from rules.sla.zones import Ints, micros

_SECOND = 1_000_000


@dataclass(frozen=True)
class Stopwatch:
    """Measures from one moment backwards."""

    calendar: Calendar
    as_of: datetime

    def lengths(self, rows: Rows, measured: Mapping[str, str]) -> Rows:
        """ticket_id, and of each column of moments the whole seconds since then, as `name` and `name_business`.

        Null where the moment is unknown.
        """
        found = [rows["ticket_id"]]
        for name, column in measured.items():
            moments = rows[column].to_numpy().astype("datetime64[us]")
            known = ~np.isnat(moments)
            begins = np.where(known, moments.view(np.int64), micros(self.as_of))
            elapsed = micros(self.as_of) - begins
            for title, length in ((name, elapsed), (f"{name}_business", self._open(begins))):
                found.append(_seconds(title, length, known, rows))
        return nw.from_dict({each.name: each for each in found})

    def _open(self, begins: Ints) -> Ints:
        if not len(begins):
            return begins
        first = self.as_of - timedelta(microseconds=int(micros(self.as_of) - begins.min()))
        ends = np.full(len(begins), micros(self.as_of))
        return open_time(self.calendar, first, self.as_of).between(begins, ends)


def _seconds(name: str, lengths: Ints, known: NDArray[np.bool_], rows: Rows) -> nw.Series[Any]:
    seconds = nw.new_series(name, lengths // _SECOND, nw.Int64, backend=rows.implementation)
    mask = nw.new_series("_known", known, nw.Boolean, backend=rows.implementation)
    nothing = nw.new_series(name, [None] * len(rows), nw.Int64, backend=rows.implementation)
    return seconds.zip_with(mask, nothing)
