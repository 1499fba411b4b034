"""A vendor's site behind a socket and a connector to it, for the modules that say which site it is."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from connectors.vendors.warehouse import walking
from jobs import sync as syncing
from keepline.proving.contract_suite import Proving
from keepline.proving.loopback import FakeSite, serving
from storage.store import Store
from tests.connectors.sites.landed import Landed


@pytest.fixture
def mapping() -> Mapping[str, str]:
    """The user's mapping of fields; a module that needs one has its own."""
    return {}


@pytest.fixture
def proving(site: FakeSite, mapping: Mapping[str, str], sqlite_store: Store) -> Iterator[Proving]:
    with serving(site) as loopback:
        yield Proving(site, loopback, sqlite_store, mapping)


@pytest.fixture
def few_rows_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirteen rows of a warehouse's table are three pages, each committed for itself."""
    monkeypatch.setattr(walking, "PAGE_ROWS", 5)
    monkeypatch.setattr(syncing, "_BATCH_RECORDS", 1)


@pytest.fixture
def landed(database_url: str, sqlite_template: Path, tmp_path: Path) -> Iterator[Landed]:
    """A warehouse on each kind of database, and the facts that it fills."""
    path = shutil.copy(sqlite_template, tmp_path / "facts.db")
    with closing(Store(f"sqlite:///{path}")) as store:
        yield Landed(database_url, store)
