"""A limit is waited out for as long as the vendor says, in a header or by the name of the limit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.credentials import Nothing
from connectors.http import Http
from connectors.rate_limits import RateLimits
from domain.errors import Retriable
from keepline.proving.loopback import FakeSite, Loopback, Reply, Request, SiteClock, serving

_DAILY = RateLimits(limit_wait=lambda body: timedelta(hours=1) if b"DAILY" in body else None)


class Limited(FakeSite):
    """A site that turns every call away, with these headers."""

    headers: dict[str, str]

    def settings(self) -> dict[str, str]:
        return {}

    def secrets(self) -> dict[str, str]:
        return {}

    def answer(self, request: Request) -> Reply:
        return Reply({"policyName": "DAILY"}, 429, self.headers)

    def add(self, count: int = 1) -> None: ...

    def change(self, nth: int) -> None: ...

    def add_late(self) -> None: ...

    def add_broken(self) -> str:
        return ""

    def facts(self) -> dict[str, dict[str, dict[str, str]]]:  # type: ignore[override]
        return {}


@pytest.fixture
def limited() -> Iterator[tuple[Limited, Loopback]]:
    site = Limited(SiteClock(datetime(2026, 3, 2, tzinfo=UTC)))
    with serving(site) as loopback:
        yield site, loopback


@pytest.mark.parametrize(("headers", "wait"), [({}, 3600), ({"Retry-After": "900"}, 900)])
def test_the_name_of_a_limit_says_how_long_where_no_header_does(
    limited: tuple[Limited, Loopback], headers: dict[str, str], wait: int
) -> None:
    site, loopback = limited
    site.headers = headers
    with pytest.raises(Retriable) as raised:
        Http(site.url, Nothing("nobody"), site.clock, _DAILY).get("/")
    assert raised.value.retry_after == timedelta(seconds=wait)
    assert len(loopback.requests) == 1
