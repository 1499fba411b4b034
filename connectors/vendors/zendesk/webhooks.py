"""Knows a webhook of Zendesk's: how it is signed, and which ticket it is about."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime

from connectors.contract import START, Gone, Page, WebhookCall
from connectors.raw import Raw, Unreadable
from connectors.signatures import hmac_bytes, require_fresh, require_signature

_SIGNATURE, _TIME = "x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"


def receive(call: WebhookCall, secret: str, ticket: Callable[[str], Page]) -> Page:
    """The ticket that a call is about, fetched: what the call itself says of it may be older.

    Raises:
        SignatureRejected: it is not signed with `secret`, or too old.
    """
    sent_at = call.headers.get(_TIME, "")
    signed = b64encode(hmac_bytes(secret, sent_at.encode() + call.body)).decode()
    require_signature([call.headers.get(_SIGNATURE, "")], signed)
    require_fresh(_moment(sent_at), call.received_at)
    try:
        event = Raw.of(json.loads(call.body))
        kind = event.text("type") or ""
        detail = event.object("detail") or event
        key = event.ref("ticket_id") or (detail.ref("id") if ":ticket." in kind else None)
    except (ValueError, Unreadable) as error:
        return Page(START, remarks=[f"a webhook that cannot be read: {error}"[:200]], complete=True)
    if key is None:
        return Page(
            START, remarks=[f"a webhook about {kind[:60] or 'nothing'} that Keepline does not use"], complete=True
        )
    if kind.endswith((":ticket.soft_deleted", ":ticket.permanently_deleted", ":ticket.deleted")):
        return Page(START, gone=[Gone("ticket", key, event.moment("time"))], complete=True)
    return ticket(key)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
