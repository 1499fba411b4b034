"""Knows how Jira's platform hands out a list: by the number of the first row, to a total or a last page."""

from collections.abc import Iterator
from typing import Any

from connectors.http import Http
from connectors.raw import Raw
from domain.errors import ConnectorError

_PAGE_ROWS = 100


def listed(http: Http, path: str, name: str) -> Iterator[list[Any]]:
    """The pages of a list.

    Raises:
        ConnectorError: a page repeats the one before.
    """
    start, before = 0, None
    while True:
        answer = Raw.of(http.get(path, {"startAt": start, "maxResults": _PAGE_ROWS}).json)
        rows, total = answer.items(name), answer.whole("total")
        if rows and rows == before:
            raise ConnectorError(f"{path}: a page repeats the one before; try again later")
        yield rows
        start += len(rows)
        if not rows or answer.flag("isLast") or (total is not None and start >= total):
            return
        before = rows
