"""Chargebee: what a subscription is worth on which day, in both product catalogues, and whose it is."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from storage.brought import rows_of
from tests.connectors.sites.chargebee import SEAT, ChargebeeSite, ChargebeeSiteOfCatalogueOne, an_item

TODAY = START_OF_TIME.date()
LONG_AGO = START_OF_TIME - timedelta(days=100)


@pytest.fixture(params=[ChargebeeSite, ChargebeeSiteOfCatalogueOne])
def either_site(request: pytest.FixtureRequest) -> ChargebeeSite:
    site: ChargebeeSite = request.param(SiteClock(START_OF_TIME))
    return site


@pytest.fixture
def site(request: pytest.FixtureRequest) -> ChargebeeSite:
    """A site of the new catalogue; of either one where a test asks for `either_site`."""
    if "either_site" in request.fixturenames:
        either: ChargebeeSite = request.getfixturevalue("either_site")
        return either
    return ChargebeeSite(SiteClock(START_OF_TIME))


@pytest.fixture
def mapping() -> Mapping[str, str]:
    return {"customer.known_as": "cf_crm_id, erp", "customer.segment": "cf_tier"}


def brought(proving: Proving, record: Any = "subscription_line") -> Mapping[str, Mapping[str, Any]]:
    return rows_of(proving.store.engine, SOURCE).get(record, {})


def pays(proving: Proving, day: date = TODAY) -> int:
    """What the lines in force on a day are charged; trials are charged nothing."""
    rows = [row for row in brought(proving).values() if row["starts_on"] <= day and not row["trial"]]
    return sum(row["amount_cents"] for row in rows if row["ends_on"] is None or day < row["ends_on"])


def a_subscription(site: ChargebeeSite, seats: int | None = 5, **more: Any) -> dict[str, Any]:
    return site.subscribe(site.customer(), seats, began=LONG_AGO, **more)


def the_line(proving: Proving) -> Mapping[str, Any]:
    (row,) = brought(proving).values()
    return row


def days(count: int) -> timedelta:
    return timedelta(days=count)


def second(moment: datetime) -> int:
    return int(moment.timestamp())


# What happens to a line in time.


def test_a_change_counts_from_the_day_of_its_version(either_site: ChargebeeSite, proving: Proving) -> None:
    key = a_subscription(either_site)["id"]
    proving.sync_well()
    either_site.clock.pass_by(days=3)
    either_site.set_seats(key, 8)
    changed_at = either_site.clock.now()
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (2, 3)] == [5 * SEAT, 8 * SEAT]
    assert brought(proving)[f"{key}:core-USD@{TODAY + days(3)}"]["recorded_at"] == changed_at


def test_a_renewal_changes_nothing(either_site: ChargebeeSite, proving: Proving) -> None:
    key = a_subscription(either_site)["id"]
    proving.sync_well()
    either_site.clock.pass_by(days=30)
    either_site.update(key, current_term_start=second(either_site.clock.now()))
    assert proving.sync_well().changed == 0


def test_another_plan_takes_the_place_of_the_one_before(site: ChargebeeSite, proving: Proving) -> None:
    site.item_price("pro-USD", "pro", item_family_id="core")
    key = a_subscription(site)["id"]
    proving.sync_well()
    site.clock.pass_by(days=3)
    site.update(key, subscription_items=[an_item("pro-USD", 5_000, 5)])
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (2, 3)] == [10_000, 25_000]
    assert brought(proving)[f"{key}:core-USD"]["ends_on"] == TODAY + days(3)
    assert {row["product"] for row in brought(proving).values()} == {"core"}


def test_another_plan_of_the_older_catalogue_does_too(proving: Proving, either_site: ChargebeeSite) -> None:
    if either_site.catalogue != 1:
        pytest.skip("plans stand on subscriptions in the older catalogue only")
    key = a_subscription(either_site)["id"]
    proving.sync_well()
    either_site.clock.pass_by(days=3)
    either_site.update(key, plan_id="pro", plan_unit_price=5_000, plan_amount=25_000)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (2, 3)] == [10_000, 25_000]


def test_an_addon_begins_when_it_is_first_seen_and_ends_when_it_is_not_there_any_more(
    site: ChargebeeSite, proving: Proving
) -> None:
    key = a_subscription(site)["id"]
    plan = an_item("core-USD", SEAT, 5)
    proving.sync_well()
    site.clock.pass_by(days=3)
    site.update(key, subscription_items=[plan, an_item("voice-USD", 700, 2, "addon")])
    proving.sync_well()
    site.clock.pass_by(days=3)
    site.update(key, subscription_items=[plan])
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (-50, 2, 3, 5, 6)] == [10_000, 10_000, 11_400, 11_400, 10_000]


def test_who_has_cancelled_ends_on_the_first_day_without_service(either_site: ChargebeeSite, proving: Proving) -> None:
    key = a_subscription(either_site)["id"]
    proving.sync_well()
    either_site.clock.pass_by(days=3)
    either_site.cancel(key)
    proving.sync_well()
    assert the_line(proving)["ends_on"] == TODAY + days(3)


def test_who_will_not_renew_ends_with_the_term_unless_it_is_taken_back(
    either_site: ChargebeeSite, proving: Proving
) -> None:
    key = a_subscription(either_site)["id"]
    either_site.update(key, status="non_renewing")
    proving.sync_well()
    assert the_line(proving)["ends_on"] == TODAY + days(30)
    either_site.update(key, status="active")
    proving.sync_well()
    assert the_line(proving)["ends_on"] is None


def test_who_comes_back_after_a_cancellation_has_a_gap(either_site: ChargebeeSite, proving: Proving) -> None:
    key = a_subscription(either_site)["id"]
    either_site.cancel(key)
    proving.sync_well()
    either_site.clock.pass_by(days=20)
    either_site.update(key, status="active", cancelled_at=None, activated_at=second(either_site.clock.now()))
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (-1, 0, 19, 20)] == [10_000, 0, 0, 10_000]


def test_a_pause_is_a_gap_until_it_is_resumed(either_site: ChargebeeSite, proving: Proving) -> None:
    key = a_subscription(either_site)["id"]
    proving.sync_well()
    either_site.clock.pass_by(days=5)
    resumes = second(START_OF_TIME + days(25))
    either_site.update(key, status="paused", pause_date=second(START_OF_TIME + days(4)), resume_date=resumes)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (3, 4, 24, 25)] == [10_000, 0, 0, 10_000]


def test_what_begins_later_carries_nothing_before(either_site: ChargebeeSite, proving: Proving) -> None:
    starts = START_OF_TIME + days(10)
    key = a_subscription(either_site, status="future", started_at=None, start_date=second(starts))["id"]
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (0, 9, 10)] == [0, 0, 10_000]
    either_site.update(key, start_date=second(starts + days(5)))
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (10, 14, 15)] == [0, 0, 10_000]


def test_a_trial_carries_nothing_and_is_told_from_what_was_paid(either_site: ChargebeeSite, proving: Proving) -> None:
    trial = {"trial_start": second(LONG_AGO), "trial_end": second(LONG_AGO + days(30))}
    a_subscription(either_site, **trial, activated_at=second(LONG_AGO + days(30)))
    proving.sync_well()
    assert [pays(proving, LONG_AGO.date() + days(each)) for each in (0, 29, 30)] == [0, 0, 10_000]


def test_a_trial_that_was_cut_short_ends_when_it_was(either_site: ChargebeeSite, proving: Proving) -> None:
    trial = {"trial_start": second(LONG_AGO), "trial_end": second(LONG_AGO + days(30))}
    a_subscription(either_site, **trial, activated_at=second(LONG_AGO + days(10)))
    proving.sync_well()
    assert [pays(proving, LONG_AGO.date() + days(each)) for each in (9, 10)] == [0, 10_000]


def test_who_is_in_a_trial_is_no_customer_yet(either_site: ChargebeeSite, proving: Proving) -> None:
    trial = {"trial_start": second(LONG_AGO), "trial_end": second(START_OF_TIME + days(30))}
    a_subscription(either_site, status="in_trial", **trial, activated_at=None)
    proving.sync_well()
    assert the_line(proving)["trial"]
    assert pays(proving, TODAY + days(60)) == 0


def test_what_was_deleted_never_was(either_site: ChargebeeSite, proving: Proving) -> None:
    """Chargebee deletes a subscription together with its invoices."""
    key = a_subscription(either_site)["id"]
    proving.sync_well()
    either_site.set_seats(key, 7)
    proving.sync_well()
    either_site.update(key, deleted=True)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (-50, 0, 50)] == [0, 0, 0]
    proving.assert_nothing_waits()


def test_a_version_is_told_by_its_number(either_site: ChargebeeSite, proving: Proving) -> None:
    """Two changes of one second have one time, and two numbers."""
    subscription = a_subscription(either_site)
    version = second(START_OF_TIME) * 1000 + 250
    subscription |= {"updated_at": version // 1000, "resource_version": version}
    proving.sync_well()
    either_site.set_seats(subscription["id"], 6)
    subscription |= {"updated_at": version // 1000, "resource_version": version + 100}
    proving.sync_well()
    assert pays(proving) == 6 * SEAT


# What a line is worth.


@pytest.mark.parametrize(
    ("period", "unit", "expected"),
    [(1, "year", (10_000, 12)), (3, "month", (10_000, 3)), (1, "week", (520_000, 12)), (2, "year", (10_000, 24))],
)
def test_periods_are_months(
    either_site: ChargebeeSite, proving: Proving, period: int, unit: str, expected: tuple[int, int]
) -> None:
    a_subscription(either_site, billing_period=period, billing_period_unit=unit)
    proving.sync_well()
    assert (the_line(proving)["amount_cents"], the_line(proving)["interval_months"]) == expected


def test_an_addon_may_have_a_period_of_its_own(site: ChargebeeSite, proving: Proving) -> None:
    addon = an_item("voice-USD", 700, 1, "addon", billing_period=1, billing_period_unit="month")
    items = [an_item("core-USD", 120_000, 1), addon]
    key = a_subscription(site, None, billing_period=1, billing_period_unit="year", subscription_items=items)["id"]
    proving.sync_well()
    months = {name: row["interval_months"] for name, row in brought(proving).items()}
    assert months == {f"{key}:core-USD": 12, f"{key}:voice-USD": 1}


def test_what_is_charged_once_or_by_use_is_no_line(site: ChargebeeSite, proving: Proving) -> None:
    calls = an_item("calls-USD", 1, 0, "addon", metered_quantity="17")
    items = [an_item("core-USD", SEAT, 1), an_item("setup-USD", 50_000, 1, "charge"), calls]
    a_subscription(site, None, subscription_items=items)
    done = proving.sync_well()
    assert pays(proving) == SEAT
    assert any("metered" in remark for remark in done.remarks)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 5_000), ("USD", 5_000), ("KWD", 5_000)])
def test_amounts_are_minor_units_of_the_subscription_s_currency(
    site: ChargebeeSite, proving: Proving, currency: str, amount: int
) -> None:
    items = [an_item("core", amount, 1)]
    a_subscription(site, None, subscription_items=items, currency_code=currency)
    proving.sync_well()
    assert (the_line(proving)["currency"], the_line(proving)["amount_cents"]) == (currency, amount)


def test_one_customer_s_subscriptions_may_be_in_several_currencies(site: ChargebeeSite, proving: Proving) -> None:
    customer = site.customer()
    for currency in ("USD", "EUR"):
        site.subscribe(customer, 1, currency_code=currency)
    proving.sync_well()
    assert {(row["account_ref"], row["currency"]) for row in brought(proving).values()} == {
        (customer["id"], "USD"), (customer["id"], "EUR"),
    }  # fmt: skip


def test_an_amount_in_decimals_is_in_major_units(site: ChargebeeSite, proving: Proving) -> None:
    item = {**an_item("core", 0, 1), "amount": None, "unit_price": None, "amount_in_decimal": "12.345"}
    a_subscription(site, None, subscription_items=[item])
    proving.sync_well()
    assert the_line(proving)["amount_cents"] == 1_234


def test_free_quantities_are_free_where_only_the_unit_price_is_told(site: ChargebeeSite, proving: Proving) -> None:
    item = {**an_item("core", 700, 5), "amount": None, "free_quantity": 2}
    a_subscription(site, None, subscription_items=[item])
    proving.sync_well()
    assert the_line(proving)["amount_cents"] == 2_100


def test_a_credit_lowers_what_is_charged_beside_it(site: ChargebeeSite, proving: Proving) -> None:
    items = [an_item("core", SEAT, 5), an_item("goodwill", -1_500, 1, "addon")]
    a_subscription(site, None, subscription_items=items)
    proving.sync_well()
    assert pays(proving) == 8_500


def test_what_costs_nothing_is_a_line_of_nothing(either_site: ChargebeeSite, proving: Proving) -> None:
    a_subscription(either_site, 0)
    proving.sync_well()
    assert the_line(proving)["amount_cents"] == 0


def test_the_prices_of_the_first_api_version_stand_on_its_plans(proving: Proving, either_site: ChargebeeSite) -> None:
    """There a subscription names its plan and addons alone, and its customer stands beside it."""
    either_site.plans["gold"] = {
        "id": "gold", "price": 900, "period": 1, "period_unit": "year", "free_quantity": 1, "charge_model": "per_unit",
        "currency_code": "USD",
    }  # fmt: skip
    either_site.addons["voice"] = {"id": "voice", "price": 70, "type": "on_off"}
    subscription = a_subscription(
        either_site, None, plan_id="gold", plan_quantity=3, addons=[{"id": "voice", "quantity": 4}]
    )
    del subscription["billing_period"], subscription["billing_period_unit"]
    either_site.addons["voice"] |= {"period": 1, "period_unit": "year"}
    proving.sync_well()
    assert sorted(row["amount_cents"] for row in brought(proving).values()) == [70, 1_800]
    assert {row["interval_months"] for row in brought(proving).values()} == {12}


def test_a_subscription_without_an_amount_is_put_aside_with_what_is_missing(
    site: ChargebeeSite, proving: Proving
) -> None:
    item = {**an_item("core", 0, 1), "amount": None, "unit_price": None}
    key = a_subscription(site, None, subscription_items=[item])["id"]
    a_subscription(site)
    assert proving.sync_well().unusable == 1
    assert [reject.file for reject in proving.store.rejects()] == [f"{SOURCE}/subscription_line/{key}:core"]
    site.update(key, subscription_items=[an_item("core", 100, 1)])
    proving.sync_well()
    proving.assert_nothing_waits()


def test_another_mrr_than_chargebee_s_own_is_remarked_on(either_site: ChargebeeSite, proving: Proving) -> None:
    a_subscription(either_site)
    assert not proving.sync_well().remarks
    a_subscription(either_site, mrr=4_711)
    assert any("MRR" in remark for remark in proving.sync_well().remarks)


# What is taken off.


@pytest.mark.parametrize(
    ("discount", "cents"),
    [
        ({"type": "percentage", "percentage": 10, "duration_type": "forever"}, 9_630),
        ({"type": "percentage", "percentage": 10, "duration_type": "one_time"}, 10_700),
        ({"type": "fixed_amount", "amount": 500, "duration_type": "forever"}, 10_200),
        ({"type": "fixed_amount", "amount": 99_999, "duration_type": "forever"}, 0),
        ({"percentage": 50, "apply_on": "specific_item_price", "item_price_id": "voice"}, 10_350),
        ({"type": "offer_quantity", "quantity": 1, "duration_type": "forever"}, 10_700),
    ],
)  # fmt: skip
def test_a_discount_of_the_subscription_is_taken_off_where_it_recurs(
    site: ChargebeeSite, proving: Proving, discount: Mapping[str, Any], cents: int
) -> None:
    items = [an_item("core", SEAT, 5), an_item("voice", 700, 1, "addon")]
    a_subscription(site, None, subscription_items=items, discounts=[{"id": "d1", **discount}])
    proving.sync_well()
    assert pays(proving) == cents


@pytest.mark.parametrize(
    ("coupon", "cents"),
    [
        ({"apply_on": "invoice_amount", "discount_percentage": 10.0, "discount_type": "percentage"}, 9_630),
        ({"apply_on": "invoice_amount", "discount_amount": 500, "discount_type": "fixed_amount"}, 10_200),
        ({"discount_percentage": 10.0, "discount_type": "percentage", "duration_type": "one_time"}, 10_700),
        ({"apply_on": "each_specified_item", "discount_amount": 100, "discount_type": "fixed_amount",
          "item_constraints": [{"item_type": "plan", "constraint": "all"},
                               {"item_type": "addon", "constraint": "specific", "item_price_ids": ["voice"]}]}, 10_500),
        ({"apply_on": "each_unit_of_specified_items", "discount_amount": 100, "discount_type": "fixed_amount",
          "item_constraints": [{"item_type": "plan", "constraint": "all"}]}, 10_200),
        ({"apply_on": "each_specified_item", "discount_percentage": 50, "discount_type": "percentage",
          "plan_constraint": "none", "addon_constraint": "all"}, 10_350),
    ],
)  # fmt: skip
def test_a_coupon_is_asked_for_and_taken_off_what_it_is_for(
    site: ChargebeeSite, proving: Proving, coupon: Mapping[str, Any], cents: int
) -> None:
    site.coupons["C"] = {"id": "C", "duration_type": "forever", **coupon}
    items = [an_item("core", SEAT, 5), an_item("voice", 700, 1, "addon")]
    a_subscription(site, None, subscription_items=items, coupons=[{"coupon_id": "C"}])
    proving.sync_well()
    assert pays(proving) == cents


def test_a_coupon_for_some_months_is_over_on_the_day_that_the_subscription_names(
    either_site: ChargebeeSite, proving: Proving
) -> None:
    either_site.coupons["C"] = {"id": "C", "duration_type": "limited_period", "discount_percentage": 10}
    until = second(START_OF_TIME + days(60))
    a_subscription(either_site, coupons=[{"coupon_id": "C", "apply_till": until}])
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (0, 59, 60)] == [9_000, 9_000, 10_000]


def test_a_coupon_that_is_not_there_any_more_is_remarked_on(either_site: ChargebeeSite, proving: Proving) -> None:
    a_subscription(either_site, coupons=[{"coupon_id": "gone"}])
    assert any("coupon" in remark for remark in proving.sync_well().remarks)
    assert pays(proving) == 10_000


# The customers.


def test_a_customer_is_an_account_and_a_party(site: ChargebeeSite, proving: Proving) -> None:
    parent = site.customer()
    key = site.customer(
        company="Acme GmbH", email="Books@Acme.example", phone="+49 228 1", cf_crm_id="001A", cf_tier="Enterprise",
        meta_data={"erp": "77"}, billing_address={"city": "Bonn", "country": "DE"},
        relationship={"parent_id": parent["id"]},
    )["id"]  # fmt: skip
    proving.sync_well()
    account, party = brought(proving, "account")[key], brought(proving, "party")[key]
    assert (account["name"], account["domains"], account["segment"]) == ("Acme GmbH", ["acme.example"], "Enterprise")
    assert (party["known_as"], party["parent_ref"], party["country"], party["city"], party["phone"]) == (
        ["001A", "77"], parent["id"], "DE", "Bonn", "+49 228 1",
    )  # fmt: skip


def test_a_customer_without_a_company_is_called_by_the_person_s_name(site: ChargebeeSite, proving: Proving) -> None:
    key = site.customer(company=None, first_name="Eve", last_name="Baker", email="eve@gmail.com")["id"]
    proving.sync_well()
    account = brought(proving, "account")[key]
    assert (account["name"], account["domains"]) == ("Eve Baker", [])


def test_a_deleted_customer_is_gone_and_one_with_a_past_stays_in_the_books(
    site: ChargebeeSite, proving: Proving
) -> None:
    paying, other = a_subscription(site), site.customer()["id"]
    proving.sync_well()
    site.cancel(paying["id"])
    for each in (paying["customer_id"], other):
        site.update_customer(each, deleted=True)
    proving.sync_well()
    assert set(brought(proving, "account")) == {paying["customer_id"]}
    assert not brought(proving, "party")


def test_the_fields_that_a_mapping_may_name_are_listed(site: ChargebeeSite, proving: Proving) -> None:
    site.customer(cf_crm_id="1", meta_data={"erp": "2"})
    assert [(each.name, each.type) for each in proving.connector().site_fields()] == [
        ("cf_crm_id", "custom field"), ("erp", "metadata"),
    ]  # fmt: skip


# How it is asked.


def test_deleted_ones_are_asked_for_and_changes_come_in_their_order(site: ChargebeeSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    proving.sync_well()
    lists = [each for each in proving.loopback.requests if each.path in {"/api/v2/customers", "/api/v2/subscriptions"}]
    assert {(each.query["sort_by[asc]"], each.query["include_deleted"]) for each in lists} == {("updated_at", "true")}
    assert ["updated_at[after]" in each.query for each in lists] == [False, False, True, True]


def test_a_second_sync_reads_what_changed(site: ChargebeeSite, proving: Proving) -> None:
    """And what was changed ten minutes before the newest change, as something may come late: here the newest itself."""
    site.add(13)
    site.clock.pass_by(hours=1)
    site.add(1)
    proving.sync_well()
    site.clock.pass_by(hours=1)
    site.change(4)
    assert proving.sync_well().streams == {"customers": 1, "subscriptions": 2}


def test_a_place_in_a_list_that_is_forgotten_is_found_again(site: ChargebeeSite, proving: Proving) -> None:
    """A walk may be taken up days later; what it has read already changes nothing."""
    site.add(13)
    number = proving.request_number("last")
    proving.loopback.plan.faults = dict.fromkeys(range(number, number + 50), "503")
    assert proving.sync().error
    proving.loopback.reset()
    answer = site.answer
    forgotten = {"left": 1}

    def forgetful(request: Any) -> Any:
        if "offset" in request.query and forgotten["left"]:
            forgotten["left"] = 0
            request = type(request)(**{**vars(request), "query": {**request.query, "offset": "nowhere"}})
        return answer(request)

    site.answer = forgetful  # type: ignore[method-assign]
    proving.sync_well()
    proving.assert_same()
    assert not forgotten["left"]
