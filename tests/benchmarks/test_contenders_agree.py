"""Every contender of a benchmark finds what Keepline finds; how fast is for `make benchmark` to say."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from benchmarks.business_time import contest as business_time
from benchmarks.clocks import contest as clocks
from benchmarks.clocks.made_histories import make as make_histories
from benchmarks.contest import Answer, Contender, Disagreement, Measured, Stopwatch, insist
from benchmarks.imports import contest as imports
from benchmarks.imports.databases import with_accounts
from benchmarks.ledger import contest as ledger
from benchmarks.ledger.made_parquet import make as make_parquet
from benchmarks.made_exports import write
from benchmarks.report import Table
from benchmarks.retention import contest as retention
from benchmarks.retention import made_database as made_subscriptions
from benchmarks.signals import contest as signals
from benchmarks.signals import made_database as made_tickets
from benchmarks.signals.sql import add_own_index

TICKETS, ROWS, ACCOUNTS = 3_000, 300, 40


def answer(contender: Contender, **arguments: Any) -> Answer:
    module, _, name = contender.place.partition(":")
    found: Answer = getattr(import_module(module), name)(Stopwatch(), **arguments)
    return found


def agree(contenders: list[Contender], **arguments: Any) -> Answer:
    ours, *others = contenders
    found = answer(ours, **arguments)
    for other in others:
        insist(ours.name, found, other.name, answer(other, **arguments))
    return found


def test_all_compute_the_same_ticket_signals(tmp_path: Path) -> None:
    database = str(tmp_path / "keepline.db")
    made_tickets.make(Stopwatch(), database, TICKETS)
    add_own_index(Stopwatch(), database)
    found = agree([signals.OURS, signals.SQL, signals.POLARS, signals.SQL_INDEXED, signals.ORM], database=database)
    assert found.rows == TICKETS // 50


def test_all_import_the_same_tickets(tmp_path: Path) -> None:
    write(Stopwatch(), str(tmp_path), ROWS)
    with_accounts(Stopwatch(), str(tmp_path))
    assert agree(list(imports.CONTENDERS), folder=str(tmp_path)).rows == ROWS


def test_all_compute_the_same_retention_rows(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"database": str(tmp_path / "keepline.db"), "size": ACCOUNTS}
    made_subscriptions.make(Stopwatch(), **arguments)
    contenders = [retention.OURS, retention.DUCKDB, retention.SQLITE, retention.OURS_ON_A_SAMPLE, retention.LOOP]
    assert agree(contenders, **arguments).rows == 36


@pytest.mark.parametrize("contenders", [ledger.LEDGER, ledger.IN_CUTS], ids=["whole", "in cuts"])
def test_all_compute_the_same_ledger(contenders: tuple[Contender, ...], tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"folder": str(tmp_path), "size": ACCOUNTS}
    make_parquet(Stopwatch(), **arguments)
    assert agree(ledger.installed(contenders), **arguments).rows >= 36


@pytest.mark.parametrize("contenders", [business_time.BETWEEN, business_time.ADD], ids=["between", "add"])
def test_all_count_the_same_business_time(contenders: tuple[Contender, ...]) -> None:
    assert agree(business_time.installed(contenders), size=150).rows == 150


def test_all_read_the_same_resolution_clocks(tmp_path: Path) -> None:
    make_histories(Stopwatch(), str(tmp_path), TICKETS, is_kept=True)
    found = agree([clocks.RESOLUTIONS, clocks.SQL, clocks.LOOP], folder=str(tmp_path))
    assert found.rows == TICKETS // 64 + 1


def test_a_cell_that_differs_ends_the_contest() -> None:
    with pytest.raises(Disagreement, match="one and another disagree"):
        insist("one", Answer.of([["a", 1], ["b", 2]]), "another", Answer.of([["a", 1], ["b", 3]]))


def test_answers_that_share_no_row_prove_nothing() -> None:
    with pytest.raises(Disagreement):
        insist("one", Answer.of([["a", 1]], share=0.5), "another", Answer.of([["b", 1]], share=0.5))


def test_a_sample_is_extrapolated_to_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    whole = Measured(Contender("Keepline", "here:it"), {"all": 2.0}, 100_000_000, Answer.of([["a", 1]]))
    part = Measured(Contender("loop", "there:it"), {"all": 1.0}, 50_000_000, Answer.of([["a", 1]], share=0.1))
    table = Table("A contest", "rows")
    table.add(1_000, [whole, part])
    table.add(10_000, [whole, part])
    table.show()
    last = capsys.readouterr().out.splitlines()[-1]
    assert [cell.strip() for cell in last.split("|")[1:-1]] == [
        "10,000", "loop", "10.00", "5.00×", "1.0×", "50", "extrapolated from 10.0%"
    ]  # fmt: skip
