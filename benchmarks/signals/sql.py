"""The ticket signals as set-based SQL, in the file and with the indexes and settings that Keepline has."""

import json
import sqlite3
from datetime import timedelta
from typing import Any

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_tickets import AS_OF
from rules.signals import SignalWindows

_SETTINGS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000", "cache_size=-65536")
OWN_INDEX = "own_tickets_account_id_created_at"

_COUNTS = """
SELECT account_id,
       sum(created_at > :spike) AS tickets_7d,
       sum(created_at > :baseline AND created_at <= :spike) AS baseline_count,
       sum(created_at > :trend) AS tickets_30d,
       sum(created_at > :prior AND created_at <= :trend) AS tickets_prior_30d,
       sum(created_at > :habit AND created_at <= :silence) AS tickets_in_habit_window,
       (:spike - min(created_at)) / :day AS first_ticket_days,
       (:as_of - max(created_at)) / :day AS days_since_last_ticket
FROM tickets {index}
WHERE created_at > :history AND created_at <= :as_of AND account_id IS NOT NULL
GROUP BY account_id
"""


def _spaces(text: str) -> str:
    """SQL that makes one blank of every run of digits, # and white space."""
    for noise in "0123456789#\t":
        text = f"replace({text}, '{noise}', ' ')"
    return f"replace(replace(replace({text}, ' ', '\x01\x02'), '\x02\x01', ''), '\x01\x02', ' ')"


def _unmarked(text: str) -> str:
    """SQL that cuts one reply mark off."""
    marks = "|".join(("re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "vs:", "tr:"))
    start = f"substr({text}, 1, instr({text}, ':'))"
    rest = f"ltrim(substr({text}, instr({text}, ':') + 1))"
    return f"CASE WHEN instr('|{marks}|', '|' || {start} || '|') THEN {rest} ELSE {text} END"


_ISSUES = f"""
recent AS MATERIALIZED (
    SELECT id, account_id, trim(lower(subject)) AS subject, tags, escalated
    FROM tickets WHERE created_at > :trend AND created_at <= :as_of AND account_id IS NOT NULL
),
unmarked_once AS MATERIALIZED (SELECT id, account_id, {_unmarked("subject")} AS subject FROM recent),
unmarked AS (SELECT id, account_id, {_unmarked("subject")} AS subject FROM unmarked_once),
issues AS (
    SELECT account_id, id, trim({_spaces("subject")}) AS issue FROM unmarked
    UNION ALL
    SELECT account_id, recent.id, lower(tag.value) FROM recent, json_each(recent.tags) AS tag
    WHERE lower(tag.value) NOT IN (SELECT value FROM json_each(:ignored))
),
counted AS MATERIALIZED (
    SELECT account_id, issue, count(DISTINCT id) AS tickets FROM issues WHERE issue <> '' GROUP BY account_id, issue
),
most AS (SELECT account_id, max(tickets) AS tickets FROM counted GROUP BY account_id),
repeated AS MATERIALIZED (
    SELECT account_id, tickets, min(issue) AS issue FROM counted JOIN most USING (account_id, tickets)
    GROUP BY account_id
),
escalated AS (SELECT account_id, count(*) AS tickets FROM recent WHERE escalated GROUP BY account_id)
"""

_SIGNALS = f"""
WITH counts AS ({_COUNTS}), {_ISSUES},
observed AS (
    SELECT accounts.id AS account_id, external_id, name, counts.*,
           min(:baseline_days, max(
               coalesce(julianday(:today) - julianday(signed_up_on) - :spike_days, first_ticket_days),
               coalesce(first_ticket_days, julianday(:today) - julianday(signed_up_on) - :spike_days))) AS days
    FROM accounts LEFT JOIN counts ON counts.account_id = accounts.id
)
SELECT observed.account_id, external_id, name,
       coalesce(tickets_7d, 0),
       CASE WHEN days >= :min_days THEN 1.0 * coalesce(baseline_count, 0) * :spike_days / days END,
       CASE WHEN days >= :min_days AND baseline_count > 0
            THEN tickets_7d * days / (1.0 * baseline_count * :spike_days) END,
       coalesce(tickets_30d, 0),
       coalesce(tickets_prior_30d, 0),
       CASE WHEN tickets_prior_30d > 0 THEN 1.0 * (tickets_30d - tickets_prior_30d) / tickets_prior_30d END,
       days_since_last_ticket,
       coalesce(tickets_in_habit_window, 0),
       coalesce(repeated.tickets, 0),
       repeated.issue,
       coalesce(escalated.tickets, 0)
FROM observed
LEFT JOIN repeated ON repeated.account_id = observed.account_id
LEFT JOIN escalated ON escalated.account_id = observed.account_id
"""


def contend(watch: Stopwatch, database: str) -> Answer:
    """One query, with the index that Keepline has."""
    return _signals(watch, database, "")


def contend_with_own_index(watch: Stopwatch, database: str) -> Answer:
    """The same with an index that Keepline does not have, by account first, so that nothing is sorted."""
    return _signals(watch, database, f"INDEXED BY {OWN_INDEX}")


def add_own_index(watch: Stopwatch, database: str) -> Answer:
    """Create the index that suits a query by account: what the two peers that get it would ask for."""
    connection = sqlite3.connect(database)
    with watch.part("index"):
        connection.execute(f"CREATE INDEX {OWN_INDEX} ON tickets (account_id, created_at)")
        connection.commit()
    connection.close()
    return Answer.of([])


def _signals(watch: Stopwatch, database: str, index: str) -> Answer:
    connection = sqlite3.connect(database)
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    with watch.part("query"):
        rows = connection.execute(_SIGNALS.format(index=index), _moments()).fetchall()
    connection.close()
    return Answer.of(rows)


def _moments() -> dict[str, Any]:
    windows = SignalWindows()
    day = timedelta(days=1) // timedelta(microseconds=1)
    as_of = int(AS_OF.timestamp()) * 1_000_000
    ago = {
        "spike": windows.spike_days,
        "baseline": windows.spike_days + windows.baseline_days,
        "trend": windows.trend_days,
        "prior": 2 * windows.trend_days,
        "silence": windows.silence_days,
        "habit": windows.silence_days + windows.habit_days,
        "history": windows.ticket_history_days,
    }
    return {name: as_of - days * day for name, days in ago.items()} | {
        "as_of": as_of,
        "day": day,
        "today": AS_OF.date().isoformat(),
        "spike_days": windows.spike_days,
        "baseline_days": windows.baseline_days,
        "min_days": windows.baseline_min_days,
        "ignored": json.dumps([tag.lower() for tag in windows.ignored_tags]),
    }
