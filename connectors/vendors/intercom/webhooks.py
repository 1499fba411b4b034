"""Knows a webhook of Intercom's: how it is signed, and what it is about."""

import json
from collections.abc import Callable

from connectors.contract import START, Gone, Page, WebhookCall
from connectors.raw import Raw, Unreadable
from connectors.signatures import hmac_bytes, require_signature

_SIGNATURE = "x-hub-signature"


def receive(
    call: WebhookCall, secret: str, conversation: Callable[[str], Page], company: Callable[[str], Page]
) -> Page:
    """The conversation or company that a call is about, fetched as it is now.

    Intercom signs no time, and delivers again for hours what it could not deliver. What a call says is therefore not
    taken over: a replayed one brings what is true today.

    Raises:
        SignatureRejected: it is not signed with `secret`.
    """
    expected = "sha1=" + hmac_bytes(secret, call.body, "sha1").hex()
    require_signature([call.headers.get(_SIGNATURE, "").lower()], expected)
    try:
        event = Raw.of(json.loads(call.body))
        topic = event.text("topic") or ""
        item = event.must_object("data").must_object("item")
        kind = topic.partition(".")[0]
        if kind not in {"conversation", "company"}:
            return Page(
                START, remarks=[f"a webhook about {topic[:60] or 'nothing'} that Keepline does not use"], complete=True
            )
        key = item.id()
        if topic == "conversation.deleted":
            return Page(START, gone=[Gone("ticket", key, event.moment("created_at"))], complete=True)
    except (ValueError, Unreadable) as error:
        return Page(START, remarks=[f"a webhook that cannot be read: {error}"[:200]], complete=True)
    return conversation(key) if kind == "conversation" else company(key)
