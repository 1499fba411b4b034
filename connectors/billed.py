"""Knows what a subscription, as it was at one moment, says of its lines: from which day on, and until when.

A subscription says little of its past: when it began, its trial, and when its discounts begin and end. So it says each
thing twice: what it says of its beginning, which counts only where nothing better is known, and how it is from the
moment on at which it was so. Each claim has a moment of its own; those of one moment differ by microseconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from connectors.contract import Found
from connectors.raw import Unreadable
from connectors.recurring import Charge, Discount, charged_every, net_of
from domain.line_history import all_others
from domain.revenue import SubscriptionLine

Standing = Literal["trial", "paid", "stopped", "never"]
_JUST = timedelta(microseconds=1)
# What is said of the beginning comes before all else.
_BEFORE_ALL = timedelta(microseconds=30)
_MOST_BOUNDARIES = 9
# So far apart are the claims of two states of one second, and half of it those of before and after a change.
APART = timedelta(microseconds=40)


@dataclass(frozen=True)
class Item:
    """A part of a subscription that is charged, since when it is there, and what is taken off it alone."""

    opened_at: datetime
    starts_on: date
    charge: Charge
    discounts: Sequence[Discount] = ()


@dataclass(frozen=True)
class State:
    """A subscription as it was at one moment.

    `standing` *stopped* is a gap in the revenue since `stopped_on`, where that is known, until `resumes_on`; *never* is
    a subscription that did not come about. `trial` are the days `[first, end)` that cost nothing.
    """

    source: str
    subscription: str
    account_ref: str
    standing: Standing
    items: Sequence[Item]
    remarks: list[str]
    ends_on: date | None = None
    stopped_on: date | None = None
    resumes_on: date | None = None
    trial: tuple[date, date] | None = None
    discounts: Sequence[Discount] = ()

    def beginning(self) -> Iterator[Found]:
        """What the subscription says of its lines' first days."""
        opened = replace(self, ends_on=None, standing="paid" if self.standing == "stopped" else self.standing)
        for item in self.items:
            yield from opened._onwards(item, item.starts_on, item.opened_at - _BEFORE_ALL)

    def since(self, moment: datetime) -> Iterator[Found]:
        """How the lines are from `moment` on, and that there are no others."""
        for item in self.items:
            yield from self._now(item, moment)
        yield self._no_others(moment)

    def on(self, day: date) -> Iterator[tuple[Charge, int]]:
        """What each item is charged on a day, and what of it is left of discounts."""
        for item in self.items:
            yield item.charge, self._net(item, day)

    def _now(self, item: Item, moment: datetime) -> Iterator[Found]:
        day = moment.date()
        if self.ends_on and self.ends_on <= day:
            yield self._nothing(item, self.ends_on, moment)
        elif self.standing == "stopped":
            yield self._nothing(item, max(min(day, self.stopped_on or day), item.starts_on), moment)
            if self.resumes_on and self.resumes_on > day:
                yield from self._onwards(item, self.resumes_on, moment + _JUST)
        elif item.starts_on > day:
            yield self._nothing(item, day, moment)
            yield from self._onwards(item, item.starts_on, moment + _JUST)
        else:
            yield from self._onwards(item, day, moment)

    def _onwards(self, item: Item, day: date, moment: datetime) -> Iterator[Found]:
        if self.standing == "never":
            return
        for at, begins in enumerate([day, *self._boundaries(item, day)]):
            yield Found(self._line(item, begins, moment + at * _JUST), onwards=True)

    def _boundaries(self, item: Item, day: date) -> list[date]:
        """The later days on which the amount changes by itself."""
        discounts = [*self.discounts, *item.discounts]
        days = {each for discount in discounts for each in (discount.starts_on, discount.ends_on) if each}
        days |= {*self.trial} if self.trial and self.standing != "trial" else set()
        later = sorted(each for each in days if each > day and (self.ends_on is None or each < self.ends_on))
        return later[:_MOST_BOUNDARIES]

    def _line(self, item: Item, day: date, moment: datetime) -> SubscriptionLine:
        charge, is_trial = item.charge, self.standing == "trial"
        if self.trial and not is_trial:
            is_trial = self.trial[0] <= day < self.trial[1]
        amount, months = _months(self._net(item, day), charge)
        return SubscriptionLine(
            source=self.source,
            external_id=charge.item,
            account_ref=self.account_ref,
            product=charge.product,
            plan=charge.plan,
            seats=charge.seats,
            amount_cents=amount,
            currency=charge.currency,
            interval_months=months,
            starts_on=day,
            ends_on=self.ends_on,
            trial=is_trial,
            recorded_at=moment,
        )

    def _net(self, item: Item, day: date) -> int:
        # An item's own discounts come before those of the whole subscription.
        own = [
            replace(each.charge, amount_cents=net_of([each.charge], each.discounts, day, self.remarks)[0])
            if each.discounts
            else each.charge
            for each in self.items
        ]
        return net_of(own, self.discounts, day, self.remarks)[self.items.index(item)]

    def _nothing(self, item: Item, day: date, moment: datetime) -> Found:
        line = replace(self, ends_on=day)._line(item, day, moment)
        return Found(line, onwards=True)

    def _no_others(self, moment: datetime) -> Found:
        """That lines of which this breath says nothing have ended. It is heard and never kept, so it has no money."""
        day = min(moment.date(), self.ends_on or date.max)
        line = SubscriptionLine(
            source=self.source, external_id=all_others(self.subscription), account_ref=self.account_ref, product="-",
            amount_cents=0, currency="XXX", interval_months=1, starts_on=day, ends_on=day, recorded_at=moment,
        )  # fmt: skip
        return Found(line, onwards=True)


def _months(amount_cents: int, charge: Charge) -> tuple[int, int]:
    try:
        return charged_every(amount_cents, charge.unit, charge.count)
    except ValueError as error:
        expected = "days, weeks, months or years, ten years at most"
        raise Unreadable(f"the interval of {charge.item}", str(error), expected) from None
