"""Ten hostile files: each ends in a clear message or in rows put aside, in little memory."""

import tracemalloc
from hashlib import sha512
from pathlib import Path

import polars as pl
import pytest

from connectors.files import FilePlan, recognise
from domain.errors import FileRefused
from tests.connectors.exports import accounts_by_name, plan_of, read_file, read_plan, shipped

_LINES = "external_id,account_ref,amount,interval_months,starts_on,currency\n"


def _refused(path: Path) -> str:
    (plan,) = recognise(path, [*shipped(), accounts_by_name()])
    assert plan.status == "refused"
    with pytest.raises(FileRefused, match=path.name):
        read_plan(plan)
    return plan.problem or ""


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").touch()
    assert _refused(tmp_path / "tickets.csv") == "an empty file; export it again"


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_bytes(b"".join(sha512(bytes([one])).digest() for one in range(200)))
    assert "binary content" in _refused(tmp_path / "tickets.csv")


@pytest.mark.parametrize(
    ("magic", "told"), [(b"PK\x03\x04", "workbook"), (b"PAR1", ".parquet"), (b"\x1f\x8b", "unpack it")]
)
def test_a_file_under_a_wrong_name_is_told_apart(tmp_path: Path, magic: bytes, told: str) -> None:
    (tmp_path / "tickets.csv").write_bytes(magic + b"rest of it")
    assert told in _refused(tmp_path / "tickets.csv")


def test_a_wrong_encoding_puts_rows_aside_and_names_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes("external_id,name\n1,Café\n2,Tea\n3,Señor\n".encode("latin-1"))
    rows, rejects = read_file(path)
    assert rows["name"].to_list() == ["Tea"]
    assert [(one.line, one.row[1]) for one in rejects] == [(2, "Café"), (4, "Señor")]
    assert all("`encoding: cp1252`" in one.expected for one in rejects)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused_with_its_name(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "accounts.csv").write_bytes("external_id,name\n1,Tea\n".encode(encoding))
    assert f"`encoding: {encoding}`" in _refused(tmp_path / "accounts.csv")


def _one_line(path: Path, start: bytes) -> None:
    with path.open("wb") as file:
        file.write(start)
        for _ in range(64):
            file.write(b"x," * (1 << 19))


def test_a_file_that_is_one_huge_line_is_refused_in_little_memory(tmp_path: Path) -> None:
    _one_line(tmp_path / "accounts.csv", b"")
    tracemalloc.start()
    try:
        assert "a first line of more than 1,048,576 characters" in _refused(tmp_path / "accounts.csv")
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_huge_line_among_good_ones_is_put_aside_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    _one_line(path, b"external_id,name\n1,first\n2,")
    with path.open("ab") as file:
        file.write(b"\n3,last\n")
    tracemalloc.start()
    try:
        rows, rejects = read_file(path)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    assert rows["name"].to_list() == ["first", "last"]
    assert [(one.line, one.row) for one in rejects] == [(3, ())]


def test_formulas_in_cells_are_text_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text('external_id,name\n1,"=HYPERLINK(""http://x.example"")"\n2,@SUM(1)\n-3,+1\n', encoding="utf-8")
    rows, rejects = read_file(path)
    assert rows["name"].to_list() == ['=HYPERLINK("http://x.example")', "@SUM(1)", "+1"]
    assert rejects == []


def test_unknown_columns_are_named_and_a_file_of_nothing_else_fits_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("external_id,name,mood\n1,a,good\n", encoding="utf-8")
    (tmp_path / "things.csv").write_text("mood,colour\ngood,red\n", encoding="utf-8")
    plans: dict[str, FilePlan] = {plan.file: plan for plan in recognise(tmp_path, shipped())}
    assert plans["accounts.csv"].unknown_columns == ("mood",)
    assert (plans["things.csv"].status, plans["things.csv"].problem) == (
        "unknown", "no mapping knows these columns; see what `keepline map` proposes",
    )  # fmt: skip


def test_future_dates_put_their_rows_aside(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("id,created_at,subject\n1,2026-01-06,x\n2,2025-12-31,y\n3,2999-01-01,z\n", encoding="utf-8")
    rows, rejects = read_file(path)
    assert rows["external_id"].to_list() == ["2"]
    assert [(one.line, one.column, one.found) for one in rejects] == [
        (2, "created_at", "2026-01-06"), (4, "created_at", "2999-01-01"),
    ]  # fmt: skip


def test_amounts_that_are_no_number_put_their_rows_aside(tmp_path: Path) -> None:
    path = tmp_path / "subscriptions.csv"
    amounts = ["NaN", "inf", "-inf", "-1", "1e9", "10%", "10"]
    path.write_text(
        _LINES + "".join(f"{at},A,{cell},1,2025-01-01,USD\n" for at, cell in enumerate(amounts)), encoding="utf-8"
    )
    rows, rejects = read_file(path)
    assert rows["amount_cents"].to_list() == [1_000]
    assert [one.found for one in rejects] == amounts[:-1]


def test_mixed_currencies_are_kept_apart_and_contradictions_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "subscriptions.csv"
    cells = [
        "10,1,2025-01-01,USD",
        "10,1,2025-01-01,JPY",
        "€10,1,2025-01-01,USD",
        "10,1,2025-01-01,Doge",
        "10,1,2025-01-01,",
    ]
    path.write_text(_LINES + "".join(f"{at},A,{cell}\n" for at, cell in enumerate(cells)), encoding="utf-8")
    rows, rejects = read_file(path)
    assert rows.select("amount_cents", "currency").rows() == [(1_000, "USD"), (10, "JPY")]
    assert [(one.line, one.column) for one in rejects] == [(4, "amount"), (5, "currency"), (6, "currency")]


def test_half_a_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    pl.DataFrame({"external_id": [str(one) for one in range(5_000)], "name": ["a"] * 5_000}).write_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert _refused(path) == "no readable Parquet file; copy or export it again, it may be cut off"


def test_a_parquet_file_with_a_damaged_middle_is_refused_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    names = [sha512(str(one).encode()).hexdigest() for one in range(5_000)]
    pl.DataFrame({"external_id": names, "name": names}).write_parquet(path, compression="zstd")
    whole = bytearray(path.read_bytes())
    whole[4:40] = bytes(36)
    path.write_bytes(whole)
    with pytest.raises(FileRefused, match=r"breaks off|no readable"):
        read_plan(plan_of(path))


def test_half_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "accounts.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 500)
    assert "no readable workbook" in _refused(tmp_path / "accounts.xlsx")
