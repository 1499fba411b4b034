"""Puts made-up accounts, subscriptions and exchange rates into a real database."""

from adbc_driver_sqlite import dbapi

from benchmarks import made_lines
from benchmarks.contest import Answer, Stopwatch
from storage.loading import as_sqlite
from storage.store import Store


def make(watch: Stopwatch, database: str, size: int) -> Answer:
    """A new database with the lines of `size` accounts."""
    Store(f"sqlite:///{database}").close()
    made = {
        "accounts": made_lines.accounts(size),
        "subscription_lines": made_lines.lines(size),
        "fx_rates": made_lines.fx_rates(),
    }
    with watch.part("make"), dbapi.connect(database) as connection, connection.cursor() as cursor:
        for table, rows in made.items():
            cursor.adbc_ingest(table, as_sqlite(rows), mode="append")
        connection.commit()
    return Answer.of([])
