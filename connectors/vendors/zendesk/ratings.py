"""Knows how Zendesk's satisfaction ratings are read: a list by cursor, looked through again for what was changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.contract import Cursor, Found, Page
from connectors.http import Http
from connectors.raw import Raw, Reading
from connectors.vendors.zendesk.lists import page_of
from connectors.vendors.zendesk.words import SCORES
from domain.tickets import Survey

# A rating can be changed while its ticket is open, and the list is ordered by when it was first given.
_OVERLAP = timedelta(days=30)


@dataclass(frozen=True)
class Ratings:
    """The ratings of one site."""

    http: Http
    source: str

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """By the cursor of the page before; a new walk looks back, because a rating may have been changed."""
        since = cursor.get("start_time", 1)
        newest = max(since, cursor.get("newest", 1))
        params: dict[str, Any] = {"start_time": since, "page[size]": 100}
        if "after" in cursor:
            params["page[after]"] = cursor["after"]
        while True:
            answer = Raw.of(self.http.get("/api/v2/satisfaction_ratings", params).json)
            meta, reading = answer.object("meta"), Reading()
            reading.each("survey", answer.items("satisfaction_ratings"), self._rating)
            moments = [int(found.changed_at.timestamp()) for found in reading.found if found.changed_at]
            newest = max([newest, *moments])
            after = meta.text("after_cursor") if meta and meta.flag("has_more") else None
            if after is None:
                start = max(1, newest - int(_OVERLAP.total_seconds()))
                yield page_of(reading, {"start_time": start}, complete=True)
                return
            yield page_of(reading, {"start_time": since, "newest": newest, "after": after}, complete=False)
            params["page[after]"] = after

    def _rating(self, raw: Raw) -> Iterator[Found]:
        word = (raw.text("score") or "").lower().split("_")[0]
        if word not in SCORES:
            return
        survey = Survey(
            source=self.source,
            external_id=raw.id(),
            ticket_ref=raw.id("ticket_id"),
            kind="csat",
            score=SCORES[word],
            scale_min=0,
            scale_max=1,
            comment=raw.text("comment"),
            answered_at=raw.must_moment("created_at"),
        )
        yield Found(survey, raw.must_moment("updated_at"))
