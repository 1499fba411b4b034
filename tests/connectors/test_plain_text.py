"""Text that is read at once is read as the careful reader reads it; what is not plain is left to that one."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.plain_text import plain_rows
from connectors.text_blocks import Block

HEADER = ("id", "subject", "tags")


def _carefully(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _at_once(text: str, delimiter: str = ",") -> list[list[str]] | None:
    rows = plain_rows(Block(text, 2, clean=True), delimiter, HEADER)
    return None if rows is None else [list(row) for row in rows.cells.iter_rows()]


@given(
    st.lists(st.text(alphabet='ab,;"\n\r\t\x00 é\ufeff', max_size=12), min_size=1, max_size=4).map("".join),
    st.sampled_from([",", ";", "\t"]),
)
def test_whatever_is_read_at_once_is_what_the_careful_reader_reads(text: str, delimiter: str) -> None:
    found = _at_once(text, delimiter)
    assert found is None or found == _carefully(text, delimiter)


_CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=8)


@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_rows_as_a_csv_writer_writes_them_are_read_at_once(rows: list[list[str]], line_end: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    assert _at_once(written.getvalue()) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,Hello,a\n2,,\n", [["1", "Hello", "a"], ["2", "", ""]]),
        ('1,"Hello, world","a ""b"""\n', [["1", "Hello, world", 'a "b"']]),
        ('1," padded ",""', [["1", " padded ", ""]]),
        (",,\n", [["", "", ""]]),
    ],
)
def test_plain_rows_keep_their_cells(text: str, rows: list[list[str]]) -> None:
    assert _at_once(text) == rows


@pytest.mark.parametrize(
    "text",
    ["1,two\n", "1,2,3,4\n", '1,"two\nlines",3\n', '1,"two"x,3\n', '1,tw"o,3\n', '1,"two,3\n', "1,2,3\n\n", "1,\0,3\n"],
    ids=["too few", "too many", "two lines", "text behind a quote", "a quote inside", "an open quote", "empty", "NUL"],
)
def test_what_is_not_plain_is_left_to_the_careful_reader(text: str) -> None:
    assert _at_once(text) is None
