"""Stripe: what a subscription is worth on which day, in every shape it comes in, and what its events change."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.vendors.stripe.pulling import API_VERSION, Stripe
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import Reply, Request, SiteClock
from storage.brought import rows_of
from storage.sync_book import SyncBook
from tests.connectors.sites.stripe import StripeSite

TODAY = START_OF_TIME.date()
LONG_AGO = START_OF_TIME - timedelta(days=100)
_MAPPING = {"customer.known_as": "crm_id, erp", "customer.segment": "tier"}
FOREVER = {"duration": "forever", "percent_off": None, "amount_off": None, "currency": None}


@pytest.fixture
def site() -> StripeSite:
    return StripeSite(SiteClock(START_OF_TIME))


@pytest.fixture
def mapping() -> Mapping[str, str]:
    return _MAPPING


def brought(proving: Proving, record: Any = "subscription_line") -> Mapping[str, Mapping[str, Any]]:
    return rows_of(proving.store.engine, SOURCE).get(record, {})


def amounts(proving: Proving) -> list[tuple[date, date | None, int, int]]:
    """Start, end, amount and months of every line that has a day."""
    rows = sorted(brought(proving).values(), key=lambda row: (row["starts_on"], row["external_id"]))
    found = [(row["starts_on"], row["ends_on"], row["amount_cents"], row["interval_months"]) for row in rows]
    return [row for row in found if row[0] != row[1]]


def pays(proving: Proving, day: date) -> int:
    """What the lines in force on a day are charged; trials are charged nothing."""
    rows = [row for row in brought(proving).values() if row["starts_on"] <= day and not row["trial"]]
    return sum(row["amount_cents"] for row in rows if row["ends_on"] is None or day < row["ends_on"])


def a_subscription(site: StripeSite, **more: Any) -> dict[str, Any]:
    return site.subscribe(site.customer(), {site.seat["id"]: 5}, began=LONG_AGO, **more)


def of_price(site: StripeSite, unit_amount: Any, quantity: int = 1, **more: Any) -> dict[str, Any]:
    price = site.price(unit_amount, "Core", **more)
    return site.subscribe(site.customer(), {price["id"]: quantity}, began=LONG_AGO, currency=price["currency"])


def first_item(subscription: Mapping[str, Any]) -> str:
    item: str = subscription["items"]["data"][0]["id"]
    return item


def line(subscription: Mapping[str, Any]) -> str:
    """The name of the line of its first item."""
    return f"{subscription['id']}:{first_item(subscription)}"


def days(count: int) -> timedelta:
    return timedelta(days=count)


# What happens to a line in time.


@pytest.mark.parametrize("version", ["2020-08-27", "2025-03-31.basil"])
def test_a_change_counts_from_its_day_and_is_recorded_at_its_event(
    site: StripeSite, proving: Proving, version: str
) -> None:
    site.account_version = version
    subscription = a_subscription(site)
    proving.sync_well()
    site.clock.pass_by(days=3)
    site.set_quantity(first_item(subscription), 8)
    changed_at = site.clock.now()
    proving.sync_well()
    assert amounts(proving) == [
        (LONG_AGO.date(), TODAY + days(3), 10_000, 1),
        (TODAY + days(3), None, 16_000, 1),
    ]
    assert brought(proving)[f"{line(subscription)}@{TODAY + days(3)}"]["recorded_at"] == changed_at


def test_changes_before_the_first_sync_are_known_from_their_events(site: StripeSite, proving: Proving) -> None:
    """Of a line's history thirty days can be had; what it was before the first change is told with that change."""
    item = first_item(a_subscription(site))
    for quantity in (8, 5, 6):
        site.clock.pass_by(days=2)
        site.set_quantity(item, quantity)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (-1, 1, 2, 4, 6)] == [10_000, 10_000, 16_000, 10_000, 12_000]


def test_what_a_line_was_before_its_first_known_change_is_told_with_that_change(
    site: StripeSite, proving: Proving
) -> None:
    item = first_item(a_subscription(site))
    site.clock.pass_by(days=40)
    site.set_quantity(item, 8)
    site.clock.pass_by(days=10)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (-90, 39, 40, 50)] == [10_000, 10_000, 16_000, 16_000]


def test_a_renewal_changes_nothing(site: StripeSite, proving: Proving) -> None:
    subscription = a_subscription(site)
    proving.sync_well()
    item = subscription["items"]["data"][0]
    site.clock.pass_by(days=28)
    site.update(subscription["id"], items={**subscription["items"], "data": [{**item, "current_period_start": 7}]})
    assert proving.sync_well().changed == 0


