"""Knows what of a Stripe discount recurs, from when until when, in each shape that it has had."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.http import Http, NotThere
from connectors.raw import Raw
from connectors.recurring import Discount, whole
from connectors.vendors.stripe.prices import minor_units

_LOST = "a discount that is not there any more cannot be read; amounts are without it"


@dataclass
class DiscountBook:
    """The discounts of one account. Subscriptions name them by ids that cannot be asked for; so they are remembered."""

    http: Http
    known: dict[str, Raw] = field(default_factory=dict)
    coupons: dict[str, Raw] = field(default_factory=dict)
    of_customers: dict[str, Raw | None] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def learn(self, discount: Raw) -> None:
        """Remember a discount."""
        if discount.has("id"):
            self.known[discount.id()] = discount

    def of_subscription(self, subscription: Raw) -> list[Discount]:
        """What is taken off the whole subscription: its own discounts, otherwise its customer's."""
        own = self._named(subscription, subscription)
        if own or subscription.object("discount"):
            found = own or [subscription.must_object("discount")]
        else:
            found = [each for each in [self._of_customer(subscription)] if each]
        return [each for each in map(self.read, found) if each]

    def of_item(self, item: Raw, subscription: Raw) -> list[Discount]:
        """What is taken off one item alone."""
        return [each for each in map(self.read, self._named(item, subscription)) if each]

    def read(self, discount: Raw) -> Discount | None:
        """A discount; None for one that does not recur."""
        coupon = self._coupon(discount)
        if coupon is None or coupon.text("duration") == "once":
            return None
        applies_to, currency = coupon.object("applies_to"), (coupon.text("currency") or "").upper()
        amount, products = coupon.number("amount_off"), applies_to.texts("products") if applies_to else ()
        return Discount(
            starts_on=discount.day("start"),
            ends_on=discount.day("end") if coupon.text("duration") == "repeating" else None,
            percent=coupon.number("percent_off"),
            amount_cents=None if amount is None else whole(minor_units(amount, currency)),
            currency=currency or None,
            prices=frozenset(products) if products else None,
        )

    def _named(self, owner: Raw, subscription: Raw) -> list[Raw]:
        found = []
        for each in owner.items("discounts"):
            if isinstance(each, Mapping):
                discount = Raw.of(each, remarks=owner.remarks)
                self.learn(discount)
                found.append(discount)
            elif str(each) in self.known or self._asked_for(str(each), subscription):
                found.append(self.known[str(each)])
            else:
                owner.remarks.append(_LOST)
        return found

    def _asked_for(self, discount: str, subscription: Raw) -> bool:
        """Ask for the subscription with its discounts spelled out; whether this one is among them."""
        key = subscription.id()
        if key not in self.asked:
            self.asked.add(key)
            expand = {"expand[]": ["discounts", "items.data.discounts"]}
            try:
                whole_one = Raw.of(self.http.get(f"/v1/subscriptions/{key}", expand).json)
            except NotThere:
                return False
            owners = [whole_one, *whole_one.must_object("items").objects("data")]
            for each in (each for owner in owners for each in owner.items("discounts") if isinstance(each, Mapping)):
                self.learn(Raw.of(each))
        return discount in self.known

    def _of_customer(self, subscription: Raw) -> Raw | None:
        customer = subscription.fields.get("customer")
        if isinstance(customer, Mapping):
            spelled_out = Raw.of(customer)
            self.of_customers[spelled_out.id()] = spelled_out.object("discount")
            return self.of_customers[spelled_out.id()]
        key = subscription.id("customer")
        if key not in self.of_customers:
            try:
                self.of_customers[key] = Raw.of(self.http.get(f"/v1/customers/{key}").json).object("discount")
            except NotThere:
                self.of_customers[key] = None
        return self.of_customers[key]

    def _coupon(self, discount: Raw) -> Raw | None:
        # Since autumn 2025 the coupon is named by the discount's source, and by its id alone.
        holder = discount if discount.has("coupon") else discount.object("source")
        given = holder.fields.get("coupon") if holder else None
        if holder is None or given is None:
            return None
        if isinstance(given, Mapping):
            return holder.object("coupon")
        key = holder.id("coupon")
        if key not in self.coupons:
            try:
                self.coupons[key] = Raw.of(self.http.get(f"/v1/coupons/{key}", {"expand[]": ["applies_to"]}).json)
            except NotThere:
                discount.remarks.append(_LOST)
                return None
        return self.coupons[key]
