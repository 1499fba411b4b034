"""A Stripe account: lists newest first by `starting_after`, events of thirty days, objects in the version asked for."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

API_KEY, WEBHOOK_SECRET = "sk_test_4eC39HqLyjWD", "whsec_of_the_endpoint"
_KEPT = timedelta(days=30)
_BASIL = "2025-03-31"
# What is set by seconds in Stripe, and how far back the customers of this account began.
_BEGAN_BEFORE = timedelta(days=40)
_PERIOD = timedelta(days=30)


class StripeSite(FakeSite):
    vendor = "stripe"
    specifications = ("stripe/stripe-billing-2020-08-27.json",)
    exempt: ClassVar[Mapping[str, str]] = {
        "'current_period_start' is a required": "since 2025-03-31 the periods are the items'",
        "'current_period_end' is a required": "since 2025-03-31 the periods are the items'",
        "].customer: {": "the file reduces what can be expanded to its id",
    }
    limit_reply = staticmethod(
        lambda seconds: Reply(
            _error("rate_limit_error", "Too many requests"), 429, {"Retry-After": str(int(seconds))} if seconds else {}
        )
    )

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        # In the order in which they were made.
        self.customers: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.prices: dict[str, dict[str, Any]] = {}
        self.coupons: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        # Events are written in the version that the account had then, whatever a request asks for.
        self.account_version = "2020-08-27"
        # The days on which each item came to have a quantity, for `facts`.
        self.quantities: dict[str, list[tuple[date, int]]] = {}
        self._next = 0
        self.seat = self.price(2_000, product="Core")

    def settings(self) -> Mapping[str, str]:
        return {"url": self.url}

    def secrets(self) -> Mapping[str, str]:
        return {"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.subscribe(self.customer(), {self.seat["id"]: 5}, began=self.clock.now() - _BEGAN_BEFORE)

    def change(self, nth: int) -> None:
        subscription = list(self.subscriptions.values())[nth]
        item = subscription["items"]["data"][0]
        self.set_quantity(item["id"], item["quantity"] + 1)

    def delete(self, nth: int) -> None:
        self.cancel(list(self.subscriptions)[nth])

    def add_late(self) -> None:
        late = self.clock.now() - timedelta(minutes=1)
        self.subscribe(self.customer(at=late), {self.seat["id"]: 3}, at=late)

    def add_broken(self) -> str:
        price = self.price("a lot", product="Core")
        subscription = self.subscribe(self.customer(), {price["id"]: 1})
        item: str = subscription["items"]["data"][0]["id"]
        del self.quantities[item]
        return f"{subscription['id']}:{item}"

    def facts(self) -> Facts:
        items = [(each, item) for each in self.subscriptions.values() for item in each["items"]["data"]]
        lines = {name: row for subscription, item in items for name, row in self._lines_of(subscription, item).items()}
        return {
            "account": {key: {"name": each["name"]} for key, each in self.customers.items()},
            "account_identity": {key: {"account_ref": key} for key in self.customers},
            "party": {
                key: {"name": each["name"], "role": "billing", "domains": [each["email"].partition("@")[2]]}
                for key, each in self.customers.items()
            },
            "subscription_line": lines,
        }

    def _lines_of(self, subscription: dict[str, Any], item: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """A line for each quantity: until the day of the next one, or until the subscription's end."""
        history = dict(self.quantities.get(item["id"], ()))
        ended = subscription["ended_at"] and _day(subscription["ended_at"])
        days, name = sorted(history), f"{subscription['id']}:{item['id']}"
        lines = {}
        for at, (day, until) in enumerate(zip(days, [*days[1:], ended], strict=False)):
            lines[name if at == 0 else f"{name}@{day}"] = {
                "account_ref": subscription["customer"], "product": "Core", "seats": history[day],
                "amount_cents": history[day] * 2_000, "currency": "USD", "interval_months": 1,
                "starts_on": day, "ends_on": until and max(until, day), "trial": False,
            }  # fmt: skip
        return lines

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return Reply(_error("invalid_request_error", "Invalid API Key provided"), 401)
        asked = parse_qsl(urlsplit(request.url).query)
        expand, query = [value for name, value in asked if name == "expand[]"], dict(asked)
        version = request.headers.get("stripe-version", self.account_version)
        lists = {
            "/v1/customers": self.customers,
            "/v1/subscriptions": self.subscriptions,
            "/v1/products": self.products,
        }
        if request.path in lists:
            rows = [self._written(each, version, expand, "data.") for each in self._chosen(request.path, lists, query)]
            return self._list(request.path, rows, query)
        if request.path == "/v1/events":
            return self._list(request.path, self._events(query), query)
        return self._one(request.path, version, expand)

    def _one(self, path: str, version: str, expand: list[str]) -> Reply:
        _, _, kind, key = path.split("/")
        found = getattr(self, kind).get(key)
        if found is None:
            return Reply(_error("invalid_request_error", f"No such {kind.removesuffix('s')}: {key!r}"), 404)
        return Reply(self._written(found, version, expand, ""))

    def _chosen(self, path: str, lists: Mapping[str, dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
        rows = list(lists[path].values())[::-1]
        if path == "/v1/subscriptions":
            rows = [each for each in rows if query.get("customer") in {None, each["customer"]}]
            rows = [each for each in rows if query.get("status") == "all" or each["status"] != "canceled"]
        return rows

    def _events(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        first = max(int((self.clock.now() - _KEPT).timestamp()), int(query.get("created[gte]", 0)))
        last = int(query.get("created[lte]", 1 << 40))
        found = [each for each in self.events if first <= each["created"] <= last]
        found = [each for each in found if fnmatch(each["type"], query.get("type", "*"))]
        return sorted(found, key=lambda each: (each["created"], each["id"]), reverse=True)

    def _list(self, path: str, rows: list[dict[str, Any]], query: Mapping[str, str]) -> Reply:
        size = min(int(query.get("limit", 10)), 100, self.page_size)
        after, start = query.get("starting_after"), 0
        if after:
            ids = [each["id"] for each in rows]
            if after not in ids:
                return Reply(_error("invalid_request_error", f"No such object: {after!r}"), 400)
            start = ids.index(after) + (0 if self.repeats_boundary else 1)
            if self.is_stuck:
                start = max(0, ids.index(after) - size + 1)
        page = rows[start : start + size]
        more = len(rows) > start + size or bool(self.is_stuck and after)
        return Reply({"object": "list", "url": path, "has_more": more, "data": page})

    def _written(self, found: dict[str, Any], version: str, expand: Iterable[str], prefix: str) -> dict[str, Any]:
        """An object in a version of the API; what is not spelled out stays an id."""
        if found["object"] != "subscription":
            return found
        wanted = {each.removeprefix(prefix) for each in expand if each.startswith(prefix)}
        written, old = deepcopy(found), version < _BASIL
        for item in written["items"]["data"]:
            if old:
                written |= {name: item.pop(name) for name in ("current_period_start", "current_period_end")}
                del item["discounts"]
            elif "items.data.discounts" not in wanted:
                item["discounts"] = [each["id"] for each in item["discounts"]]
        if old:
            discounts = written.pop("discounts")
            written["discount"] = discounts[0] if discounts else None
        elif not {each for each in wanted if each.startswith("discounts")}:
            written["discounts"] = [each["id"] for each in written["discounts"]]
        if "customer" in wanted:
            written["customer"] = self.customers.get(
                written["customer"], {"id": written["customer"], "object": "customer", "deleted": True}
            )
        return written

    # What people do in the account.

    def price(
        self, unit_amount: Any, product: str, interval: str = "month", count: int = 1, **more: Any
    ) -> dict[str, Any]:
        key = f"prod_{product}"
        self.products[key] = {
            "id": key, "object": "product", "name": product, "active": True, "created": 1, "updated": 1, "images": [],
            "livemode": False, "metadata": {},
        }  # fmt: skip
        price = {
            "id": self._id("price"), "object": "price", "active": True, "billing_scheme": "per_unit", "created": 1,
            "currency": "usd", "livemode": False, "metadata": {}, "nickname": None, "product": key, "type": "recurring",
            "recurring": {"interval": interval, "interval_count": count, "usage_type": "licensed"},
            "unit_amount": unit_amount, "unit_amount_decimal": str(unit_amount), **more,
        }  # fmt: skip
        self.prices[price["id"]] = price
        return price

    def customer(self, at: datetime | None = None, **more: Any) -> dict[str, Any]:
        key, created = self._id("cus"), _second(at or self.clock.pass_by(seconds=7))
        customer = {
            "id": key, "object": "customer", "created": created, "livemode": False, "name": f"Customer {key}",
            "email": f"billing@{key.replace('_', '-')}.example", "metadata": {}, "discount": None, "address": None,
            "phone": None, "description": None, "balance": 0, **more,
        }  # fmt: skip
        self.customers[key] = customer
        self._tell("customer.created", customer, at=created)
        return customer

    def update_customer(self, key: str, **changes: Any) -> None:
        customer = self.customers[key]
        previous = {name: customer[name] for name in changes}
        customer |= changes
        self.clock.pass_by(seconds=7)
        self._tell("customer.updated", customer, previous)

    def delete_customer(self, key: str) -> None:
        for each in [each["id"] for each in self.subscriptions.values() if each["customer"] == key]:
            self.cancel(each)
        self._tell("customer.deleted", self.customers.pop(key))

    def subscribe(
        self,
        customer: Mapping[str, Any],
        quantities: Mapping[str, int],
        at: datetime | None = None,
        began: datetime | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        key, created = self._id("sub"), _second(at or self.clock.pass_by(seconds=7))
        subscription: dict[str, Any] = {
            "id": key, "object": "subscription", "customer": customer["id"], "status": "active", "created": created,
            "start_date": _second(began) if began else created, "billing_cycle_anchor": created, "livemode": False,
            "automatic_tax": {"enabled": False}, "collection_method": "charge_automatically", "currency": "usd",
            "cancel_at_period_end": False, "cancel_at": None, "canceled_at": None, "ended_at": None, "metadata": {},
            "trial_start": None, "trial_end": None, "pause_collection": None, "discounts": [],
            "items": {"object": "list", "url": f"/v1/subscription_items?subscription={key}", "has_more": False,
                      "data": []},
            **more,
        }  # fmt: skip
        if self.speaks_oddly:
            subscription |= {"status": "on fire", "mood": {"sun": [1, 2]}, "collection_method": "by pigeon"}
        for price, quantity in quantities.items():
            self._put_item(subscription, price, quantity, created)
        self.subscriptions[key] = subscription
        self._tell("customer.subscription.created", subscription, at=created)
        return subscription

    def update(self, key: str, **changes: Any) -> None:
        """Change fields of a subscription; the event tells their former values."""
        subscription = self.subscriptions[key]
        before = deepcopy(subscription)
        self.clock.pass_by(seconds=7)
        self._change(subscription, before, changes)

    def set_quantity(self, item_id: str, quantity: int) -> None:
        subscription, item = self._item(item_id)
        before = deepcopy(subscription)
        self.clock.pass_by(seconds=7)
        item["quantity"] = quantity
        self.quantities[item_id].append((self.clock.now().date(), quantity))
        self._change(subscription, before, {"items": subscription["items"]})

    def add_item(self, key: str, price: str, quantity: int) -> str:
        subscription = self.subscriptions[key]
        before = deepcopy(subscription)
        item = self._put_item(subscription, price, quantity, _second(self.clock.pass_by(seconds=7)))
        self._change(subscription, before, {"items": subscription["items"]})
        return item

    def remove_item(self, item_id: str) -> None:
        subscription, item = self._item(item_id)
        before = deepcopy(subscription)
        self.clock.pass_by(seconds=7)
        subscription["items"]["data"].remove(item)
        self._change(subscription, before, {"items": subscription["items"]})

    def cancel(self, key: str) -> None:
        now = _second(self.clock.pass_by(seconds=7))
        self.subscriptions[key] |= {"status": "canceled", "canceled_at": now, "ended_at": now}
        self._tell("customer.subscription.deleted", self.subscriptions[key])

    def discount(self, key: str, coupon: Mapping[str, Any], months: int | None = None, **more: Any) -> dict[str, Any]:
        """A discount as it stands on a subscription, with its coupon inline."""
        now = self.clock.now()
        ends = _second(now + timedelta(days=30 * months)) if months else None
        return {
            "id": self._id("di"), "object": "discount", "subscription": key, "customer": None, "start": _second(now),
            "end": ends, "coupon": {"id": "C", "object": "coupon", "created": 1, "livemode": False, "valid": True,
                                    "times_redeemed": 1, **coupon}, **more,
        }  # fmt: skip

    def tell_discount(self, what: str, discount: Mapping[str, Any]) -> None:
        """Tell of a discount that came or went, as Stripe does when one runs out."""
        self.clock.pass_by(seconds=7)
        self._tell(f"customer.discount.{what}", discount)

    def _change(self, subscription: dict[str, Any], before: dict[str, Any], changes: Mapping[str, Any]) -> None:
        subscription |= changes
        was, now = (self._written(each, self.account_version, (), "") for each in (before, subscription))
        previous = {name: was.get(name) for name in now if was.get(name) != now[name]}
        self._tell("customer.subscription.updated", subscription, previous)

    def _tell(
        self, kind: str, about: Mapping[str, Any], previous: Mapping[str, Any] | None = None, at: int | None = None
    ) -> None:
        written = deepcopy(self._written(dict(about), self.account_version, (), ""))
        event = {
            "id": self._id("evt"), "object": "event", "type": kind, "created": at or _second(self.clock.now()),
            "api_version": self.account_version, "livemode": False, "pending_webhooks": 0,
            "data": {"object": written, **({"previous_attributes": deepcopy(dict(previous))} if previous else {})},
        }  # fmt: skip
        self.events.append(event)

    def _put_item(self, subscription: dict[str, Any], price: str, quantity: int, created: int) -> str:
        key = self._id("si")
        period = self.clock.now()
        subscription["items"]["data"].append(
            {
                "id": key,
                "object": "subscription_item",
                "created": created,
                "metadata": {},
                "price": self.prices[price],
                "quantity": quantity,
                "subscription": subscription["id"],
                "discounts": [],
                "tax_rates": [],
                "current_period_start": _second(period),
                "current_period_end": _second(period + _PERIOD),
            }
        )
        is_first = created == subscription["created"]
        self.quantities[key] = [(_day(subscription["start_date"] if is_first else created), quantity)]
        return key

    def _item(self, item_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        for subscription in self.subscriptions.values():
            for item in subscription["items"]["data"]:
                if item["id"] == item_id:
                    return subscription, item
        raise KeyError(item_id)

    def _id(self, kind: str) -> str:
        self._next += 1
        return f"{kind}_{self._next:06d}"


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}}


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()
