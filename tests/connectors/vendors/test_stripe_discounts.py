"""Stripe's discounts: what recurs is taken off, to the cent, while it lasts, and in every shape it comes in."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from keepline.proving.contract_suite import START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.stripe import StripeSite
from tests.connectors.vendors.looking import brought

TODAY = START_OF_TIME.date()
TENTH: Mapping[str, Any] = {"duration": "forever", "percent_off": 10}
FIVER: Mapping[str, Any] = {"duration": "forever", "amount_off": 500, "currency": "usd"}


@pytest.fixture
def site() -> StripeSite:
    return StripeSite(SiteClock(START_OF_TIME))


def pays(proving: Proving, day: date = TODAY) -> int:
    rows = brought(proving, "subscription_line").values()
    in_force = [row for row in rows if row["starts_on"] <= day and (row["ends_on"] is None or day < row["ends_on"])]
    return sum(row["amount_cents"] for row in in_force)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def discounted(site: StripeSite, *coupons: Mapping[str, Any], months: int | None = None) -> dict[str, Any]:
    """Five seats at 20.00 with these coupons."""
    subscription = site.subscribe(site.customer(), {site.seat["id"]: 5})
    discounts = [site.discount(subscription["id"], each, months) for each in coupons]
    site.update(subscription["id"], discounts=discounts)
    return subscription


@pytest.mark.parametrize("version", ["2020-08-27", "2025-03-31.basil"])
@pytest.mark.parametrize(
    ("coupon", "cents"),
    [
        (TENTH, 9_000),
        (FIVER, 9_500),
        ({"duration": "once", "percent_off": 50}, 10_000),
        ({**FIVER, "amount_off": 99_999}, 0),
        ({**FIVER, "currency": "eur"}, 10_000),
        ({**TENTH, "applies_to": {"products": ["prod_Core"]}}, 9_000),
        ({**TENTH, "applies_to": {"products": ["prod_Voice"]}}, 10_000),
    ],
)
def test_only_what_recurs_is_taken_off(
    site: StripeSite, proving: Proving, version: str, coupon: Mapping[str, Any], cents: int
) -> None:
    site.account_version = version
    discounted(site, coupon)
    proving.sync_well()
    assert pays(proving) == cents


def test_several_apply_one_after_another(site: StripeSite, proving: Proving) -> None:
    site.account_version = "2025-03-31.basil"
    discounted(site, FIVER, TENTH)
    proving.sync_well()
    assert pays(proving) == 8_550


def test_a_discount_of_some_months_is_over_when_they_are(site: StripeSite, proving: Proving) -> None:
    """Stripe changes no subscription when a discount runs out; the day is known beforehand."""
    discounted(site, {**TENTH, "duration": "repeating"}, months=3)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (0, 89, 90, 400)] == [9_000, 9_000, 10_000, 10_000]


def test_a_discount_that_is_taken_away_early_is_over_then(site: StripeSite, proving: Proving) -> None:
    subscription = discounted(site, {**TENTH, "duration": "repeating"}, months=3)
    proving.sync_well()
    site.clock.pass_by(days=20)
    site.update(subscription["id"], discounts=[])
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (19, 20, 90)] == [9_000, 10_000, 10_000]


def test_seats_that_are_added_while_it_lasts_cost_the_full_price_after_it(site: StripeSite, proving: Proving) -> None:
    subscription = discounted(site, {**TENTH, "duration": "repeating"}, months=3)
    proving.sync_well()
    site.clock.pass_by(days=20)
    site.set_quantity(subscription["items"]["data"][0]["id"], 10)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (19, 20, 89, 90)] == [9_000, 18_000, 18_000, 20_000]


def test_a_customer_s_discount_counts_where_the_subscription_has_none_of_its_own(
    site: StripeSite, proving: Proving
) -> None:
    customer = site.customer(discount=site.discount("", TENTH))
    site.subscribe(customer, {site.seat["id"]: 5})
    own = site.subscribe(customer, {site.seat["id"]: 5})
    site.update(own["id"], discounts=[site.discount(own["id"], FIVER)])
    proving.sync_well()
    assert pays(proving) == 9_000 + 9_500


def test_a_customer_s_discount_that_comes_and_goes_is_told_by_its_own_event(site: StripeSite, proving: Proving) -> None:
    customer = site.customer()
    site.subscribe(customer, {site.seat["id"]: 5})
    proving.sync_well()
    site.clock.pass_by(days=2)
    customer["discount"] = site.discount("", TENTH, customer=customer["id"], subscription=None)
    site.tell_discount("created", customer["discount"])
    proving.sync_well()
    site.clock.pass_by(days=2)
    gone, customer["discount"] = customer["discount"], None
    site.tell_discount("deleted", gone)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (1, 2, 3, 4)] == [10_000, 9_000, 9_000, 10_000]


def test_an_item_s_own_discount_is_taken_off_that_item(site: StripeSite, proving: Proving) -> None:
    site.account_version = "2025-03-31.basil"
    subscription = site.subscribe(site.customer(), {site.seat["id"]: 5, site.price(700, "Voice")["id"]: 1})
    first, second = subscription["items"]["data"]
    first = {**first, "discounts": [site.discount(subscription["id"], TENTH)]}
    site.update(subscription["id"], items={**subscription["items"], "data": [first, second]})
    proving.sync_well()
    assert pays(proving) == 9_000 + 700


def test_a_coupon_that_is_only_named_is_asked_for(site: StripeSite, proving: Proving) -> None:
    """So it is since autumn 2025: the coupon stands in the discount's source, by its id."""
    site.coupons["TENTH"] = {"id": "TENTH", "object": "coupon", **TENTH}
    subscription = site.subscribe(site.customer(), {site.seat["id"]: 5})
    discount = site.discount(subscription["id"], {})
    del discount["coupon"]
    discount["source"] = {"type": "coupon", "coupon": "TENTH"}
    site.update(subscription["id"], discounts=[discount])
    proving.sync_well()
    assert pays(proving) == 9_000


def test_a_discount_that_cannot_be_read_any_more_is_remarked_on(site: StripeSite, proving: Proving) -> None:
    site.account_version = "2025-03-31.basil"
    subscription = discounted(site, TENTH)
    site.clock.pass_by(days=2)
    site.update(subscription["id"], discounts=[])
    done = proving.sync_well()
    assert any("discount" in remark for remark in done.remarks)
    assert pays(proving, TODAY + days(2)) == 10_000
