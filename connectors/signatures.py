"""Knows how a webhook proves that its vendor sent it, and just now."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from connectors.contract import Secrets
from domain.errors import ConnectorError

WINDOW = timedelta(minutes=5)


class SignatureRejected(ConnectorError):
    """A call that is not signed with our secret, or too old; nothing of it is believed."""


def hmac_bytes(secret: str, signed: bytes, algorithm: str = "sha256") -> bytes:
    """The keyed hash of what was signed."""
    return hmac.new(secret.encode(), signed, algorithm).digest()


def require_signature(given: Iterable[str], expected: str) -> None:
    """Compare in constant time; vendors that rotate secrets send several signatures, of which one must match.

    Raises:
        SignatureRejected: none does.
    """
    matches = [hmac.compare_digest(each.encode(), expected.encode()) for each in given]
    if not any(matches):
        raise SignatureRejected("the call is not signed with this connection's webhook secret")


def require_fresh(sent_at: datetime | None, received_at: datetime, window: timedelta = WINDOW) -> None:
    """Refuse a call that was sent long before it came: somebody may be replaying it.

    Raises:
        SignatureRejected: no time, or one outside of the window.
    """
    if sent_at is None or abs(received_at - sent_at) > window:
        raise SignatureRejected("the call's time is missing or more than five minutes off; check the server's clock")


def unix_moment(text: str, per_second: int = 1) -> datetime | None:
    """A Unix time in seconds (or finer, by `per_second`); None where the text is none."""
    if not text.isdigit() or len(text) > 14:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text) / per_second)


def webhook_secret(secrets: Secrets) -> str:
    """The connection's secret that calls are signed with; without one nothing can be believed.

    Raises:
        SignatureRejected: the connection has none.
    """
    try:
        held = secrets["webhook_secret"]
    except KeyError:
        held = ""
    if not held:
        raise SignatureRejected("this connection has no webhook secret; run keepline connect again and give it")
    return held
