"""Zendesk: tickets without an organization, long comments, safe updates, signed webhooks."""

import json
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page, TicketChange, WebhookCall
from connectors.signatures import SignatureRejected, hmac_bytes
from domain.tickets import Message, Ticket
from jobs.sync import take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.zendesk import ZendeskSite
from tests.connectors.vendors.looking import brought

AGENT = 7


@pytest.fixture
def site() -> ZendeskSite:
    site = ZendeskSite(SiteClock(START_OF_TIME))
    site.add(2)
    return site


@pytest.fixture
def zendesk(proving: Proving) -> Proving:
    return proving


def site_of(zendesk: Proving) -> ZendeskSite:
    assert isinstance(zendesk.site, ZendeskSite)
    return zendesk.site


def ticket_of(zendesk: Proving) -> dict[str, Any]:
    return next(iter(site_of(zendesk).tickets.values()))


def a_change(zendesk: Proving, **wanted: Any) -> TicketChange:
    ticket = ticket_of(zendesk)
    seen_at = datetime.fromisoformat(ticket["updated_at"])
    return TicketChange(str(ticket["id"]), "decision-1", seen_at, **wanted)


def test_a_ticket_without_an_organization_belongs_to_its_requester_s_domain(zendesk: Proving) -> None:
    ticket = ticket_of(zendesk)
    ticket["organization_id"] = None
    site_of(zendesk).users[ticket["requester_id"]]["email"] = "jo@Blue-Harbour.example"
    zendesk.sync_well()
    assert brought(zendesk, "ticket")[str(ticket["id"])]["account_ref"] == "domain:blue-harbour.example"
    assert brought(zendesk, "party")["domain:blue-harbour.example"]["domains"] == ["blue-harbour.example"]


def test_a_mailbox_provider_is_nobody_s_company(zendesk: Proving) -> None:
    ticket = ticket_of(zendesk)
    ticket["organization_id"] = None
    site_of(zendesk).users[ticket["requester_id"]]["email"] = "jo@gmail.com"
    zendesk.sync_well()
    assert brought(zendesk, "ticket")[str(ticket["id"])]["account_ref"] is None
    assert [key for key in brought(zendesk, "party") if key.startswith("domain:")] == []


def test_a_comment_that_the_export_leaves_out_is_fetched_from_its_ticket(zendesk: Proving) -> None:
    site = site_of(zendesk)
    whole = [dict(child) for event in site.events for child in event["child_events"]]
    listed = {each["id"]: each["body"] for each in whole if "body" in each}
    for event in site.events:
        event["child_events"] = [{**child, "html": "cut"} for child in event["child_events"]]
    shortened = site.events[0]["child_events"][0]
    answer = site.answer

    def without_a_body(request: Any) -> Any:
        body = shortened.pop("body") if "ticket_events" in request.path else None
        try:
            reply = answer(request)
            return type(reply)(json.loads(json.dumps(reply.body)), reply.status)
        finally:
            if body is not None:
                shortened["body"] = body

    site.answer = without_a_body  # type: ignore[method-assign]
    zendesk.sync_well()
    assert {int(key): each["text"] for key, each in brought(zendesk, "message").items()} == listed


def test_custom_fields_say_the_workflow_and_the_id_in_the_crm(zendesk: Proving) -> None:
    ticket = ticket_of(zendesk)
    ticket["custom_fields"] = [{"id": 36000, "value": "billing"}]
    site_of(zendesk).organizations[ticket["organization_id"]]["organization_fields"] = {"sf_id": "0015e"}
    zendesk.fields = {"ticket.workflow": "36000", "organization.known_as": "sf_id"}
    zendesk.sync_well()
    assert brought(zendesk, "ticket")[str(ticket["id"])]["workflow"] == "billing"
    assert brought(zendesk, "party")[str(ticket["organization_id"])]["known_as"] == ["0015e"]


def test_an_agent_who_may_not_export_is_told_before_the_first_sync(zendesk: Proving) -> None:
    site_of(zendesk).users[AGENT]["role"] = "agent"
    assert "role admin" in zendesk.connector().check().missing[0]


def test_a_dry_run_shows_the_request_and_sends_nothing(zendesk: Proving) -> None:
    connector: Any = zendesk.connector()
    (request,) = connector.plan(a_change(zendesk, priority="urgent", add_tags=("renewal-risk",), note="Call them."))
    assert (request.method, request.path) == ("PUT", f"/api/v2/tickets/{ticket_of(zendesk)['id']}")
    wanted = request.body["ticket"]
    assert (wanted["priority"], wanted["tags"], wanted["comment"]["public"]) == (
        "urgent",
        ["export", "renewal-risk"],
        False,
    )
    assert {each.method for each in zendesk.loopback.requests} == {"GET"}


def test_a_change_is_written_once_however_often_it_is_tried(zendesk: Proving) -> None:
    connector: Any = zendesk.connector()
    change = a_change(zendesk, priority="urgent", add_tags=("renewal-risk",), note="Call them.")
    assert connector.write(change).state == "done"
    assert connector.write(change).state == "already"
    ticket = ticket_of(zendesk)
    notes = [
        child for event in site_of(zendesk).events for child in event["child_events"] if "Call" in child.get("body", "")
    ]
    assert (ticket["priority"], ticket["tags"], len(notes), notes[0]["public"]) == (
        "urgent", ["export", "renewal-risk"], 1, False,
    )  # fmt: skip


