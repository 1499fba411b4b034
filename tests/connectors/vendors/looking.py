"""How the tests of a vendor look at its connector and at what that brought."""

from collections.abc import Mapping
from typing import Any, TypeVar

from keepline.proving.contract_suite import SOURCE, Proving
from storage.brought import rows_of

_Kind = TypeVar("_Kind")


def brought(proving: Proving, record: Any) -> Mapping[str, Mapping[str, Any]]:
    """The rows of one kind, by external id."""
    return rows_of(proving.store.engine, SOURCE).get(record, {})


def connector_of(proving: Proving, kind: type[_Kind]) -> _Kind:
    """A new connector, known to be of that kind."""
    connector = proving.connector()
    assert isinstance(connector, kind)
    return connector
