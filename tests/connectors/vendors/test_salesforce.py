"""Salesforce: what its rows mean, how it is signed in to, and how it is written to."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from connectors.addresses import website_host
from connectors.contract import AccountTask, RecordChange
from connectors.vendors.salesforce import soql
from connectors.vendors.salesforce.fields import MAPPABLE
from connectors.vendors.salesforce.pulling import Salesforce
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock, serving
from storage.store import Store
from storage.sync_book import SyncBook
from tests.connectors.sites.salesforce import SalesforceSite
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {
    "account.segment": "Customer_Segment__c",
    "account.known_as": "Helpdesk_Id__c",
    "contract.arr_cents": "ARR__c",
    "contract.renews_on": "Renewal_Date__c",
    "contract.auto_renew": "Auto_Renew__c",
    "contract.product_lines": "Products__c",
}


@pytest.fixture
def site() -> SalesforceSite:
    return SalesforceSite(SiteClock(START_OF_TIME))


def salesforce(proving: Proving) -> Salesforce:
    return connector_of(proving, Salesforce)


def set_in(proving: Proving, **settings: str) -> None:
    """Connect with other answers."""
    usual = dict(proving.site.settings())
    proving.site.settings = lambda: usual | settings  # type: ignore[method-assign]


def queries(proving: Proving) -> list[str]:
    return [each.query["q"] for each in proving.loopback.requests if "q" in each.query]


def accounts(site: SalesforceSite) -> list[str]:
    return list(site.rows["Account"])


def test_mapped_fields_take_the_place_of_the_usual_ones(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    proving.fields = _MAPPING
    proving.sync_well()
    (account,), (contract,) = brought(proving, "account").values(), brought(proving, "contract").values()
    assert account["segment"] == "Enterprise"
    assert brought(proving, "party")[account["external_id"]]["known_as"] == ["zd-001AAA"]
    assert (contract["arr_cents"], contract["renews_on"]) == (1_500_000, date(2027, 1, 15))
    assert (contract["auto_renew"], contract["product_lines"]) == (True, ["Core", "Insights"])


def test_a_field_that_the_org_does_not_have_is_named_with_the_nearest(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    proving.fields = {"contract.renews_on": "Renewal_Dte__c"}
    assert "contract.renews_on is mapped to Renewal_Dte__c, which Opportunity" in str(proving.sync().error)
    assert "did you mean Renewal_Date__c?" in str(proving.sync().error)
    proving.fields = {"account.csm": "Csm__r.Name"}
    assert "Csm__r.Name, which Account does not have" in str(proving.sync().error)


@pytest.mark.parametrize(
    "written", ["Id FROM User--", "ARR__c, (SELECT Id FROM Contacts)", "x'", "", "A.B.C.D.E", "A" * 81]
)
def test_nothing_but_a_name_comes_from_a_mapping_into_a_query(proving: Proving, written: str) -> None:
    proving.fields = {"account.segment": written}
    assert "is no field of Salesforce" in str(proving.sync().error)
    assert queries(proving) == ["SELECT COUNT() FROM Account"]


def test_no_mapping_makes_a_query_too_long_for_an_address(proving: Proving) -> None:
    """As many fields as can be mapped, with names as long as they may be, come to no 414."""
    longest = soql.field_name(".".join(["A" * 80] * 4))
    fields = tuple(f"{longest[:-2]}{number}" for number in range(10, 10 + len(MAPPABLE) + 12))
    listing = soql.Listing("Opportunity", fields, "IsWon = true", deleted_too=True)
    with pytest.raises(ConnectorError, match="No such column"):
        next(listing.pages(salesforce(proving).http, {"stamp": "2026-03-02T08:00:00.000Z", "id": "006000000000001AAA"}))


def test_a_field_that_is_hidden_from_us_costs_only_itself(site: SalesforceSite, proving: Proving) -> None:
    site.hidden = {"BillingCity", "Phone"}
    site.add(1)
    proving.sync_well()
    (party,) = brought(proving, "party").values()
    assert (party["country"], party["city"], party["phone"]) == ("France", None, None)


def test_without_the_field_that_says_what_is_won_nothing_is_taken_for_lost(
    site: SalesforceSite, proving: Proving
) -> None:
    site.add(1)
    proving.sync_well()
    site.hidden = {"IsWon"}
    site.change(0)
    assert "IsWon is not shown to us" in str(proving.sync().error)
    assert len(brought(proving, "contract")) == 1


def test_an_org_with_several_currencies_says_which(site: SalesforceSite, proving: Proving) -> None:
    site.has_currencies = True
    site.add(1)
    yen = site.opportunity(accounts(site)[0], site.clock.now(), CurrencyIsoCode="JPY", Amount=1_500_000)
    proving.sync_well()
    contracts = brought(proving, "contract")
    assert {each["currency"] for key, each in contracts.items() if key != yen["Id"]} == {"EUR"}
    assert (contracts[yen["Id"]]["arr_cents"], contracts[yen["Id"]]["currency"]) == (1_500_000, "JPY")


def test_what_is_won_no_more_is_no_contract_any_more(site: SalesforceSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    (first, second) = brought(proving, "contract")
    site.rows["Opportunity"][first] |= {"IsWon": False, "SystemModstamp": stamp(site)}
    proving.sync_well()
    assert list(brought(proving, "contract")) == [second]


def second_page_of_opportunities(proving: Proving) -> int:
    """The number of the request, in a first sync, that asks for it."""
    for stream in proving.connector().streams():
        stream.total()
        list(stream.pages({}))
    paged = "FROM Opportunity WHERE IsWon = true AND SystemModstamp"
    asked = [paged in each.query.get("q", "") for each in proving.loopback.requests]
    proving.loopback.reset()
    return asked.index(True) + 1


def test_what_is_lost_again_while_a_first_walk_lasts_for_days_is_no_contract(
    site: SalesforceSite, proving: Proving
) -> None:
    site.add(13)
    won = next(key for key, each in site.rows["Opportunity"].items() if each["IsWon"])

    def much_happens() -> None:
        site.clock.pass_by(days=2)
        site.rows["Opportunity"][won] |= {"IsWon": False, "SystemModstamp": stamp(site)}
        site.clock.pass_by(days=2)
        site.add(1)

    proving.loopback.plan.before = {second_page_of_opportunities(proving): much_happens}
    proving.sync_well()
    assert won in brought(proving, "contract")
    proving.sync_well()
    proving.assert_same()
    assert won not in brought(proving, "contract")


def test_contracts_of_salesforce_count_once_they_are_activated(site: SalesforceSite, proving: Proving) -> None:
    set_in(proving, contracts_from="contracts")
    site.add(1)
    (account,) = accounts(site)
    active, _draft = site.contract(account), site.contract(account, StatusCode="Draft")
    assert "map contract.arr_cents" in str(proving.sync().error)
    proving.fields = {"contract.arr_cents": "ARR__c"}
    proving.sync_well()
    (contract,) = brought(proving, "contract").values()
    assert contract["external_id"] == active["Id"]
    assert (contract["starts_on"], contract["renews_on"]) == (date(2026, 1, 1), date(2026, 12, 31))


def test_opportunities_and_contracts_are_read_together_where_both_are_wanted(
    site: SalesforceSite, proving: Proving
) -> None:
    set_in(proving, contracts_from="opportunities, contracts")
    proving.fields = {"contract.arr_cents": "ARR__c"}
    site.add(1)
    site.contract(accounts(site)[0])
    proving.sync_well()
    assert {key[:3] for key in brought(proving, "contract")} == {"006", "800"}
    set_in(proving, contracts_from="leads")
    with pytest.raises(ConnectorError, match="not from 'leads'"):
        proving.connector()


def test_an_opportunity_without_account_or_amount_is_put_aside_with_what_to_do(
    site: SalesforceSite, proving: Proving
) -> None:
    site.add(1)
    site.opportunity(None, site.clock.now())
    site.opportunity(accounts(site)[0], site.clock.now(), Amount=None)
    site.opportunity(accounts(site)[0], site.clock.now(), Amount=-5)
    proving.sync_well()
    told = {each.column: each.expected for each in proving.store.rejects()}
    assert "choose the one that it belongs to" in told["AccountId"]
    assert {each.expected for each in proving.store.rejects() if each.column == "Amount"} == {
        "an amount; fill it in, or map contract.arr_cents to another field",
        "an amount of 0 or more",
    }
    assert len(brought(proving, "contract")) == 1


def test_who_knows_an_account_that_was_merged_away_is_led_to_the_other(site: SalesforceSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    winner, _, loser = accounts(site)
    site.merge(loser, winner)
    proving.sync_well()
    proving.assert_same()
    assert loser not in brought(proving, "account")
    assert brought(proving, "account_identity")[loser]["account_ref"] == winner
    assert brought(proving, "party")[loser]["merged_into"] == winner
    assert {each["account_ref"] for each in brought(proving, "contract").values()} == set(accounts(site)) - {loser}


def test_what_is_taken_out_of_the_recycle_bin_comes_back(site: SalesforceSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    site.delete(1)
    proving.sync_well()
    assert len(brought(proving, "account")) == 2
    for each in (*site.rows["Account"].values(), *site.rows["Opportunity"].values()):
        if each["IsDeleted"]:
            each |= {"IsDeleted": False, "SystemModstamp": stamp(site)}
    proving.sync_well()
    proving.assert_same()
    assert len(brought(proving, "account")) == 3


def test_windows_that_are_smaller_than_the_list_lose_nothing(
    site: SalesforceSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soql, "WINDOW", 3)
    site.page_size = 100
    site.add(13)
    proving.sync_well()
    proving.assert_same()
    assert sum("FROM Account WHERE SystemModstamp >=" in each for each in queries(proving)) == 4


def test_a_second_sync_reads_the_overlap_alone(site: SalesforceSite, proving: Proving) -> None:
    site.add(4)
    site.clock.pass_by(days=1)
    site.add(3)
    proving.sync_well()
    proving.sync_well()
    third = proving.sync_well()
    assert third.streams == {"accounts": 3, "opportunities": 4, "deleted accounts": 0}


def test_somebody_new_signs_in_and_goes_to_the_instance_that_is_named(site: SalesforceSite, tmp_path: Path) -> None:
    """The login host sees the client's secret and never the token; the instance the token and never the secret."""
    instance = SalesforceSite(site.clock)
    with ExitStack() as stack:
        login_requests = stack.enter_context(serving(site))
        instance_requests = stack.enter_context(serving(instance))
        signed_in_at, site.url = site.url, instance.url
        site.settings = lambda: {"domain": signed_in_at, "client_id": "3MVG9-consumer-key"}  # type: ignore[method-assign]
        proving = Proving(site, login_requests, Store(f"sqlite:///{tmp_path / 'proving.db'}"))
        proving.secrets.held = {"client_secret": "sf-consumer-secret"}
        instance.add(1)
        proving.sync_well()
        proving.store.close()
    assert [each.path for each in login_requests.requests] == ["/services/oauth2/token"]
    assert "authorization" not in login_requests.requests[0].headers
    assert len(instance_requests.requests) > 3
    assert b"sf-consumer-secret" not in b"".join(each.body for each in instance_requests.requests)


