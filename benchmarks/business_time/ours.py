"""Business time as Keepline computes it: one search for a whole column."""

from datetime import UTC, datetime

from benchmarks.business_time.made_spans import CALENDAR, Micros, made
from benchmarks.contest import Answer, Stopwatch
from rules.sla import Calendar
from rules.sla.open_time import OpenTime, open_time


def between(watch: Stopwatch, size: int) -> Answer:
    """The business time of every span."""
    starts, ends, _ = made(size)
    table = _table(watch)
    with watch.part("search"):
        found = table.between(starts, ends)
    return _answer(found)


def add(watch: Stopwatch, size: int) -> Answer:
    """Every span's end by its business time."""
    starts, _, lengths = made(size)
    table = _table(watch)
    with watch.part("search"):
        found = table.added(starts, lengths)
    return _answer(found)


def _table(watch: Stopwatch) -> OpenTime:
    with watch.part("table"):
        calendar = Calendar.model_validate(CALENDAR)
        return open_time(calendar, datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC))


def _answer(found: Micros) -> Answer:
    return Answer.of([number, micros // 1_000_000] for number, micros in enumerate(found.tolist()))
