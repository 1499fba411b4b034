"""What a user can set or call is documented, and what is documented exists."""

import re
from pathlib import Path

import pytest
import typer

from config import documents
from config.settings import Settings
from keepline.__main__ import app

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(app)
GUIDE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def _section(command: str) -> str:
    return GUIDE.partition(f"\n## {command}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("command", sorted(COMMANDS.commands))  # type: ignore[attr-defined]
def test_every_command_and_option_is_documented(command: str) -> None:
    section = _section(command)
    assert section, f"docs/commands.md has no section {command}"
    named = COMMANDS.commands[command]  # type: ignore[attr-defined]
    below = getattr(named, "commands", {})
    assert [name for name in below if f"`keepline {command} {name}" not in section] == []
    options = [
        option
        for each in (named, *below.values())
        for parameter in each.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    ]
    assert [option for option in options if f"`{option}" not in section] == []


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (\S+)$", GUIDE, re.MULTILINE)) <= set(COMMANDS.commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`KEEPLINE_{setting.upper()}`" in CONFIGURATION


@pytest.mark.parametrize("document", documents.shipped(), ids=lambda path: path.name)
def test_every_shipped_document_is_documented(document: Path) -> None:
    assert f"`{document.name}`" in CONFIGURATION


@pytest.mark.parametrize("page", [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
