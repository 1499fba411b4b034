"""Intercom's search: one filter, one order, and a cursor that names the last row that was shown."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

_NEWEST_FIRST = {"field": "updated_at", "order": "descending"}


class SearchPage:
    """One page of what a search finds. `again`: with the last row of the page before; `stuck`: always the first."""

    def __init__(
        self, objects: Sequence[dict[str, Any]], asked: Mapping[str, Any], most: int, *, again: bool, stuck: bool
    ) -> None:
        query, self.sort = asked["query"], asked.get("sort", _NEWEST_FIRST)
        self.all = sorted(
            (each for each in objects if _fits(each[query["field"]], query["operator"], query["value"])),
            key=self._place,
            reverse=self.sort["order"] == "descending",
        )
        pagination = asked.get("pagination", {})
        size = min(pagination.get("per_page", 20), most)
        start, number = (0, 1) if stuck else self._start(pagination.get("starting_after"))
        first = max(start - 1, 0) if again else start
        self.shown = self.all[first : start + size]
        self.pages: dict[str, Any] = {
            "type": "pages", "page": number, "per_page": size, "total_pages": -(-len(self.all) // size)
        }  # fmt: skip
        if self.shown and (stuck or len(self.all) > start + size):
            token = json.dumps([*self._place(self.shown[-1]), number + 1]).encode()
            self.pages["next"] = {"per_page": size, "starting_after": b64encode(token).decode()}

    def _start(self, after: str | None) -> tuple[int, int]:
        if after is None:
            return 0, 1
        *last, number = json.loads(b64decode(after))
        newest_first = self.sort["order"] == "descending"
        behind = [
            at
            for at, each in enumerate(self.all)
            if (self._place(each) < tuple(last) if newest_first else self._place(each) > tuple(last))
        ]
        return (behind[0] if behind else len(self.all)), number

    def _place(self, each: Mapping[str, Any]) -> tuple[Any, str]:
        return each[self.sort["field"]], each["id"]


def _fits(have: Any, operator: str, wanted: Any) -> bool:
    if operator == "IN":
        return have in wanted
    assert operator == ">", "other comparisons are not part of this workspace"
    return bool(have > wanted)
