"""No expression that reads customers' texts can be made to work for long; each is attacked by texts made from it."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import domain.automatic_mail
import rules.text
from rules.text.cleaning.quotes import unquoted
from rules.text.findings import shipped_reader
from rules.text.replies.phrases import phrases
from tests.rules.text.pumping import pumped

# Seconds within which a text of this length is read, whatever the machine is busy with; most need a thousandth.
LENGTH, SOON = 8_000, 0.1
SMALL = (20, 26, 300)
# What is looked at in a line or an opening that was cut to a length before sees no more than that.
CUT = {
    "rules.text.automatic._AWAY": 1_000,
    "rules.text.automatic._SAYS_SO": 1_000,
    "rules.text.automatic._SUBJECT": 200,
    "rules.text.cleaning.footers._DISCLAIMS": 600,
    "rules.text.cleaning.footers._SENT_FROM": 120,
    "rules.text.cleaning.footers._UNSUBSCRIBES": 600,
    "rules.text.cleaning.machine_text._LEVEL": 400,
    "rules.text.cleaning.machine_text._MACHINE": 400,
    "rules.text.cleaning.machine_text._SPACED_MARKS": 400,
    "rules.text.cleaning.quotes._FORWARDS": 320,
    "rules.text.cleaning.quotes._HEADER": 320,
    "rules.text.cleaning.quotes._INTRODUCES": 400,
    "rules.text.cleaning.quotes._REPLY_ABOVE": 160,
    # A phrase that a lead writes.
    "rules.text.findings.phrases.written": 400,
    "rules.text.replies.standing_texts._ADDRESSES": 80,
}


def _modules() -> Iterator[Any]:
    yield domain.automatic_mail
    for found in pkgutil.walk_packages(rules.text.__path__, "rules.text."):
        yield importlib.import_module(found.name)


def _patterns_in(value: Any, depth: int = 4) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        for each in value.values():
            yield from _patterns_in(each, depth - 1)
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _patterns_in(each, depth - 1)
    elif depth and is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _patterns_in(getattr(value, each.name), depth - 1)


def _within_functions(module: Any) -> Iterator[re.Pattern[str]]:
    """Those that are written where they are used."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name) or called.value.id != "re":
            continue
        written = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if called.attr != "compile" and isinstance(written, ast.Constant):
            yield re.compile(str(written.value))


def _of_findings() -> Iterator[re.Pattern[str]]:
    """What a lead writes is put together from pieces of one form; here the shipped rules stand for all."""
    for tried in shipped_reader()._tried:
        yield tried.phrase.pattern
        yield from (each.pattern for each in tried.unless)


def _expressions() -> dict[str, re.Pattern[str]]:
    """Every compiled expression of the package, by a name that says where it stands."""
    found: dict[re.Pattern[str], str] = {}
    for module in _modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(_patterns_in(value)):
                found.setdefault(pattern, f"{module.__name__}.{name}[{number}]")
        for number, pattern in enumerate(_within_functions(module)):
            found.setdefault(pattern, f"{module.__name__}.written[{number}]")
    for number, pattern in enumerate(dict.fromkeys(_of_findings())):
        found.setdefault(pattern, f"rules.text.findings.shipped[{number}]")
    for tried in phrases().values():
        for phrase in tried:
            found.setdefault(phrase.expression, f"phrase {phrase.about}: {phrase.expression.pattern[:60]}")
    return {name: pattern for pattern, name in found.items()}


EXPRESSIONS = _expressions()


def test_the_expressions_are_found() -> None:
    assert len(EXPRESSIONS) > 200


@pytest.mark.parametrize("module", sorted({name.split("[")[0].rsplit(".", 1)[0][:40] for name in EXPRESSIONS}))
def test_no_text_makes_an_expression_work_for_long(module: str) -> None:
    slow = [
        f"{name}: {worst}"
        for name, pattern in EXPRESSIONS.items()
        if name.split("[")[0].rsplit(".", 1)[0][:40] == module
        and (worst := _worst(pattern, CUT.get(name.split("[")[0], LENGTH)))
    ]
    assert slow == []


def _worst(pattern: re.Pattern[str], longest: int) -> str:
    """The text that takes long; empty where none does."""
    for length in (*(each for each in SMALL if each < longest), longest):
        for text in pumped(pattern, length):
            if _seconds(pattern, text[:longest]) > SOON and _grows_fast(pattern, text[:longest]):
                return f"{length} characters of {text[:60]!r}"
    return ""


def _grows_fast(pattern: re.Pattern[str], text: str) -> bool:
    """Whether half the text takes far less than half the time, twice in a row; a busy machine is no proof."""
    quarter, half, whole = (
        min(_seconds(pattern, text[: len(text) // part] + text[-2:]) for _ in range(3)) for part in (4, 2, 1)
    )
    return whole > SOON or (whole > 3.2 * half and half > 3.2 * quarter)


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    begun = time.process_time()
    pattern.search(text)
    pattern.fullmatch(text)
    return time.process_time() - begun


@pytest.mark.parametrize(
    "lines",
    [
        ["On " + "On a 1 " * 20 + "wrote:"] * 2_000,
        ["On 1:00 " + "a" * 140] * 2_000,
        ["From: " + " " * 100 + "a"] * 2_000,
        ["> " * 70 + "On 1 wrote:"] * 2_000,
        ["Le 1 " + "a écrit " * 15 + ":"] * 2_000,
        ["2026年1月1日(月) 10:00 " + "<a>" * 40 + ":"] * 2_000,
        ["-----Original Message" + "-" * 100] * 2_000,
    ],
    ids=lambda lines: lines[0][:12],
)
def test_a_library_s_slow_expressions_see_short_windows_only(lines: list[str]) -> None:
    """mail-parser-reply's headers are of higher order; as few and as short as they come here, they end soon."""
    begun = time.process_time()
    unquoted(lines)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("name", ["cleaned", "language", "masked", "score", "evidence", "churn_spans"])
@pytest.mark.parametrize(
    "piece",
    [
        "a", " ", "\n", "!", "@", "1 ", "4111 ", "DE89 ", "a@a.", "http://a?", "<p>", "<div><b id=1>", "&#1;", "> ",
        "not ", "password: ", "Hi Ann,\n", "cancel our contract ",
        "error=1;", "n't ", "é", "😡", "A.", "(", "-", "_a", "a:",
    ],
)  # fmt: skip
def test_a_megabyte_is_read_in_bounded_time(name: str, piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    getattr(rules.text, name)([text])
    assert time.process_time() - begun < 10