def test_an_item_that_is_added_begins_then_and_one_that_is_taken_out_ends_then(
    site: StripeSite, proving: Proving
) -> None:
    subscription = a_subscription(site)
    proving.sync_well()
    site.clock.pass_by(days=2)
    added = site.add_item(subscription["id"], site.price(700, "Voice")["id"], 2)
    proving.sync_well()
    site.clock.pass_by(days=2)
    site.remove_item(first_item(subscription))
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (1, 2, 4)] == [10_000, 11_400, 1_400]
    assert brought(proving)[f"{subscription['id']}:{added}"]["product"] == "Voice"


def test_an_added_item_begins_on_its_own_day_when_it_is_first_seen_much_later(
    site: StripeSite, proving: Proving
) -> None:
    subscription = a_subscription(site)
    site.clock.pass_by(days=2)
    site.add_item(subscription["id"], site.seat["id"], 1)
    site.clock.pass_by(days=60)
    proving.sync_well()
    assert [row[:3] for row in amounts(proving)] == [
        (LONG_AGO.date(), None, 10_000),
        (TODAY + days(2), None, 2_000),
    ]


def test_a_cancelled_subscription_ends_on_the_first_day_without_it(site: StripeSite, proving: Proving) -> None:
    subscription = a_subscription(site)
    site.clock.pass_by(days=9)
    site.cancel(subscription["id"])
    proving.sync_well()
    assert amounts(proving) == [(LONG_AGO.date(), TODAY + days(9), 10_000, 1)]


def test_a_cancellation_that_is_long_past_is_recorded_at_its_own_time(site: StripeSite, proving: Proving) -> None:
    subscription = a_subscription(site)
    site.clock.pass_by(days=9)
    site.cancel(subscription["id"])
    cancelled_at = site.clock.now()
    site.clock.pass_by(days=60)
    site.add(1)
    proving.sync_well()
    row = brought(proving)[line(subscription)]
    assert (row["ends_on"], row["recorded_at"]) == (TODAY + days(9), cancelled_at)


@pytest.mark.parametrize("version", ["2020-08-27", "2025-03-31.basil"])
def test_cancelling_at_the_period_s_end_ends_the_line_then_until_it_is_taken_back(
    site: StripeSite, proving: Proving, version: str
) -> None:
    site.account_version = version
    subscription = a_subscription(site)
    proving.sync_well()
    site.update(subscription["id"], cancel_at_period_end=True, canceled_at=int(site.clock.now().timestamp()))
    proving.sync_well()
    assert amounts(proving) == [(LONG_AGO.date(), TODAY + days(30), 10_000, 1)]
    site.update(subscription["id"], cancel_at_period_end=False, canceled_at=None)
    proving.sync_well()
    assert amounts(proving) == [(LONG_AGO.date(), None, 10_000, 1)]


def test_a_date_of_cancellation_ends_the_line_on_that_day(site: StripeSite, proving: Proving) -> None:
    a_subscription(site, cancel_at=int((START_OF_TIME + days(200)).timestamp()))
    proving.sync_well()
    assert amounts(proving)[0][1] == TODAY + days(200)


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired"])
def test_what_was_never_paid_for_is_left_out(site: StripeSite, proving: Proving, status: str) -> None:
    a_subscription(site, status=status)
    proving.sync_well()
    assert not brought(proving)


@pytest.mark.parametrize("status", ["active", "past_due"])
def test_what_is_paid_late_is_still_owed(site: StripeSite, proving: Proving, status: str) -> None:
    a_subscription(site, status=status)
    proving.sync_well()
    assert pays(proving, TODAY) == 10_000


def test_who_is_given_up_on_carries_nothing_from_then_on(site: StripeSite, proving: Proving) -> None:
    subscription = a_subscription(site)
    proving.sync_well()
    site.clock.pass_by(days=5)
    site.update(subscription["id"], status="unpaid")
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (-1, 5)] == [10_000, 0]


def test_a_pause_that_voids_invoices_is_a_gap_until_collection_resumes(site: StripeSite, proving: Proving) -> None:
    subscription = a_subscription(site)
    proving.sync_well()
    site.clock.pass_by(days=35)
    resumes = int((site.clock.now() + days(20)).timestamp())
    paused = {"behavior": "void", "resumes_at": resumes}
    subscription["items"]["data"][0]["current_period_start"] = int((START_OF_TIME + days(35)).timestamp())
    site.update(subscription["id"], pause_collection=paused)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (34, 35, 54, 55)] == [10_000, 0, 0, 10_000]


