"""Knows how Zendesk's lists are walked, and what a page of one is to us."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import Cursor, Gone, Page
from connectors.http import Http
from connectors.raw import Raw, Reading


def listed(http: Http, path: str, name: str) -> Iterator[list[Any]]:
    """The pages of a list by cursor."""
    asked: dict[str, Any] = {"page[size]": 100}
    while True:
        answer = Raw.of(http.get(path, asked).json)
        yield answer.items(name)
        meta = answer.object("meta")
        after = meta.text("after_cursor") if meta and meta.flag("has_more") else None
        if after is None or after == asked.get("page[after]"):
            return
        asked["page[after]"] = after


def page_of(reading: Reading, cursor: Cursor, complete: bool, gone: Sequence[Gone] = ()) -> Page:
    """What was read of one answer, and the cursor behind it."""
    return replace(reading.page(cursor, complete, gone), read=reading.read + len(gone))
