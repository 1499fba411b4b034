"""A Chargebee site: lists by the time of change with an offset that names the place, in either product catalogue."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from keepline.proving.loopback import Facts, FakeSite, Reply, Request, SiteClock

API_KEY = "test_a1b2c3d4e5"
_BASIC = "Basic " + b64encode(f"{API_KEY}:".encode()).decode()
# How long before they were entered the subscriptions of this site began.
_BEGAN_BEFORE = timedelta(days=40)
_TERM = timedelta(days=30)
SEAT = 2_000


class ChargebeeSite(FakeSite):
    vendor = "chargebee"
    specifications = ("chargebee/chargebee-v2-min.json",)
    limit_reply = staticmethod(
        lambda seconds: Reply(
            _error("api_request_limit_exceeded", "The request limit is reached", 429),
            429,
            {"Retry-After": str(int(seconds))} if seconds else {},
        )
    )
    catalogue: ClassVar[int] = 2

    def __init__(self, clock: SiteClock) -> None:
        super().__init__(clock)
        self.customers: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.item_prices: dict[str, dict[str, Any]] = {}
        self.plans: dict[str, dict[str, Any]] = {}
        self.addons: dict[str, dict[str, Any]] = {}
        self.coupons: dict[str, dict[str, Any]] = {}
        # The days on which each subscription came to have a number of seats, for `facts`.
        self.seats: dict[str, list[tuple[date, int]]] = {}
        self._next = 0
        self.item_price("core-USD", "core")

    def settings(self) -> Mapping[str, str]:
        return {"site": self.url}

    def secrets(self) -> Mapping[str, str]:
        return {"api_key": API_KEY}

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            now = self.clock.pass_by(seconds=7)
            self.subscribe(self.customer(), seats=5, began=now - _BEGAN_BEFORE)

    def change(self, nth: int) -> None:
        """Schedule the end of a subscription, or take that back. Of a change of seats only who saw both sides knows."""
        key = list(self.subscriptions)[nth]
        is_ending = self.subscriptions[key]["status"] == "non_renewing"
        ends = None if is_ending else self.subscriptions[key]["current_term_end"]
        self.update(key, status="active" if is_ending else "non_renewing", cancelled_at=ends)

    def delete(self, nth: int) -> None:
        """Cancel a subscription at once: its past stays."""
        self.cancel(list(self.subscriptions)[nth])

    def add_late(self) -> None:
        self.subscribe(self.customer(), seats=3)
        late = self.clock.now() - timedelta(minutes=1)
        for each in (list(self.customers.values())[-1], list(self.subscriptions.values())[-1]):
            each |= {"updated_at": _second(late), "resource_version": _second(late) * 1000}

    def add_broken(self) -> str:
        subscription = self.subscribe(self.customer(), seats=1)
        subscription["created_at"] = "the day before yesterday"
        del self.seats[subscription["id"]]
        return f"{subscription['id']}:core-USD"

    def facts(self) -> Facts:
        lines = {name: row for each in self.subscriptions.values() for name, row in self._lines_of(each).items()}
        live = {key: each for key, each in self.customers.items() if not each.get("deleted")}
        return {
            "account": {key: {"name": each["company"]} for key, each in live.items()},
            "account_identity": {key: {"account_ref": key} for key in live},
            "party": {
                key: {"name": each["company"], "role": "billing", "domains": [each["email"].partition("@")[2]]}
                for key, each in live.items()
            },
            "subscription_line": lines,
        }

    def _lines_of(self, subscription: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """A line for each number of seats, until the day of the next or the end; what was deleted never was."""
        history = dict(self.seats.get(subscription["id"], ()))
        days, name = sorted(history), f"{subscription['id']}:core-USD"
        ends = subscription.get("cancelled_at")
        ended = ends and _day(ends)
        lines = {}
        for at, (day, until) in enumerate(zip(days, [*days[1:], ended], strict=False)):
            lines[name if at == 0 else f"{name}@{day}"] = {
                "account_ref": subscription["customer_id"], "plan": "core-USD", "seats": history[day],
                "amount_cents": history[day] * SEAT, "currency": "USD", "interval_months": 1, "starts_on": day,
                "ends_on": day if subscription.get("deleted") else until, "trial": False,
            }  # fmt: skip
        return lines

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _BASIC:
            return Reply(_error("api_authentication_failed", "Sorry, authentication failed. Invalid api key", 401), 401)
        parts = request.path.removeprefix("/api/v2/").split("/")
        if parts[0] not in {"customers", "subscriptions", "item_prices", "plans", "addons", "coupons"}:
            return Reply(_error("site_not_found", "Sorry, we couldn't find that resource", 404), 404)
        objects, name = getattr(self, parts[0]), parts[0].removesuffix("s")
        if len(parts) == 1:
            return self._list(objects, name, request.query)
        if parts[1] not in objects:
            return Reply(_error("resource_not_found", f"{parts[1]} not found", 404), 404)
        return Reply({name: objects[parts[1]]})

    def _list(self, objects: dict[str, dict[str, Any]], name: str, query: Mapping[str, str]) -> Reply:
        rows = [each for each in objects.values() if not each.get("deleted") or query.get("include_deleted") == "true"]
        rows = [each for each in rows if each["updated_at"] > int(query.get("updated_at[after]", -1))]
        order = query.get("sort_by[asc]", "created_at")
        rows.sort(key=lambda each: (each[order], each["id"]))
        size, after = min(int(query.get("limit", 10)), 100, self.page_size), query.get("offset")
        if after:
            try:
                moment, key = json.loads(after)
            except ValueError:
                return Reply(_error("param_wrong_value", "The offset is invalid", 400), 400)
            here = (int(moment), key)
            rows = [each for each in rows if (each[order], each["id"]) >= here]
            rows = rows[1:] if rows and rows[0]["id"] == key and not self.repeats_boundary else rows
        page = rows[:size]
        answer: dict[str, Any] = {"list": [self._entry(name, each) for each in page]}
        if len(rows) > size:
            answer["next_offset"] = json.dumps([str(page[-1][order]), page[-1]["id"]])
        if self.is_stuck and after:
            answer["next_offset"] = after
        return Reply(answer)

    def _entry(self, name: str, found: dict[str, Any]) -> dict[str, Any]:
        beside = {"customer": self.customers[found["customer_id"]]} if name == "subscription" else {}
        return {name: found, **beside}

    # What people do in the site.

    def item_price(self, key: str, item: str, **more: Any) -> None:
        self.item_prices[key] = {
            "id": key, "name": key, "item_id": item, "item_family_id": item, "currency_code": "USD", **more,
        }  # fmt: skip

    def customer(self, **more: Any) -> dict[str, Any]:
        key = self._id("cust")
        customer = {
            "id": key, "company": f"Customer {key}", "email": f"books@{key}.example", "auto_collection": "on",
            "net_term_days": 0, "allow_direct_debit": False, "deleted": False, "object": "customer",
            **self._now(new=True), **more,
        }  # fmt: skip
        self.customers[key] = customer
        return customer

    def subscribe(
        self, customer: Mapping[str, Any], seats: int | None = None, began: datetime | None = None, **more: Any
    ) -> dict[str, Any]:
        key, moments = self._id("sub"), self._now(new=True)
        begins = _second(began) if began else moments["created_at"]
        subscription = {
            "id": key, "customer_id": customer["id"], "status": "active", "currency_code": "USD", "deleted": False,
            "object": "subscription", "billing_period": 1, "billing_period_unit": "month", "started_at": begins,
            "activated_at": begins, "current_term_start": moments["created_at"],
            "current_term_end": moments["created_at"] + int(_TERM.total_seconds()), "has_scheduled_changes": False,
            **moments, **(self._of_seats(seats) if seats is not None else {}), **more,
        }  # fmt: skip
        if self.speaks_oddly:
            subscription |= {"status": "on fire", "mood": {"sun": [1, 2]}, "channel": "pigeon"}
        self.subscriptions[key] = subscription
        self.seats[key] = [(_day(begins), seats or 0)]
        return subscription

    def set_seats(self, key: str, seats: int) -> None:
        self.update(key, **self._of_seats(seats))
        self.seats[key].append((self.clock.now().date(), seats))

    def update(self, key: str, **changes: Any) -> None:
        """Change fields of a subscription; a field that is None goes."""
        self.clock.pass_by(seconds=7)
        subscription = self.subscriptions[key]
        subscription |= {**changes, **self._now()}
        for name in [name for name, value in subscription.items() if value is None]:
            del subscription[name]

    def cancel(self, key: str) -> None:
        self.update(key, status="cancelled", cancelled_at=_second(self.clock.now()))

    def update_customer(self, key: str, **changes: Any) -> None:
        self.clock.pass_by(seconds=7)
        self.customers[key] |= {**changes, **self._now()}

    def _of_seats(self, seats: int) -> dict[str, Any]:
        """What a subscription to that many seats has."""
        if self.catalogue == 1:
            money = {"plan_unit_price": SEAT, "plan_amount": SEAT * seats}
            return {"plan_id": "core-USD", "plan_quantity": seats, **money, "mrr": SEAT * seats}
        return {"subscription_items": [an_item("core-USD", SEAT, seats)], "mrr": SEAT * seats}

    def _now(self, *, new: bool = False) -> dict[str, Any]:
        now = self.clock.now()
        moments = {"updated_at": _second(now), "resource_version": int(now.timestamp() * 1000)}
        return {**moments, "created_at": _second(now)} if new else moments

    def _id(self, kind: str) -> str:
        self._next += 1
        return f"{kind}{self._next:05d}"


class ChargebeeSiteOfCatalogueOne(ChargebeeSite):
    """A site of the older product catalogue."""

    catalogue: ClassVar[int] = 1


def an_item(price: str, unit_price: int, quantity: int, kind: str = "plan", **more: Any) -> dict[str, Any]:
    """An item of a subscription."""
    return {
        "item_price_id": price, "item_type": kind, "quantity": quantity, "unit_price": unit_price,
        "amount": unit_price * quantity, "free_quantity": 0, "object": "subscription_item", **more,
    }  # fmt: skip


def _error(code: str, message: str, status: int) -> dict[str, Any]:
    return {
        "message": message,
        "api_error_code": code,
        "error_code": code,
        "error_msg": message,
        "http_status_code": status,
    }


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()
