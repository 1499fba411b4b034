"""How rows that were put aside come back: repaired, they are read like the original."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.csv_rows import escaped, unescaped
from connectors.layout import find_layout
from connectors.put_aside import write_rejects
from connectors.raw_rows import raw_batches
from domain.imports import Reject
from tests.connectors.exports import plan_of, read_file

_CONTENT = (
    "external_id,account_ref,amount,interval_months,starts_on,currency,plan\n"
    "1,A,10,monthly,2025-01-01,USD,Pro\n"
    "2,A,many,monthly,2025-01-01,USD,=Pro\n"
    "-3,A,-10,monthly,2025-01-01,USD,'Pro\n"
    '4,A,10,monthly,2025-01-01,USD,"Pro ""plus""\nand more"\n'
    "5,A,10,monthly,2025-01-01\n"
)


def _export(tmp_path: Path) -> tuple[Path, list[Reject]]:
    original = tmp_path / "subscriptions.csv"
    original.write_text(_CONTENT, encoding="utf-8")
    _, rejects = read_file(original)
    repairs = tmp_path / "repairs.csv"
    assert write_rejects(repairs, find_layout(original).header, rejects) == 3
    return repairs, rejects


def _table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_rejects_are_written_under_the_original_header_with_what_is_wrong_in_front(tmp_path: Path) -> None:
    repairs, _ = _export(tmp_path)
    header, *rows = _table(repairs)
    assert header == [
        "keepline_line", "keepline_column", "keepline_found", "keepline_expected",
        "external_id", "account_ref", "amount", "interval_months", "starts_on", "currency", "plan",
    ]  # fmt: skip
    assert [row[:3] for row in rows] == [["3", "amount", "many"], ["4", "amount", "'-10"], ["7", "", "5 cells"]]


def test_no_cell_of_a_repair_file_is_a_formula(tmp_path: Path) -> None:
    repairs, _ = _export(tmp_path)
    assert not any(cell[:1] and cell[0] in "=+-@\t\r" for row in _table(repairs) for cell in row)


def test_unrepaired_rows_come_back_exactly_as_they_were_put_aside(tmp_path: Path) -> None:
    repairs, rejects = _export(tmp_path)
    again_rows, again = read_file(repairs)
    assert again_rows.is_empty()
    assert [(one.column, one.found, one.row) for one in again] == [(one.column, one.found, one.row) for one in rejects]


def test_repaired_rows_are_read_and_the_hints_are_no_unknown_columns(tmp_path: Path) -> None:
    repairs, _ = _export(tmp_path)
    table = _table(repairs)
    table[1][6] = "20"
    table[2][6] = "30"
    table[3] += ["USD", "Basic"]
    with repairs.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    plan = plan_of(repairs)
    rows, rejects = read_file(repairs)
    assert (plan.unknown_columns, rejects) == ((), [])
    assert rows.select("external_id", "amount_cents", "plan").rows() == [
        ("2", 2_000, "=Pro"), ("-3", 3_000, "'Pro"), ("5", 1_000, "Basic"),
    ]  # fmt: skip


def test_a_line_that_was_put_aside_for_two_reasons_is_one_row(tmp_path: Path) -> None:
    both = [
        Reject(file="a.csv", line=2, column=column, found="x", expected="y", row=("1", "x", "x"))
        for column in ("one", "two")
    ]
    assert write_rejects(tmp_path / "r.csv", ["id", "one", "two"], both) == 1
    assert "also two: found 'x', expected y" in _table(tmp_path / "r.csv")[1][3]


@pytest.mark.parametrize("cell", ["", "a", "'", "'a", "=1", "'=1", "''=1", "+", "\tx", "-5", "it's"])
def test_escaping_is_undone_exactly(cell: str) -> None:
    assert unescaped(escaped(cell)) == cell


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\r\t"), min_size=1),
        min_size=2,
        max_size=2,
    )
)
def test_any_cell_survives_the_way_out_and_back(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "r.csv"
    reject = Reject(file="a.csv", line=2, column="one", found=cells[0], expected="y", row=tuple(cells))
    write_rejects(path, ["one", "two"], [reject])
    (batch,) = raw_batches(path, find_layout(path))
    assert batch.cells.rows() == [tuple(cells)]
