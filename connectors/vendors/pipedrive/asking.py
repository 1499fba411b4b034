"""Knows how Pipedrive is asked: with which token, within which limits, and how its lists go on."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.addresses import site_url
from connectors.contract import Site
from connectors.credentials import Token
from connectors.http import Http
from connectors.rate_limits import Budget, Headers, Pace, RateLimits, standard_retry_after
from connectors.raw import Raw

API = "https://api.pipedrive.com"
PAGE_ROWS = 500
_TOKENS_LEFT = "x-daily-ratelimit-token-remaining"
# The day's tokens are renewed at midnight of a server whose time zone we are not told.
_DAY_USED_UP = timedelta(hours=1)


def _tokens(headers: Headers, now: datetime) -> Budget | None:
    left = headers.get(_TOKENS_LEFT, "")
    return Budget(int(left), None) if left.isdigit() else None


def _wait(headers: Headers, now: datetime) -> timedelta | None:
    if headers.get(_TOKENS_LEFT) == "0":
        return _DAY_USED_UP
    return standard_retry_after(headers, now) or standard_retry_after(headers, now, "x-ratelimit-reset")


# The smallest plan's: twenty calls in two seconds.
LIMITS = RateLimits(budget=_tokens, retry_after=_wait, paces=(Pace(20, timedelta(seconds=2)),))


def opened(site: Site) -> Http:
    """The way to a site."""
    return Http(
        base_url=site_url(site.settings.get("address") or API),
        auth=Token(site.secrets["api_token"], "the API token", "x-api-token", ""),
        clock=site.clock,
        limits=LIMITS,
        on_wait=site.on_wait,
    )


def next_cursor(answer: Raw) -> str | None:
    """Where the page behind an answer begins; None at the end."""
    more = answer.object("additional_data")
    return more.text("next_cursor") if more else None


def listed(http: Http, path: str, asked: Mapping[str, Any]) -> Iterator[Raw]:
    """All of a list of version 2."""
    params: dict[str, Any] = {"limit": PAGE_ROWS, **asked}
    while True:
        answer = Raw.of(http.get(path, params).json)
        yield from answer.objects("data")
        cursor = next_cursor(answer)
        if cursor is None or cursor == params.get("cursor"):
            return
        params["cursor"] = cursor


def listed_before(http: Http, path: str, asked: Mapping[str, Any]) -> Iterator[Raw]:
    """All of a list of version 1, which is paged by position."""
    start = 0
    while True:
        answer = Raw.of(http.get(path, {**asked, "limit": PAGE_ROWS, "start": start}).json)
        rows = answer.objects("data")
        yield from rows
        if not rows or not has_more(answer):
            return
        start += len(rows)


def has_more(answer: Raw) -> bool:
    """Whether a list of version 1 goes on."""
    more = answer.object("additional_data")
    paging = more.object("pagination") if more else None
    return paging is not None and paging.flag("more_items_in_collection") is True
