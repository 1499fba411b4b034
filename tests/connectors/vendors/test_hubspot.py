"""HubSpot: what its objects mean, how a search that moves is walked, and how it is written to."""

from datetime import date, timedelta
from typing import Any

import pytest

from connectors.vendors.hubspot.pulling import HubSpot
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from keepline.proving.contract_suite import START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.hubspot import HubSpotSite
from tests.connectors.sites.hubspot_account import OWNER, iso
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {
    "account.segment": "tier",
    "account.signed_up_on": "customer_since",
    "account.known_as": "billing_id",
    "contract.arr_cents": "yearly",
    "contract.renews_on": "renewal_date",
    "contract.product_lines": "modules",
    "ticket.tags": "labels",
}


@pytest.fixture
def site() -> HubSpotSite:
    return HubSpotSite(SiteClock(START_OF_TIME))


def hubspot(proving: Proving) -> HubSpot:
    return connector_of(proving, HubSpot)


# What the objects mean


def test_custom_properties_are_read_by_the_mapping(site: HubSpotSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    company = site.a_company(
        tier="enterprise", customer_since="2024-05-01", billing_id="cus_81", hubspot_owner_id=OWNER
    )
    deal = site.a_deal(company, yearly="12000.50", renewal_date="2027-01-31", modules="Core;Audit", amount="99")
    proving.sync_well()
    account, party = brought(proving, "account")[company.id], brought(proving, "party")[company.id]
    contract = brought(proving, "contract")[deal.id]
    assert (account["segment"], account["signed_up_on"]) == ("enterprise", date(2024, 5, 1))
    assert (account["csm"], party["known_as"]) == ("grace@acme.example", ["cus_81"])
    assert (contract["arr_cents"], contract["currency"]) == (1_200_050, "EUR")
    assert (contract["starts_on"], contract["renews_on"]) == (date(2026, 2, 1), date(2027, 1, 31))
    assert contract["product_lines"] == ["Core", "Audit"]


def test_all_domains_and_the_parent_of_a_company_are_known(site: HubSpotSite, proving: Proving) -> None:
    parent = site.a_company()
    child = site.a_company(
        domain="b.example", hs_additional_domains="c.example;b.example", hs_parent_company_id=parent.id
    )
    proving.sync_well()
    party = brought(proving, "party")[child.id]
    assert (party["domains"], party["parent_ref"]) == (["b.example", "c.example"], parent.id)


@pytest.mark.parametrize(
    ("properties", "is_contract"),
    [
        ({"dealstage": "closedwon", "hs_is_closed_won": "true"}, True),
        ({"dealstage": "closedwon", "hs_is_closed_won": None}, True),
        ({"dealstage": "closedlost", "hs_is_closed_won": None}, False),
        ({"dealstage": "contractsent", "hs_is_closed_won": None}, False),
        ({"dealstage": "of another app", "hs_is_closed_won": "true"}, True),
        ({"dealstage": "closedwon", "hs_is_closed_won": "false"}, False),
    ],
)
def test_a_deal_that_is_closed_with_certainty_is_a_contract(
    site: HubSpotSite, proving: Proving, properties: dict[str, str | None], is_contract: bool
) -> None:
    deal = site.a_deal(site.a_company(), **properties)
    proving.sync_well()
    assert (deal.id in brought(proving, "contract")) is is_contract


def test_a_deal_that_is_opened_again_is_no_contract_until_it_is_won_again(site: HubSpotSite, proving: Proving) -> None:
    deal = site.a_deal(site.a_company())
    proving.sync_well()
    site.update("deals", deal.id, site.clock.pass_by(seconds=7), dealstage="contractsent", hs_is_closed_won="false")
    proving.sync_well()
    assert not brought(proving, "contract")
    site.update("deals", deal.id, site.clock.pass_by(seconds=7), dealstage="closedwon", hs_is_closed_won="true")
    proving.sync_well()
    assert list(brought(proving, "contract")) == [deal.id]


@pytest.mark.parametrize(
    ("amounts", "cents"),
    [({"hs_arr": "240", "amount": "999"}, 24_000), ({"hs_arr": "0", "amount": "999"}, 99_900), ({"amount": "0"}, 0)],
)
def test_what_recurs_counts_before_what_was_entered(
    site: HubSpotSite, proving: Proving, amounts: dict[str, str], cents: int
) -> None:
    deal = site.a_deal(site.a_company(), **amounts)
    proving.sync_well()
    assert brought(proving, "contract")[deal.id]["arr_cents"] == cents


def test_a_won_deal_without_a_company_is_put_aside_with_a_remedy(site: HubSpotSite, proving: Proving) -> None:
    deal = site.a_deal(None)
    assert proving.sync_well().unusable == 1
    (reject,) = proving.store.rejects()
    assert reject.file.endswith(f"/{deal.id}")
    assert "associate the deal" in reject.expected
    site.link("deals", deal.id, "companies", site.a_company().id)
    proving.sync_well()
    assert list(brought(proving, "contract")) == [deal.id]


def test_of_several_companies_the_primary_one_counts(site: HubSpotSite, proving: Proving) -> None:
    deal, other, own = site.a_deal(None), site.a_company(), site.a_company()
    site.link("deals", deal.id, "companies", other.id, 341)
    site.link("deals", deal.id, "companies", own.id, 5)
    proving.sync_well()
    assert brought(proving, "contract")[deal.id]["account_ref"] == own.id


def test_a_ticket_without_a_company_belongs_to_who_asked(site: HubSpotSite, proving: Proving) -> None:
    company, of_person, of_domain, of_nobody = site.a_company(), site.a_ticket(), site.a_ticket(), site.a_ticket()
    at = site.clock.pass_by(seconds=7)
    known = site.make("contacts", at, email="ann@acme.example", associatedcompanyid=company.id)
    stranger = site.make("contacts", at, email="bob@birch.example", associatedcompanyid="")
    site.link("tickets", of_person.id, "contacts", known.id)
    site.link("tickets", of_domain.id, "contacts", stranger.id)
    proving.sync_well()
    tickets = brought(proving, "ticket")
    assert tickets[of_person.id]["account_ref"] == company.id
    assert tickets[of_domain.id]["account_ref"] == "domain:birch.example"
    assert brought(proving, "party")["domain:birch.example"]["role"] == "helpdesk"
    assert tickets[of_nobody.id]["account_ref"] is None


def test_a_ticket_s_history_is_in_keepline_s_words(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket(hubspot_owner_id=OWNER)
    site.update("tickets", ticket.id, site.clock.pass_by(minutes=3), hs_pipeline_stage="2")
    at = site.clock.pass_by(minutes=4)
    site.update("tickets", ticket.id, at, hs_pipeline_stage="4", hs_ticket_priority="MEDIUM", closed_date=iso(at))
    proving.sync_well()
    events = brought(proving, "ticket_event").values()
    told = [
        (each["kind"], each["from_value"], each["to_value"])
        for each in sorted(events, key=lambda each: each["happened_at"])
    ]
    assert [each for each in told if each[0] == "status"] == [
        ("status", None, "new"), ("status", "new", "pending"), ("status", "pending", "closed"),
    ]  # fmt: skip
    assert [each for each in told if each[0] == "priority"] == [("priority", "low", "normal")]
    assert ("assignee", None, "grace@acme.example") in told
    row = brought(proving, "ticket")[ticket.id]
    assert (row["status"], row["priority"], row["resolved_at"]) == ("closed", "normal", at)


def test_a_priority_that_a_ticket_got_later_or_lost_is_a_change(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket(hs_ticket_priority=None)
    site.update("tickets", ticket.id, site.clock.pass_by(seconds=2), hs_ticket_priority="URGENT")
    site.update("tickets", ticket.id, site.clock.pass_by(minutes=3), hs_ticket_priority="FROZEN")
    site.update("tickets", ticket.id, site.clock.pass_by(minutes=3), hs_ticket_priority="THAWED")
    done = proving.sync_well()
    told = sorted(brought(proving, "ticket_event").items())
    changes = [(each["from_value"], each["to_value"]) for _, each in told if each["kind"] == "priority"]
    assert changes == [(None, "urgent"), ("urgent", None)]
    assert any("'FROZEN' is new to Keepline" in remark for remark in done.remarks)


def test_stages_that_are_one_to_us_are_no_change(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket(hs_pipeline_stage="3")
    site.update("tickets", ticket.id, site.clock.pass_by(minutes=3), hs_pipeline_stage="orbit")
    proving.sync_well()
    told = [each["to_value"] for each in brought(proving, "ticket_event").values() if each["kind"] == "status"]
    assert told == ["open"]


@pytest.mark.parametrize(
    ("properties", "team"),
    [
        ({"hubspot_team_id": "81", "hs_pipeline": "0"}, "Care"),
        ({"hubspot_team_id": "99", "hs_pipeline": "0"}, "99"),
        ({"hs_pipeline": "0"}, "Support"),
        ({"hs_pipeline": "7"}, "7"),
        ({}, None),
        ({"hubspot_team_id": "81", "labels": "Payments"}, "Payments"),
    ],
)
def test_the_team_is_mapped_or_the_owner_s_or_the_pipeline(
    site: HubSpotSite, proving: Proving, properties: dict[str, Any], team: str | None
) -> None:
    proving.fields = {"ticket.team": "labels"}
    ticket = site.a_ticket(**properties)
    proving.sync_well()
    assert brought(proving, "ticket")[ticket.id]["team"] == team


def test_what_a_workflow_sends_is_a_bot_s_and_what_an_agent_enters_is_the_agent_s(
    site: HubSpotSite, proving: Proving
) -> None:
    entered = site.a_ticket(hs_object_source="CRM_UI")
    at = site.clock.pass_by(seconds=7)
    sent: dict[str, Any] = {
        "hs_email_text": "We have it.",
        "hs_timestamp": iso(at),
        "hs_object_source": "AUTOMATION_PLATFORM",
    }
    answer = site.make("emails", at, hs_email_direction="EMAIL", **sent)
    asked = site.make("emails", at, hs_email_direction="INCOMING_EMAIL", **sent)
    for each in (answer, asked):
        site.link("emails", each.id, "tickets", entered.id)
    proving.sync_well()
    who = {key: row["author_kind"] for key, row in brought(proving, "message").items()}
    assert who == {
        f"{entered.id}:content": "agent", f"{answer.id}:email": "bot", f"{asked.id}:email": "customer",
    }  # fmt: skip


def test_own_stages_are_read_by_the_mapping(site: HubSpotSite, proving: Proving) -> None:
    proving.fields = {"ticket.pending_stages": "3, orbit", "ticket.on_hold_stages": "77"}
    tickets = [site.a_ticket(hs_pipeline_stage=stage) for stage in ("3", "orbit", "77", "unheard of")]
    done = proving.sync_well()
    rows = brought(proving, "ticket")
    assert [rows[each.id]["status"] for each in tickets] == ["pending", "pending", "on_hold", "open"]
    assert any("unheard of" in remark for remark in done.remarks)


def test_an_email_is_public_and_a_note_is_not(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket(source_type="EMAIL")
    at = site.clock.pass_by(seconds=7)
    note = site.make("notes", at, hs_note_body="<p>Look &amp; see</p>", hs_timestamp=iso(at))
    mail = site.make(
        "emails", at, hs_email_html="<div>Help!</div>", hs_email_direction="INCOMING_EMAIL", hs_timestamp=iso(at)
    )
    for kind, each in (("notes", note), ("emails", mail)):
        site.link(kind, each.id, "tickets", ticket.id)
    proving.sync_well()
    said = {key: (row["author_kind"], row["public"], row["text"]) for key, row in brought(proving, "message").items()}
    # The ticket's own content would say again what the e-mail says.
    assert said == {
        f"{note.id}:note": ("agent", False, "Look & see"),
        f"{mail.id}:email": ("customer", True, "Help!"),
    }


def test_where_another_system_keeps_the_accounts_companies_are_parties_of_the_helpdesk(
    site: HubSpotSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.settings()
    monkeypatch.setattr(site, "settings", lambda: {**settings, "reads": "tickets"})
    company = site.a_company()
    site.a_ticket(company)
    site.a_deal(company)
    proving.sync_well()
    assert brought(proving, "party")[company.id]["role"] == "helpdesk"
    assert not brought(proving, "account")
    assert not brought(proving, "contract")


def test_what_is_read_is_named_in_known_words(
    site: HubSpotSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site.settings()
    monkeypatch.setattr(site, "settings", lambda: {**settings, "reads": "deals"})
    with pytest.raises(ConnectorError, match="crm, tickets, emails"):
        proving.connector()


# Merges


def test_a_merged_company_takes_its_contracts_and_tickets_along(site: HubSpotSite, proving: Proving) -> None:
    winner, loser = site.a_company(name="Acme"), site.a_company(name="ACME Inc.")
    deal, ticket = site.a_deal(loser), site.a_ticket(loser)
    proving.sync_well()
    assert brought(proving, "contract")[deal.id]["account_ref"] == loser.id
    site.merge(winner.id, loser.id)
    proving.sync_well()
    assert brought(proving, "contract")[deal.id]["account_ref"] == winner.id
    assert brought(proving, "ticket")[ticket.id]["account_ref"] == winner.id
    assert list(brought(proving, "account")) == [winner.id]
    assert brought(proving, "party")[loser.id]["merged_into"] == winner.id
    assert proving.sync_well().changed == 0


# Walking


def test_a_moment_with_more_objects_than_a_page_is_walked_by_ids(site: HubSpotSite, proving: Proving) -> None:
    companies = [site.a_company() for _ in range(13)]
    at = site.clock.pass_by(minutes=1)
    for each in companies:
        site.update("companies", each.id, at, name="Renamed by an import")
    last = site.a_company(name="After the import")
    proving.sync_well()
    assert {row["name"] for row in brought(proving, "account").values()} == {
        "Renamed by an import",
        last.properties["name"],
    }
    assert len(brought(proving, "account")) == 14


def test_no_second_page_is_ever_asked_for_and_the_pace_is_kept(site: HubSpotSite, proving: Proving) -> None:
    site.add(30)
    proving.sync_well()
    searches = [each.json for each in proving.loopback.requests if each.path.endswith("/search")]
    assert len(searches) > 30
    assert not [each for each in searches if "after" in each]
    assert site.turned_away == 0


def test_deletions_that_were_told_are_not_told_again_and_again(site: HubSpotSite, proving: Proving) -> None:
    site.add(2)
    site.delete(0)
    proving.sync_well()
    site.clock.pass_by(days=2)
    site.add(1)
    site.delete(1)
    proving.sync_well()
    site.clock.pass_by(days=2)
    (stream,) = [each for each in hubspot(proving).streams() if each.name == "deleted tickets"]
    (page,) = list(stream.pages({"known": int((site.clock.now() - timedelta(days=2)).timestamp() * 1000)}))
    assert len(page.gone) == 1
    assert page.read == 2


def test_a_company_that_is_deleted_with_its_books_stays_in_them(site: HubSpotSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    (company,) = brought(proving, "account")
    site.archive("companies", company, site.clock.pass_by(seconds=7))
    proving.sync_well()
    assert list(brought(proving, "account")) == [company]


# Signing in and limits


def test_the_token_of_a_private_app_lets_in_as_it_is(
    site: HubSpotSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "settings", lambda: {"address": site.url})
    proving.secrets.held = {"access_token": site.token}
    assert proving.connector().check().identity == "account 62515"
    site.expire_token()
    with pytest.raises(CredentialsRejected, match="access token of the private app"):
        proving.connector().check()


def test_a_refused_refresh_token_is_named_and_not_said(site: HubSpotSite, proving: Proving) -> None:
    proving.secrets.held |= {"refresh_token": "stale-refresh-token", "access_token": "stale-access-token"}
    with pytest.raises(CredentialsRejected, match="refresh token of the app app-4711") as raised:
        proving.connector().check()
    assert "stale" not in str(raised.value)


def test_scopes_and_properties_that_are_missing_are_named(site: HubSpotSite, proving: Proving) -> None:
    site.hidden = {"deals"}
    proving.fields = {"account.segment": "tier", "contract.renews_on": "renewal", "ticket.pending_stages": "2"}
    scope, renewal = proving.connector().check().missing
    assert "crm.objects.deals.read" in scope
    assert "property renewal of deals" in renewal


def test_a_used_up_day_is_left_to_pass(site: HubSpotSite, proving: Proving) -> None:
    proving.loopback.plan.faults, proving.loopback.plan.retry_after = {1: "429"}, 7200
    done = proving.sync()
    assert isinstance(done.error, Retriable)
    assert done.error.retry_after == timedelta(hours=1)


def test_the_fields_of_the_site_are_listed_by_object(site: HubSpotSite, proving: Proving) -> None:
    fields = {(each.object, each.name): each.type for each in proving.connector().site_fields()}
    assert fields["deals", "renewal_date"] == "date"
    assert {each for each, _ in fields} == {"companies", "deals", "tickets"}