@pytest.mark.parametrize(
    "named",
    ["https://evil.example", "https://salesforce.com.evil.example", "https://evilsalesforce.com", "http://10.0.0.1"],
)
def test_the_token_goes_to_no_host_that_is_not_salesforce_s(site: SalesforceSite, proving: Proving, named: str) -> None:
    del proving.secrets.held["access_token"]
    proving.site.url, ours = named, proving.site.url
    set_in(proving, domain=ours)
    assert "is no host of Salesforce; credentials are not sent there" in str(proving.sync().error)
    assert "access_token" not in proving.secrets.held
    set_in(proving, domain=named)
    with pytest.raises(ConnectorError, match="no host of Salesforce"):
        proving.connector()


def test_an_org_that_has_moved_is_gone_on_with_at_its_new_instance(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    connector = salesforce(proving)
    connector.check()
    site.expire_token()
    ours, site.url = site.url, "https://na99.my.salesforce.com"
    before = len(proving.loopback.requests)
    with pytest.raises(Retriable, match="moved this org to another instance"):
        list(connector.streams()[0].pages({}))
    new_token = [each for each in proving.loopback.requests[before:] if site.token in str(each.headers)]
    assert new_token == []
    site.url = ours


def test_wrong_client_credentials_are_named_without_being_told(proving: Proving) -> None:
    proving.secrets.held = {"client_secret": "wrong-secret-9"}
    error = proving.sync().error
    assert isinstance(error, CredentialsRejected)
    assert "client credentials for 127.0.0.1" in str(error)
    assert "wrong-secret-9" not in str(error)
    assert len(proving.loopback.requests) == 1


def test_a_private_key_signs_in_with_an_assertion_of_three_minutes(site: SalesforceSite, proving: Proving) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    sent: list[Mapping[str, str]] = []
    site.lets_in = lambda form: bool(sent.append(form) or form)  # type: ignore[method-assign,func-returns-value]
    set_in(proving, username="ops@acme.example")
    proving.secrets.held = {"private_key": pem.replace("\n", "\\n")}
    proving.sync_well()
    (form,) = sent
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, signature = form["assertion"].split(".")
    key.public_key().verify(_decoded(signature), f"{head}.{claims}".encode(), PKCS1v15(), hashes.SHA256())
    said = json.loads(_decoded(claims))
    assert (said["iss"], said["sub"], said["aud"]) == (
        "3MVG9-consumer-key", "ops@acme.example", "https://login.salesforce.com",
    )  # fmt: skip
    assert said["exp"] - site.clock.now().timestamp() == 180


@pytest.mark.parametrize(
    "pem", ["no key at all", "\n".join(f"-----{part} PRIVATE" + " KEY-----" for part in ("BEGIN", "END"))]
)
def test_a_private_key_that_is_none_is_refused_before_it_is_used(proving: Proving, pem: str) -> None:
    proving.secrets.held = {"private_key": pem}
    assert isinstance(proving.sync().error, CredentialsRejected)
    assert proving.loopback.requests == []


def test_a_used_up_day_is_deferred_by_an_hour(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    proving.loopback.plan.always, proving.loopback.plan.retry_after = "429", 86_400
    error = proving.sync().error
    assert isinstance(error, Retriable)
    assert error.retry_after == timedelta(hours=1)
    assert len(proving.loopback.requests) == 1


def test_the_calls_that_are_left_are_told(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    (run,) = SyncBook(proving.store.engine).last_runs(SOURCE)
    assert run.budget_left == 15_000 - run.calls


def test_who_we_are_and_what_we_may_not_see(site: SalesforceSite, proving: Proving) -> None:
    assert proving.connector().check().identity == "Acme Support (127.0.0.1)"
    site.hidden = {"Opportunity"}
    assert proving.connector().check().missing == ("read access to Opportunity: without it none is read",)


def test_the_fields_of_the_org_can_be_listed(proving: Proving) -> None:
    fields = {(each.object, each.name, each.label, each.type) for each in proving.connector().site_fields()}
    assert ("Opportunity", "Renewal_Date__c", "Renewal Date", "date") in fields
    assert ("Account", "Customer_Segment__c", "Customer Segment", "picklist") in fields


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("https://www.acme.example/en?x=1", "acme.example"),
        ("Acme.Example", "acme.example"),
        ("shop.acme.example:8443/path", "shop.acme.example"),
        ("none", None),
        ("n/a yet", None),
        ("https://[::1", None),
        (None, None),
    ],
)
def test_a_website_is_read_as_people_write_it(website: str | None, host: str | None) -> None:
    assert website_host(website) == host


def a_task(site: SalesforceSite) -> AccountTask:
    return AccountTask(accounts(site)[0], "renewal-save:1", "Call them", "Their export fails.", date(2026, 7, 1))


def tasks(site: SalesforceSite) -> list[dict[str, Any]]:
    return list(site.rows["Task"].values())


def test_a_task_is_given_to_the_account_s_owner_once(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    planned = salesforce(proving).plan_task(a_task(site))
    assert tasks(site) == []
    written = salesforce(proving).write_task(a_task(site))
    assert (written.state, list(written.requests)) == ("done", list(planned))
    (task,) = tasks(site)
    assert (task["WhatId"], task["OwnerId"]) == (accounts(site)[0], "005000000000001AAA")
    assert (task["Subject"], task["ActivityDate"]) == ("Call them", "2026-07-01")
    assert task["Description"].startswith("Their export fails.")
    assert salesforce(proving).write_task(a_task(site)).state == "already"
    assert salesforce(proving).plan_task(a_task(site)) == []
    assert len(tasks(site)) == 1


@pytest.mark.parametrize("lost", ["dropped", "truncated", "503"])
def test_a_task_whose_answer_was_lost_is_not_given_twice(site: SalesforceSite, proving: Proving, lost: Any) -> None:
    site.add(1)
    proving.loopback.plan.faults = {3: lost}
    with pytest.raises(Retriable):
        salesforce(proving).write_task(a_task(site))
    proving.loopback.reset()
    salesforce(proving).write_task(a_task(site))
    assert len(tasks(site)) == 1


def test_our_task_is_found_among_many_and_in_the_recycle_bin(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    for number in range(12):
        salesforce(proving).write_task(replace(a_task(site), key=f"other:{number}"))
    salesforce(proving).write_task(a_task(site))
    tasks(site)[-1]["IsDeleted"] = True
    assert salesforce(proving).write_task(a_task(site)).state == "already"
    assert len(tasks(site)) == 13


def test_an_owner_who_has_left_is_given_nothing(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    site.owner["IsActive"] = False
    assert salesforce(proving).write_task(a_task(site)).state == "done"
    assert "OwnerId" not in tasks(site)[0]


def test_an_account_that_is_gone_is_given_no_task(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    task = a_task(site)
    site.delete(0)
    written = salesforce(proving).write_task(task)
    assert (written.state, written.because) == ("stepped_back", "the account is not in Salesforce any more")
    with pytest.raises(ConnectorError, match="no record id of Salesforce"):
        salesforce(proving).plan_task(replace(task, account_ref="001' OR Name != '"))


def a_change(site: SalesforceSite, **fields: str) -> RecordChange:
    return RecordChange(accounts(site)[0], site.clock.now(), fields)


def test_a_field_is_set_and_the_rest_is_left_alone(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    change = a_change(site, Customer_Segment__c="At risk", Phone="+33 1 23")
    (request,) = salesforce(proving).plan_record(change)
    assert request.body == {"Customer_Segment__c": "At risk"}
    assert site.rows["Account"][change.external_id]["Customer_Segment__c"] == "Enterprise"
    assert salesforce(proving).write_record(change).requests == (request,)
    assert site.rows["Account"][change.external_id]["Customer_Segment__c"] == "At risk"
    assert salesforce(proving).write_record(change).state == "already"


def test_what_a_person_changed_since_stands(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    change = a_change(site, Customer_Segment__c="At risk")
    site.change(0)
    written = salesforce(proving).write_record(change)
    assert written.state == "stepped_back"
    assert "was changed in Salesforce at 2026-03-02 08:00:14 UTC" in written.because


def test_what_a_person_changes_in_the_very_moment_stands(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    change = a_change(site, Customer_Segment__c="At risk")
    proving.loopback.plan.before = {2: lambda: site.change(0)}
    assert salesforce(proving).write_record(change).state == "stepped_back"
    assert site.rows["Account"][change.external_id]["Customer_Segment__c"] == "Enterprise"


def test_only_records_and_fields_that_can_be_ours_are_written(site: SalesforceSite, proving: Proving) -> None:
    site.add(1)
    with pytest.raises(ConnectorError, match="neither an account nor an opportunity"):
        salesforce(proving).plan_record(RecordChange("005000000000001AAA", site.clock.now(), {"Name": "x"}))
    with pytest.raises(ConnectorError, match="no field of Salesforce"):
        salesforce(proving).plan_record(a_change(site, **{"Phone,(x)": "y"}))
    assert [each for each in proving.loopback.requests if each.method != "GET"] == []


def stamp(site: SalesforceSite) -> str:
    return site.clock.pass_by(seconds=7).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
