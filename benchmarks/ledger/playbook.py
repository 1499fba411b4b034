"""The ledger in SQL on DuckDB, in the way of the public MRR playbook for dbt: a customer × month table and its lags."""

from pathlib import Path

from benchmarks.contest import Answer, Stopwatch
from benchmarks.ledger import CUTS, UNITS, plain
from benchmarks.made_lines import AS_OF, FIRST_DAY

# One row a unit and month between its first and last subscription, one more after its last; what became of it since
# the month before. A cut by plan or product is the same of smaller units.
_MODEL = """
CREATE TEMP TABLE {name} AS
WITH subscription AS (
    SELECT {unit}, monthly_cents, date_trunc('month', starts_on) AS since,
           date_trunc('month', coalesce(ends_on, DATE '{horizon}')) AS until
    FROM lines WHERE NOT trial
),
calendar AS (SELECT range AS month FROM range(TIMESTAMP '{first}', TIMESTAMP '{horizon}', INTERVAL 1 MONTH)),
reach AS (SELECT {unit}, min(since) AS since, max(until) AS until FROM subscription GROUP BY {unit}),
spine AS (SELECT {unit}, month FROM reach JOIN calendar ON month >= since AND month < until),
revenue AS (
    SELECT {spine_unit}, month, coalesce(sum(monthly_cents), 0) AS mrr
    FROM spine LEFT JOIN subscription ON {same} AND month >= subscription.since AND month < subscription.until
    GROUP BY {spine_unit}, month
),
activity AS (
    SELECT *, mrr > 0 AS is_active, min(CASE WHEN mrr > 0 THEN month END) OVER unit AS first_month,
           max(CASE WHEN mrr > 0 THEN month END) OVER unit AS last_month
    FROM revenue WINDOW unit AS (PARTITION BY {unit})
),
with_churn AS (
    SELECT {unit}, month, mrr, is_active, first_month FROM activity
    UNION ALL
    SELECT {unit}, month + INTERVAL 1 MONTH, 0, FALSE, first_month FROM activity WHERE month = last_month
),
changes AS (
    SELECT *, coalesce(lag(is_active) OVER unit, FALSE) AS was_active, coalesce(lag(mrr) OVER unit, 0) AS previous
    FROM with_churn WINDOW unit AS (PARTITION BY {unit} ORDER BY month)
)
SELECT *, CASE WHEN month = first_month THEN 'new' WHEN was_active AND NOT is_active THEN 'churn'
               WHEN is_active AND NOT was_active THEN 'reactivation' WHEN mrr > previous THEN 'upgrade'
               WHEN mrr < previous THEN 'downgrade' END AS category
FROM changes WHERE month < TIMESTAMP '{horizon}'
"""
_SUMS = """
SELECT strftime(month, '%Y-%m') AS label, {slice} AS slice, sum(previous),
       coalesce(sum(mrr - previous) FILTER (category = 'new'), 0),
       coalesce(sum(mrr - previous) FILTER (category = 'upgrade'), 0),
       coalesce(sum(previous - mrr) FILTER (category = 'downgrade'), 0),
       coalesce(sum(previous - mrr) FILTER (category = 'churn'), 0),
       coalesce(sum(mrr - previous) FILTER (category = 'reactivation'), 0),
       sum(mrr), count(*) FILTER (was_active), count(*) FILTER (is_active), count(*) FILTER (category = 'churn')
FROM {table} GROUP BY ALL
"""
_HORIZON = f"{AS_OF.year + 1}-01-01"


def contend(watch: Stopwatch, folder: str, size: int) -> Answer:
    """Months with new, upgrade, downgrade, churn and reactivation."""
    return _answer(watch, "ledger", folder, ())


def contend_in_cuts(watch: Stopwatch, folder: str, size: int) -> Answer:
    """The same and all cuts: one model for the cuts of accounts, one each for plans and products."""
    return _answer(watch, "ledger and cuts", folder, CUTS)


def _answer(watch: Stopwatch, part: str, folder: str, cuts: tuple[str, ...]) -> Answer:
    import duckdb

    engine = duckdb.connect()
    found = []
    # In memory: reading is not timed.
    for name in ("lines", "accounts"):
        engine.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{Path(folder) / name}.parquet')")
    with watch.part(part):
        engine.execute(_model("mrr", ("account_id",)))
        found.append(("", engine.execute(_SUMS.format(slice="''", table="mrr")).fetchall()))
        for cut in cuts:
            table, name = "mrr JOIN accounts ON accounts.id = account_id", cut
            if cut == "cohort":
                table, name = "mrr", "strftime(first_month, '%Y-%m')"
            elif cut in UNITS:
                table = f"mrr_by_{cut}"
                engine.execute(_model(table, UNITS[cut]))
            found.append((cut, engine.execute(_SUMS.format(slice=name, table=table)).fetchall()))
    engine.close()
    return Answer.of(row for cut, rows in found for row in plain(cut, rows))


def _model(name: str, unit: tuple[str, ...]) -> str:
    same = " AND ".join(f"spine.{column} = subscription.{column}" for column in unit)
    columns = {"unit": ", ".join(unit), "spine_unit": ", ".join(f"spine.{column}" for column in unit)}
    return _MODEL.format(name=name, same=same, first=FIRST_DAY, horizon=_HORIZON, **columns)
