"""The ticket signals hand-written in native Polars, on the rows that the same queries read through ADBC."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from adbc_driver_sqlite import dbapi

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_tickets import AS_OF
from benchmarks.signals import COLUMNS
from rules.signals import SignalWindows

_WINDOWS = SignalWindows()
_BATCH = {"adbc.sqlite.query.batch_rows": "65536"}
_TIMES = "SELECT account_id, created_at FROM tickets WHERE account_id IS NOT NULL"
_RECENT = "SELECT id, account_id, created_at, subject, tags, escalated FROM tickets WHERE account_id IS NOT NULL"


def contend(watch: Stopwatch, database: str) -> Answer:
    """One lazy query over three frames."""
    with watch.part("read"), dbapi.connect(database) as connection:
        times = _read(connection, f"{_TIMES} AND {_since(_WINDOWS.ticket_history_days)}")
        recent = _read(connection, f"{_RECENT} AND {_since(_WINDOWS.issue_days)}")
        accounts = _read(connection, "SELECT id, external_id, name, signed_up_on FROM accounts")
    with watch.part("compute"):
        found = _signals(_typed(times), _typed(recent), accounts.lazy()).collect()
    return Answer.of(found.iter_rows())


def _read(connection: Any, query: str) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**_BATCH)
        cursor.execute(query)
        return pl.DataFrame(cursor.fetch_arrow())


def _since(days: int) -> str:
    moments = [int(moment.timestamp()) * 1_000_000 for moment in (_ago(days), AS_OF)]
    return f"created_at > {moments[0]} AND created_at <= {moments[1]}"


def _ago(days: int) -> datetime:
    return AS_OF - timedelta(days=days)


def _typed(rows: pl.DataFrame) -> pl.LazyFrame:
    return rows.lazy().with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))


def _signals(times: pl.LazyFrame, recent: pl.LazyFrame, accounts: pl.LazyFrame) -> pl.LazyFrame:
    wide = (
        accounts.select(
            account_id="id",
            account_ref="external_id",
            account="name",
            signed_up_on=pl.col("signed_up_on").str.to_date(),
        )
        .join(_counts(times), on="account_id", how="left")
        .join(_repeated(recent), on="account_id", how="left")
        .join(_escalated(recent), on="account_id", how="left")
    )
    counts = ("tickets_7d", "tickets_30d", "baseline", "prior", "silence", "habit", "repeated_issue_count")
    filled = wide.with_columns(pl.col(*counts, "escalated_30d").fill_null(0).cast(pl.Int64))
    return _ratios(filled.with_columns(days=_observed_days())).select(*COLUMNS).sort("account_id")


def _counts(times: pl.LazyFrame) -> pl.LazyFrame:
    since = {
        "tickets_7d": _WINDOWS.spike_days,
        "baseline": _WINDOWS.spike_days + _WINDOWS.baseline_days,
        "tickets_30d": _WINDOWS.trend_days,
        "prior": 2 * _WINDOWS.trend_days,
        "silence": _WINDOWS.silence_days,
        "habit": _WINDOWS.silence_days + _WINDOWS.habit_days,
    }
    created_at = pl.col("created_at")
    return times.group_by("account_id").agg(
        *((created_at > _ago(days)).sum().alias(name) for name, days in since.items()),
        first=created_at.min(),
        last=created_at.max(),
    )


def _repeated(recent: pl.LazyFrame) -> pl.LazyFrame:
    subject = pl.col("subject").str.to_lowercase().str.strip_chars()
    subject = subject.str.replace_all(r"^((re|fwd?|aw|wg|sv|vs|tr)\s*:\s*)+", "")
    by_subject = recent.select("account_id", "id", issue=subject.str.replace_all(r"[#\d\s]+", " ").str.strip_chars())
    tags = pl.col("tags").str.to_lowercase().str.json_decode(pl.List(pl.String))
    by_tag = recent.select("account_id", "id", issue=tags).explode("issue")
    by_tag = by_tag.filter(~pl.col("issue").is_in(_WINDOWS.ignored_tags))
    counted = (
        pl.concat([by_subject, by_tag])
        .filter(pl.col("issue") != "")
        .group_by("account_id", "issue")
        .agg(repeated_issue_count=pl.col("id").n_unique())
    )
    most = pl.col("repeated_issue_count") == pl.col("repeated_issue_count").max().over("account_id")
    ranked = counted.filter(most).group_by("account_id")
    return ranked.agg(pl.col("issue").min().alias("repeated_issue"), pl.col("repeated_issue_count").max())


def _escalated(recent: pl.LazyFrame) -> pl.LazyFrame:
    return recent.filter(pl.col("escalated") == 1).group_by("account_id").agg(escalated_30d=pl.len())


def _observed_days() -> pl.Expr:
    today = pl.lit(date(AS_OF.year, AS_OF.month, AS_OF.day))
    signup = (today - pl.col("signed_up_on")).dt.total_days() - _WINDOWS.spike_days
    first = (pl.lit(_ago(_WINDOWS.spike_days)) - pl.col("first")).dt.total_days()
    return pl.max_horizontal(signup, first).clip(upper_bound=_WINDOWS.baseline_days)


def _ratios(counted: pl.LazyFrame) -> pl.LazyFrame:
    baseline, days = pl.col("baseline") - pl.col("tickets_7d"), pl.col("days")
    prior = pl.col("prior") - pl.col("tickets_30d")
    known, length = days >= _WINDOWS.baseline_min_days, _WINDOWS.spike_days
    ratio = pl.col("tickets_7d") * days / (baseline * length)
    return counted.with_columns(
        ticket_baseline_7d=pl.when(known).then(baseline * length / days),
        ticket_ratio_7d=pl.when(known & (baseline > 0)).then(ratio),
        tickets_prior_30d=prior,
        ticket_growth_30d=pl.when(prior > 0).then((pl.col("tickets_30d") - prior) / prior),
        days_since_last_ticket=(pl.lit(AS_OF) - pl.col("last")).dt.total_days(),
        tickets_in_habit_window=pl.col("habit") - pl.col("silence"),
    )
