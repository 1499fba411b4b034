"""A playbook is laid out as people write it, reads back as itself, and is added to a file whose comments stay."""

from pathlib import Path

import pytest

from config.documents import DEFAULTS, read
from config.playbook_text import add_entry, commented, playbook_yaml
from domain.errors import ConfigError
from rules.playbooks import PlaybookFile

SHIPPED = read(DEFAULTS / "playbooks.yaml", PlaybookFile).playbooks


def test_every_shipped_playbook_reads_back_from_its_text(tmp_path: Path) -> None:
    file = tmp_path / "playbooks.yaml"
    file.write_text("playbooks:\n" + "".join(playbook_yaml(book.content) for book in SHIPPED), encoding="utf-8")
    again = read(file, PlaybookFile).playbooks
    assert [book.content_hash for book in again] == [book.content_hash for book in SHIPPED]


@pytest.mark.parametrize("indent", [0, 2, 6])
def test_an_entry_goes_where_the_others_begin_and_every_line_stays(tmp_path: Path, indent: int) -> None:
    file, mine = tmp_path / "playbooks.yaml", SHIPPED[0].model_copy(update={"id": "mine"})
    entry = playbook_yaml(SHIPPED[1].content)
    moved = "".join(" " * indent + line[2:] for line in entry.splitlines(keepends=True))
    before = f"# Ours.\nplaybooks:   # all of them\n{moved}# The end.\n"
    file.write_text(before, encoding="utf-8")
    line = add_entry(file, file, playbook_yaml(mine.content), lambda trial: read(trial, PlaybookFile))
    text = file.read_text(encoding="utf-8")
    assert text.startswith(before)
    assert "- id: mine" in text.splitlines()[line - 1]
    assert [book.id for book in read(file, PlaybookFile).playbooks] == [SHIPPED[1].id, "mine"]


def test_where_the_file_would_be_wrong_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "playbooks.yaml"
    file.write_text("playbooks:\n" + playbook_yaml(SHIPPED[0].content), encoding="utf-8")
    before = file.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="have the id"):
        add_entry(file, file, playbook_yaml(SHIPPED[0].content), lambda trial: read(trial, PlaybookFile))
    assert file.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_comment_stands_over_the_word_of_the_playbook_and_not_over_one_inside() -> None:
    entry = commented(playbook_yaml(SHIPPED[0].content), {"when": "Why.", "all": "Never."})
    assert "    # Why.\n    when:" in entry
    assert "Never." not in entry
