"""Knows how to be a vendor on a loopback socket, one whose answers fail where a plan says so."""

import json
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from domain.imports import RecordName

FaultKind = Literal["429", "429 without Retry-After", "500", "503", "dropped", "truncated", "no JSON", "cut JSON"]
Facts = Mapping[RecordName, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Request:
    """A request as the site gets it. Header names are lower case; `url` is the path with its query."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    @property
    def json(self) -> Any:
        """The body's JSON, None for an empty one."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Reply:
    """What the site answers. `raw` takes the place of the JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def payload(self) -> bytes:
        """The bytes that go over the line."""
        return self.raw if self.raw is not None else b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class SiteClock:
    """A clock that the site and the connector share; sleeping moves it, nobody waits."""

    moment: datetime
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)

    def pass_by(self, **parts: float) -> datetime:
        """Let time go by; returns the new moment."""
        self.moment += timedelta(**parts)
        return self.moment


class FakeSite(ABC):
    """A vendor's site with a state of its own. A vendor's fake says how it answers; the suite says what happens to it.

    The objects that `add`, `change` and `delete` are about are those that the connector exists for: tickets of a
    helpdesk, accounts with contracts of a CRM, subscriptions of a billing system.
    """

    vendor: ClassVar[str]
    # The vendor's published specifications that the answers are held against, relative to a folder of such files.
    specifications: ClassVar[tuple[str, ...]] = ()
    # Where the live service differs from its file: a part of the problem's text, and how that is known.
    exempt: ClassVar[Mapping[str, str]] = {}
    # Fields of an account that may be set, each with a value for it; for a vendor whose records are written.
    settable: ClassVar[Mapping[str, str]] = {}
    # What this vendor's API can tell at all; the suite leaves out what it cannot.
    tells_deletions: ClassVar[bool] = True
    tokens_expire: ClassVar[bool] = False

    def __init__(self, clock: SiteClock) -> None:
        self.clock = clock
        self.url = ""
        self.page_size = 5
        # Each page begins with the last object of the page before.
        self.repeats_boundary = False
        # The next page of each page is that page.
        self.is_stuck = False
        # New objects carry fields and words that no documentation knows.
        self.speaks_oddly = False
        # 401 or 403 for every request.
        self.refuses: int | None = None

    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """What `keepline connect` would have been told, without secrets; `self.url` is the site's address."""

    @abstractmethod
    def secrets(self) -> Mapping[str, str]:
        """The secrets with which this site lets in."""

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Answer a request as the vendor would, 401 for wrong credentials and `self.refuses` among it."""

    @abstractmethod
    def add(self, count: int = 1) -> None:
        """Let customers make `count` more objects, with all that belongs to them; time goes by a little."""

    @abstractmethod
    def change(self, nth: int) -> None:
        """Change the object `nth` (0 is the oldest), so that a field that Keepline keeps differs; time goes by."""

    def delete(self, nth: int) -> None:
        """Delete the object `nth`; a site that `tells_deletions` must."""
        raise NotImplementedError(f"{type(self).__name__} tells of deletions and cannot delete")

    @abstractmethod
    def add_late(self) -> None:
        """Let an object appear now that says it was changed a minute ago: its transaction took that long."""

    @abstractmethod
    def add_broken(self) -> str:
        """Add an object that cannot be read, such as one whose creation date is a word. Returns its external id."""

    @abstractmethod
    def facts(self) -> Facts:
        """What a connector must have brought: by kind every external id, and with it the fields that matter."""

    def limit_reply(self, seconds: float | None) -> Reply:
        """The vendor's way to say that its limit is used up, and for how long where it says that."""
        return Reply({"error": "slow down"}, 429, {"Retry-After": str(int(seconds))} if seconds else {})

    def expire_token(self) -> None:
        """Let the access token that was given out be of no use from now on; a site whose `tokens_expire` must."""
        raise NotImplementedError(f"{type(self).__name__} has tokens that expire and lets none expire")


@dataclass
class FaultPlan:
    """What goes wrong at which request, counted from 1, and what happens at the site just before a request."""

    faults: dict[int, FaultKind] = field(default_factory=dict)
    always: FaultKind | None = None
    before: dict[int, Callable[[], object]] = field(default_factory=dict)
    retry_after: float = 2.0


class Loopback:
    """A site behind a socket on 127.0.0.1."""

    def __init__(self, site: FakeSite) -> None:
        self.site = site
        self.plan = FaultPlan()
        self.requests: list[Request] = []
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Forget the plan and the requests so far."""
        self.plan, self.requests = FaultPlan(), []

    def handle(self, request: Request) -> tuple[Reply, FaultKind | None]:
        """The site's answer, and what goes wrong with it."""
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
            if number in self.plan.before:
                self.plan.before.pop(number)()
            fault = self.plan.faults.get(number) or self.plan.always
            if fault == "429":
                return self.site.limit_reply(self.plan.retry_after), fault
            if fault == "429 without Retry-After":
                return self.site.limit_reply(None), fault
            if fault in {"500", "503"}:
                return Reply({"error": "trouble"}, int(fault)), fault
            if fault == "no JSON":
                return Reply(raw=b"<html>Maintenance</html>"), fault
            if self.site.refuses:
                return Reply({"error": "refused"}, self.site.refuses), None
            return self.site.answer(request), fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that was killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serving(site: FakeSite) -> Iterator[Loopback]:
    """Serve `site` while the block runs."""
    loopback = Loopback(site)
    server = _Server(("127.0.0.1", 0), _handler(loopback))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield loopback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without it each answer waits 40 ms for the acknowledgement of its headers.
        disable_nagle_algorithm = True

        def reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
                url=self.path,
            )
            reply, fault = loopback.handle(request)
            if fault == "dropped":
                self.close_connection = True
                return
            payload = reply.payload
            if fault == "cut JSON":
                payload = payload[: len(payload) // 2]
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if fault == "truncated":
                payload = payload[: len(payload) // 2]
                self.close_connection = True
            self.wfile.write(payload)

        def date_time_string(self, timestamp: float | None = None) -> str:
            """The header Date, by the site's clock."""
            return format_datetime(loopback.site.clock.now(), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Say nothing."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.reply)
    return Handler
