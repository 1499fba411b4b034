"""Knows how Request Tracker's transactions, tickets and texts are listed without losing or repeating a row.

Everything is walked by id: `id > last`, in the order of ids. A page number would skip rows when the ones before it
change, and `next_page` begins with http:// behind many a proxy. No date is ever sent: Request Tracker reads dates in
the time zone of the user's preferences, and 01:30 may be two moments there.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Any
from urllib.parse import quote

from connectors.http import Http
from connectors.raw import Raw

API = "/REST/2.0"
# More are cut to this by the server.
ROWS = 100
_LOGGED = "ObjectType = 'RT::Ticket' AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"
_TRANSACTION = "Type,Field,OldValue,NewValue,Creator,Created,ObjectId"
_UPWARDS, _DOWNWARDS = {"orderby": "id", "order": "ASC"}, {"orderby": "id", "order": "DESC"}
_TICKET = {
    "fields": "Subject,Status,Priority,Queue,Owner,Requestor,Cc,CustomFields,Created,LastUpdated,Resolved,EffectiveId",
    "fields[Queue]": "Name",
    "fields[Requestor]": "EmailAddress",
}


@dataclass(frozen=True)
class Wrote:
    """What was written in a transaction: its media type, its content, and its mail's headers as they came."""

    kind: str
    content: str
    headers: str = ""


