"""docs/linking.md runs as it stands."""

import re
from pathlib import Path

import pytest

from domain.parties import LinkDecision, Party

PAGE = (Path(__file__).parents[2] / "docs" / "linking.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", PAGE, re.DOTALL).groups()  # type: ignore[union-attr]
    exec(compile(code, "docs/linking.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.split() == printed.split()


@pytest.mark.parametrize("field", sorted({*Party.model_fields, *LinkDecision.model_fields} - {"fingerprint"}))
def test_every_field_of_a_party_and_of_an_answer_is_named(field: str) -> None:
    assert re.search(rf"\b{field}\b", PAGE.partition("## From Python")[2])
