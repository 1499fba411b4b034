"""Knows the prices and coupons of a Chargebee site, in both of its product catalogues, each asked for once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.http import Http, NotThere
from connectors.raw import Raw
from connectors.recurring import Charge, Discount, whole

_LOST = "a coupon that is not there any more cannot be read; amounts are without it"
_UNKNOWN_KIND = "a discount that is neither a percentage nor an amount is not taken off"
_PERCENTAGE, _AMOUNT = "percentage", "fixed_amount"
_EACH_ITEM, _EACH_UNIT = "each_specified_item", "each_unit_of_specified_items"


@dataclass
class Catalogue:
    """What a site sells, and what it takes off."""

    http: Http
    known: dict[str, Raw | None] = field(default_factory=dict)

    def look_up(self, kind: str, key: str) -> Raw | None:
        """An `item_price`, a `plan`, an `addon` or a `coupon`; None where the site does not have it any more."""
        place = f"{kind}s/{key}"
        if place not in self.known:
            try:
                self.known[place] = Raw.of(self.http.get(f"/api/v2/{place}").json).object(kind)
            except NotThere:
                self.known[place] = None
        return self.known[place]

    def discounts(self, subscription: Raw, charges: Iterable[Charge], types: dict[str, str]) -> list[Discount]:
        """What is taken off a subscription's charges and recurs; `types` says which of its prices is a plan's."""
        charges, inline = list(charges), subscription.objects("discounts")
        found = [each for raw in inline for each in _inline(raw, subscription, charges)]
        named = {each.text("coupon_id") for each in inline}
        held = subscription.objects("coupons")
        if not held and subscription.text("coupon"):
            held = [Raw.of({"coupon_id": subscription.text("coupon")}, remarks=subscription.remarks)]
        for each in held:
            if each.text("coupon_id") in named:
                continue
            coupon = self.look_up("coupon", each.id("coupon_id"))
            if coupon is None:
                subscription.remarks.append(_LOST)
            else:
                found += _of_coupon(coupon, each, subscription, charges, types)
        return found


def _inline(discount: Raw, subscription: Raw, charges: list[Charge]) -> list[Discount]:
    """A discount that the subscription spells out."""
    if discount.text("duration_type") == "one_time":
        return []
    only = discount.text("item_price_id")
    prices = {only} if only and discount.text("apply_on") == "specific_item_price" else None
    kind = discount.text("type") or (_PERCENTAGE if discount.has("percentage") else _AMOUNT)
    return _read(kind, discount, "percentage", "amount", discount, subscription, prices, charges)


def _of_coupon(
    coupon: Raw, held: Raw, subscription: Raw, charges: list[Charge], types: dict[str, str]
) -> list[Discount]:
    """A coupon, held until the day that the subscription names."""
    if coupon.text("duration_type") == "one_time":
        return []
    kind = coupon.text("discount_type") or _PERCENTAGE
    prices = _meant(coupon, types)
    return _read(kind, coupon, "discount_percentage", "discount_amount", held, subscription, prices, charges)


def _read(
    kind: str, raw: Raw, percent: str, amount: str, held: Raw, subscription: Raw, prices: set[str] | None,
    charges: list[Charge],
) -> list[Discount]:  # fmt: skip
    if kind not in {_PERCENTAGE, _AMOUNT}:
        subscription.remarks.append(_UNKNOWN_KIND)
        return []
    is_percent = kind == _PERCENTAGE
    ends_on = held.day("apply_till") if raw.text("duration_type") == "limited_period" else None
    currency = raw.text("currency_code") or subscription.text("currency_code")
    share = raw.number(percent) if is_percent else None

    def off(cents: int | None, meant: set[str] | None) -> Discount:
        return Discount(None, ends_on, share, cents, currency, None if meant is None else frozenset(meant))

    cents = None if is_percent else whole(raw.number(amount) or Decimal(0))
    apply_on = raw.text("apply_on")
    if cents is None or apply_on not in {_EACH_ITEM, _EACH_UNIT}:
        return [off(cents, prices)]
    each = [charge for charge in charges if charge.price and (prices is None or charge.price in prices)]
    units = [(charge.seats or 1) if apply_on == _EACH_UNIT else 1 for charge in each]
    return [off(cents * count, {charge.price or ""}) for charge, count in zip(each, units, strict=True)]


def _meant(coupon: Raw, types: dict[str, str]) -> set[str] | None:
    """The prices that a coupon is for; None for the whole invoice."""
    if coupon.text("apply_on") in {None, "invoice_amount"}:
        return None
    meant: set[str] = set()
    constraints = {
        each.text("item_type"): (each.text("constraint"), each.texts("item_price_ids"))
        for each in coupon.objects("item_constraints")
    }
    for kind in ("plan", "addon"):
        # The older catalogue has a pair of fields for each kind.
        old = (coupon.text(f"{kind}_constraint"), coupon.texts(f"{kind}_ids"))
        constraint, listed = constraints.get(kind, old)
        if constraint == "all":
            meant |= {price for price, its_kind in types.items() if its_kind == kind}
        elif constraint == "specific":
            meant |= set(listed)
    return meant
