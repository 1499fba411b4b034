"""Knows all that clocks are computed from, and works through it on all cores, some tickets at a time."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from rules.sla.blocks import Block, Blocks
from rules.sla.due import Grounds
from rules.sla.epochs import timeline
from rules.sla.histories import TicketHistories
from rules.sla.open_time import moment, open_time
from rules.sla.promises import Promises
from rules.sla.status_history import status_history
from rules.sla.terms import Terms
from rules.sla.waits import Sources

T = TypeVar("T")


@dataclass(frozen=True)
class Scene:
    """Some tickets, and what their clocks are computed from."""

    block: Block
    sources: Sources
    grounds: Grounds


def seen(
    histories: TicketHistories, terms: Mapping[str, Terms], as_of: datetime, work: Callable[[Scene], T]
) -> tuple[Promises, list[T]]:
    """What is promised, and what `work` makes of each block of tickets, in the order of their ids."""
    promises = Promises(terms)
    blocks = Blocks(histories, promises.hashes, as_of)
    first, last = moment(blocks.earliest), as_of + timedelta(days=30)
    calendars = [open_time(calendar, first, last) for calendar in promises.calendars]

    def worked(number: int) -> T:
        block = blocks.block(number)
        statuses, epochs = status_history(block), timeline(block)
        sources = Sources(block, statuses, epochs, promises)
        return work(Scene(block, sources, Grounds.of(block.as_of, statuses, epochs, promises, calendars)))

    # NumPy lets other threads go on while it works.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return promises, list(threads.map(worked, range(len(blocks))))
