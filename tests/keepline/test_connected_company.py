"""A company on Zendesk, Salesforce and Stripe: three systems connected, one customer each in what Keepline says."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from keepline.proving.loopback import FakeSite, SiteClock, serving
from storage.sealing import new_key
from tests.connectors.sites.salesforce import SalesforceSite
from tests.connectors.sites.stripe import StripeSite
from tests.connectors.sites.zendesk import ZendeskSite
from tests.keepline.calling import Call

NAMES = ("Blue Harbour", "Nordwind Logistik", "Orchard Systems")
AS_OF = ("--as-of", "2026-03-20")


@dataclass
class Company:
    """The three systems; the third customer is known to the helpdesk by another domain."""

    helpdesk: ZendeskSite
    crm: SalesforceSite
    billing: StripeSite

    @property
    def sites(self) -> tuple[FakeSite, ...]:
        return self.helpdesk, self.crm, self.billing


@pytest.fixture
def company() -> Iterator[Company]:
    begin = datetime(2026, 3, 2, 8, tzinfo=UTC)
    made = Company(ZendeskSite(SiteClock(begin)), SalesforceSite(SiteClock(begin)), StripeSite(SiteClock(begin)))
    with ExitStack() as stack:
        for site in made.sites:
            stack.enter_context(serving(site))
        made.helpdesk.add(9)
        made.crm.add(3)
        made.billing.add(3)
        accounts = list(made.crm.rows["Account"].values())
        customers = list(made.billing.customers.values())
        for number, name in enumerate(NAMES):
            domain = f"{name.split()[0].lower()}.example"
            accounts[number] |= {"Name": name, "Website": f"https://www.{domain}", "ParentId": None}
            customers[number] |= {"name": name, "email": f"billing@{domain}"}
        organizations = list(made.helpdesk.organizations.values())
        for number, organization in enumerate(organizations):
            name = NAMES[number % 3]
            domain = "elsewhere.example" if number % 3 == 2 else f"{name.split()[0].lower()}.example"
            organization |= {"name": name if number % 3 < 2 else "Somebody else", "domain_names": [f"{domain}"]}
        for site in made.sites:
            site.clock.pass_by(hours=1)
        yield made


@pytest.fixture
def connected(call: Call, company: Company, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", new_key())
    for site in company.sites:
        with pytest.MonkeyPatch.context() as answers:
            for name, answer in {**site.settings(), **site.secrets()}.items():
                answers.setenv(f"KEEPLINE_CONNECT_{name.upper()}", answer)
            done = call("connect", site.vendor)
            assert done.code == 0, done.err
    return call


def test_three_systems_become_one_book_of_customers(connected: Call, company: Company) -> None:
    states = {each["connection"]: (each["state"], each["waiting"]) for each in connected("sync", "--json").json}
    assert states == {"salesforce": ("done", 0), "stripe": ("done", 0), "zendesk": ("done", 0)}
    ran = connected("run", *AS_OF, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["accounts"] == 3, "a billing customer that is a CRM account is no second account"
    of_elsewhere = sum(
        company.helpdesk.organizations[ticket["organization_id"]]["name"] == "Somebody else"
        for ticket in company.helpdesk.tickets.values()
    )
    assert ran.json["unlinked_tickets"] == of_elsewhere


def test_money_is_counted_once_and_opens_to_the_customer(connected: Call, company: Company) -> None:
    connected("sync")
    connected("run", *AS_OF)
    shown = connected("account", "Blue Harbour", *AS_OF, "--json").json
    window = connected("retention", "--to-date", *AS_OF, "--json").json[-1]
    assert shown["account"]["name"] == "Blue Harbour"
    assert len(shown["tickets"]) == sum(
        company.helpdesk.organizations[ticket["organization_id"]]["name"] == "Blue Harbour"
        for ticket in company.helpdesk.tickets.values()
    )
    # Three customers with five seats at 20.00 a month, however many systems know them.
    assert window["closing"] == "300.00"


def test_the_main_job_pulls_first(connected: Call) -> None:
    ran = connected("run", "--json").json
    assert [(each["connection"], each["state"]) for each in ran["synced"]] == [
        ("salesforce", "done"), ("stripe", "done"), ("zendesk", "done"),
    ]  # fmt: skip
    assert ran["accounts"] == 3
    assert connected("run", "--no-sync", "--json").json["synced"] == []