@dataclass(frozen=True)
class Log:
    """What has happened to the tickets of one site."""

    http: Http

    def size(self) -> int | None:
        """How many transactions there are; None where the server does not say, as to all but superusers."""
        return self._answer("transactions", {"query": _LOGGED, "per_page": 1}).whole("total")

    def page(self, after: int, also: str = "") -> tuple[list[Any], bool]:
        """The transactions behind `after`, and whether there may be more."""
        asked = {"query": f"{_LOGGED} AND id > {after}{also}", "fields": _TRANSACTION, **_UPWARDS}
        answer = self._answer("transactions", asked)
        rows, total = answer.items("items"), answer.whole("total")
        if total is not None or rows:
            return rows, total is None or total > len(rows)
        pages = ceil((self._newest(also) - after) / (answer.whole("per_page") or ROWS))
        return self._behind_hidden(asked, pages)

    def _behind_hidden(self, asked: Mapping[str, Any], pages: int) -> tuple[list[Any], bool]:
        """The next transactions that the user may see, at most `pages` away.

        What may not be seen is left out only after a page was cut: an empty page need not be the last.
        """
        for page in range(2, pages + 1):
            if rows := self._answer("transactions", {**asked, "page": page}).items("items"):
                return rows, True
        return [], False

    def _newest(self, also: str) -> int:
        asked = {"query": _LOGGED + also, "fields": "Type", **_DOWNWARDS}
        return max([0, *ids(self._answer("transactions", asked).items("items"))])

    def of_ticket(self, ticket: str) -> Iterator[Any]:
        """All transactions that were recorded on a ticket, also after it was merged into another one."""
        after, more = 0, True
        while more:
            rows, more = self.page(after, f" AND ObjectId = {int(ticket)}")
            yield from rows
            before, after = after, max([after, *(ids(rows))])
            more = more and after > before

    def newest_of(self, ticket: str) -> Iterator[Any]:
        """A ticket's history, the newest first, with that of tickets merged into it."""
        asked = {"fields": _TRANSACTION, **_DOWNWARDS}
        oldest: int | None = None
        for page in count(1):
            rows = self._answer(f"ticket/{int(ticket)}/history", {**asked, "page": page}).items("items")
            if not rows or (oldest is not None and min(ids(rows), default=oldest) >= oldest):
                return
            yield from rows
            oldest = min(ids(rows), default=oldest)

    def tickets(self, wanted: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """Tickets by id; without those that are deleted or no ticket of a customer, such as reminders."""
        named = " OR ".join(f"id = {each}" for each in sorted({int(each) for each in wanted}))
        # Naming EffectiveId makes the server show the tickets that were merged into others.
        return self._tickets(f"EffectiveId > 0 AND ({named})") if named else {}

    def merged_into(self, ticket: str) -> list[str]:
        """The tickets that have become a part of this one."""
        return [each for each in self._tickets(f"EffectiveId = {int(ticket)}") if each != ticket]

    def texts(self, transactions: Sequence[str]) -> dict[str, Wrote]:
        """What was written, by transaction. Files are not asked for."""
        chosen: dict[str, tuple[str, str]] = {}
        headers: dict[str, str] = {}
        for raw in self._attachments("TransactionId", transactions, "TransactionId,ContentType,Filename,Headers"):
            kind, of = raw.text("ContentType"), raw.id("TransactionId")
            # The first part, which may be but the frame of the others, has the mail's own headers.
            headers.setdefault(of, raw.text("Headers") or "")
            if raw.text("Filename") or kind not in {"text/plain", "text/html"}:
                continue
            if of not in chosen or (kind == "text/plain" and chosen[of][0] == "text/html"):
                chosen[of] = (kind, raw.id())
        parts = [part for _, part in chosen.values()]
        contents = {raw.id(): raw.text("Content") or "" for raw in self._attachments("id", parts, "Content")}
        return {of: Wrote(kind, contents[part], headers[of]) for of, (kind, part) in chosen.items() if part in contents}

    def user(self, name: str) -> Raw:
        """A user, by name or number."""
        return Raw.of(self.http.get(f"{API}/user/{quote(name, safe='@')}").json)

    def queues(self) -> Iterator[Raw]:
        """The queues that can be seen."""
        seen: set[int] = set()
        for page in count(1):
            new = [each for each in ids(self._answer("queues/all", {"page": page}).items("items")) if each not in seen]
            if not new:
                return
            seen.update(new)
            yield from (Raw.of(self.http.get(f"{API}/queue/{each}").json) for each in new)

    def links(self) -> set[str] | None:
        """What may be done with the newest ticket, as the server offers it; None where there is no ticket."""
        asked = {"query": "id > 0", "per_page": 1, "fields": "_hyperlinks", **_DOWNWARDS}
        for each in self._answer("tickets", asked).objects("items"):
            return {link.text("ref") or "" for link in each.objects("_hyperlinks")}
        return None

    def _tickets(self, query: str) -> dict[str, Mapping[str, Any]]:
        rows = self._by_id("tickets", lambda after: f"({query}) AND id > {after}", _TICKET)
        return {Raw.of(each).id(): each for each in rows}

    def _attachments(self, name: str, wanted: Sequence[str], fields: str) -> Iterator[Raw]:
        for start in range(0, len(wanted), ROWS):
            named = {"field": name, "operator": "IN", "value": [int(each) for each in wanted[start : start + ROWS]]}

            def query(after: int, named: Mapping[str, Any] = named) -> str:
                return json.dumps([named, {"field": "id", "operator": ">", "value": after, "entry_aggregator": "AND"}])

            yield from (Raw.of(each) for each in self._by_id("attachments", query, {"fields": fields}))

    def _by_id(self, what: str, query: Callable[[int], str], asked: Mapping[str, str]) -> Iterator[Any]:
        after, more = 0, True
        while more:
            answer = self._answer(what, {"query": query(after), **_UPWARDS, **asked})
            rows, total = answer.items("items"), answer.whole("total")
            yield from rows
            before, after = after, max([after, *ids(rows)])
            more = after > before and (total is None or total > len(rows))

    def _answer(self, what: str, asked: Mapping[str, Any]) -> Raw:
        return Raw.of(self.http.get(f"{API}/{what}", {"per_page": ROWS, **asked}).json)


def ids(rows: Iterable[Any]) -> list[int]:
    """The ids of those rows that have one."""
    named = (str(each.get("id")) for each in rows if isinstance(each, Mapping))
    return [int(each) for each in named if each.isdigit()]
