"""Knows how Stripe is read: once by its lists, then by its events, which it keeps for thirty days.

Lists cannot be asked for what has changed, and a subscription does not say when it was changed; events tell both, and
what was before. A first walk reads the customers, then the events that there are (the lines' recent history), then the
subscriptions. What changes meanwhile is in the events that the next walk begins with.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, count
from typing import Any

from connectors.contract import Checked, Cursor, Found, Page, Site, SiteField, Stream, WebhookCall
from connectors.credentials import Token
from connectors.http import Http, Refused
from connectors.rate_limits import Pace, RateLimits
from connectors.raw import Raw, Reading
from connectors.signatures import hmac_bytes, require_fresh, require_signature, unix_moment, webhook_secret
from connectors.vendors.stripe.events import StripeAccount, knows, page_of_events, read_alike
from domain.errors import ConnectorError, CredentialsRejected

API_VERSION = "2025-03-31.basil"
# A hundred calls a second in live mode, twenty-five for one endpoint and in test mode.
_LIMITS = RateLimits(paces=(Pace(25, timedelta(seconds=1)),))
_ROWS = 100
# Discounts are named by their ids unless they are asked for; four levels are the deepest that Stripe spells out.
_SPELLED_OUT = ("data.discounts.coupon.applies_to", "data.items.data.discounts", "data.customer")
# Events may turn up later than their time says; those of the last month are kept.
_OVERLAP, _KEPT = 600, 29 * 86_400
_LOST = (
    "Stripe keeps events for thirty days and the last sync is longer ago: everything is read again, and what was "
    "changed meanwhile counts from today; sync more often"
)
_NEEDED = {"/v1/subscriptions": "Subscriptions", "/v1/events": "Events", "/v1/products": "Products"}


@dataclass
class Stripe:
    """One Stripe account."""

    site: Site

    def __post_init__(self) -> None:
        self.http = Http(
            base_url=self.site.settings.get("url") or "https://api.stripe.com",
            auth=Token(self.site.secrets["api_key"], "the Stripe API key"),
            clock=self.site.clock,
            limits=_LIMITS,
            on_wait=self.site.on_wait,
            headers={"Stripe-Version": API_VERSION},
        )
        self.account = StripeAccount(self.http, self.site.name, self.site.fields)

    @property
    def calls(self) -> int:
        return self.http.calls

    def check(self) -> Checked:
        self.http.get("/v1/customers", {"limit": 1})
        missing = []
        for path, right in _NEEDED.items():
            try:
                self.http.get(path, {"limit": 1})
            except CredentialsRejected:
                missing.append(f"read access to {right}: without it lines cannot be read")
        mode = "test" if "_test_" in self.site.secrets["api_key"] else "live"
        return Checked(f"Stripe, {mode} mode", tuple(missing))

    def calls_per_minute(self) -> int | None:
        return 25 * 60

    def streams(self) -> Sequence[Stream]:
        return (Stream("customers and subscriptions", self._pages),)

    def site_fields(self) -> Sequence[SiteField]:
        """The metadata of the newest customers: Stripe does not list its keys."""
        customers = Raw.of(self.http.get("/v1/customers", {"limit": _ROWS}).json).objects("data")
        found = [metadata for each in customers if (metadata := each.object("metadata"))]
        return [
            SiteField("customer", key, key, "metadata")
            for key in sorted({key for each in found for key in each.fields})
        ]

    def receive(self, call: WebhookCall) -> Page:
        """Verify the call and hand over what its event says."""
        _require_signed(webhook_secret(self.site.secrets), call)
        try:
            event = Raw.of(json.loads(call.body))
        except ValueError as error:
            raise ConnectorError("a webhook's body is no JSON") from error
        kind = event.text("type") or "without a type"
        if not knows(kind):
            return Page({}, remarks=[f"events {kind[:60]} say nothing of customers and subscriptions"], read=1)
        return page_of_events(self.account, [event.fields], {})

    def _pages(self, cursor: Cursor) -> Iterator[Page]:
        newest = self._newest_event()
        since = cursor.get("since")
        if since is not None and "phase" not in cursor:
            if newest is None or newest - since <= _KEPT:
                yield from self._changes(since, max(newest or since, since))
                return
            yield Page({"phase": "customers", "mark": newest}, remarks=[_LOST])
            cursor = {}
        mark = cursor.get("mark", newest)
        phase = cursor.get("phase", "customers")
        if phase == "customers":
            yield from self._customers(mark, cursor)
            cursor = {}
        if phase != "subscriptions":
            yield from self._history(mark, cursor)
            cursor = {}
        yield from self._subscriptions(mark, cursor)

    def _newest_event(self) -> int | None:
        found = Raw.of(self.http.get("/v1/events", {"limit": 1}).json).objects("data")
        return found[0].whole("created") if found else None

    def _customers(self, mark: int | None, cursor: Cursor) -> Iterator[Page]:
        here = {"phase": "customers", "mark": mark}
        for customers, after in self._listed("/v1/customers", {}, cursor.get("after")):
            reading = Reading()
            for each in customers:
                read_alike(reading, "customer", each, partial(self._customer, _moment(mark)))
            then = {**here, "after": after} if after else {"phase": "history", "mark": mark}
            yield reading.page(then)

    def _customer(self, seen_at: datetime | None, customer: Raw) -> Iterator[Found]:
        return self.account.customer(customer, seen_at or customer.must_moment("created"))

    def _history(self, mark: int | None, cursor: Cursor) -> Iterator[Page]:
        """The events that there are when a first walk begins."""
        if mark is not None:
            for events, end in self._events(cursor.get("since", mark - _KEPT - 86_400), mark):
                then = {"phase": "history", "mark": mark, "since": end + 1}
                yield page_of_events(self.account, events, then)
        yield Page({"phase": "subscriptions", "mark": mark})

    def _subscriptions(self, mark: int | None, cursor: Cursor) -> Iterator[Page]:
        """The list. What was told meanwhile comes before what a page shows, or a change would count from always."""
        asked = {"status": "all", "expand[]": list(_SPELLED_OUT)}
        for subscriptions, after in self._listed("/v1/subscriptions", asked, cursor.get("after")):
            newest = self._newest_event()
            told = [] if newest is None else [each for each, _ in self._events(mark or newest - _KEPT, newest)]
            mark = newest or mark
            then = {"phase": "subscriptions", "mark": mark, "after": after} if after else {"since": mark or 0}
            events = page_of_events(self.account, list(chain.from_iterable(told)), then)
            reading = Reading(list(events.found), list(events.unusable), list(events.remarks), events.read)
            for each in subscriptions:
                read_alike(reading, "subscription", each, partial(self.account.snapshot, seen_at=_moment(mark)))
            yield reading.page(then, not after, events.gone)

    def _changes(self, since: int, until: int) -> Iterator[Page]:
        start = max(0, since - _OVERLAP if since else until - _KEPT)
        for events, end in self._events(start, until):
            is_last = end >= until
            # Whoever goes on begins an overlap earlier; in mid-walk that is where this page ended.
            then = {"since": until if is_last else end + 1 + _OVERLAP}
            yield page_of_events(self.account, events, then, complete=is_last)

    def _events(self, start: int, until: int) -> Iterator[tuple[list[Any], int]]:
        """The events of `[start, until]`, the oldest first, and each time the second up to which these are all.

        Stripe lists the newest first. So a span of time is asked for that has no more events than fit an answer.
        """
        width = until - start
        while start <= until:
            end = min(until, start + width)
            asked = {"type": "customer.*", "created[gte]": start, "created[lte]": end, "limit": _ROWS}
            answer = Raw.of(self.http.get("/v1/events", asked).json)
            events = answer.items("data")
            if answer.flag("has_more") and end > start:
                width = (end - start) // 2
                continue
            if answer.flag("has_more"):
                events = [each for page, _ in self._listed("/v1/events", asked, None) for each in page]
            yield events[::-1], end
            start, width = end + 1, max(2 * width, 1)

    def _listed(
        self, path: str, params: Mapping[str, Any], after: str | None
    ) -> Iterator[tuple[list[Any], str | None]]:
        """The pages of a list and, but for the last, the id after which it goes on."""
        for _ in count():
            answer = self._asked(path, {**params, "limit": _ROWS, **({"starting_after": after} if after else {})})
            rows = answer.items("data")
            last = Raw.of(rows[-1]).id() if rows and answer.flag("has_more") else None
            if last is not None and last == after:
                raise ConnectorError(f"{path}: a page points to itself; what came before it is in, try again later")
            yield rows, last
            if last is None:
                return
            after = last

    def _asked(self, path: str, params: Mapping[str, Any]) -> Raw:
        try:
            return Raw.of(self.http.get(path, params).json)
        except Refused as refused:
            if refused.status != 400 or "expand[]" not in params:
                raise
            # An account of another version has other fields to spell out; what is missing is asked for one by one.
            plain = {name: value for name, value in params.items() if name != "expand[]"}
            return Raw.of(self.http.get(path, plain).json)


def _require_signed(secret: str, call: WebhookCall) -> None:
    parts = [part.strip().partition("=") for part in call.headers.get("stripe-signature", "").split(",")]
    sent = next((value for name, _, value in parts if name == "t"), "")
    signatures = [value for name, _, value in parts if name == "v1"]
    require_signature(signatures, hmac_bytes(secret, sent.encode() + b"." + call.body).hex())
    require_fresh(unix_moment(sent), call.received_at)


def _moment(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)
