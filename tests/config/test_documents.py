"""A mistake in a configuration file is explained by file, line, what stands there and what would be right."""

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from config import documents
from domain.errors import ConfigError


class Kettle(BaseModel):
    colour: Literal["red", "blue"]
    cups: int


class Kitchen(BaseModel):
    kettles: list[Kettle] = []


def _written(folder: Path, text: str) -> Path:
    path = folder / "kitchen.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_document_becomes_the_model(tmp_path: Path) -> None:
    path = _written(tmp_path, "kettles:\n  - {colour: red, cups: 4}\n")
    assert documents.read(path, Kitchen) == Kitchen(kettles=[Kettle(colour="red", cups=4)])


def test_an_empty_document_means_the_defaults(tmp_path: Path) -> None:
    assert documents.read(_written(tmp_path, "# nothing said\n"), Kitchen) == Kitchen()


def test_a_wrong_value_is_named_with_its_line(tmp_path: Path) -> None:
    path = _written(tmp_path, "kettles:\n  - colour: red\n    cups: 4\n  - colour: green\n    cups: 2\n")
    with pytest.raises(ConfigError) as caught:
        documents.read(path, Kitchen)
    assert (caught.value.line, caught.value.found) == (4, "'green' at kettles.1.colour")
    assert "red" in caught.value.remedy


def test_a_missing_key_is_named_with_the_line_of_its_entry(tmp_path: Path) -> None:
    path = _written(tmp_path, "kettles:\n  - colour: red\n")
    with pytest.raises(ConfigError, match=r"kitchen\.yaml:2:5: found .*kettles\.0\.cups"):
        documents.read(path, Kitchen)


def test_what_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = _written(tmp_path, "kettles:\n  - {colour: red\n")
    with pytest.raises(ConfigError, match=r"kitchen\.yaml:\d+:\d+: "):
        documents.read(path, Kitchen)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match="UTF-8"):
        documents.read(path, Kitchen)


def test_the_own_file_takes_precedence_over_the_shipped_one(tmp_path: Path) -> None:
    assert documents.find("kitchen", tmp_path) == documents.DEFAULTS / "kitchen.yaml"
    own = _written(tmp_path, "")
    assert documents.find("kitchen", tmp_path) == own


class TestSeveralMistakes:
    TEXT = "kettles:\n  - {colour: green, cups: 1}\n  - colour: red\n    cups: many\n"

    def test_all_are_told_each_with_its_place(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError) as caught:
            documents.read(_written(tmp_path, self.TEXT), Kitchen)
        [other] = caught.value.more
        assert (caught.value.line, other.line) == (2, 4)
        assert other.found == "'many' at kettles.1.cups"
        assert [line.partition(": ")[0].rpartition("/")[2] for line in str(caught.value).splitlines()] == [
            "kitchen.yaml:2:14", "kitchen.yaml:4:11",
        ]  # fmt: skip

    def test_a_flood_of_them_is_cut_short(self, tmp_path: Path) -> None:
        text = "kettles:\n" + "".join(f"  - {{colour: c{number}, cups: 1}}\n" for number in range(100))
        with pytest.raises(ConfigError, match="50 further mistakes; mend these first") as caught:
            documents.read(_written(tmp_path, text), Kitchen)
        assert len(str(caught.value).splitlines()) == 51


class TestOtherFiles:
    def test_what_another_file_says_is_put_in_before_the_content_is_believed(self, tmp_path: Path) -> None:
        (tmp_path / "cups.txt").write_text("7", encoding="utf-8")

        def fill(content: Any, folder: Path) -> Any:
            content["kettles"][0]["cups"] = int((folder / "cups.txt").read_text(encoding="utf-8"))
            return content

        path = _written(tmp_path, "kettles:\n  - colour: red\n")
        assert documents.read(path, Kitchen, fill).kettles[0].cups == 7


_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level + 1}: &a{level + 1} [{', '.join([f'*a{level}'] * 9)}]\n" for level in range(9)
)


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        (_BOMB, "parts", "no anchor over and over"),
        ("kettles: &a [*a]\n", "levels inside each other", "fewer levels"),
        ("[" * 3_000 + "]" * 3_000, "levels inside each other", "fewer levels"),
        ("[" * 150 + "]" * 150, "levels inside each other", "fewer levels"),
        ("- " * 5_000 + "x\n", "levels inside each other", "fewer levels"),
        ("".join(" " * deep + "a:\n" for deep in range(150)), "levels inside each other", "fewer levels"),
        ("? " * 90 + "x\n", "a list or mapping as a key", "a word as the key"),
        ("a: " + "{" * 40 + "x: 1" + "}: 1" * 39 + "}\n", "a list or mapping as a key", "a word as the key"),
        ("kettles: [" + "a, " * 50_000 + "]\n", "bytes", "keep it below"),
        ("kettles: [" + "a," * 20_100 + "]\n", "entries", "write fewer"),
    ],
    ids=["anchors", "itself", "very deep", "deep", "dashes", "indented", "keys", "keys in braces", "large", "long"],
)  # fmt: skip
def test_what_asks_for_too_much_is_refused(tmp_path: Path, text: str, found: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        documents.load(_written(tmp_path, text))
    assert found in caught.value.found
    assert remedy in caught.value.remedy


def test_an_anchor_saves_writing_the_same_again(tmp_path: Path) -> None:
    text = "kettles:\n  - &first {colour: red, cups: 1}\n  - <<: *first\n    cups: 2\n  - *first\n"
    found = documents.read(_written(tmp_path, text), Kitchen).kettles
    assert [kettle.cups for kettle in found] == [1, 2, 1]


def test_a_tag_that_calls_python_calls_nothing(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    path = _written(tmp_path, f'kettles: !!python/object/apply:os.mkdir ["{gone}"]\n')
    with pytest.raises(ConfigError):
        documents.read(path, Kitchen)
    assert not gone.exists()
