"""A warehouse: a real table in a real database, which a loader fills as Fivetran does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    NullPool,
    String,
    Table,
    create_engine,
    insert,
    make_url,
    update,
)

from connectors.contract import Site
from connectors.http import Clock
from connectors.mapping import Defaults, TableRule
from connectors.vendors.warehouse.pulling import Warehouse
from jobs.sync import Report, Synced, sync
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, MemorySecrets
from keepline.proving.loopback import SiteClock
from storage.brought import rows_of
from storage.store import Store
from storage.sync_book import SyncBook

# Three pages, where a page has five rows.
MANY = 13
TICKETS: dict[str, Any] = {
    "record": "ticket",
    "table": "ticket",
    "changed_at": "_fivetran_synced",
    "deleted": "_fivetran_deleted",
    "fields": {
        "external_id": "id",
        "account_ref": "organization_id",
        "subject": "subject",
        "status": {"column": "status", "values": {"hold": "on_hold"}},
        "created_at": "created_at",
    },
}


@dataclass
class Landed:
    """A table of tickets in a warehouse, its loader, and the facts that are made of it."""

    url: str
    store: Store
    rules: list[dict[str, Any]] = field(default_factory=lambda: [TICKETS])
    defaults: Mapping[str, Any] = field(default_factory=dict)
    clock: SiteClock = field(default_factory=lambda: SiteClock(START_OF_TIME))

    def __post_init__(self) -> None:
        self.engine: Engine = create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg") if "postgres" in self.url else self.url,
            poolclass=NullPool,
        )
        self.metadata = MetaData()
        self.tickets = Table(
            "ticket",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("organization_id", String),
            Column("subject", String),
            Column("status", String),
            Column("created_at", DateTime(timezone=True)),
            Column("updated_at", DateTime(timezone=True)),
            Column("_fivetran_synced", DateTime(timezone=True)),
            Column("_fivetran_deleted", Boolean),
        )
        self.metadata.create_all(self.engine)
        self._next = 0

    def add(self, count: int = 1, at: datetime | None = None, **more: Any) -> list[int]:
        """Land new tickets as one load does: all with one moment. Returns their ids."""
        synced = at or self.clock.pass_by(seconds=7)
        ids = list(range(self._next + 1, self._next + count + 1))
        self._next += count
        rows = [
            {
                "id": number, "organization_id": "acme", "subject": f"Export no. {number} fails", "status": "open",
                "created_at": START_OF_TIME, "updated_at": START_OF_TIME, "_fivetran_synced": synced,
                "_fivetran_deleted": False, **more,
            }
            for number in ids
        ]  # fmt: skip
        self.land(self.tickets, *rows)
        return ids

    def land(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Write rows as they are."""
        with self.engine.begin() as connection:
            connection.execute(insert(table), [dict(row) for row in rows])

    def change(self, number: int, **values: Any) -> None:
        """Land a ticket anew."""
        with self.engine.begin() as connection:
            stamped = {"_fivetran_synced": self.clock.pass_by(seconds=7), **values}
            connection.execute(update(self.tickets).where(self.tickets.c.id == number).values(**stamped))

    def delete(self, number: int) -> None:
        """Mark a ticket as deleted, as Fivetran does: the source's own time stays."""
        self.change(number, _fivetran_deleted=True)

    def connector(self, clock: Clock | None = None) -> Warehouse:
        return Warehouse(
            Site(
                name=SOURCE,
                settings={},
                secrets=MemorySecrets({"url": self.url}),
                clock=clock or self.clock,
                tables=[TableRule.model_validate(each) for each in self.rules],
                table_defaults=Defaults.model_validate(self.defaults),
            )
        )

    def sync(self, clock: Clock | None = None, report: Report = lambda *_: None) -> Synced:
        """One sync, ten minutes after what happened last."""
        self.clock.pass_by(minutes=10)
        return sync(self.store, SOURCE, self.connector(clock), (clock or self.clock).now, report)

    def sync_well(self, clock: Clock | None = None) -> Synced:
        """A sync that ends without an error."""
        done = self.sync(clock)
        assert done.error is None, done.error
        assert not done.stopped
        return done

    def brought(self, record: Any = "ticket") -> dict[str, dict[str, Any]]:
        """The rows of one kind, by external id."""
        return rows_of(self.store.engine, SOURCE)[record]

    def assert_same(self) -> None:
        """Every ticket that stands in the table unmarked is there, as it is, and no other."""
        with self.engine.connect() as connection:
            rows = connection.execute(self.tickets.select()).mappings().all()
        live = {str(row["id"]): row for row in rows if not row["_fivetran_deleted"] and row["created_at"]}
        assert {key: (each["subject"], each["status"]) for key, each in self.brought().items()} == {
            key: (row["subject"], "on_hold" if row["status"] == "hold" else row["status"]) for key, row in live.items()
        }

    def assert_nothing_put_aside(self) -> None:
        """No row was put aside."""
        assert SyncBook(self.store.engine).counts(SOURCE)["put aside"] == 0


def on_the_nth_page(number: int, happens: Any) -> Any:
    """A report that lets something happen once that many pages are committed."""
    seen: list[int] = []

    def report(_stream: str, _read: int, _total: int | None) -> None:
        seen.append(1)
        # The first report comes before any page.
        if len(seen) == number + 1:
            happens()

    return report