def test_a_note_that_arrived_although_its_answer_was_lost_is_not_sent_again(zendesk: Proving) -> None:
    connector: Any = zendesk.connector()
    change = a_change(zendesk, note="Call them.")
    key = int(change.ticket_ref)
    (request,) = connector.plan(change)
    site_of(zendesk).update(key, {"comment": request.body["ticket"]["comment"]}, AGENT)
    assert connector.write(change).state == "already"


def test_an_agent_s_newer_priority_stands(zendesk: Proving) -> None:
    connector: Any = zendesk.connector()
    change = a_change(zendesk, priority="urgent")
    site_of(zendesk).update(int(change.ticket_ref), {"priority": "low"}, AGENT)
    written = connector.write(change)
    assert (written.state, ticket_of(zendesk)["priority"]) == ("stepped_back", "low")
    assert "priority was changed at" in written.because


def test_a_change_in_the_very_moment_of_writing_stands(zendesk: Proving) -> None:
    connector: Any = zendesk.connector()
    change = a_change(zendesk, priority="urgent")
    connector.plan(change)
    reads = len(zendesk.loopback.requests)
    zendesk.loopback.reset()
    key = int(change.ticket_ref)
    zendesk.loopback.plan.before = {reads + 1: lambda: site_of(zendesk).update(key, {"priority": "low"}, AGENT)}
    assert connector.write(change).state == "stepped_back"
    assert ticket_of(zendesk)["priority"] == "low"


def a_call(zendesk: Proving, body: dict[str, Any], secret: str | None = None, age: float = 0) -> WebhookCall:
    raw, sent_at = json.dumps(body).encode(), (zendesk.clock.now() - timedelta(seconds=age)).isoformat()
    signature = b64encode(
        hmac_bytes(secret or zendesk.site.secrets()["webhook_secret"], sent_at.encode() + raw)
    ).decode()
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": sent_at}
    return WebhookCall("POST", "https://keepline.example/webhooks/helm", headers, raw, zendesk.clock.now())


def an_event(zendesk: Proving, kind: str = "ticket.status_changed") -> dict[str, Any]:
    detail = {"id": str(ticket_of(zendesk)["id"])}
    return {"type": f"zen:event-type:{kind}", "detail": detail, "time": zendesk.clock.now().isoformat()}


def received(zendesk: Proving, call: WebhookCall) -> Page:
    connector: Any = zendesk.connector()
    page = connector.receive(call)
    assert isinstance(page, Page)
    return page


def test_a_webhook_brings_the_ticket_as_a_pull_would(zendesk: Proving) -> None:
    page = received(zendesk, a_call(zendesk, an_event(zendesk)))
    kinds = [type(each.fact) for each in page.found]
    assert (kinds.count(Ticket), kinds.count(Message)) == (1, 2)
    take(zendesk.store, SOURCE, page, zendesk.clock.now)
    by_webhook = brought(zendesk, "ticket")[str(ticket_of(zendesk)["id"])]
    zendesk.sync_well()
    assert brought(zendesk, "ticket")[str(ticket_of(zendesk)["id"])] == by_webhook
    zendesk.assert_same()


def test_a_webhook_that_was_overtaken_undoes_nothing(zendesk: Proving) -> None:
    older = received(zendesk, a_call(zendesk, an_event(zendesk)))
    site_of(zendesk).change(0)
    zendesk.sync_well()
    take(zendesk.store, SOURCE, older, zendesk.clock.now)
    zendesk.assert_same()


def test_a_deletion_by_webhook_holds(zendesk: Proving) -> None:
    zendesk.sync_well()
    site_of(zendesk).delete(0)
    take(
        zendesk.store,
        SOURCE,
        received(zendesk, a_call(zendesk, an_event(zendesk, "ticket.soft_deleted"))),
        zendesk.clock.now,
    )
    zendesk.assert_same()


def test_a_webhook_of_another_kind_is_remarked_on(zendesk: Proving) -> None:
    page = received(zendesk, a_call(zendesk, {"type": "zen:event-type:user.created", "detail": {"id": 3}}))
    assert (list(page.found), len(page.remarks)) == ([], 1)


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"type": 3, "detail": []}'])
def test_a_signed_call_that_is_nonsense_is_remarked_on(zendesk: Proving, body: bytes) -> None:
    sent_at = zendesk.clock.now().isoformat()
    signature = b64encode(hmac_bytes(zendesk.site.secrets()["webhook_secret"], sent_at.encode() + body)).decode()
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": sent_at}
    page = received(zendesk, WebhookCall("POST", "/", headers, body, zendesk.clock.now()))
    assert (list(page.found), len(page.remarks)) == ([], 1)


def test_a_tampered_a_foreign_and_an_old_call_are_rejected(zendesk: Proving) -> None:
    good = a_call(zendesk, an_event(zendesk))
    tampered = WebhookCall(good.method, good.url, good.headers, good.body + b" ", good.received_at)
    unsigned = WebhookCall(good.method, good.url, {}, good.body, good.received_at)
    foreign = a_call(zendesk, an_event(zendesk), secret="another")
    old = a_call(zendesk, an_event(zendesk), age=301)
    for call in (tampered, unsigned, foreign, old):
        with pytest.raises(SignatureRejected):
            received(zendesk, call)


@pytest.mark.parametrize("secret", ["", None])
def test_without_a_secret_no_call_is_believed(zendesk: Proving, secret: str | None) -> None:
    call = a_call(zendesk, an_event(zendesk))
    zendesk.secrets.held.pop("webhook_secret")
    if secret is not None:
        zendesk.secrets.held["webhook_secret"] = secret
    with pytest.raises(SignatureRejected, match="no webhook secret"):
        received(zendesk, call)
