"""A small made-up company, generated once, imported where a test needs it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from connectors.files import recognise
from jobs.importing import ImportReport, import_files
from jobs.rulebook import Rulebook
from keepline.bootstrap import Keepline
from keepline.demo.generate import generate
from keepline.mappings import mappings_for
from storage.store import Store

CLOCK = datetime(2026, 6, 29, 6, tzinfo=UTC)
WEEK = timedelta(days=7)


def silent(_step: str, _done: int, _total: int) -> None:
    """No progress bar."""


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exports of 40 accounts and 1,500 tickets."""
    folder = tmp_path_factory.mktemp("company") / "exports"
    generate(folder, accounts=40, tickets=1_500)
    (folder / "truth.json").unlink()
    return folder


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """What ships."""
    return Keepline(Settings()).rulebook


def load(store: Store, folder: Path, now: datetime = CLOCK) -> ImportReport:
    """Import a folder by the mappings that apply to it."""
    return import_files(store, recognise(folder, mappings_for(folder, None)), now, silent)
