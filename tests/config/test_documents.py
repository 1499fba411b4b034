"""A mistake in a configuration file is explained by file, line, what stands there and what would be right."""

from pathlib import Path
from typing import Literal

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
    with pytest.raises(ConfigError, match=r"kitchen\.yaml:2: found .*kettles\.0\.cups"):
        documents.read(path, Kitchen)


def test_what_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = _written(tmp_path, "kettles:\n  - {colour: red\n")
    with pytest.raises(ConfigError, match=r"kitchen\.yaml:\d+: "):
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
