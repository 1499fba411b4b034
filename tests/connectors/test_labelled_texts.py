"""How a file of labelled texts is read, and what is said of one that cannot be."""

import re
from pathlib import Path

import pytest

from connectors.labelled_texts import labelled_texts
from domain.errors import FileRefused


def _file(tmp_path: Path, content: str, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_columns_are_found_by_their_usual_names(tmp_path: Path) -> None:
    content = (
        "Message,Sentiment,Valence,Churn,Intent,Customer ID,Lang\nIt fails.,Negative,-40,yes,export,A,en-GB\nOk,,,,,,\n"
    )
    found = labelled_texts(_file(tmp_path, content))
    assert found.texts == ["It fails.", "Ok"]
    assert found.cells == {
        "label": ["neg", None], "score": [-40.0, None], "churn": [True, None], "issue": ["export", None],
        "account": ["A", None], "language": ["en", None],
    }  # fmt: skip


def test_json_lines_are_read_and_columns_can_be_named(tmp_path: Path) -> None:
    content = '{"id": 1, "said": "Hi", "mood": "neu_or_pos"}\n{"id": 2, "said": "Bad", "mood": "neg"}\n'
    found = labelled_texts(_file(tmp_path, content, "labels.jsonl"), {"text": "said", "label": "mood"})
    assert (found.texts, found.cells["label"]) == (["Hi", "Bad"], ["not_neg", "neg"])


def test_only_the_first_texts_are_read_where_a_limit_says_so(tmp_path: Path) -> None:
    content = "text,label\n" + "a,neg\n" * 5
    assert len(labelled_texts(_file(tmp_path, content), limit=3).texts) == 3


@pytest.mark.parametrize(
    ("content", "named", "told"),
    [
        ("a,b\n1,2\n", {}, "name the one with the texts: --text NAME"),
        ("text,b\nx,y\n", {}, "name what persons said: --label"),
        ("text,label\nx,neg\n", {"label": "mood"}, "no column 'mood'"),
        ("text,label\nx,neg\ny,furious\n", {}, "labels.csv:3: label is 'furious'; write neg, neu or pos"),
        ("text,score\nx,-150\n", {}, "labels.csv:2: score is '-150'; write a number from −100"),
        ("text,churn\nx,maybe\n", {}, "labels.csv:2: churn is 'maybe'; write 1 or 0"),
    ],
    ids=["no texts", "nothing to compare", "a named column", "a label", "a score", "a flag"],
)
def test_what_cannot_be_read_names_the_place_and_what_would_be_right(
    tmp_path: Path, content: str, named: dict[str, str], told: str
) -> None:
    with pytest.raises(FileRefused, match=re.escape(told)):
        labelled_texts(_file(tmp_path, content), named)  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="there is no such file"):
        labelled_texts(tmp_path / "none.csv")
