"""The signals are written once: another engine that holds the same facts gives the same values."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from rules.conditions import Condition, expression
from rules.signals import SignalFacts, SignalWindows, account_signals
from tests.rules.company import AS_OF, SCHEMAS, Company, days_ago, in_days


def in_duckdb(company: Company, folder: Path) -> SignalFacts:
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    frames: dict[str, Any] = {}
    for name, rows in company.rows.items():
        file = folder / f"{name}.parquet"
        pl.DataFrame(rows, schema=SCHEMAS[name], orient="row").write_parquet(file)
        frames[name] = nw.from_native(connection.read_parquet(str(file)))
    return SignalFacts(currency="USD", **frames)


def test_duckdb_gives_the_signals_and_answers_that_polars_gives(tmp_path: Path) -> None:
    company = Company.with_account(acv_cents=15_000_000).contract(in_days(21)).account(2).account(3, segment="smb")
    company.tickets(*[8 + 3.5 * number for number in range(24)], subject="Re: export 1", tags=("sso", "billing"))
    company.tickets(*[1] * 9, subject="Export 2", escalated=True).tickets(50, 90, account_id=3).tickets(
        1, account_id=None
    )
    company.said(-10, -50, -60).used(10, 8, 9).used(1, 2).surveyed(2).declared("Mid-Market", days_ago(5))
    company.about("export fails", 1, 2, 3, 25, 26).promised(9).breached(1, 40).promised(2, account_id=3)
    company.open(9, told=9).open(30, until=3, priority="urgent", told=3).open(30, since=2, reopened=True, told=3)
    company.answered(*[timedelta(hours=2)] * 3, age=5).answered(*[timedelta(hours=1)] * 6, age=60).onboarded(40)
    company.charged("c1", failed=9, overdue=4).charged("c2", overdue=30, paid=3).paid_since(in_days(-50))
    company.touched(3, kind="csm_call").touched(9, note="Executive sponsor check-in: done.").told("score", "1,200.5")
    company.used(20, 9, account_id=2).used(7, 1, account_id=2).used(30, 8, account_id=3).used(19, 1, account_id=3)
    rule = Condition.model_validate(
        {
            "any": [
                {"signal": "sentiment", "op": "<=", "value": {"mid_market": -40}},
                {"signal": "acv", "op": "is_known"},
            ]
        }
    )

    windows = SignalWindows(usage_all_min_uses=8, usage_all_min_accounts=2)
    signals = account_signals(in_duckdb(company, tmp_path), AS_OF, windows)
    answered = signals.with_columns(expression(rule).alias("answer")).sort("account_id").to_native()
    rows = [dict(zip(answered.columns, row, strict=True)) for row in answered.fetchall()]

    assert [row.pop("answer") for row in rows] == [True, None, False]
    alone = account_signals(company.facts(), AS_OF, windows).collect()
    assert rows == list(alone.iter_rows(named=True))
    assert all(row["usage_drop_all_7d"] is not None for row in rows)
