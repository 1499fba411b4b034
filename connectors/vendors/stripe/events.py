"""Knows what a Stripe event says: of a customer, of a subscription before and after a change, of a discount."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from connectors.billed import APART, State
from connectors.contract import Cursor, Found, Gone, Page
from connectors.http import Http, NotThere
from connectors.raw import Raw, Reading
from connectors.vendors.stripe.customers import read_customer
from connectors.vendors.stripe.discounts import DiscountBook
from connectors.vendors.stripe.prices import Catalogue
from connectors.vendors.stripe.subscriptions import read_state, tells_the_same
from domain.imports import RecordName
from domain.line_history import line_name

_SUBSCRIPTION, _DISCOUNT = "customer.subscription.", "customer.discount."
_CUSTOMER = ("customer.created", "customer.updated", "customer.deleted")


@dataclass
class StripeAccount:
    """What is known of one Stripe account while it is read; `fields` is the user's mapping."""

    http: Http
    source: str
    fields: Mapping[str, str]
    catalogue: Catalogue = field(init=False)
    book: DiscountBook = field(init=False)

    def __post_init__(self) -> None:
        self.catalogue, self.book = Catalogue(self.http), DiscountBook(self.http)

    def state(self, subscription: Raw) -> State:
        """A subscription's state."""
        return read_state(subscription, self.source, self.catalogue, self.book)

    def customer(self, customer: Raw, changed_at: datetime) -> Iterator[Found]:
        """A customer's records, as they were at `changed_at`."""
        self.book.of_customers[customer.id()] = customer.object("discount")
        return read_customer(customer, self.source, self.fields, changed_at)

    def snapshot(self, subscription: Raw, seen_at: datetime | None) -> Iterator[Found]:
        """What a subscription in a list says; the list was asked for after `seen_at`."""
        state = self.state(subscription)
        yield from state.beginning()
        cancelled_at = subscription.moment("canceled_at") or subscription.moment("ended_at")
        if cancelled_at:
            yield from state.since(cancelled_at)
        yield from state.since(seen_at or subscription.must_moment("created"))


def knows(kind: str) -> bool:
    """Whether events of this type say something of customers and their subscriptions."""
    return kind.startswith((_SUBSCRIPTION, _DISCOUNT)) or kind in _CUSTOMER


def page_of_events(account: StripeAccount, events: Sequence[Any], cursor: Cursor, complete: bool = False) -> Page:
    """What events say, the oldest first."""
    reading, gone, seconds = Reading(), list[Gone](), dict[object, int]()
    for each in events:
        about = each if isinstance(each, Mapping) else {}
        second = str(about.get("created"))
        seconds[second] = seconds.get(second, -1) + 1
        read_alike(reading, "event", each, partial(_event, account, gone, seconds[second]))
    return Page(cursor, reading.found, gone, reading.unusable, reading.remarks, reading.read, complete)


def read_alike(reading: Reading, what: str, value: Any, make: Any) -> None:
    """Read an object or an event of one; what cannot be read is put aside by the name that its record would have."""
    about = value.get("data") if what == "event" and isinstance(value, Mapping) else value
    about = about.get("object") if what == "event" and isinstance(about, Mapping) else about
    record, name = _name(about)
    reading.each(record, [{what: value, "name": name}], lambda raw: make(raw.must_object(what)), key="name")


def _name(about: Any) -> tuple[RecordName, str]:
    """The kind and the id of the record that an object becomes: of a subscription its first line."""
    if not isinstance(about, Mapping):
        return "subscription_line", "without an id"
    listed, name = about.get("items"), str(about.get("id"))
    if about.get("object") == "customer":
        return "account", name
    items = listed.get("data") if isinstance(listed, Mapping) else None
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], Mapping) else {}
    return "subscription_line", line_name(name, str(first.get("id")))


def _event(account: StripeAccount, gone: list[Gone], nth: int, event: Raw) -> Iterator[Found]:
    kind, created = event.must_text("type"), event.must_moment("created")
    data = event.must_object("data")
    # Events have whole seconds; several of one second are told apart by their order.
    about, moment = data.must_object("object"), created + nth * APART
    if kind == "customer.deleted":
        gone += [Gone("party", about.id(), created), Gone("account", about.id(), created)]
    elif kind in _CUSTOMER:
        yield from account.customer(about, created)
    elif kind.startswith(_SUBSCRIPTION):
        yield from _changed(account, about, data.object("previous_attributes"), moment)
    elif kind.startswith(_DISCOUNT):
        yield from _discounted(account, about, moment, is_over=kind.endswith(".deleted"))


def _changed(account: StripeAccount, subscription: Raw, previous: Raw | None, moment: datetime) -> Iterator[Found]:
    if previous is None or not previous.fields:
        state = account.state(subscription)
        yield from state.beginning()
        yield from state.since(moment)
        return
    before = _before(subscription.fields, previous.fields)
    if tells_the_same(before, subscription.fields):
        return
    old = account.state(Raw.of(before, subscription.at, subscription.remarks))
    new = account.state(subscription)
    yield from old.beginning()
    yield from old.since(moment - APART / 2)
    yield from new.since(moment)


def _before(now: Mapping[str, Any], previous: Mapping[str, Any]) -> dict[str, Any]:
    """A subscription before a change, of which only the changed fields are told."""
    before = {**now, **previous}
    listed, listed_now = previous.get("items"), now.get("items")
    if isinstance(listed, Mapping) and isinstance(listed_now, Mapping):
        known = {
            each["id"]: each for each in listed_now.get("data") or () if isinstance(each, Mapping) and "id" in each
        }
        items = [
            {**known.get(each.get("id"), {}), **each} if isinstance(each, Mapping) else each
            for each in listed.get("data") or ()
        ]
        before["items"] = {**listed_now, **listed, "data": items}
    return before


def _discounted(account: StripeAccount, discount: Raw, moment: datetime, *, is_over: bool) -> Iterator[Found]:
    """A discount came, changed or went; the subscriptions that it is taken off are asked for."""
    account.book.learn(discount)
    subscription, customer = discount.ref("subscription"), discount.ref("customer")
    if subscription:
        account.book.asked.discard(subscription)
        found = _one(account.http, f"/v1/subscriptions/{subscription}")
    elif customer:
        account.book.of_customers[customer] = None if is_over else discount
        asked = {"customer": customer, "limit": 100}
        found = Raw.of(account.http.get("/v1/subscriptions", asked).json).objects("data")
    else:
        return
    for each in found:
        yield from account.state(each).since(moment)


def _one(http: Http, path: str) -> list[Raw]:
    try:
        return [Raw.of(http.get(path).json)]
    except NotThere:
        return []
