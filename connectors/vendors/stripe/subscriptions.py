"""Knows what a Stripe subscription, as it was at one moment, says of its lines: from which day on, and until when.

A subscription says nothing of its past but when it and its items began, its trial, and when its discounts begin and
end. So it says each thing twice: what it says of its beginning, which counts only where nothing better is known, and
how it is from the moment on at which it was so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from connectors.contract import Found
from connectors.raw import Raw, Unreadable
from connectors.recurring import charged_every
from connectors.vendors.stripe.discounts import Discount, DiscountBook, net_of
from connectors.vendors.stripe.prices import Catalogue, Charge, charge
from domain.revenue import SubscriptionLine

_STANDING = {
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
_TELLING_OF_ITEM = ("id", "quantity", "discounts")
# Claims of one moment are told apart by microseconds; what is said of the beginning comes before all else.
_JUST = timedelta(microseconds=1)
_BEFORE_ALL = timedelta(microseconds=30)
MOST_BOUNDARIES = 9


@dataclass(frozen=True)
class _Item:
    opened_at: datetime
    starts_on: date
    charge: Charge
    discounts: Sequence[Discount]


@dataclass(frozen=True)
class State:
    """A subscription as it was at one moment."""

    source: str
    account_ref: str
    standing: str
    ends_on: date | None
    resumes_on: date | None
    stopped_on: date | None
    trial: tuple[date, date] | None
    items: Sequence[_Item]
    discounts: Sequence[Discount]
    remarks: list[str]

    def beginning(self) -> Iterator[Found]:
        """What the subscription says of its lines' first days."""
        opened = replace(self, ends_on=None, standing="paid" if self.standing == "stopped" else self.standing)
        for item in self.items:
            yield from opened._onwards(item, item.starts_on, item.opened_at - _BEFORE_ALL)

    def since(self, moment: datetime, only: frozenset[str] | None = None) -> Iterator[Found]:
        """How the lines are from `moment` on; those of the items `only` where it is given."""
        for item in self.items:
            if only is not None and item.charge.item not in only:
                continue
            day = max(moment.date(), item.starts_on)
            if self.ends_on and self.ends_on <= day:
                yield self._nothing(item, self.ends_on, moment)
            elif self.standing == "stopped":
                yield self._nothing(item, max(min(day, self.stopped_on or day), item.starts_on), moment)
                if self.resumes_on and self.resumes_on > day:
                    yield from self._onwards(item, self.resumes_on, moment + _JUST)
            else:
                yield from self._onwards(item, day, moment)

    def without_items(self, items: frozenset[str], moment: datetime) -> Iterator[Found]:
        """That these items are in the subscription no more."""
        for item in self.items:
            if item.charge.item in items:
                yield self._nothing(item, max(moment.date(), item.starts_on), moment)

    @property
    def item_ids(self) -> frozenset[str]:
        """The ids of its items."""
        return frozenset(item.charge.item for item in self.items)

    def _onwards(self, item: _Item, day: date, moment: datetime) -> Iterator[Found]:
        if self.standing == "never":
            return
        for at, begins in enumerate([day, *self._boundaries(item, day)]):
            line = self._line(item, begins, moment + at * _JUST)
            yield Found(line, onwards=True)

    def _boundaries(self, item: _Item, day: date) -> list[date]:
        """The later days on which the amount changes by itself."""
        discounts = [*self.discounts, *item.discounts]
        days = {each for discount in discounts for each in (discount.starts_on, discount.ends_on) if each}
        days |= {*self.trial} if self.trial and self.standing != "trial" else set()
        later = sorted(each for each in days if each > day and (self.ends_on is None or each < self.ends_on))
        return later[:MOST_BOUNDARIES]

    def _line(self, item: _Item, day: date, moment: datetime) -> SubscriptionLine:
        found, is_trial = item.charge, self.standing == "trial"
        if self.trial and not is_trial:
            is_trial = self.trial[0] <= day < self.trial[1]
        amount, months = _charged(self._net(item, day), found)
        return SubscriptionLine(
            source=self.source,
            external_id=found.item,
            account_ref=self.account_ref,
            product=found.product,
            plan=found.plan,
            seats=found.seats,
            amount_cents=amount,
            currency=found.currency,
            interval_months=months,
            starts_on=day,
            ends_on=self.ends_on,
            trial=is_trial,
            recorded_at=moment,
        )

    def _net(self, item: _Item, day: date) -> int:
        # An item's own discounts come before those of the whole subscription.
        own = [
            replace(each.charge, amount_cents=net_of([each.charge], each.discounts, day, self.remarks)[0])
            if each.discounts
            else each.charge
            for each in self.items
        ]
        return net_of(own, self.discounts, day, self.remarks)[self.items.index(item)]

    def _nothing(self, item: _Item, day: date, moment: datetime) -> Found:
        line = self._line(item, day, moment)
        return Found(line.model_copy(update={"ends_on": day}), onwards=True)


def read_state(subscription: Raw, source: str, catalogue: Catalogue, book: DiscountBook) -> State:
    """A subscription in any of the shapes that Stripe has given it since 2017.

    Raises:
        Unreadable: a field that decides an amount or a day is not what it should be.
    """
    customer = subscription.fields.get("customer")
    account_ref = (
        subscription.must_object("customer").id() if isinstance(customer, Mapping) else subscription.id("customer")
    )
    paused = subscription.object("pause_collection")
    given_up = paused if paused and paused.text("behavior") != _STILL_OWED else None
    standing = subscription.choice("status", _STANDING, "paid") or "paid"
    is_stopped = given_up is not None and standing == "paid"
    opened_at = subscription.must_moment("created")
    starts_on = subscription.day("start_date") or opened_at.date()
    raw_items = subscription.must_object("items").objects("data")
    charged = [(each, charge(each, subscription, catalogue)) for each in raw_items]
    items = [_item(each, found, opened_at, starts_on, book, subscription) for each, found in charged if found]
    return State(
        source=source,
        account_ref=account_ref,
        standing="stopped" if is_stopped else standing,
        ends_on=_ends_on(subscription, raw_items, starts_on),
        resumes_on=given_up.day("resumes_at") if given_up else None,
        stopped_on=period_start(subscription),
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


def _item(
    raw: Raw, found: Charge, opened_at: datetime, starts_on: date, book: DiscountBook, subscription: Raw
) -> _Item:
    added_at = raw.moment("created") or opened_at
    # An item that was there from the beginning began with the subscription, which may have been backdated.
    was_added = added_at.date() > opened_at.date()
    return _Item(
        opened_at=added_at if was_added else opened_at,
        starts_on=added_at.date() if was_added else starts_on,
        charge=found,
        discounts=book.of_item(raw, subscription),
    )


def _charged(amount_cents: int, found: Charge) -> tuple[int, int]:
    try:
        return charged_every(amount_cents, found.unit, found.count)
    except ValueError as error:
        raise Unreadable("price.recurring", str(error), "days, weeks, months or years, ten years at most") from None


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


def period_start(subscription: Raw) -> date | None:
    """When the period that is being paid began."""
    items = subscription.must_object("items").objects("data")
    days = [each.day("current_period_start") for each in (subscription, *items)]
    return max((each for each in days if each), default=None)
