"""Knows the waits of the past as arrays: whose they were, when they were, and how long they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = np.int64(2**62)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_WORD = ""


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Waits:
    """One row a wait; moments in µs, NEVER where they have not come; lengths in seconds, −1 where unknown.

    * metric, priority, team: places in `names`
    * counting: 1 of elapsed time, 0 of business time, which is also that of waits without a target
    * target, spent, left: of the target's time; a grace can leave more than the target
    * over: when the wait was over, in whatever way
    * lengths[counting]: how long it took until it was over, or has taken until now
    """

    ids: Ints
    metric: Ints
    priority: Ints
    team: Ints
    cycle: Ints
    counting: Ints
    target: Ints
    spent: Ints
    left: Ints
    started: Ints
    over: Ints
    breached: Ints
    lengths: tuple[Ints, Ints]
    names: dict[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, frame: nw.DataFrame[Any], as_of: datetime, names: dict[str, Sequence[str]] | None = None) -> "Waits":
        """The rows that had begun by `as_of`, in their order; what came later has not come.

        A word that is not among `names` stands at −1.
        """
        now = micros(as_of)
        rows = frame.filter(nw.col("started_at") <= nw.lit(as_of))
        names = names or {
            name: sorted(_words(rows, name).unique().to_list()) for name in ("metric", "priority", "team")
        }
        places = {name: _places(_words(rows, name), known) for name, known in names.items()}
        fulfilled, ended, breached = (_moments(rows, name, now) for name in ("fulfilled_at", "ended_at", "breached_at"))
        return cls(
            ids=rows["ticket_id"].to_numpy().astype(np.int64),
            cycle=rows["cycle"].to_numpy().astype(np.int64),
            counting=(rows["counting"].fill_null("business") == "elapsed").to_numpy().astype(np.int64),
            target=_numbers(rows, "target_seconds"),
            spent=_numbers(rows, "spent_seconds"),
            left=_numbers(rows, "remaining_seconds"),
            started=_moments(rows, "started_at", now),
            over=np.minimum(fulfilled, ended),
            breached=breached,
            lengths=(_numbers(rows, "business_seconds"), _numbers(rows, "elapsed_seconds")),
            names=names,
            **places,
        )

    def length(self) -> Ints:
        """How long each wait took or has taken, in its own counting."""
        return np.where(self.counting == 1, self.lengths[1], self.lengths[0])


def _words(rows: nw.DataFrame[Any], name: str) -> nw.Series[Any]:
    return rows[name].cast(nw.String).fill_null(NO_WORD)


def _places(words: nw.Series[Any], known: Sequence[str]) -> Ints:
    """The place of each word among the known ones, which are sorted; −1 for one that is not among them."""
    if not known:
        return np.full(len(words), -1, np.int64)
    order = {word: place for place, word in enumerate(known)}
    return np.array([order.get(word, -1) for word in words.to_list()], np.int64)


def _moments(rows: nw.DataFrame[Any], name: str, now: int) -> Ints:
    found = rows[name].cast(nw.Datetime("us", "UTC")).dt.timestamp("us").fill_null(int(NEVER)).to_numpy()
    moments: Ints = found.astype(np.int64)
    return np.where(moments <= now, moments, NEVER)


def _numbers(rows: nw.DataFrame[Any], name: str) -> Ints:
    found: Ints = rows[name].cast(nw.Int64).fill_null(-1).to_numpy().astype(np.int64)
    return found
