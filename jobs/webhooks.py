"""Takes a vendor's call: believes it only when it is signed, and commits what a pull would have brought."""

from collections.abc import Callable
from datetime import datetime

from connectors.contract import Connector, WebhookCall, Webhooks
from domain.errors import NotFound
from jobs.sync import take
from storage.store import Store
from storage.synced import Committed


def receive(store: Store, name: str, connector: Connector, call: WebhookCall, now: Callable[[], datetime]) -> Committed:
    """Commit what a call of the connection `name` says.

    Raises:
        NotFound: this vendor does not call us.
        SignatureRejected: the call cannot be believed.
        Retriable: the vendor could not be asked for the rest; let it call again.
    """
    if not isinstance(connector, Webhooks):
        raise NotFound(f"{name} takes no webhooks; keepline sync pulls from it")
    return take(store, name, connector.receive(call), now)
