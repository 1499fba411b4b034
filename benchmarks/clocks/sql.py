"""The resolution clocks as set-based SQL in DuckDB: window functions, and as-of joins with open segments.

Only for terms that never change; the segments themselves are Keepline's.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.clocks.made_histories import AS_OF, all_terms
from benchmarks.clocks.ours import COMPARED
from benchmarks.contest import Answer, Stopwatch
from rules.sla.open_time import open_time
from rules.sla.zones import micros

_NOW = micros(AS_OF)
_QUERY = f"""
WITH begun AS (
    SELECT id AS ticket, epoch_us(created_at) AS created, priority, terms
    FROM tickets JOIN assignments ON assignments.ticket_id = tickets.id
),
first AS (
    SELECT ticket_id AS ticket, arg_min(from_value, happened_at) AS status FROM events GROUP BY ALL
),
entries AS (
    SELECT ticket, created AS since, coalesce(status, 'open') AS status FROM begun LEFT JOIN first USING (ticket)
    UNION ALL SELECT ticket_id, epoch_us(happened_at), to_value FROM events WHERE epoch_us(happened_at) <= {_NOW}
),
marked AS (
    SELECT ticket, since, status IN ('solved', 'closed') AS is_solved,
           status NOT IN ('pending', 'solved', 'closed') AS runs,
           coalesce(max(since) FILTER (status NOT IN ('solved', 'closed')) OVER (PARTITION BY ticket), 0) AS last_open
    FROM entries
),
ends AS (
    SELECT ticket, min(since) AS fulfilled FROM marked WHERE is_solved AND since > last_open GROUP BY ticket
),
spans AS (
    SELECT ticket, terms, priority, since, runs, fulfilled, coalesce(fulfilled, {_NOW}) AS finish,
           lead(since, 1, coalesce(fulfilled, {_NOW})) OVER (PARTITION BY ticket ORDER BY since) AS until
    FROM marked JOIN begun USING (ticket) LEFT JOIN ends USING (ticket)
    WHERE fulfilled IS NULL OR since < fulfilled OR since = created
),
opened AS (
    SELECT spans.*, a.before + least(since, a.ends) - a.starts AS opened_at,
           b.before + least(until, b.ends) - b.starts AS opened_until
    FROM spans
    ASOF JOIN segments AS a ON spans.terms = a.terms AND spans.since >= a.starts
    ASOF JOIN segments AS b ON spans.terms = b.terms AND spans.until >= b.starts
),
counted AS (
    SELECT *, sum(CASE WHEN runs THEN opened_until - opened_at ELSE 0 END) OVER in_order AS total,
           lead(since) OVER in_order IS NULL AS is_last
    FROM opened JOIN targets USING (terms, priority)
    WINDOW in_order AS (PARTITION BY ticket ORDER BY since)
),
due AS (
    SELECT ticket, terms, arg_min(opened_until - (total - target), since) AS wanted
    FROM counted WHERE runs AND (total >= target OR is_last) GROUP BY ALL
),
deadlines AS (
    SELECT ticket, starts + wanted - before AS deadline
    FROM due ASOF JOIN segments ON due.terms = segments.terms AND due.wanted > segments.before
)
SELECT ticket, fulfilled, deadline, finish, max(total) // 1000000 AS spent
FROM counted LEFT JOIN deadlines USING (ticket) GROUP BY ALL
"""


def contend(watch: Stopwatch, folder: str) -> Answer:
    """The resolution of all tickets."""
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    for name in ("tickets", "events", "assignments"):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{Path(folder) / name}.parquet')")
    _promise(connection)
    with watch.part("clocks"):
        connection.execute(f"CREATE TABLE clocks AS {_QUERY}")
    found = connection.execute(f"SELECT * FROM clocks WHERE ticket % {COMPARED} = 0").fetchall()
    return Answer.of(_plain(*row) for row in found)


def _promise(connection: duckdb.DuckDBPyConnection) -> None:
    """Targets by terms and priority, and the open segments of each calendar with the open time before them."""
    targets, segments = [], []
    for name, terms in all_terms().items():
        targets += [(name, word, target.seconds * 1_000_000) for word, target in terms.targets["resolution"].items()]
        begin, end = AS_OF - timedelta(days=400), AS_OF + timedelta(days=400)
        found = open_time(terms.calendar, begin, end).segments(micros(begin), micros(end))
        starts, ends = np.array(found).T
        before = np.cumsum(ends - starts) - (ends - starts)
        segments += [(name, *map(int, row)) for row in zip(starts, ends, before, strict=True)]
    connection.execute("CREATE TABLE targets (terms TEXT, priority TEXT, target BIGINT)")
    connection.executemany("INSERT INTO targets VALUES (?, ?, ?)", targets)
    connection.execute("CREATE TABLE segments (terms TEXT, starts BIGINT, ends BIGINT, before BIGINT)")
    connection.executemany("INSERT INTO segments VALUES (?, ?, ?, ?)", segments)


def _plain(ticket: int, fulfilled: int | None, deadline: int | None, finish: int, spent: int) -> list[Any]:
    is_broken = deadline is not None and deadline < finish
    state = "breached" if is_broken else "met" if fulfilled else "running" if deadline else "paused"
    moments = [_moment(each) for each in (fulfilled, deadline, deadline if is_broken else None)]
    return [f"{ticket} resolution 1", state, *moments, f"{spent}"]


def _moment(since: int | None) -> str:
    return "None" if since is None else f"{datetime.fromtimestamp(since / 1_000_000, AS_OF.tzinfo)}"
