"""A folder of exports goes in once, whole file by whole file; what cannot be believed is put aside to be repaired."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jobs.importing import write_repairs
from storage.store import Store
from storage.tables import article_views, metadata
from tests.jobs.conftest import CLOCK, load

ACCOUNTS = "external_id,name\nA-1,Acme\nA-2,Bolt\n"
TICKETS = "external_id,account_ref,subject,created_at\nT-1,A-1,Export fails,2026-06-01T10:00:00Z\n"


def dump(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.engine.connect() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=repr) for table in metadata.sorted_tables
        }


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_importing_the_same_folder_twice_changes_nothing(sqlite_store: Store, exports: Path) -> None:
    first = load(sqlite_store, exports)
    before = dump(sqlite_store)
    again = load(sqlite_store, exports, CLOCK + timedelta(days=3))
    assert [each.file for each in first.refused] == []
    assert sum(each.changed for each in first.imported) > 10_000
    assert sum(each.changed for each in again.imported) == 0
    assert dump(sqlite_store) == before


def test_both_databases_hold_the_same_facts(store: Store, exports: Path) -> None:
    load(store, exports)
    counts = store.counts()
    for file in ("tickets.csv", "usage.csv", "contracts.csv"):
        with (exports / file).open(encoding="utf-8", newline="") as lines:
            rows = sum(1 for _ in csv.reader(lines)) - 1
        table = {"tickets.csv": "tickets", "usage.csv": "usage_days", "contracts.csv": "contracts"}[file]
        assert counts[table] == rows


def test_every_row_is_counted_once(sqlite_store: Store, tmp_path: Path) -> None:
    tickets = TICKETS + "T-1,A-1,Export fails,2026-06-01T10:00:00Z\nT-2,ghost,x,2026-06-01\nT-3,A-2,x,yesterday\n"
    done = load(sqlite_store, write(tmp_path, accounts=ACCOUNTS, tickets=tickets))
    ticket = next(each for each in done.imported if each.record == "ticket")
    assert (ticket.read, ticket.changed, ticket.repeated, ticket.rejected) == (4, 1, 1, 2)
    assert ticket.read == ticket.changed + ticket.unchanged + ticket.repeated + ticket.rejected


def test_rows_that_were_put_aside_are_repaired_and_imported(sqlite_store: Store, tmp_path: Path) -> None:
    tickets = TICKETS + "T-2,ghost,=HYPERLINK(1),2026-06-02T10:00:00Z\nT-3,A-2,Login,yesterday\n"
    done = load(sqlite_store, write(tmp_path / "in", accounts=ACCOUNTS, tickets=tickets))
    [repairs] = write_repairs(done, tmp_path / "repairs")
    text = repairs.read_text(encoding="utf-8-sig")
    repairs.write_text(
        text.replace("T-2,ghost", "T-2,A-2").replace("A-2,Login,yesterday", "A-2,Login,2026-06-03"), "utf-8"
    )
    mended = load(sqlite_store, tmp_path / "repairs")
    assert (mended.rejects, [each.changed for each in mended.imported]) == ([], [2])
    subjects = sqlite_store.facts().tickets().collect()["subject"].to_list()
    assert sorted(subjects) == ["=HYPERLINK(1)", "Export fails", "Login"]


def test_a_refused_file_leaves_the_database_and_the_other_files_alone(sqlite_store: Store, tmp_path: Path) -> None:
    write(tmp_path, accounts=ACCOUNTS, tickets=TICKETS)
    (tmp_path / "contracts.csv").write_bytes(bytes(range(256)) * 50)
    done = load(sqlite_store, tmp_path)
    assert [each.file for each in done.refused] == ["contracts.csv"]
    assert (sqlite_store.counts()["accounts"], sqlite_store.counts()["tickets"]) == (2, 1)


def test_an_import_that_is_interrupted_in_a_file_leaves_it_out_whole(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, accounts=ACCOUNTS, tickets=TICKETS)
    load(sqlite_store, write(tmp_path / "first", accounts=ACCOUNTS))
    before = dump(sqlite_store)

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "record_import", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(sqlite_store, folder)
    assert dump(sqlite_store) == before


def test_articles_and_who_looked_at_them_go_in_with_and_without_a_known_visitor(store: Store, tmp_path: Path) -> None:
    views = (
        "external_id,article_ref,account_ref,ticket_ref,visitor,viewed_at\n"
        "V-1,P-1,A-1,T-1,,2026-06-01T09:00:00Z\n"
        "V-2,P-1,,,anonymous-7,2026-06-01T09:30:00Z\n"
        "V-3,P-1,ghost,,,2026-06-01T09:40:00Z\n"
    )
    articles = "external_id,title,body,updated_at\nP-1,Reset a password,Open the settings.,2026-01-02\n"
    folder = write(tmp_path, accounts=ACCOUNTS, tickets=TICKETS, articles=articles, article_views=views)
    done = load(store, folder)
    assert [(each.column, each.found) for each in done.rejects] == [("account_ref", "ghost")]
    with store.engine.connect() as connection:
        found = connection.execute(select(article_views).order_by(article_views.c.external_id)).mappings().all()
    assert [row["account_id"] is not None for row in found] == [True, False]
    assert [row["ticket_id"] is not None for row in found] == [True, False]
    assert sum(each.changed for each in load(store, folder).imported) == 0