def test_a_pause_that_keeps_drafts_is_still_owed(site: StripeSite, proving: Proving) -> None:
    a_subscription(site, pause_collection={"behavior": "keep_as_draft", "resumes_at": None})
    proving.sync_well()
    assert pays(proving, TODAY) == 10_000


def test_a_trial_carries_nothing_and_what_follows_it_begins_on_its_last_day(site: StripeSite, proving: Proving) -> None:
    ends = int((START_OF_TIME + days(14)).timestamp())
    subscription = site.subscribe(
        site.customer(),
        {site.seat["id"]: 5},
        status="trialing",
        trial_start=int(START_OF_TIME.timestamp()),
        trial_end=ends,
    )
    proving.sync_well()
    (line,) = brought(proving).values()
    assert (line["trial"], line["starts_on"], line["ends_on"]) == (True, TODAY, None)
    site.clock.pass_by(days=14, minutes=1)
    site.update(subscription["id"], status="active")
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (0, 13, 14, 30)] == [0, 0, 10_000, 10_000]


def test_a_trial_that_is_long_over_is_still_told_from_what_was_paid(site: StripeSite, proving: Proving) -> None:
    begins, ends = (int((LONG_AGO + days(each)).timestamp()) for each in (0, 30))
    site.subscribe(site.customer(), {site.seat["id"]: 5}, began=LONG_AGO, trial_start=begins, trial_end=ends)
    proving.sync_well()
    assert [pays(proving, LONG_AGO.date() + days(each)) for each in (0, 29, 30)] == [0, 0, 10_000]


# What a line is worth.


@pytest.mark.parametrize(
    ("interval", "count", "expected"),
    [("month", 3, (2_000, 3)), ("year", 1, (2_000, 12)), ("week", 2, (52_000, 12)), ("day", 1, (730_000, 12))],
)
def test_intervals_are_months_and_weeks_are_brought_to_a_year(
    site: StripeSite, proving: Proving, interval: str, count: int, expected: tuple[int, int]
) -> None:
    of_price(site, 2_000, interval=interval, count=count)
    proving.sync_well()
    assert amounts(proving)[0][2:] == expected


@pytest.mark.parametrize(
    ("currency", "unit_amount", "cents"),
    [
        ("jpy", 5_000, 5_000),
        ("eur", 5_000, 5_000),
        ("kwd", 5_000, 5_000),
        ("isk", 500_000, 5_000),
        ("mga", 5_000, 500_000),
    ],
)
def test_stripe_s_amounts_are_minor_units_but_for_a_few_currencies(
    site: StripeSite, proving: Proving, currency: str, unit_amount: int, cents: int
) -> None:
    of_price(site, unit_amount, currency=currency)
    proving.sync_well()
    (line,) = brought(proving).values()
    assert (line["currency"], line["amount_cents"]) == (currency.upper(), cents)


def test_a_price_finer_than_a_cent_is_rounded_at_the_line(site: StripeSite, proving: Proving) -> None:
    of_price(site, None, quantity=999, unit_amount_decimal="0.25")
    proving.sync_well()
    assert amounts(proving)[0][2] == 250


@pytest.mark.parametrize(("mode", "quantity", "cents"), [
    ("graduated", 5, 500 + 1000), ("graduated", 12, 1000 + 100 + 1000), ("graduated", 10, 1000 + 1000),
    ("graduated", 0, 1000), ("volume", 5, 500 + 1000), ("volume", 12, 600), ("volume", 10, 1000 + 1000),
])  # fmt: skip
def test_tiers_are_asked_for_and_summed(
    site: StripeSite, proving: Proving, mode: str, quantity: int, cents: int
) -> None:
    price = site.price(None, "Core", billing_scheme="tiered", tiers_mode=mode, unit_amount_decimal=None)
    tiers = [
        {"up_to": 10, "unit_amount": 100, "flat_amount": 1000},
        {"up_to": None, "unit_amount": 50, "unit_amount_decimal": "50", "flat_amount": None},
    ]
    site.subscribe(site.customer(), {price["id"]: quantity})
    site.prices[price["id"]] = {**price, "tiers": tiers}
    proving.sync_well()
    assert amounts(proving)[0][2] == cents


