"""Knows how a Chargebee subscription stands, with the items of the new product catalogue or the plan of the old one."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from connectors.billed import Item, Standing, State
from connectors.raw import Raw, Unreadable
from connectors.recurring import Charge, charged_every, whole
from connectors.vendors.chargebee.catalogue import Catalogue
from domain.line_history import line_name
from domain.money import minor_digits, monthly_cents

_STANDING: Mapping[str, Standing] = {
    "future": "paid", "in_trial": "trial", "active": "paid", "non_renewing": "paid", "paused": "stopped",
    "cancelled": "paid", "transferred": "paid",
}  # fmt: skip
_ENDING = {"non_renewing", "cancelled", "transferred"}
_METERED = "metered prices have no amount that is known beforehand; such items are left out"
_OTHER_MRR = "Chargebee's own MRR of a subscription differs from that of its lines; compare its discounts and periods"
# A version's number is its time in milliseconds, finer than the time of the change.
_A_DAY = timedelta(days=1)


def version_moment(raw: Raw) -> datetime:
    """When this version of an object came to be."""
    changed_at = raw.moment("updated_at") or raw.must_moment("created_at")
    version = raw.whole("resource_version")
    exact = Raw({"at": version / 1000}).moment("at") if version else None
    return exact if exact and abs(exact - changed_at) < _A_DAY else changed_at


def read_state(subscription: Raw, customer: str, source: str, catalogue: Catalogue) -> State:
    """A subscription as it is told.

    Raises:
        Unreadable: a field that decides an amount or a day is not what it should be.
    """
    opened_at = subscription.must_moment("created_at")
    starts_on = subscription.day("started_at") or subscription.day("start_date") or opened_at.date()
    status = subscription.choice("status", {name: name for name in _STANDING}, "active") or "active"
    charges, types = [], dict[str, str]()
    for charge, kind in _charges(subscription, catalogue):
        charges.append(charge)
        types[charge.price or ""] = kind
    state = State(
        source=source,
        subscription=subscription.id(),
        account_ref=customer,
        standing=_STANDING[status],
        items=[Item(opened_at, starts_on, charge) for charge in charges],
        remarks=subscription.remarks,
        ends_on=starts_on if subscription.flag("deleted") else _ends_on(subscription, status, starts_on),
        stopped_on=subscription.day("pause_date"),
        resumes_on=subscription.day("resume_date") if status == "paused" else None,
        trial=_trial(subscription),
        discounts=catalogue.discounts(subscription, charges, types),
    )
    if status == "active" and not subscription.flag("deleted"):
        _compare(state, subscription)
    return state


def _ends_on(subscription: Raw, status: str, starts_on: date) -> date | None:
    if status not in _ENDING:
        return None
    told = subscription.day("cancelled_at") or subscription.day("current_term_end")
    return max(told or version_moment(subscription).date(), starts_on)


def _trial(subscription: Raw) -> tuple[date, date] | None:
    begins, ends = subscription.day("trial_start"), subscription.day("trial_end")
    if not begins or not ends:
        return None
    activated = subscription.day("activated_at")
    if activated and begins <= activated:
        ends = min(ends, activated)
    return (begins, ends) if begins < ends else None


def _charges(subscription: Raw, catalogue: Catalogue) -> Iterator[tuple[Charge, str]]:
    """What recurs in a subscription, and whether it is a plan or an addon."""
    names: dict[str, int] = {}
    for raw, kind, price in _parts(subscription):
        if raw.has("metered_quantity") or raw.has("usage_accumulation_reset_frequency"):
            subscription.remarks.append(_METERED)
            continue
        names[price] = names.get(price, 0) + 1
        # The same addon may be there twice.
        part = price if names[price] == 1 else f"{price} {names[price]}"
        yield _charge(raw, kind, price, line_name(subscription.id(), part), subscription, catalogue), kind


def _parts(subscription: Raw) -> Iterator[tuple[Raw, str, str]]:
    if subscription.has("subscription_items"):
        for item in subscription.objects("subscription_items"):
            kind = item.text("item_type") or "plan"
            # What is charged once does not recur.
            if kind != "charge":
                yield item, kind, item.id("item_price_id")
        return
    yield _plan(subscription), "plan", subscription.id("plan_id")
    for addon in subscription.objects("addons"):
        yield addon, "addon", addon.id()


def _plan(subscription: Raw) -> Raw:
    """The plan of the older catalogue, whose fields stand on the subscription, as a part of it."""
    names = ("quantity", "unit_price", "amount", "free_quantity", "quantity_in_decimal", "amount_in_decimal")
    fields = {name: subscription.fields.get(f"plan_{name}") for name in names}
    return Raw(fields, "plan", subscription.remarks)


def _charge(raw: Raw, kind: str, price: str, name: str, subscription: Raw, catalogue: Catalogue) -> Charge:
    item_price = catalogue.look_up("item_price", price) if subscription.has("subscription_items") else None
    amount, period, unit = raw.number("amount"), raw.whole("billing_period"), raw.text("billing_period_unit")
    currency = subscription.text("currency_code")
    quantity = raw.number("quantity")
    if quantity is None:
        quantity = raw.number("quantity_in_decimal")
    sold = None
    if amount is None:
        amount = _amount(raw, quantity, currency or "")
    if amount is None and item_price is None:
        # The first version of the API has prices and periods on plans and addons alone.
        sold = catalogue.look_up(kind, price)
        amount = _priced(sold, raw, quantity) if sold else None
    if amount is None:
        raise Unreadable(f"the amount of {price}", None, "an amount, or a price")
    if period is None:
        period, unit = subscription.whole("billing_period"), subscription.text("billing_period_unit")
    if period is None and sold:
        period, unit = sold.whole("period"), sold.text("period_unit")
    currency = currency or (sold.text("currency_code") if sold else None)
    if not unit or not currency:
        raise Unreadable(f"the period or currency of {price}", None, "a billing_period_unit and a currency_code")
    return Charge(
        item=name,
        price=price,
        product=(item_price.text("item_family_id") or item_price.text("item_id") if item_price else None) or price,
        plan=(item_price.text("external_name") or item_price.text("name") if item_price else None) or price,
        seats=None if quantity is None else whole(quantity),
        amount_cents=whole(amount),
        currency=currency,
        unit=unit,
        count=period or 1,
    )


def _amount(raw: Raw, quantity: Decimal | None, currency: str) -> Decimal | None:
    """Where the amount itself is not told: in major units, or by its unit price."""
    decimal = raw.number("amount_in_decimal")
    if decimal is not None:
        return decimal.scaleb(minor_digits(currency))
    price = raw.number("unit_price")
    free = raw.number("free_quantity") or Decimal(0)
    return None if price is None else price * max((Decimal(1) if quantity is None else quantity) - free, Decimal(0))


def _priced(sold: Raw, raw: Raw, quantity: Decimal | None) -> Decimal | None:
    price, counted = sold.number("price"), Decimal(1) if quantity is None else quantity
    if (
        price is None
        or "flat_fee" in {sold.text("charge_model"), sold.text("pricing_model")}
        or sold.text("type") == "on_off"
    ):
        return price
    free = raw.number("free_quantity") or sold.number("free_quantity") or Decimal(0)
    return price * max(counted - free, Decimal(0))


def _compare(state: State, subscription: Raw) -> None:
    """Remark on a subscription whose MRR Chargebee knows otherwise; a minor unit a line is rounding."""
    told = subscription.number("mrr")
    if told is None:
        return
    day = version_moment(subscription).date()
    lines = [charged_every(amount, charge.unit, charge.count) for charge, amount in state.on(day)]
    if abs(sum(monthly_cents(*line) for line in lines) - told) > max(len(lines), 1):
        subscription.remarks.append(_OTHER_MRR)
