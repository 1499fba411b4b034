"""Writes made-up accounts and tickets as a helpdesk's export would have them: CSV, in Keepline's own column names."""

from pathlib import Path

import polars as pl

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_tickets import accounts, tickets

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_LEFT_OUT = ("source", "account_id", "workflow")


def write(watch: Stopwatch, folder: str, size: int) -> Answer:
    """`accounts.csv` and `tickets.csv` with `size` rows."""
    with watch.part("write"):
        known = accounts(size).select("external_id", "name", "signed_up_on")
        known.write_csv(Path(folder) / "accounts.csv")
        pl.concat(map(_exported, tickets(size))).write_csv(Path(folder) / "tickets.csv")
    return Answer.of([])


def _exported(batch: pl.DataFrame) -> pl.DataFrame:
    cells = batch.with_columns(
        pl.col("created_at", "first_replied_at", "resolved_at").dt.to_string(_MOMENT),
        escalated=pl.when("escalated").then(pl.lit("yes")).otherwise(pl.lit("no")),
        tags=pl.col("tags").str.json_decode(pl.List(pl.String)).list.join(", "),
    )
    return cells.drop(_LEFT_OUT)
