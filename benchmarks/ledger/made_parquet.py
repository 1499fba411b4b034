"""Writes made-up accounts and their subscriptions, all in one currency, as two Parquet files."""

from pathlib import Path

import polars as pl

from benchmarks import made_lines
from benchmarks.contest import Answer, Stopwatch
from benchmarks.dice import one_of
from retention.book import half_even_of


def make(watch: Stopwatch, folder: str, size: int) -> Answer:
    """`lines.parquet` and `accounts.parquet`; `monthly_cents` is there for those who do not make it themselves."""
    with watch.part("make"):
        lines = made_lines.lines(size).with_columns(id=pl.int_range(pl.len()), currency=pl.lit("USD"))
        amounts = (lines[name].to_numpy() for name in ("amount_cents", "interval_months"))
        lines = lines.with_columns(monthly_cents=pl.Series(half_even_of(*amounts)))
        lines.write_parquet(Path(folder) / "lines.parquet")
        _accounts(size).write_parquet(Path(folder) / "accounts.parquet")
    return Answer.of([])


def _accounts(size: int) -> pl.DataFrame:
    number = pl.int_range(size, dtype=pl.UInt64)
    kinds = {
        "segment": ["smb", "mid_market", "enterprise"],
        "industry": ["Banking", "Energy", "Health", "Retail", "Software", "Travel"],
        "region": ["Americas", "Asia", "Europe"],
        "csm": [f"CSM {number}" for number in range(1, 21)],
    }
    cuts = {name: one_of(values, number, 70 + place) for place, (name, values) in enumerate(kinds.items())}
    return made_lines.accounts(size).with_columns(**cuts)
