"""Knows how Chargebee is read: its customers and subscriptions in the order in which they were changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.addresses import site_url
from connectors.contract import Checked, Cursor, Found, Gone, Page, Site, SiteField, Stream
from connectors.credentials import Basic
from connectors.email_domains import company_domain
from connectors.http import Http, Refused
from connectors.rate_limits import Pace, RateLimits
from connectors.raw import Raw, Reading
from connectors.vendors.chargebee.catalogue import Catalogue
from connectors.vendors.chargebee.subscriptions import read_state, version_moment
from domain.accounts import Account
from domain.imports import RecordName
from domain.line_history import line_name
from domain.parties import Party

# A test site allows 150 calls a minute, others more by their plan.
_CALLS_PER_MINUTE = 150
_LIMITS = RateLimits(paces=(Pace(_CALLS_PER_MINUTE, timedelta(minutes=1)),))
_ROWS = 100
# A change may turn up later than its time says.
_OVERLAP = 600
_ASKED: Mapping[str, Any] = {"limit": _ROWS, "sort_by[asc]": "updated_at", "include_deleted": "true"}


@dataclass
class Chargebee:
    """One Chargebee site."""

    site: Site

    def __post_init__(self) -> None:
        self.http = Http(
            base_url=site_url(self.site.settings["site"], "https://{}.chargebee.com"),
            auth=Basic(self.site.secrets["api_key"], "", "the Chargebee API key"),
            clock=self.site.clock,
            limits=_LIMITS,
            on_wait=self.site.on_wait,
        )
        self.catalogue = Catalogue(self.http)

    @property
    def calls(self) -> int:
        return self.http.calls

    def check(self) -> Checked:
        for path in ("customers", "subscriptions"):
            self.http.get(f"/api/v2/{path}", {"limit": 1})
        return Checked(self.site.settings["site"])

    def calls_per_minute(self) -> int | None:
        return _CALLS_PER_MINUTE

    def streams(self) -> Sequence[Stream]:
        return (
            Stream("customers", lambda cursor: self._walk("customers", cursor, self._customers)),
            Stream("subscriptions", lambda cursor: self._walk("subscriptions", cursor, self._subscriptions)),
        )

    def site_fields(self) -> Sequence[SiteField]:
        """The custom fields and metadata of the first customers: Chargebee does not list them."""
        entries = Raw.of(self.http.get("/api/v2/customers", {"limit": _ROWS}).json).objects("list")
        customers = [each.must_object("customer") for each in entries]
        metadata = [found for each in customers if (found := each.object("meta_data"))]
        names = {(name, "custom field") for each in customers for name in each.fields if name.startswith("cf_")}
        names |= {(name, "metadata") for each in metadata for name in each.fields}
        return [SiteField("customer", name, name, kind) for name, kind in sorted(names)]

    def _walk(
        self, path: str, cursor: Cursor, read: Callable[[list[Any], Reading, list[Gone]], None]
    ) -> Iterator[Page]:
        """A list from the oldest change on. In a walk Chargebee names the place; the next begins a little earlier."""
        since, offset = cursor.get("since"), cursor.get("offset")
        newest, again = cursor.get("newest", since + _OVERLAP if since is not None else 0), cursor.get("again", 0)
        while True:
            try:
                answer = self._asked(path, since, offset)
            except Refused as refused:
                if refused.status != 400 or not offset:
                    raise
                # A place in a list is kept for a while only; the list itself is still there.
                offset, again = None, again + 1
                answer = self._asked(path, since, offset)
            entries, reading, gone = answer.items("list"), Reading(), list[Gone]()
            read(entries, reading, gone)
            newest = max([newest, *_changed(entries, path.removesuffix("s"))])
            offset = answer.text("next_offset")
            here = {"since": since, "newest": newest, "offset": offset, "again": again}
            yield Page(
                cursor=here if offset else {"since": max(0, newest - _OVERLAP)},
                found=reading.found,
                gone=gone,
                unusable=reading.unusable,
                remarks=reading.remarks,
                read=reading.read,
                complete=offset is None,
            )
            if offset is None:
                return

    def _asked(self, path: str, since: int | None, offset: str | None) -> Raw:
        changed = {} if since is None else {"updated_at[after]": since}
        place = {"offset": offset} if offset else {}
        return Raw.of(self.http.get(f"/api/v2/{path}", {**_ASKED, **changed, **place}).json)

    def _customers(self, entries: list[Any], reading: Reading, gone: list[Gone]) -> None:
        reading.each("account", [_inside(each, "customer") for each in entries], partial(self._customer, gone))

    def _customer(self, gone: list[Gone], customer: Raw) -> Iterator[Found]:
        changed_at = version_moment(customer)
        if customer.flag("deleted"):
            gone += [Gone("party", customer.id(), changed_at), Gone("account", customer.id(), changed_at)]
            return
        person = " ".join(each for name in ("first_name", "last_name") if (each := customer.text(name)))
        name = customer.text("company") or person or customer.text("email") or customer.id()
        domain = company_domain(customer.text("email"))
        address, above = customer.object("billing_address"), customer.object("relationship")
        parent = above.ref("parent_id") if above else None
        domains = (domain,) if domain else ()
        account = Account(
            source=self.site.name,
            external_id=customer.id(),
            name=name[:500],
            domains=domains,
            segment=self._mapped(customer, "customer.segment"),
            csm=self._mapped(customer, "customer.csm"),
            parent_ref=parent if parent != customer.id() else None,
        )
        known_as = [_own(customer, each.strip()) for each in self.site.fields.get("customer.known_as", "").split(",")]
        party = Party(
            source=self.site.name,
            external_id=customer.id(),
            role="billing",
            name=name[:500],
            domains=domains,
            known_as=tuple(each for each in known_as if each),
            parent_ref=parent if parent != customer.id() else None,
            country=address.text("country") if address else None,
            city=address.text("city") if address else None,
            phone=customer.text("phone"),
        )
        yield Found(account, changed_at)
        yield Found(party, changed_at)

    def _mapped(self, customer: Raw, field: str) -> str | None:
        name = self.site.fields.get(field)
        return _own(customer, name) if name else None

    def _subscriptions(self, entries: list[Any], reading: Reading, _gone: list[Gone]) -> None:
        record: RecordName = "subscription_line"
        for each in entries:
            reading.each(
                record, [{"entry": each, "name": _name(_inside(each, "subscription"))}], self._subscription, "name"
            )

    def _subscription(self, named: Raw) -> Iterator[Found]:
        entry = named.must_object("entry")
        subscription = entry.must_object("subscription")
        # The first version of the API names the customer beside the subscription only.
        customer = subscription.ref("customer_id") or entry.must_object("customer").id()
        state = read_state(subscription, customer, self.site.name, self.catalogue)
        if not subscription.flag("deleted"):
            yield from state.beginning()
        yield from state.since(version_moment(subscription))


def _own(customer: Raw, name: str) -> str | None:
    """A custom field of a customer, or a metadatum."""
    metadata = customer.object("meta_data")
    return customer.text(name) or (metadata.text(name) if metadata else None)


def _inside(entry: Any, name: str) -> Mapping[str, Any]:
    inside = entry.get(name) if isinstance(entry, Mapping) else None
    return inside if isinstance(inside, Mapping) else {}


def _name(subscription: Mapping[str, Any]) -> str:
    """The name of a subscription's first line."""
    items = subscription.get("subscription_items")
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], Mapping) else {}
    return line_name(str(subscription.get("id")), str(first.get("item_price_id") or subscription.get("plan_id")))


def _changed(entries: list[Any], name: str) -> Iterator[int]:
    for each in entries:
        changed = _inside(each, name).get("updated_at")
        if isinstance(changed, int) and not isinstance(changed, bool):
            yield changed
