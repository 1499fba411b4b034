"""How lines of text become rows, and how reading goes on after a line that is none."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.layout import find_layout
from connectors.mapping import Limits
from connectors.raw_rows import RawBatch, raw_batches, raw_rows
from domain.errors import FileRefused
from tests.connectors.exports import accounts_by_name, read_file


def _read(path: Path, limits: Limits | None = None) -> RawBatch:
    batches = list(raw_batches(path, find_layout(path, limits=limits), limits))
    return RawBatch(
        pl.concat([batch.lines for batch in batches]),
        pl.concat([batch.cells for batch in batches]),
        [reject for batch in batches for reject in batch.broken],
    )


def _write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_row_stands_on_the_physical_line_that_it_begins_on(tmp_path: Path) -> None:
    raw = _read(_write(tmp_path, 'id,text\n1,"two\nlines"\n\n2,one\n'))
    assert raw.lines.to_list() == [2, 5]
    assert raw.cells.rows() == [("1", "two\nlines"), ("2", "one")]


@pytest.mark.parametrize(
    ("content", "lines", "broken"),
    [
        ('id,a,b\n1,"open,x\n2,y,z\n3,y,z\n', [3, 4], [2]),
        ('id,a,b\n1,x,y\n2,"open,x\n', [2], [3]),
        ('id,a,b\n1,"he "said" so",y\n2,y,z\n', [3], [2]),
        ("id,a,b\n1,x\n2,y,z\n", [3], [2]),
        ("id,a,b\n1,x,y,z\n2,y,z\n", [3], [2]),
        ('id,a,b\n1,"x\nmore",y,z\n2,y,z\n', [4], [2]),
        ("id,a,b\n1,\0,y\n2,y,z\n", [3], [2]),
    ],
    ids=["open quote", "open quote at the end", "quotes inside", "too few", "too many", "too many on two lines", "NUL"],
)
def test_a_line_that_is_no_row_is_put_aside_and_the_next_is_read(
    tmp_path: Path, content: str, lines: list[int], broken: list[int]
) -> None:
    raw = _read(_write(tmp_path, content))
    assert raw.lines.to_list() == lines
    assert [reject.line for reject in raw.broken] == broken
    assert all(reject.row[0] == "1" or reject.row[0] == "2" for reject in raw.broken)


def test_an_open_quote_takes_only_its_own_line_even_over_the_edge_of_a_block(tmp_path: Path) -> None:
    rows = [f"{number},name {number}" for number in range(2_000)]
    rows[700] = '700,"open'
    raw = _read(_write(tmp_path, "\n".join(["id,name", *rows]) + "\n"), Limits(line_characters=3_000))
    assert [reject.line for reject in raw.broken] == [702]
    assert raw.cells.height == 1_999


def test_a_quoted_cell_may_run_over_the_edge_of_a_block(tmp_path: Path) -> None:
    text = "line\n" * 30
    path = _write(tmp_path, "id,text\n" + "".join(f'{number},"{text}"\n' for number in range(200)))
    raw = _read(path, Limits(line_characters=1_000))
    assert raw.cells["text"].unique().to_list() == [text]
    assert raw.lines.to_list() == list(range(2, 2 + 200 * 31, 31))


def test_cells_behind_the_last_column_are_cut_off_only_when_empty(tmp_path: Path) -> None:
    raw = _read(_write(tmp_path, "id,name,,\n1,a,,\n2,b,,c\n"))
    assert raw.cells.rows() == [("1", "a")]
    assert [reject.found for reject in raw.broken] == ["4 cells"]


def test_rows_without_any_content_are_left_out(tmp_path: Path) -> None:
    assert _read(_write(tmp_path, "id,name\n,\n\n1,a\n")).lines.to_list() == [4]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_of_the_three_ways(tmp_path: Path, end: str) -> None:
    raw = _read(_write(tmp_path, end.join(["id,name", "1,a", "2,b"])))
    assert raw.lines.to_list() == [2, 3]
    assert raw.cells.rows() == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in (["id", "name", "note"], ["1", "a", "x y"], ["2", "b", "z"]))
    assert _read(_write(tmp_path, content)).cells.rows() == [("1", "a", "x y"), ("2", "b", "z")]


def test_the_delimiter_that_excel_names_in_the_first_line_counts(tmp_path: Path) -> None:
    raw = _read(_write(tmp_path, "sep=;\nid;name, first\n1;a, b\n"))
    assert raw.cells.rows() == [("1", "a, b")]
    assert raw.lines.to_list() == [3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_by_its_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    assert _read(_write(tmp_path, "id,name\n1,Größe 株\n".encode(encoding))).cells.rows() == [("1", "Größe 株")]


def test_undecodable_bytes_put_their_row_aside_with_the_text_that_they_seem_to_be(tmp_path: Path) -> None:
    rows, rejects = read_file(_write(tmp_path, "id,name\n1,Müller\n2,plain\n".encode("cp1252")), accounts_by_name())
    assert rows["name"].to_list() == ["plain"]
    assert (rejects[0].line, rejects[0].column, rejects[0].row) == (2, "name", ("1", "Müller"))
    assert "encoding: cp1252" in rejects[0].expected


def test_a_mapping_may_name_the_encoding(tmp_path: Path) -> None:
    path = _write(tmp_path, "id,name\n1,Müller\n".encode("cp1252"))
    rows, rejects = read_file(path, accounts_by_name(encoding="cp1252"))
    assert (rows["name"].to_list(), rejects) == (["Müller"], [])


def test_a_line_over_the_limit_is_put_aside_without_being_kept(tmp_path: Path) -> None:
    raw = _read(_write(tmp_path, f"id,name\n1,a\n2,{'x' * 5_000}\n3,c\n"), Limits(line_characters=1_000))
    assert raw.lines.to_list() == [2, 4]
    assert [(reject.line, len(reject.found) < 300) for reject in raw.broken] == [(3, True)]


def test_a_file_of_mostly_broken_rows_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, "id,name\n" + "1,a\n" * 10 + "only one\n" * 30)
    with pytest.raises(FileRefused, match="21 rows, and so most, cannot be taken apart; line 32: 1 cells"):
        _read(path, Limits(broken_rows=20))


def test_quotes_that_never_match_cannot_keep_the_reader_busy(tmp_path: Path) -> None:
    path = _write(tmp_path, "id,name\n" + "1,a\n" * 2_000 + 'z","\n' * 20_000)
    with pytest.raises(FileRefused, match="quotes that do not match"):
        _read(path, Limits(reread_characters=1 << 20))


def test_the_cells_of_chosen_lines_can_be_read_again(tmp_path: Path) -> None:
    path = _write(tmp_path, 'id,text\n1," a\nb"\n2, c \n3,d\n')
    assert raw_rows(path, find_layout(path), {2, 4}) == {2: ["1", " a\nb"], 4: ["2", " c "]}


_cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\r\t"), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(_cells, _cells, _cells).filter(any), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t"),
    limit=st.sampled_from([1_000, 1 << 20]),
)
def test_any_text_that_was_written_as_csv_is_read_back_unchanged(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str, limit: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("id", "one", "two"), *rows])
    path = _write(tmp_path, out.getvalue())
    limits = Limits(line_characters=limit)
    batches = list(raw_batches(path, find_layout(path, delimiter=delimiter), limits))
    assert [row for batch in batches for row in batch.cells.iter_rows()] == rows
    assert not any(batch.broken for batch in batches)
