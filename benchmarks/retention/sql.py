"""The retention rows as set-based SQL, one query with two dialects: in the same SQLite file, and in DuckDB."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_lines import AS_OF, FIRST_DAY
from benchmarks.retention import COLUMNS, MONTHS
from retention.ledger import PARTS

_SETTINGS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000", "cache_size=-65536")


@dataclass(frozen=True)
class Dialect:
    """How integers are divided: SQLite's `/` drops the remainder, DuckDB's `//` does."""

    divide: str

    def half_even(self, numerator: str, denominator: str) -> str:
        """SQL for integers above 0, rounded half-even: half up, less one where a tie went to an odd number."""
        doubled, twice = f"(2 * {numerator} + {denominator})", f"(2 * {denominator})"
        half_up = f"({doubled} {self.divide} {twice})"
        return f"({half_up} - CASE WHEN {doubled} % {twice} = 0 AND {half_up} % 2 = 1 THEN 1 ELSE 0 END)"


_SUMS = ", ".join(f"CAST(coalesce(sum({name}), 0) AS BIGINT) AS {name}" for name in COLUMNS)


def _query(dialect: Dialect) -> str:
    """One row a month: its label, `COLUMNS`. Days are ISO text; needs the table `months`."""
    return f"""
WITH newest AS (
    SELECT source, external_id, max(recorded_at) AS recorded_at FROM subscription_lines GROUP BY source, external_id
),
paid AS (
    SELECT account_id, product, currency, starts_on, ends_on,
           {dialect.half_even("amount_cents", "interval_months")} AS mrr_cents,
           {dialect.half_even(f"(amount_cents * {PARTS})", "interval_months")} AS mrr_parts
    FROM subscription_lines JOIN newest USING (source, external_id, recorded_at)
    WHERE NOT trial AND (ends_on IS NULL OR ends_on > starts_on)
),
days AS (SELECT opens_on AS day FROM months UNION SELECT last_day FROM months),
rates AS (
    SELECT day, base AS currency,
           CAST(round(10000 * CAST((SELECT rate FROM fx_rates AS last WHERE last.base = known.base AND last."on" <= day
                                    ORDER BY last."on" DESC LIMIT 1) AS DOUBLE)) AS BIGINT) AS digits
    FROM days, (SELECT DISTINCT base FROM fx_rates) AS known
    UNION ALL SELECT day, 'USD', 10000 FROM days
),
ends AS (
    SELECT label, number, account_id, product, mrr_cents, mrr_parts,
           before.digits AS before_digits, after.digits AS after_digits,
           starts_on <= opens_on AND (ends_on IS NULL OR ends_on > opens_on) AS was,
           starts_on <= last_day AND (ends_on IS NULL OR ends_on > last_day) AS is_still
    FROM months
    JOIN paid ON starts_on <= last_day AND (ends_on IS NULL OR ends_on > opens_on)
    JOIN rates AS before ON before.day = opens_on AND before.currency = paid.currency
    JOIN rates AS after ON after.day = last_day AND after.currency = paid.currency
    WHERE mrr_cents > 0
),
valued AS (
    SELECT label, number, account_id, product,
           CASE WHEN was THEN {dialect.half_even("mrr_cents * before_digits", "10000")} ELSE 0 END AS opening,
           CASE WHEN was THEN {dialect.half_even("mrr_parts * before_digits", "10000")} ELSE 0 END AS opening_parts,
           CASE WHEN is_still THEN {dialect.half_even("mrr_cents * before_digits", "10000")} ELSE 0 END AS constant,
           CASE WHEN is_still THEN {dialect.half_even("mrr_parts * before_digits", "10000")} ELSE 0 END
               AS constant_parts,
           CASE WHEN is_still THEN {dialect.half_even("mrr_cents * after_digits", "10000")} ELSE 0 END AS closing
    FROM ends
),
products AS (
    SELECT label, number, account_id, product,
           sum(opening) AS opening, sum(constant) AS constant, sum(closing) AS closing,
           sum(opening_parts) AS opening_parts, sum(constant_parts) AS constant_parts
    FROM valued GROUP BY label, number, account_id, product
),
units AS (
    SELECT label, number, account_id,
           sum(opening) AS opening, sum(constant) AS constant, sum(closing) AS closing,
           sum(opening_parts) AS opening_parts, sum(constant_parts) AS constant_parts,
           sum(CASE WHEN constant > opening THEN constant - opening ELSE 0 END) AS grown,
           sum(CASE WHEN opening = 0 THEN constant ELSE 0 END) AS added
    FROM products GROUP BY label, number, account_id
),
firsts AS (SELECT account_id, min(number) AS first_paid FROM units WHERE closing > 0 GROUP BY account_id),
moved AS (
    SELECT units.*, CASE WHEN opening > 0 AND constant > opening THEN constant - opening ELSE 0 END AS expansion,
           opening = 0 AND constant > 0 AS came, first_paid < number AS paid_before
    FROM units LEFT JOIN firsts ON firsts.account_id = units.account_id
),
split AS (
    SELECT moved.*, CASE WHEN expansion > 0
                         THEN {dialect.half_even("(expansion * added)", "grown")} ELSE 0 END AS cross_sell
    FROM moved
),
accounts_moved AS (
    SELECT label,
           opening AS opening_cents,
           CASE WHEN came AND NOT coalesce(paid_before, FALSE) THEN constant ELSE 0 END AS new_cents,
           expansion AS expansion_cents,
           expansion - cross_sell AS upsell_cents,
           cross_sell AS cross_sell_cents,
           CASE WHEN opening > constant AND constant > 0 THEN opening - constant ELSE 0 END AS contraction_cents,
           CASE WHEN opening > 0 AND constant = 0 THEN opening ELSE 0 END AS churn_cents,
           CASE WHEN came AND coalesce(paid_before, FALSE) THEN constant ELSE 0 END AS reactivation_cents,
           closing - constant AS fx_cents,
           closing AS closing_cents,
           CASE WHEN opening > 0 THEN opening_parts ELSE 0 END AS base_parts,
           CASE WHEN opening = 0 THEN 0 WHEN opening_parts < constant_parts THEN opening_parts ELSE constant_parts END
               AS kept_parts,
           CASE WHEN opening > 0 THEN constant_parts ELSE 0 END AS held_parts,
           CASE WHEN opening > 0 THEN 1 ELSE 0 END AS accounts_open,
           CASE WHEN closing > 0 THEN 1 ELSE 0 END AS accounts_closed,
           CASE WHEN opening > 0 AND constant = 0 THEN 1 ELSE 0 END AS accounts_churned
    FROM split
)
SELECT months.label, {_SUMS}
FROM months LEFT JOIN accounts_moved ON accounts_moved.label = months.label GROUP BY months.label
"""


def contend_in_sqlite(watch: Stopwatch, database: str, size: int) -> Answer:
    """One query in the file that Keepline reads."""
    connection = sqlite3.connect(database)
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TEMP TABLE months (label, number INTEGER, opens_on, last_day)")
    connection.executemany("INSERT INTO months VALUES (?, ?, ?, ?)", list(months()))
    with watch.part("query"):
        rows = connection.execute(_query(Dialect("/"))).fetchall()
    connection.close()
    return Answer.of(rows)


def contend_in_duckdb(watch: Stopwatch, database: str, size: int) -> Answer:
    """The same query in DuckDB, on the rows that ADBC reads out of the file."""
    import duckdb
    from adbc_driver_sqlite import dbapi

    engine = duckdb.connect()
    with watch.part("read"), dbapi.connect(database) as connection:
        for table in ("subscription_lines", "fx_rates"):
            _copy(connection, engine, table)
    engine.execute("CREATE TABLE months (label VARCHAR, number BIGINT, opens_on VARCHAR, last_day VARCHAR)")
    engine.executemany("INSERT INTO months VALUES (?, ?, ?, ?)", list(months()))
    with watch.part("compute"):
        rows = engine.execute(_query(Dialect("//"))).fetchall()
    engine.close()
    return Answer.of(rows)


def _copy(connection: Any, engine: Any, table: str) -> None:
    columns = {
        "subscription_lines": "source, external_id, account_id, product, amount_cents, currency, interval_months, "
        "starts_on, coalesce(ends_on, '') AS ends_on, trial, recorded_at",
        "fx_rates": 'base, quote, "on", rate',
    }
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": "65536"})
        cursor.execute(f"SELECT {columns[table]} FROM {table}")
        engine.register("incoming", cursor.fetch_arrow())
        kept = "* REPLACE (nullif(ends_on, '') AS ends_on)" if table == "subscription_lines" else "*"
        engine.execute(f"CREATE TABLE {table} AS SELECT {kept} FROM incoming")


def months() -> Iterator[tuple[str, int, str, str]]:
    """Label, number, the day before the first and the last day of each month, as ISO text."""
    first = FIRST_DAY
    for number in range(MONTHS):
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        opens_on, last_day = first - timedelta(days=1), following - timedelta(days=1)
        if last_day <= AS_OF.date():
            yield f"{first:%Y-%m}", number, opens_on.isoformat(), last_day.isoformat()
        first = following
