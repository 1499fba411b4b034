"""HubSpot calls us: what is believed of it, and what it comes to."""

import hmac
import json
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import START, Page, WebhookCall
from connectors.signatures import SignatureRejected
from connectors.vendors.hubspot.pulling import HubSpot
from domain.errors import ConnectorError
from jobs.sync import take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.hubspot import HubSpotSite
from tests.connectors.sites.hubspot_account import CLIENT_SECRET, Thing
from tests.connectors.vendors.looking import brought, connector_of

_URL = "https://keepline.acme.example/webhooks/hubspot?of=crm"


@pytest.fixture
def site() -> HubSpotSite:
    site = HubSpotSite(SiteClock(START_OF_TIME))
    site.add(2)
    return site


def an_event(kind: str, key: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"subscriptionType": kind, "objectId": int(key), "occurredAt": round(at.timestamp() * 1000), **more}


def a_call(
    proving: Proving, *events: object, secret: str = CLIENT_SECRET, signed_url: str = _URL, url: str = _URL
) -> WebhookCall:
    """A call as HubSpot signs it."""
    body, sent = json.dumps(events).encode(), str(round(proving.clock.now().timestamp() * 1000))
    signed = b"POST" + signed_url.encode() + body + sent.encode()
    signature = b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": sent}
    return WebhookCall("POST", url, headers, body, proving.clock.now())


def received(proving: Proving, call: WebhookCall) -> Page:
    return connector_of(proving, HubSpot).receive(call)


def first(proving: Proving, kind: str) -> Thing:
    site = proving.site
    assert isinstance(site, HubSpotSite)
    return next(iter(site.things[kind].values()))


def touch(proving: Proving, thing: Thing, kind: str, **properties: Any) -> None:
    site = proving.site
    assert isinstance(site, HubSpotSite)
    site.update(kind, thing.id, proving.clock.pass_by(seconds=7), **properties)


def test_a_call_comes_to_the_same_as_a_pull(proving: Proving) -> None:
    proving.sync_well()
    ticket = first(proving, "tickets")
    touch(proving, ticket, "tickets", hs_pipeline_stage="2")
    page = received(proving, a_call(proving, an_event("ticket.propertyChange", ticket.id, proving.clock.now())))
    assert page.cursor == START
    take(proving.store, SOURCE, page, proving.clock.now)
    assert brought(proving, "ticket")[ticket.id]["status"] == "pending"
    proving.assert_same()
    assert proving.sync_well().changed == 0


@pytest.mark.parametrize("kind", ["company.creation", "object.creation"])
def test_all_events_of_a_call_are_read_together(proving: Proving, kind: str) -> None:
    site = proving.site
    assert isinstance(site, HubSpotSite)
    events = [an_event(kind, key, proving.clock.now(), objectTypeId="0-2") for key in site.things["companies"]]
    page = received(proving, a_call(proving, *events, *events))
    assert page.read == 4
    assert len({found.fact.external_id for found in page.found}) == 2
    assert len([each for each in proving.loopback.requests if each.path.endswith("companies/batch/read")]) == 1


def test_an_association_is_news_of_the_one_that_has_it(proving: Proving) -> None:
    proving.sync_well()
    site, deal = proving.site, first(proving, "deals")
    assert isinstance(site, HubSpotSite)
    other = list(site.things["companies"])[1]
    site.unlink("deals", deal.id, "companies")
    site.link("deals", deal.id, "companies", other)
    event = {"subscriptionType": "deal.associationChange", "associationType": "DEAL_TO_COMPANY"}
    ends = {"fromObjectId": int(deal.id), "toObjectId": int(other), "occurredAt": 1}
    take(proving.store, SOURCE, received(proving, a_call(proving, event | ends)), proving.clock.now)
    assert brought(proving, "contract")[deal.id]["account_ref"] == other


def test_an_older_version_that_arrives_last_undoes_nothing(proving: Proving) -> None:
    proving.sync_well()
    company = first(proving, "companies")
    touch(proving, company, "companies", name="Older")
    older = received(proving, a_call(proving, an_event("company.propertyChange", company.id, proving.clock.now())))
    touch(proving, company, "companies", name="Newer")
    newer = received(proving, a_call(proving, an_event("company.propertyChange", company.id, proving.clock.now())))
    for page in (newer, older):
        take(proving.store, SOURCE, page, proving.clock.now)
    assert brought(proving, "account")[company.id]["name"] == "Newer"


