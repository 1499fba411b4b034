"""HubSpot is written to once, and no newer change of a person is undone."""

from datetime import date
from typing import Any

import pytest

from connectors.contract import AccountTask, RecordChange, TicketChange
from connectors.vendors.hubspot.pulling import HubSpot
from domain.errors import Retriable
from keepline.proving.contract_suite import START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.hubspot import HubSpotSite
from tests.connectors.sites.hubspot_account import OWNER, Thing
from tests.connectors.vendors.looking import brought, connector_of


@pytest.fixture
def site() -> HubSpotSite:
    return HubSpotSite(SiteClock(START_OF_TIME))


def hubspot(proving: Proving) -> HubSpot:
    return connector_of(proving, HubSpot)


def change_of(site: HubSpotSite, ticket: Thing, **wanted: Any) -> TicketChange:
    return TicketChange(ticket.id, "renewal-save:1", site.clock.now(), **wanted)


def notes_of(site: HubSpotSite) -> list[str]:
    return [each.properties["hs_note_body"] or "" for each in site.things["notes"].values()]


def writes(proving: Proving) -> list[tuple[str, str]]:
    """The requests that changed something."""
    return [
        (each.method, each.path)
        for each in proving.loopback.requests
        if each.method == "PATCH" or (each.method == "POST" and each.path.count("/") == 4)
    ]


def test_a_plan_shows_the_requests_and_sends_none(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket()
    change, note = hubspot(proving).plan(change_of(site, ticket, priority="urgent", note="Call <them>."))
    assert (change.method, change.path) == ("PATCH", f"/crm/v3/objects/tickets/{ticket.id}")
    assert change.body == {"properties": {"hs_ticket_priority": "URGENT"}}
    assert note.path == "/crm/v3/objects/notes"
    assert note.body["associations"][0]["to"] == {"id": ticket.id}
    assert note.body["properties"]["hs_note_body"].startswith("Call &lt;them&gt;.<br>")
    assert not writes(proving)


def test_a_change_is_written_once(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket()
    change = change_of(
        site, ticket, priority="urgent", note="Call them.", fields={"hs_ticket_category": "BILLING_ISSUE"}
    )
    assert hubspot(proving).write(change).state == "done"
    assert hubspot(proving).write(change).state == "already"
    assert ticket.properties["hs_ticket_priority"] == "URGENT"
    assert ticket.properties["hs_ticket_category"] == "BILLING_ISSUE"
    assert len(notes_of(site)) == 1


def test_a_newer_change_of_a_person_stands(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket()
    change = change_of(site, ticket, priority="urgent", note="Call them.")
    site.update("tickets", ticket.id, site.clock.pass_by(minutes=1), hs_ticket_priority="MEDIUM")
    written = hubspot(proving).write(change)
    assert written.state == "stepped_back"
    assert "hs_ticket_priority was changed at" in written.because
    assert (ticket.properties["hs_ticket_priority"], notes_of(site)) == ("MEDIUM", [])


def test_a_newer_change_of_something_else_is_no_reason_to_step_back(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket()
    change = change_of(site, ticket, priority="urgent")
    site.update("tickets", ticket.id, site.clock.pass_by(minutes=1), subject="Export fails since Monday")
    assert hubspot(proving).write(change).state == "done"


def test_a_note_whose_answer_is_lost_stands_there_once(site: HubSpotSite, proving: Proving) -> None:
    change = change_of(site, site.a_ticket(), note="Call them.")
    hubspot(proving).plan(change)
    proving.loopback.plan.faults = {2 * len(proving.loopback.requests) + 1: "dropped"}
    with pytest.raises(Retriable):
        hubspot(proving).write(change)
    assert hubspot(proving).write(change).state == "already"
    assert len(notes_of(site)) == 1


def test_tags_go_into_the_property_that_they_are_mapped_to(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket(labels="vip")
    change = change_of(site, ticket, add_tags=("renewal-risk",))
    unmapped = hubspot(proving).write(change)
    assert (unmapped.state, "map ticket.tags" in unmapped.because) == ("stepped_back", True)
    proving.fields = {"ticket.tags": "labels"}
    assert hubspot(proving).write(change).state == "done"
    assert ticket.properties["labels"] == "vip;renewal-risk"
    assert hubspot(proving).write(change).state == "already"


def test_a_task_is_given_to_the_owner_once(site: HubSpotSite, proving: Proving) -> None:
    company = site.a_company(hubspot_owner_id=OWNER)
    task = AccountTask(company.id, "renewal-save:1", "Call Acme", "Their export fails.", date(2026, 7, 1))
    assert len(hubspot(proving).plan_task(task)) == 1
    assert not writes(proving)
    assert hubspot(proving).write_task(task).state == "done"
    assert hubspot(proving).write_task(task).state == "already"
    (created,) = site.things["tasks"].values()
    assert created.properties["hubspot_owner_id"] == OWNER
    assert (created.properties["hs_task_subject"], created.properties["hs_timestamp"]) == (
        "Call Acme",
        "2026-07-01T00:00:00Z",
    )


def test_a_task_for_a_company_that_is_gone_is_not_given(site: HubSpotSite, proving: Proving) -> None:
    task = AccountTask("404404", "renewal-save:1", "Call Acme", "Their export fails.", date(2026, 7, 1))
    assert hubspot(proving).write_task(task).state == "stepped_back"


def test_a_property_of_a_company_is_set_unless_a_person_set_it_since(site: HubSpotSite, proving: Proving) -> None:
    company = site.a_company(tier="smb")
    change = RecordChange(company.id, site.clock.now(), {"tier": "at risk"})
    (request,) = hubspot(proving).plan_record(change)
    assert request.body == {"properties": {"tier": "at risk"}}
    assert hubspot(proving).write_record(change).state == "done"
    assert hubspot(proving).write_record(change).state == "already"
    site.update("companies", company.id, site.clock.pass_by(minutes=1), tier="enterprise")
    assert hubspot(proving).write_record(change).state == "stepped_back"
    assert company.properties["tier"] == "enterprise"


def test_what_is_written_is_read_back_as_it_was_meant(site: HubSpotSite, proving: Proving) -> None:
    ticket = site.a_ticket()
    hubspot(proving).write(change_of(site, ticket, priority="high", note="Line 1\nLine 2"))
    proving.sync_well()
    assert brought(proving, "ticket")[ticket.id]["priority"] == "high"
    notes = [row for key, row in brought(proving, "message").items() if key.endswith(":note")]
    assert notes[0]["text"].startswith("Line 1\nLine 2\n")
