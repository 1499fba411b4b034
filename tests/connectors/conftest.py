"""Leaves out what is proven once: see `tests/connectors/databases.py`."""

import pytest

from tests.connectors.databases import is_wanted


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, rather than skip: nothing is missing."""
    unwanted = [item for item in items if "test_every_connector.py" in item.nodeid and not is_wanted(item.name)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in set(unwanted)]
