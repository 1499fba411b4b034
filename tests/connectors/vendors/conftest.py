"""A vendor's site behind a socket and a connector to it, for the modules that say which site it is."""

from collections.abc import Iterator, Mapping

import pytest

from keepline.proving.contract_suite import Proving
from keepline.proving.loopback import FakeSite, serving
from storage.store import Store


@pytest.fixture
def mapping() -> Mapping[str, str]:
    """The user's mapping of fields; a module that needs one has its own."""
    return {}


@pytest.fixture
def proving(site: FakeSite, mapping: Mapping[str, str], sqlite_store: Store) -> Iterator[Proving]:
    with serving(site) as loopback:
        yield Proving(site, loopback, sqlite_store, mapping)
