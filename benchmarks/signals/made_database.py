"""Puts made-up accounts and tickets into a real database: the schema of the migrations, its indexes included."""

from adbc_driver_sqlite import dbapi

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_tickets import accounts, tickets
from storage import tables
from storage.loading import as_sqlite
from storage.store import Store

# A database that is thrown away needs no safety from a power cut.
_HASTE = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000")


def make(watch: Stopwatch, database: str, size: int) -> Answer:
    """A new database with `size` tickets; the index on their times is built at the end, which is quicker."""
    Store(f"sqlite:///{database}").close()
    (index,) = tables.tickets.indexes
    with watch.part("make"), dbapi.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        for setting in _HASTE:
            cursor.execute(f"PRAGMA {setting}")
        cursor.execute(f"DROP INDEX {index.name}")
        cursor.adbc_ingest("accounts", as_sqlite(accounts(size)), mode="append")
        for batch in tickets(size):
            cursor.adbc_ingest("tickets", as_sqlite(batch), mode="append")
        columns = ", ".join(column.name for column in index.columns)
        cursor.execute(f"CREATE INDEX {index.name} ON tickets ({columns})")
    Store(f"sqlite:///{database}").close()
    return Answer.of([])
