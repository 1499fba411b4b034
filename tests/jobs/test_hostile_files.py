"""Ten hostile files: each ends in a clear message or in rows put aside, and the database is what it was."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from storage.store import Store
from tests.jobs.conftest import load
from tests.jobs.test_importing import ACCOUNTS, dump, write

HEADER = "external_id,account_ref,product,amount,currency,interval_months,starts_on,ends_on\n"
GOOD = "L-1,A-1,Core,100.00,USD,1,2026-01-01,\n"


def half_a_parquet_file(path: Path) -> None:
    pl.DataFrame({"external_id": ["A-9"] * 1000, "name": [f"n{n}" for n in range(1000)]}).write_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def one_endless_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"external_id,name\n")
        for _ in range(64):
            file.write(b"x" * 2**20)


REFUSED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "empty": ("accounts.csv", lambda path: path.write_bytes(b"")),
    "binary": ("accounts.csv", lambda path: path.write_bytes(bytes(range(256)) * 40)),
    "unknown columns": ("odd.csv", lambda path: path.write_text("foo,bar\n1,2\n", encoding="utf-8")),
    "half a Parquet file": ("accounts.parquet", half_a_parquet_file),
    "a program": ("accounts.xlsx", lambda path: path.write_bytes(b"MZ\x90\x00" * 1000)),
}
PUT_ASIDE = {
    "another encoding": (HEADER + GOOD + "L-2,A-1,Caf\xe9,1.00,USD,1,2026-01-01,\n").encode("latin-1"),
    "future dates": (HEADER + GOOD + "L-2,A-1,Core,1.00,USD,1,2096-01-01,\n").encode(),
    "NaN amounts": (HEADER + GOOD + "L-2,A-1,Core,NaN,USD,1,2026-01-01,\n").encode(),
    "endless amounts": (HEADER + GOOD + "L-2,A-1,Core,1e400,USD,1,2026-01-01,\n").encode(),
    "negative amounts": (HEADER + GOOD + "L-2,A-1,Core,-1.00,USD,1,2026-01-01,\n").encode(),
    "unknown currencies": (HEADER + GOOD + "L-2,A-1,Core,1.00,XQZ,1,2026-01-01,\n").encode(),
    "an end before the start": (HEADER + GOOD + "L-2,A-1,Core,1.00,USD,1,2026-01-01,2025-12-31\n").encode(),
    "extra quotes": (HEADER + GOOD + 'L-2,A-1,"Co"re",1.00,USD,1,2026-01-01,\n').encode(),
    "too many cells": (HEADER + GOOD + "L-2,A-1,Core,1.00,USD,1,2026-01-01,,x,y\n").encode(),
    "no account": (HEADER + GOOD + "L-2,ghost,Core,1.00,USD,1,2026-01-01,\n").encode(),
}


@pytest.fixture
def known(sqlite_store: Store, tmp_path: Path) -> Store:
    """A database that knows two accounts."""
    load(sqlite_store, write(tmp_path / "known", accounts=ACCOUNTS))
    return sqlite_store


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(known: Store, tmp_path: Path, kind: str) -> None:
    name, make = REFUSED[kind]
    folder = tmp_path / "hostile"
    folder.mkdir()
    make(folder / name)
    before = dump(known)
    done = load(known, folder)
    [refused] = done.refused
    assert refused.file == name
    assert refused.found
    assert refused.remedy
    assert dump(known) == before


@pytest.mark.parametrize("kind", PUT_ASIDE)
def test_a_row_that_cannot_be_believed_is_put_aside_and_the_rest_goes_in(
    known: Store, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "subscriptions.csv").write_bytes(PUT_ASIDE[kind])
    done = load(known, folder)
    assert done.refused == []
    [reject] = done.rejects
    assert reject.line == 3
    assert reject.expected
    assert known.facts().lines().collect()["external_id"].to_list() == ["L-1"]


def test_a_line_without_end_is_put_aside_without_being_read_into_memory(known: Store, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    one_endless_line(folder / "accounts.csv")
    before = dump(known)
    tracemalloc.start()
    done = load(known, folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    [reject] = done.rejects
    assert (reject.line, "more than" in reject.found) == (2, True)
    assert peak < 32 * 2**20
    assert dump(known)["accounts"] == before["accounts"]


def test_a_formula_is_only_text_and_leaves_as_text(known: Store, tmp_path: Path) -> None:
    text = "external_id,account_ref,subject,created_at\nT-1,A-1,\"=cmd|' /C calc'!A0\",2026-06-01\n"
    done = load(known, write(tmp_path / "hostile", tickets=text))
    assert done.rejects == []
    assert known.facts().tickets().collect()["subject"].to_list() == ["=cmd|' /C calc'!A0"]


def test_mixed_currencies_without_rates_are_told_and_not_summed(known: Store, tmp_path: Path) -> None:
    from domain.conventions import LedgerConventions
    from jobs.ledger import retention
    from tests.jobs.conftest import CLOCK

    lines = HEADER + GOOD + "L-2,A-1,Core,70.00,USD,1,2026-01-01,\nL-3,A-2,Core,50.00,EUR,1,2026-01-01,\n"
    load(known, write(tmp_path / "hostile", subscriptions=lines))
    row = retention(known.facts(), "month", CLOCK, LedgerConventions())[-1]
    assert (row.currency, row.closing_cents, row.unconverted_cents) == ("USD", 17_000, {"EUR": 5_000})
