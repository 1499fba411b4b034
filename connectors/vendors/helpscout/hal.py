"""Knows how Help Scout hands out a list: numbered pages, whose rows are missing altogether where there are none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from connectors.http import Http
from connectors.raw import Raw
from domain.errors import ConnectorError

_PAGE_ROWS = 25


@dataclass(frozen=True)
class ListPage:
    """One page: its rows, its number, how many rows a page and how many all pages have, and whether it is the last."""

    rows: list[Any]
    number: int
    size: int
    total: int
    is_last: bool


def list_page(http: Http, path: str, name: str, number: int, params: Mapping[str, Any]) -> ListPage:
    """The page `number` of a list, from 1."""
    answer = Raw.of(http.get(path, {**params, "page": number}).json)
    place, links = answer.must_object("page"), answer.object("_links")
    embedded = answer.object("_embedded")
    came = place.whole("number") or number
    follows = links is not None and links.has("next")
    return ListPage(
        rows=embedded.items(name) if embedded else [],
        number=came,
        size=place.whole("size") or _PAGE_ROWS,
        total=place.whole("totalElements") or 0,
        is_last=not follows and came >= (place.whole("totalPages") or 0),
    )


def steady_pages(
    http: Http, path: str, name: str, params: Mapping[str, Any], number: int = 1, total: int = 0
) -> Iterator[ListPage]:
    """The pages from `number` on, of a list that `total` rows were counted in before.

    A row that goes moves all rows behind it to the front; where the list has become shorter, the walk steps back by as
    many pages as it takes to meet again what has moved.
    """
    while True:
        page = list_page(http, path, name, number, params)
        gone, total = total - page.total, page.total
        if gone > 0 and number > 1:
            number = max(1, number - ceil(gone / page.size))
            continue
        yield page
        if page.is_last:
            return
        number = page.number + 1


def listed(http: Http, path: str, name: str) -> Iterator[Any]:
    """All rows of a short list.

    Raises:
        ConnectorError: another page came than was asked for.
    """
    number = 1
    while True:
        page = list_page(http, path, name, number, {})
        if page.number != number:
            raise ConnectorError(f"{path}: page {page.number} came in place of page {number}; try again later")
        yield from page.rows
        if page.is_last:
            return
        number += 1
