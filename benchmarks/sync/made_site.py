"""Knows a large Zendesk site: tickets by cursor and a comment each; made page by page, in a process of its own."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from subprocess import PIPE, Popen
from typing import Any

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock, serving

PAGE_ROWS = 1000
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
EMAIL, TOKEN = "ops@acme.example", "benchmark"
_TICKETS_OF_A_CUSTOMER = 50
_WORDS = ("Export", "Login", "Invoice", "Webhook", "Report", "Import", "Search", "Dashboard")


class LargeSite(FakeSite):
    """`size` tickets; a call of /change changes each hundredth of them, by one step of its status."""

    vendor = "zendesk"

    def __init__(self, size: int) -> None:
        super().__init__(SiteClock(BEGIN + timedelta(minutes=size + 60)))
        self.size = size
        self.changes: list[int] = []

    def settings(self) -> Mapping[str, str]:
        return {"subdomain": self.url, "email": EMAIL}

    def secrets(self) -> Mapping[str, str]:
        return {"api_token": TOKEN}

    def add(self, count: int = 1) -> None:
        self.size += count

    def change(self, nth: int) -> None:
        self.changes.append(nth)

    def add_late(self) -> None: ...

    def add_broken(self) -> str:
        return ""

    def facts(self) -> Facts:
        return {}

    def answer(self, request: Request) -> Reply:  # noqa: PLR0911 - one answer an address
        path, query = request.path, request.query
        if path == "/change":
            self.changes += range(0, self.size, 100)
            return Reply({"changed": len(self.changes)})
        if path.endswith("/count"):
            return Reply({"count": {"value": self.size}})
        if path.endswith("/tickets/cursor"):
            return self._tickets(int(query.get("cursor", "0")))
        if path.endswith("/organizations"):
            return self._by_time("organizations", int(query["start_time"]), self.size // _TICKETS_OF_A_CUSTOMER, 3000)
        if path.endswith("/ticket_events"):
            return self._by_time("ticket_events", int(query["start_time"]), self.size, 60)
        if path.endswith("/show_many"):
            return Reply({"users": [{"id": int(key), "role": "end-user"} for key in query["ids"].split(",")]})
        return Reply({"satisfaction_ratings": [], "meta": {"has_more": False}})

    def _tickets(self, start: int) -> Reply:
        end = min(start + PAGE_ROWS, self.size + len(self.changes))
        rows = [self._ticket(place) for place in range(start, end)]
        return Reply({"tickets": rows, "after_cursor": str(end), "end_of_stream": end == self.size + len(self.changes)})

    def _ticket(self, place: int) -> dict[str, Any]:
        number = place if place < self.size else self.changes[place - self.size]
        created_at = BEGIN + timedelta(minutes=number)
        return {
            "id": number + 1, "subject": f"{_WORDS[number % 8]} fails for team {number % 977}",
            "status": "open" if place < self.size else "solved", "priority": "low", "requester_id": number % 5000 + 1,
            "organization_id": number % max(1, self.size // _TICKETS_OF_A_CUSTOMER) + 1, "tags": ["benchmark"],
            "assignee_id": 7, "via": {"channel": "email"}, "custom_fields": [], "created_at": _iso(created_at),
            "updated_at": _iso(created_at if place < self.size else BEGIN + timedelta(minutes=self.size + place)),
            "url": "https://acme.example/api/v2/tickets/1.json", "collaborator_ids": [], "brand_id": 1,
        }  # fmt: skip

    def _by_time(self, name: str, since: int, count: int, step: int) -> Reply:
        """One object every `step` seconds; each page ends at the second of its last row."""
        begin = int(BEGIN.timestamp())
        first = max(0, -((begin - since) // step) if since < begin else -(-(since - begin) // step))
        first = 0 if since <= begin else first
        rows = [
            self._object(name, number, begin + number * step) for number in range(first, min(first + PAGE_ROWS, count))
        ]
        end = begin + (first + len(rows) - 1) * step if rows else None
        return Reply({name: rows, "end_time": end, "end_of_stream": first + len(rows) >= count})

    @staticmethod
    def _object(name: str, number: int, at: int) -> dict[str, Any]:
        moment = _iso(datetime.fromtimestamp(at, UTC))
        if name == "organizations":
            key = number + 1
            domains = [f"customer{key}.example"]
            return {
                "id": key,
                "name": f"Customer {key}",
                "domain_names": domains,
                "updated_at": moment,
                "created_at": moment,
            }
        comment = {
            "id": number + 1, "event_type": "Comment", "author_id": number % 5000 + 1, "public": True,
            "body": "Since this morning it fails with an error, and the team cannot work. Please look at it soon.",
        }  # fmt: skip
        return {
            "id": number + 1,
            "ticket_id": number + 1,
            "timestamp": at,
            "created_at": moment,
            "child_events": [comment],
        }


@contextmanager
def large_site(size: int) -> Iterator[str]:
    """The address of such a site, served by another process, so that its work is not counted as ours."""
    command = [sys.executable, "-m", "benchmarks.sync.made_site", str(size)]
    with Popen(command, stdout=PIPE, text=True) as process:  # noqa: S603 - our own module
        assert process.stdout  # noqa: S101 - it is a pipe
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    site = LargeSite(int(sys.argv[1]))
    with serving(site):
        print(site.url, flush=True)
        time.sleep(24 * 3600)