def test_what_is_deleted_goes_and_comes_back_when_it_is_restored(proving: Proving) -> None:
    proving.sync_well()
    ticket, deleted_at = first(proving, "tickets"), proving.clock.pass_by(minutes=1)
    page = received(proving, a_call(proving, an_event("ticket.deletion", ticket.id, deleted_at)))
    take(proving.store, SOURCE, page, proving.clock.now)
    assert ticket.id not in brought(proving, "ticket")
    restored_at = proving.clock.pass_by(minutes=1)
    page = received(proving, a_call(proving, an_event("ticket.restore", ticket.id, restored_at)))
    take(proving.store, SOURCE, page, proving.clock.now)
    assert ticket.id in brought(proving, "ticket")


def test_a_deletion_that_arrives_after_a_newer_change_undoes_nothing(proving: Proving) -> None:
    proving.sync_well()
    deal, deleted_at = first(proving, "deals"), proving.clock.now()
    touch(proving, deal, "deals", amount="77")
    take(
        proving.store,
        SOURCE,
        received(proving, a_call(proving, an_event("deal.propertyChange", deal.id, proving.clock.now()))),
        proving.clock.now,
    )
    page = received(proving, a_call(proving, an_event("deal.deletion", deal.id, deleted_at)))
    take(proving.store, SOURCE, page, proving.clock.now)
    assert brought(proving, "contract")[deal.id]["arr_cents"] == 7_700


def test_what_keepline_has_no_use_for_is_remarked_on(proving: Proving) -> None:
    events: tuple[dict[str, Any], ...] = (
        an_event("conversation.newMessage", "1", proving.clock.now()),
        {"subscriptionType": "deal.creation"},
        {},
    )
    page = received(proving, a_call(proving, *events))
    assert (page.found, page.gone) == ([], [])
    assert len(page.remarks) == 2


def test_a_tampered_body_is_refused(proving: Proving) -> None:
    call = a_call(proving, an_event("deal.deletion", "1", proving.clock.now()))
    tampered = WebhookCall(call.method, call.url, call.headers, call.body.replace(b"1", b"2", 1), call.received_at)
    with pytest.raises(SignatureRejected):
        received(proving, tampered)


@pytest.mark.parametrize("given", [{"secret": "not-ours"}, {"signed_url": "https://keepline.acme.example/elsewhere"}])
def test_another_secret_or_address_is_refused(proving: Proving, given: dict[str, str]) -> None:
    with pytest.raises(SignatureRejected):
        received(proving, a_call(proving, **given))


@pytest.mark.parametrize(("minutes", "is_taken"), [(4, True), (6, False), (-6, False)])
def test_a_call_is_taken_for_five_minutes(proving: Proving, minutes: int, is_taken: bool) -> None:
    call = a_call(proving)
    late = WebhookCall(call.method, call.url, call.headers, call.body, call.received_at + timedelta(minutes=minutes))
    if is_taken:
        assert received(proving, late).read == 0
    else:
        with pytest.raises(SignatureRejected):
            received(proving, late)


def test_an_unsigned_call_is_refused(proving: Proving) -> None:
    with pytest.raises(SignatureRejected):
        received(proving, WebhookCall("POST", _URL, {}, b"[]", proving.clock.now()))


def test_an_encoded_address_is_signed_decoded(proving: Proving) -> None:
    plain = "https://keepline.acme.example/webhooks/hubspot?to=a:b/c@d&space=%20"
    encoded = "https://keepline.acme.example/webhooks/hubspot?to=a%3Ab%2Fc%40d&space=%20"
    assert received(proving, a_call(proving, signed_url=plain, url=encoded)).read == 0


def test_a_private_app_s_own_secret_goes_first_and_without_any_nothing_is_believed(proving: Proving) -> None:
    proving.secrets.held["webhook_secret"] = "of-the-private-app"
    assert received(proving, a_call(proving, secret="of-the-private-app")).read == 0
    proving.secrets.held = {"access_token": "pat-token-1"}
    with pytest.raises(SignatureRejected, match="no webhook secret"):
        received(proving, a_call(proving))


def test_a_signed_body_that_is_no_json_is_told(proving: Proving) -> None:
    call = a_call(proving)
    signed = b"POST" + _URL.encode() + b"[{" + call.headers["x-hubspot-request-timestamp"].encode()
    signature = b64encode(hmac.digest(CLIENT_SECRET.encode(), signed, "sha256")).decode()
    headers = {**call.headers, "x-hubspot-signature-v3": signature}
    with pytest.raises(ConnectorError, match="no JSON"):
        received(proving, WebhookCall("POST", _URL, headers, b"[{", call.received_at))
