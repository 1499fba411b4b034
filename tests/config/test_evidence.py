"""The document of evidence: the shipped rules are the file's, and mistakes are told with file and line."""

from pathlib import Path

import pytest

from config.documents import DEFAULTS, read
from domain.errors import ConfigError
from rules.text.findings import EvidenceDocument, extended, shipped_content, shipped_reader


def extended_by(folder: Path, text: str) -> EvidenceDocument:
    """The shipped rules with those of a file of this content."""
    file = folder / "evidence.yaml"
    file.write_text(text, encoding="utf-8")
    return read(file, EvidenceDocument, lambda own, _: extended(own, shipped_content()))


def test_the_rules_that_are_read_without_configuration_are_those_of_the_shipped_file() -> None:
    # keepline evidence rules --json prints what belongs into rules/text/findings/shipped.json.
    assert read(DEFAULTS / "evidence.yaml", EvidenceDocument) == shipped_reader().document


def test_a_copy_of_the_shipped_file_changes_nothing(tmp_path: Path) -> None:
    copied = extended_by(tmp_path, (DEFAULTS / "evidence.yaml").read_text(encoding="utf-8"))
    assert copied.content_hash == shipped_reader().document.content_hash


def test_an_empty_file_leaves_the_shipped_rules(tmp_path: Path) -> None:
    assert extended_by(tmp_path, "# nothing yet\n").content_hash == shipped_reader().document.content_hash


@pytest.mark.parametrize(
    ("written", "line", "remedy"),
    [
        ("rules:\n  - id: a\n    kind: churn_inten\n    phrases: [leave us]\n", 3, "did you mean 'churn_intent'"),
        (
            "rules:\n  - id: a\n    kind: praise\n    phrases:\n      - <agrement> ended\n",
            5,
            "did you mean 'agreement'",
        ),
        ("rules:\n  - id: a\n    kind: praise\n    phrase: [good]\n", 4, "did you mean 'phrases'"),
        ("competitor: [Globex]\n", 1, "did you mean 'competitors'"),
        ("off: [prais]\n", 1, "did you mean 'praise'"),
        ("rules:\n  - id: a\n    kind: praise\n    phrases: ['(very) ..']\n", 4, "write at least one"),
        ("words: [agreement]\n", 1, "write a mapping"),
        ("rules: {a: b}\n", 1, "write a list"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(
    tmp_path: Path, written: str, line: int, remedy: str
) -> None:
    with pytest.raises(ConfigError, match=remedy) as mistake:
        extended_by(tmp_path, written)
    assert mistake.value.line == line
