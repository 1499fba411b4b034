"""Knows how a Stripe subscription stands, in any of the shapes that it has had since 2017."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from connectors.billed import Item, Standing, State
from connectors.raw import Raw
from connectors.recurring import Charge
from connectors.vendors.stripe.discounts import DiscountBook
from connectors.vendors.stripe.prices import Catalogue, charge

_STANDING: Mapping[str, Standing] = {
    "trialing": "trial", "active": "paid", "past_due": "paid", "unpaid": "stopped", "paused": "stopped",
    "canceled": "paid", "incomplete": "never", "incomplete_expired": "never",
}  # fmt: skip
# Drafts of a paused collection are sent later; the other ways to pause give the money up.
_STILL_OWED = "keep_as_draft"
# What tells two states of a subscription apart, as far as its lines are concerned.
_TELLING = (
    "status", "cancel_at", "cancel_at_period_end", "ended_at", "trial_start", "trial_end", "start_date", "quantity",
    "pause_collection", "customer", "discount", "discounts",
)  # fmt: skip
_IN_ONE_GO = timedelta(seconds=3)
_TELLING_OF_ITEM = ("id", "quantity", "discounts")


def read_state(subscription: Raw, source: str, catalogue: Catalogue, book: DiscountBook) -> State:
    """A subscription as it is told.

    Raises:
        Unreadable: a field that decides an amount or a day is not what it should be.
    """
    customer = subscription.fields.get("customer")
    account_ref = (
        subscription.must_object("customer").id() if isinstance(customer, Mapping) else subscription.id("customer")
    )
    paused = subscription.object("pause_collection")
    given_up = paused if paused and paused.text("behavior") != _STILL_OWED else None
    standing = _standing(subscription)
    is_stopped = given_up is not None and standing == "paid"
    opened_at = subscription.must_moment("created")
    starts_on = subscription.day("start_date") or opened_at.date()
    raw_items = subscription.must_object("items").objects("data")
    charged = [(each, charge(each, subscription, catalogue)) for each in raw_items]
    items = [_item(each, found, opened_at, starts_on, book, subscription) for each, found in charged if found]
    return State(
        source=source,
        subscription=subscription.id(),
        account_ref=account_ref,
        standing="stopped" if is_stopped else standing,
        ends_on=_ends_on(subscription, raw_items, starts_on),
        resumes_on=given_up.day("resumes_at") if given_up else None,
        stopped_on=_period_start(subscription, raw_items),
        trial=_trial(subscription),
        items=items,
        discounts=book.of_subscription(subscription) if items and standing != "never" else (),
        remarks=subscription.remarks,
    )


def tells_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two states of a subscription have the same lines, as far as that is seen without asking."""
    return _told(one) == _told(other)


def _told(subscription: Mapping[str, Any]) -> object:
    listed = subscription.get("items")
    items = listed.get("data") if isinstance(listed, Mapping) else None
    told = [
        (*(item.get(name) for name in _TELLING_OF_ITEM), item.get("price") or item.get("plan"))
        for item in items or ()
        if isinstance(item, Mapping)
    ]
    return told, [subscription.get(name) for name in _TELLING]


def _item(raw: Raw, found: Charge, opened_at: datetime, starts_on: date, book: DiscountBook, subscription: Raw) -> Item:
    added_at = raw.moment("created") or opened_at
    # An item that was there from the beginning began with the subscription, which may have been backdated.
    was_added = added_at - opened_at > _IN_ONE_GO
    return Item(
        opened_at=added_at if was_added else opened_at,
        starts_on=added_at.date() if was_added else starts_on,
        charge=found,
        discounts=book.of_item(raw, subscription),
    )


def _standing(subscription: Raw) -> Standing:
    word = subscription.choice("status", {name: name for name in _STANDING}, "active")
    return _STANDING[word or "active"]


def _ends_on(subscription: Raw, items: Sequence[Raw], starts_on: date) -> date | None:
    ended = subscription.day("ended_at")
    if ended is None and subscription.text("status") == "canceled":
        ended = subscription.day("canceled_at")
    if ended is None:
        ended = subscription.day("cancel_at")
    if ended is None and subscription.flag("cancel_at_period_end"):
        # Since spring 2025 each item has a period of its own.
        ends = [each.day("current_period_end") for each in (subscription, *items)]
        ended = max((each for each in ends if each), default=None)
    return max(ended, starts_on) if ended else None


def _trial(subscription: Raw) -> tuple[date, date] | None:
    begins, ends = subscription.day("trial_start"), subscription.day("trial_end")
    return (begins, ends) if begins and ends and begins < ends else None


def _period_start(subscription: Raw, items: Sequence[Raw]) -> date | None:
    """When the period began that is being paid, or is not."""
    days = [each.day("current_period_start") for each in (subscription, *items)]
    return max((each for each in days if each), default=None)
