"""Knows what an item of a Stripe subscription is charged: by unit, in packages or by tiers, in old and new shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from connectors.http import Http, NotThere
from connectors.raw import Raw, Unreadable
from connectors.recurring import Charge, whole
from domain.line_history import line_name
from domain.money import minor_digits

# Stripe counts these otherwise than ISO 4217 does.
_STRIPE_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
_METERED = "metered prices have no amount that is known beforehand; such items are left out"


@dataclass
class Catalogue:
    """The products and prices of one account, each asked for once."""

    http: Http
    products: dict[str, str] = field(default_factory=dict)
    prices: dict[str, Raw] = field(default_factory=dict)

    def product(self, product: str) -> str:
        """A product's name; its id where it has none."""
        if product not in self.products:
            found = self._asked(f"/v1/products/{product}", {})
            self.products[product] = (found.text("name") if found else None) or product
        return self.products[product]

    def whole_price(self, price: Raw) -> Raw:
        """The price with its tiers and its amounts in other currencies, which lists leave out."""
        key = price.id()
        if key not in self.prices:
            found = self._asked(f"/v1/prices/{key}", {"expand[]": ["tiers", "currency_options"]})
            self.prices[key] = found or price
        return self.prices[key]

    def _asked(self, path: str, params: Mapping[str, object]) -> Raw | None:
        try:
            return Raw.of(self.http.get(path, params).json)
        except NotThere:
            return None


def minor_units(amount: Decimal, currency: str) -> Decimal:
    """Minor units of `currency` of an amount as Stripe counts it."""
    return amount.scaleb(minor_digits(currency) - _STRIPE_DIGITS.get(currency, minor_digits(currency)))


def charge(item: Raw, subscription: Raw, catalogue: Catalogue) -> Charge | None:
    """What an item is charged; None, with a remark, where nobody knows before it is used.

    Raises:
        Unreadable: its price is none, or has no amount.
    """
    price = item.object("price") or item.must_object("plan")
    # Plans have these on themselves, prices in a part of their own.
    recurring = price.object("recurring") or price
    if recurring.text("usage_type") == "metered":
        item.remarks.append(_METERED)
        return None
    currency = (subscription.text("currency") or price.must_text("currency")).upper()
    quantity = item.whole("quantity")
    product_id = _product_id(price)
    return Charge(
        item=line_name(subscription.id(), item.id()),
        price=product_id,
        product=_product(price, product_id, catalogue),
        plan=price.text("nickname") or price.text("lookup_key") or price.id(),
        seats=quantity,
        amount_cents=whole(minor_units(_amount(price, currency, quantity, catalogue), currency)),
        currency=currency,
        unit=recurring.must_text("interval"),
        count=recurring.whole("interval_count") or 1,
    )


def _product_id(price: Raw) -> str | None:
    product = price.fields.get("product")
    return price.object("product").id() if isinstance(product, Mapping) else price.ref("product")  # type: ignore[union-attr]


def _product(price: Raw, product_id: str | None, catalogue: Catalogue) -> str:
    # Before 2018 a plan had a name instead of a product.
    return price.text("name") or (catalogue.product(product_id) if product_id else price.id())


def _amount(price: Raw, currency: str, quantity: int | None, catalogue: Catalogue) -> Decimal:
    count = Decimal(1 if quantity is None else quantity)
    own_currency = price.must_text("currency").upper() == currency
    is_tiered = price.text("billing_scheme") == "tiered"
    if not own_currency or (is_tiered and not price.items("tiers")):
        price = catalogue.whole_price(price)
    shown = price
    if not own_currency:
        options = price.object("currency_options")
        shown = options.must_object(currency.lower()) if options else price.must_object("currency_options")
    if is_tiered:
        return _in_tiers(shown, price.text("tiers_mode") or "graduated", count)
    transform = price.object("transform_quantity")
    if transform:
        up = transform.text("round") == "up"
        count = (count / (transform.whole("divide_by") or 1)).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    unit = _exact(shown, "unit_amount", "amount")
    if unit is None:
        raise Unreadable("price.unit_amount", None, "an amount, or tiers")
    return unit * count


def _in_tiers(price: Raw, mode: str, quantity: Decimal) -> Decimal:
    """The sum over tiers: all of the quantity in its tier by `volume`, otherwise each part in its own."""
    below, total = Decimal(0), Decimal(0)
    tiers = price.objects("tiers")
    if not tiers:
        raise Unreadable("price.tiers", None, "the price's tiers")
    for tier in tiers:
        limit = None if tier.text("up_to") in {None, "inf"} else tier.number("up_to")
        is_last = limit is None or quantity <= limit
        unit, flat = _exact(tier, "unit_amount") or Decimal(0), _exact(tier, "flat_amount") or Decimal(0)
        if mode == "volume":
            if is_last:
                return unit * quantity + flat
            continue
        reached = quantity if is_last else limit or quantity
        if reached > below or (below == 0 and quantity == 0):
            total += unit * (reached - below) + flat
        below = reached
        if is_last:
            return total
    raise Unreadable("price.tiers", str(quantity), "a last tier without an upper bound")


def _exact(raw: Raw, *names: str) -> Decimal | None:
    """An amount of Stripe's, finer than a minor unit where it is given so."""
    for name in names:
        found = raw.number(f"{name}_decimal")
        found = raw.number(name) if found is None else found
        if found is not None:
            return found
    return None
