"""Knows how HubSpot calls: how a call is signed, and which objects its events are about."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import unquote

from connectors.contract import Found, Secrets, WebhookCall
from connectors.raw import Raw, Unreadable
from connectors.signatures import SignatureRejected, hmac_bytes, require_fresh, require_signature, unix_moment
from domain.errors import ConnectorError

_OBJECTS = {
    "company": "companies", "deal": "deals", "ticket": "tickets",
    "0-2": "companies", "0-3": "deals", "0-5": "tickets", "0-46": "notes", "0-49": "emails",
}  # fmt: skip
_DELETIONS = {"deletion", "privacyDeletion"}
_CHANGES = {"creation", "propertyChange", "restore", "merge", "associationChange"}
_NAMED_BY = ("objectId", "primaryObjectId", "newObjectId", "fromObjectId")
# These are signed as the characters that they stand for.
_SIGNED_PLAIN = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


@dataclass
class Told:
    """What a call's events are about: what is to be read, what is deleted and what is back, and when."""

    events: int = 0
    changed: dict[str, list[str]] = field(default_factory=dict)
    deleted: list[tuple[str, str, datetime | None]] = field(default_factory=list)
    back: dict[str, datetime] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def dated(self, found: Found) -> Found:
        """A record that is back from the archive, as of when it came back: its last change is older than its end."""
        back_at = self.back.get(found.fact.external_id)
        if back_at is None or found.changed_at is None or found.changed_at >= back_at:
            return found
        return replace(found, changed_at=back_at)


def told(call: WebhookCall, secrets: Secrets) -> Told:
    """What a call says, once it is certain that HubSpot sent it, and just now.

    Raises:
        SignatureRejected: it is not signed with the app's client secret, or too old.
    """
    _verify(call, secrets)
    try:
        events = json.loads(call.body)
    except ValueError as error:
        raise ConnectorError("the call's body is no JSON") from error
    said = Told()
    for event in Raw({"events": events if isinstance(events, list) else [events]}).objects("events"):
        said.events += 1
        try:
            _take(event, said)
        except Unreadable as error:
            said.remarks.append(f"an event that cannot be read: {error}")
    return said


def _verify(call: WebhookCall, secrets: Secrets) -> None:
    sent = call.headers.get("x-hubspot-request-timestamp", "")
    require_fresh(unix_moment(sent, 1000), call.received_at)
    url = _SIGNED_PLAIN.sub(lambda found: unquote(found[0]), call.url)
    signed = call.method.encode() + url.encode() + call.body + sent.encode()
    given = call.headers.get("x-hubspot-signature-v3", "")
    require_signature([given], b64encode(hmac_bytes(_secret(secrets), signed)).decode())


def _secret(secrets: Secrets) -> str:
    for name in ("webhook_secret", "client_secret"):
        try:
            if secrets[name]:
                return secrets[name]
        except KeyError:
            continue
    raise SignatureRejected("this connection has no webhook secret; connect it again with the app's client secret")


def _take(event: Raw, said: Told) -> None:
    kind = event.text("subscriptionType") or "nothing"
    head, _, action = kind.partition(".")
    objects = _OBJECTS.get(event.text("objectTypeId") or "" if head == "object" else head)
    if objects is None or action not in _DELETIONS | _CHANGES:
        said.remarks.append(f"an event {kind[:60]!r} is of no use to Keepline")
        return
    occurred_at = _moment(event)
    if action in _DELETIONS:
        said.deleted.append((objects, event.id("objectId"), occurred_at))
        return
    named = [event.id(name) for name in _NAMED_BY if event.has(name)]
    said.changed.setdefault(objects, []).extend(named)
    if action == "restore" and occurred_at:
        said.back |= dict.fromkeys(named, occurred_at)


def _moment(event: Raw) -> datetime | None:
    return unix_moment(event.text("occurredAt") or "", 1000)