@pytest.mark.parametrize(("rounds", "cents"), [("up", 6_000), ("down", 4_000)])
def test_a_price_for_a_package_counts_packages(site: StripeSite, proving: Proving, rounds: str, cents: int) -> None:
    of_price(site, 2_000, quantity=25, transform_quantity={"divide_by": 10, "round": rounds})
    proving.sync_well()
    assert amounts(proving)[0][2] == cents


def test_a_subscription_in_another_of_its_price_s_currencies_costs_what_it_costs_there(
    site: StripeSite, proving: Proving
) -> None:
    price = site.price(2_000, "Core", currency_options={"eur": {"unit_amount": 1_800, "unit_amount_decimal": "1800"}})
    site.subscribe(site.customer(), {price["id"]: 2}, currency="eur")
    proving.sync_well()
    (line,) = brought(proving).values()
    assert (line["currency"], line["amount_cents"]) == ("EUR", 3_600)


def test_metered_items_are_left_out_with_a_remark(site: StripeSite, proving: Proving) -> None:
    metered = site.price(10, "Calls")
    metered["recurring"]["usage_type"] = "metered"
    site.subscribe(site.customer(), {site.seat["id"]: 1, metered["id"]: 1})
    done = proving.sync_well()
    assert [row["product"] for row in brought(proving).values()] == ["Core"]
    assert any("metered" in remark for remark in done.remarks)


def test_a_price_of_nothing_is_a_line_of_nothing(site: StripeSite, proving: Proving) -> None:
    of_price(site, 0)
    proving.sync_well()
    assert amounts(proving)[0][2] == 0


def test_a_plan_of_2017_is_read_like_a_price(site: StripeSite, proving: Proving) -> None:
    subscription = a_subscription(site)
    item = subscription["items"]["data"][0]
    del item["price"], subscription["currency"], subscription["start_date"]
    item["plan"] = {
        "id": "pro", "object": "plan", "amount": 900, "currency": "usd", "interval": "month", "interval_count": 6,
        "name": "Pro",
    }  # fmt: skip
    site.events.clear()
    proving.sync_well()
    row = brought(proving)[line(subscription)]
    assert (row["product"], row["plan"], row["amount_cents"], row["interval_months"]) == ("Pro", "pro", 4_500, 6)


# The customers.


def test_a_customer_is_an_account_and_a_party(site: StripeSite, proving: Proving) -> None:
    metadata = {"crm_id": "001A", "erp": "77", "tier": "Enterprise", "empty": ""}
    address = {"country": "DE", "city": "Bonn", "line1": None}
    key = site.customer(
        name="Acme GmbH", email="Books@Acme.example", metadata=metadata, address=address, phone="+49 228 1"
    )["id"]
    proving.sync_well()
    account, party = brought(proving, "account")[key], brought(proving, "party")[key]
    assert (account["name"], account["domains"], account["segment"]) == ("Acme GmbH", ["acme.example"], "Enterprise")
    assert (party["known_as"], party["country"], party["city"], party["phone"]) == (
        ["001A", "77"],
        "DE",
        "Bonn",
        "+49 228 1",
    )


def test_a_mailbox_provider_s_domain_is_no_company_s(site: StripeSite, proving: Proving) -> None:
    key = site.customer(name=None, description="The Bakery", email="baker@gmail.com")["id"]
    proving.sync_well()
    account = brought(proving, "account")[key]
    assert (account["name"], account["domains"]) == ("The Bakery", [])


def test_a_customer_that_is_changed_or_deleted_is_so_here(site: StripeSite, proving: Proving) -> None:
    paying, other = a_subscription(site)["customer"], site.customer()["id"]
    proving.sync_well()
    site.update_customer(paying, name="Renamed")
    site.delete_customer(other)
    proving.sync_well()
    assert {key: row["name"] for key, row in brought(proving, "account").items()} == {paying: "Renamed"}
    assert set(brought(proving, "party")) == {paying}


def test_the_books_keep_a_deleted_customer_s_past(site: StripeSite, proving: Proving) -> None:
    paying = a_subscription(site)["customer"]
    proving.sync_well()
    site.clock.pass_by(days=1)
    site.delete_customer(paying)
    proving.sync_well()
    assert [pays(proving, TODAY + days(each)) for each in (0, 1)] == [10_000, 0]
    assert not brought(proving, "party")


