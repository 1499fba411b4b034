"""Knows how Help Scout is read: conversations with their threads, the ratings report, and what its webhooks tell."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.addresses import site_url
from connectors.asking import Asking
from connectors.contract import (
    START,
    Checked,
    Cursor,
    Gone,
    OutgoingRequest,
    Page,
    Site,
    SiteField,
    Stream,
    TicketChange,
    WebhookCall,
    Written,
)
from connectors.credentials import Nothing, OAuth
from connectors.http import Http, NotThere, Refused
from connectors.rate_limits import RateLimits, standard_retry_after, window_budget
from connectors.raw import Raw, Reading, Unreadable
from connectors.signatures import hmac_bytes, require_signature, webhook_secret
from connectors.vendors.helpscout.hal import list_page, listed, steady_pages
from connectors.vendors.helpscout.reading import ConversationReader, changed_at
from connectors.vendors.helpscout.writing import ConversationWriter
from domain.errors import ConnectorError, CredentialsRejected

_API = "https://api.helpscout.net"
_WAIT = "X-RateLimit-Retry-After"
_LIMITS = RateLimits(
    budget=window_budget("X-RateLimit-Remaining-Minute", _WAIT),
    retry_after=lambda headers, now: standard_retry_after(headers, now, _WAIT) or standard_retry_after(headers, now),
)
_CALLS_PER_MINUTE = 200
_PAGE_ROWS = 25
# The lists lag behind what is done, and the time that they sort by is not told.
_OVERLAP = timedelta(minutes=10)
# A comment may be added to a rating later.
_RATINGS_OVERLAP = timedelta(days=2)
_BEFORE_ALL, _RATINGS = "2011-01-01T00:00:00Z", "/v2/reports/happiness/ratings"


@dataclass
class HelpScout(Asking):
    """One Help Scout account."""

    site: Site

    def __post_init__(self) -> None:
        self._label = label = f"the secret of the app {self.site.settings['app_id']}"
        address = site_url(self.site.settings.get("address") or _API)
        self._tokens = Http(address, Nothing(label), self.site.clock, _LIMITS, self.site.on_wait)
        auth = OAuth(self.site.secrets, self._token, label)
        self.http = Http(address, auth, self.site.clock, _LIMITS, self.site.on_wait)
        self._reader = ConversationReader(self.http, self.site)

    @property
    def calls(self) -> int:
        return self._tokens.calls + self.http.calls

    def check(self) -> Checked:
        me = Raw.of(self.http.get("/v2/users/me").json)
        missing = [] if self._may_report() else ["reports, which the Plus and Pro plans have: without them no ratings"]
        return Checked(me.text("email") or f"user {me.id()}", tuple(missing))

    def calls_per_minute(self) -> int | None:
        return _CALLS_PER_MINUTE

    def streams(self) -> Sequence[Stream]:
        return (
            Stream("conversations", self._conversations, total=self._count, page_rows=_PAGE_ROWS),
            Stream("ratings", self._ratings, page_rows=_PAGE_ROWS),
        )

    def site_fields(self) -> Sequence[SiteField]:
        boxes = [Raw.of(each) for each in listed(self.http, "/v2/mailboxes", "mailboxes")]
        described = [
            Raw.of(each) for box in boxes for each in listed(self.http, f"/v2/mailboxes/{box.id()}/fields", "fields")
        ]
        return [SiteField("ticket", each.must_text("name"), each.id(), each.text("type") or "") for each in described]

    def plan(self, change: TicketChange) -> Sequence[OutgoingRequest]:
        return ConversationWriter(self.http, self.site.fields).plan(change)

    def write(self, change: TicketChange) -> Written:
        return ConversationWriter(self.http, self.site.fields).write(change)

    def receive(self, call: WebhookCall) -> Page:
        """What the call is about is fetched anew, so that neither a late call nor a repeated one does harm."""
        signature = b64encode(hmac_bytes(webhook_secret(self.site.secrets), call.body, "sha1")).decode()
        require_signature([call.headers.get("x-helpscout-signature", "")], signature)
        event = call.headers.get("x-helpscout-event", "")
        try:
            told = Raw.of(json.loads(call.body))
        except ValueError as error:
            raise ConnectorError("the webhook's body is no JSON; choose JSON in its settings") from error
        if event.startswith("convo."):
            return self._fetched(told.id())
        if event == "satisfaction.ratings":
            reading = Reading()
            rating = self.http.get(f"/v2/ratings/{told.id()}").json
            reading.each("survey", [rating], self._reader.whole_rating)
            return reading.page(START)
        return Page(START, remarks=[f"webhook event {event[:40]!r} says nothing that Keepline keeps"], read=1)

    def _fetched(self, key: str) -> Page:
        reading, gone = Reading(), list[Gone]()
        try:
            conversation = Raw.of(self.http.get(f"/v2/conversations/{key}", {"embed": "threads"}).json)
        except NotThere:
            return Page(START, gone=[Gone("ticket", key)], read=1)
        if conversation.id() != key:
            # One that was merged into another leads to that one.
            gone.append(Gone("ticket", key))
        self._reader.read(reading, gone, [conversation.fields])
        return reading.page(START, gone=gone)

    def _conversations(self, cursor: Cursor) -> Iterator[Page]:
        """All that changed since the last walk began, by number, because a change must not move rows to other pages."""
        until = cursor.get("until") or self._newest(cursor.get("since", ""))
        since = {"since": cursor["since"]} if "since" in cursor else {}
        params = {"status": "all", "embed": "threads", "sortField": "number", "sortOrder": "asc"}
        if since:
            params["modifiedSince"] = _iso(datetime.fromisoformat(since["since"]) - _OVERLAP)
        number, total = int(cursor.get("page", 1)), int(cursor.get("total", 0))
        for each in steady_pages(self.http, "/v2/conversations", "conversations", params, number, total):
            reading, gone = Reading(), list[Gone]()
            self._reader.read(reading, gone, each.rows)
            if each.is_last:
                yield reading.page({"since": until} if until else START, complete=True, gone=gone)
            else:
                place = {"until": until, "page": each.number + 1, "total": each.total}
                yield reading.page({**since, **place}, gone=gone)

    def _newest(self, since: str) -> str:
        """A time up to which surely all is known when this walk is at its end, by Help Scout's clock."""
        params = {"status": "all", "sortField": "modifiedAt", "sortOrder": "desc"}
        known = [since]
        for row in list_page(self.http, "/v2/conversations", "conversations", 1, params).rows:
            with suppress(Unreadable):
                known.append(changed_at(Raw.of(row), ()).isoformat())
        return max(known)

    def _count(self) -> int | None:
        return list_page(self.http, "/v2/conversations", "conversations", 1, {"status": "all"}).total

    def _ratings(self, cursor: Cursor) -> Iterator[Page]:
        """By the number of their conversations; a new walk begins some days before the newest rating so far."""
        start, newest, number = cursor.get("since", _BEFORE_ALL), cursor.get("newest", ""), int(cursor.get("page", 1))
        # The end is only a bound that must be given; where our clock is late, the next walk brings the rest.
        params = {"start": start, "end": _iso(self.site.clock.now() + timedelta(days=2)), "rating": "all"}
        while True:
            asked = {**params, "sortField": "number", "sortOrder": "ASC", "page": number}
            try:
                answer = Raw.of(self.http.get(_RATINGS, asked).json)
            except CredentialsRejected:
                if self._may_list():
                    yield Page(cursor, remarks=["no ratings: the plan or the user has no reports"], complete=True)
                    return
                raise
            reading = Reading()
            reading.each("survey", answer.items("results"), self._reader.rating)
            given = [found.changed_at.isoformat() for found in reading.found if found.changed_at]
            newest, came = max([newest, *given]), answer.whole("page") or number
            if came >= (answer.whole("pages") or 0):
                since = _iso(datetime.fromisoformat(newest) - _RATINGS_OVERLAP) if newest else start
                yield reading.page({"since": max(since, start)}, complete=True)
                return
            number = came + 1
            yield reading.page({"since": start, "newest": newest, "page": number})

    def _may_report(self) -> bool:
        try:
            self.http.get(_RATINGS, {"start": _BEFORE_ALL, "end": _BEFORE_ALL})
        except CredentialsRejected:
            return not self._may_list()
        return True

    def _may_list(self) -> bool:
        """Whether the credentials work at all; raises where they do not."""
        list_page(self.http, "/v2/mailboxes", "mailboxes", 1, {})
        return True

    def _token(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.site.settings["app_id"],
            "client_secret": secrets["app_secret"],
        }
        try:
            answer = Raw.of(self._tokens.post_form("/v2/oauth2/token", form).json)
        except Refused as error:
            raise CredentialsRejected(f"{self._label} was refused ({error}); give another one") from error
        return {"access_token": answer.must_text("access_token")}


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
