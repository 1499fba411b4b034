"""Stripe's webhooks: only what Stripe signed just now is believed, and it says what a pull of it would say."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Page, WebhookCall
from connectors.signatures import SignatureRejected, hmac_bytes
from connectors.vendors.stripe.pulling import Stripe
from domain.errors import ConnectorError
from jobs.sync import take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from storage.brought import rows_of
from tests.connectors.sites.stripe import WEBHOOK_SECRET, StripeSite
from tests.connectors.vendors.looking import connector_of

LONG_AGO = START_OF_TIME - timedelta(days=100)


@pytest.fixture
def site() -> StripeSite:
    return StripeSite(SiteClock(START_OF_TIME))


def signed(body: bytes, at: int, secret: str = WEBHOOK_SECRET) -> str:
    return hmac_bytes(secret, f"{at}.".encode() + body).hex()


def a_call(site: StripeSite, event: Any, signature: str | None = None, body: bytes | None = None) -> WebhookCall:
    """A call as Stripe makes it now."""
    now, sent = int(site.clock.now().timestamp()), json.dumps(event, indent=2).encode()
    header = signature if signature is not None else f"t={now},v1={signed(sent, now)},v0=old"
    return WebhookCall("POST", "/", {"stripe-signature": header}, body or sent, site.clock.now())


def received(proving: Proving, call: WebhookCall) -> Page:
    return connector_of(proving, Stripe).receive(call)


def taken(proving: Proving, event: Mapping[str, Any]) -> int:
    """What a webhook of the event changes in the books."""
    assert isinstance(proving.site, StripeSite)
    return take(proving.store, SOURCE, received(proving, a_call(proving.site, event)), proving.clock.now).changed


def books(proving: Proving) -> Any:
    return rows_of(proving.store.engine, SOURCE)


def test_a_signed_call_brings_what_a_pull_brings(site: StripeSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    site.clock.pass_by(days=3)
    site.change(0)
    taken(proving, site.events[-1])
    proving.assert_same()
    assert proving.sync_well().changed == 0


def test_hearing_it_twice_changes_nothing(site: StripeSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    site.change(0)
    assert taken(proving, site.events[-1]) > 0
    assert taken(proving, site.events[-1]) == 0


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]])
def test_what_comes_late_does_not_undo_what_is_newer(site: StripeSite, proving: Proving, order: list[int]) -> None:
    site.add(1)
    proving.sync_well()
    for _ in range(3):
        site.clock.pass_by(days=2)
        site.change(0)
    changes = site.events[-3:]
    for each in order:
        taken(proving, changes[each])
    proving.assert_same()


def test_an_older_name_does_not_undo_a_newer_one(site: StripeSite, proving: Proving) -> None:
    key = site.customer()["id"]
    proving.sync_well()
    site.update_customer(key, name="Second")
    site.update_customer(key, name="Third")
    second, third = site.events[-2:]
    taken(proving, third)
    taken(proving, second)
    assert books(proving)["account"][key]["name"] == "Third"


def test_a_customer_s_deletion_is_told(site: StripeSite, proving: Proving) -> None:
    key = site.customer()["id"]
    proving.sync_well()
    site.delete_customer(key)
    taken(proving, site.events[-1])
    assert not books(proving)["account"]


def test_a_subscription_whose_customer_is_not_known_yet_waits(site: StripeSite, proving: Proving) -> None:
    site.add(1)
    customer, subscription = site.events
    assert taken(proving, subscription) == 0
    taken(proving, customer)
    proving.assert_same()


def test_while_a_secret_is_replaced_one_of_several_signatures_suffices(site: StripeSite, proving: Proving) -> None:
    site.add(1)
    now, body = int(site.clock.now().timestamp()), json.dumps(site.events[-1], indent=2).encode()
    header = f"t={now}, v1={signed(body, now, 'whsec_next')}, v1={signed(body, now)}"
    assert received(proving, a_call(site, site.events[-1], header)).found


def test_a_body_that_was_tampered_with_is_not_believed(site: StripeSite, proving: Proving) -> None:
    site.add(1)
    call = a_call(site, site.events[-1])
    tampered = WebhookCall(call.method, call.url, call.headers, call.body.replace(b"5", b"9"), call.received_at)
    with pytest.raises(SignatureRejected):
        received(proving, tampered)


@pytest.mark.parametrize("header", ["", "v1=", "t=1", "t=now,v1=abc", "v1=,t=", "nonsense", "t=1772438400,v0=abc"])
def test_a_call_without_a_proper_signature_is_not_believed(site: StripeSite, proving: Proving, header: str) -> None:
    site.add(1)
    with pytest.raises(SignatureRejected):
        received(proving, a_call(site, site.events[-1], header))


def test_a_call_that_is_signed_with_another_secret_is_not_believed(site: StripeSite, proving: Proving) -> None:
    site.add(1)
    now, body = int(site.clock.now().timestamp()), json.dumps(site.events[-1], indent=2).encode()
    with pytest.raises(SignatureRejected):
        received(proving, a_call(site, site.events[-1], f"t={now},v1={signed(body, now, 'whsec_other')}"))


@pytest.mark.parametrize(("seconds", "is_fresh"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_call_of_more_than_five_minutes_ago_is_not_believed(
    site: StripeSite, proving: Proving, seconds: int, is_fresh: bool
) -> None:
    site.add(1)
    at, body = int(site.clock.now().timestamp()) + seconds, json.dumps(site.events[-1], indent=2).encode()
    call = a_call(site, site.events[-1], f"t={at},v1={signed(body, at)}")
    if is_fresh:
        assert received(proving, call).found
        return
    with pytest.raises(SignatureRejected):
        received(proving, call)


@pytest.mark.parametrize("secrets", [{}, {"webhook_secret": ""}])
def test_without_a_secret_nobody_is_believed(site: StripeSite, proving: Proving, secrets: Mapping[str, str]) -> None:
    site.add(1)
    now, body = int(site.clock.now().timestamp()), json.dumps(site.events[-1], indent=2).encode()
    proving.secrets.held = {"api_key": proving.secrets["api_key"], **secrets}
    with pytest.raises(SignatureRejected, match="no webhook secret"):
        received(proving, a_call(site, site.events[-1], f"t={now},v1={signed(body, now, '')}"))


@pytest.mark.parametrize("kind", ["invoice.paid", "customer.source.created", "weather.changed"])
def test_events_of_other_things_change_nothing_and_are_remarked_on(
    site: StripeSite, proving: Proving, kind: str
) -> None:
    page = received(proving, a_call(site, {"id": "evt_1", "type": kind, "created": 1, "data": {"object": {"id": "x"}}}))
    assert not page.found
    assert kind in page.remarks[0]


def test_a_signed_call_that_is_no_event_is_refused_clearly(site: StripeSite, proving: Proving) -> None:
    now, body = int(site.clock.now().timestamp()), b"<html>"
    with pytest.raises(ConnectorError, match="no JSON"):
        received(proving, a_call(site, None, f"t={now},v1={signed(body, now)}", body))


def test_an_event_that_cannot_be_read_is_put_aside(site: StripeSite, proving: Proving) -> None:
    broken = site.add_broken()
    page = received(proving, a_call(site, site.events[-1]))
    assert [each.external_id for each in page.unusable] == [broken]