def test_the_metadata_that_a_mapping_may_name_are_listed(site: StripeSite, proving: Proving) -> None:
    site.customer(metadata={"crm_id": "1"})
    site.customer(metadata={"tier": "Gold"})
    assert [(each.object, each.name) for each in proving.connector().site_fields()] == [
        ("customer", "crm_id"), ("customer", "tier"),
    ]  # fmt: skip


# How it is asked.


def test_every_request_names_the_version_whose_shapes_we_know(site: StripeSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    assert {request.headers["stripe-version"] for request in proving.loopback.requests} == {API_VERSION}


def test_what_cannot_be_spelled_out_is_asked_for_one_by_one(
    site: StripeSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = site.customer(discount=site.discount("", {**FOREVER, "percent_off": 10}))["id"]
    site.subscribe(site.customers[key], {site.seat["id"]: 5})
    answer = site.answer

    def refusing(request: Request) -> Reply:
        if "expand" in request.url and request.path == "/v1/subscriptions":
            return Reply({"error": {"message": "This property cannot be expanded (discounts)."}}, 400)
        return answer(request)

    monkeypatch.setattr(site, "answer", refusing)
    proving.sync_well()
    assert pays(proving, TODAY) == 9_000


def test_a_second_sync_asks_for_little(site: StripeSite, proving: Proving) -> None:
    site.add(13)
    site.clock.pass_by(hours=1)
    site.customer()
    proving.sync_well()
    proving.loopback.reset()
    proving.sync_well()
    assert [request.path for request in proving.loopback.requests] == ["/v1/events"] * 2


def test_after_more_than_a_month_everything_is_read_again(site: StripeSite, proving: Proving) -> None:
    """Stripe has forgotten what happened in between; the lists show how it is now, from then on."""
    kept, gone = a_subscription(site), a_subscription(site)
    taken_out = site.add_item(kept["id"], site.price(700, "Voice")["id"], 1)
    proving.sync_well()
    site.clock.pass_by(days=5)
    site.set_quantity(first_item(kept), 9)
    site.remove_item(taken_out)
    site.cancel(gone["id"])
    site.update_customer(gone["customer"], name="Gone")
    site.clock.pass_by(days=40)
    site.add(1)
    done = proving.sync_well()
    assert any("thirty days" in remark for remark in done.remarks)
    assert brought(proving, "account")[gone["customer"]]["name"] == "Gone"
    assert brought(proving)[line(gone)]["ends_on"] == TODAY + days(5)
    assert brought(proving)[f"{line(kept)}@{TODAY + days(45)}"]["seats"] == 9
    assert brought(proving)[f"{kept['id']}:{taken_out}"]["ends_on"] == TODAY + days(45)
    assert SyncBook(proving.store.engine).counts(SOURCE)["waiting"] == 0


def test_a_walk_that_starts_over_restates_nothing(site: StripeSite, proving: Proving) -> None:
    item = first_item(a_subscription(site))
    site.clock.pass_by(days=3)
    proving.sync_well()
    site.set_quantity(item, 9)
    proving.sync_well()
    site.clock.pass_by(days=60)
    before = brought(proving)
    SyncBook(proving.store.engine).start_over(SOURCE)
    site.add(1)
    proving.sync_well()
    assert {key: row for key, row in brought(proving).items() if key in before} == before


def test_several_changes_in_one_second_stand_in_their_order(site: StripeSite, proving: Proving) -> None:
    item = first_item(a_subscription(site))
    proving.sync_well()
    site.set_quantity(item, 6)
    site.set_quantity(item, 7)
    for event in site.events[-2:]:
        event["created"] = site.events[-1]["created"]
    proving.sync_well()
    before = brought(proving)
    assert pays(proving, TODAY) == 14_000
    assert proving.sync_well().changed == 0
    assert brought(proving) == before


def test_the_check_says_which_rights_are_missing(
    site: StripeSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = site.answer
    denied = Reply({"error": {"message": "The provided key does not have the required permissions."}}, 403)
    monkeypatch.setattr(site, "answer", lambda request: denied if request.path == "/v1/events" else answer(request))
    checked = proving.connector().check()
    assert checked.identity == "Stripe, test mode"
    assert [each.partition(":")[0] for each in checked.missing] == ["read access to Events"]


def test_the_key_is_in_no_message(site: StripeSite, proving: Proving) -> None:
    connector = proving.connector()
    assert isinstance(connector, Stripe)
    site.refuses = 401
    done = proving.sync()
    assert "sk_test" not in str(done.error)
