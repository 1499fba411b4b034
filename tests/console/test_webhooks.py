"""A vendor calls over a real socket: what is signed is in, what is not leaves no trace."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import requests
import uvicorn

from connectors.contract import WebhookCall
from console.webhooks import webhook_app
from domain.errors import ConnectorError, NotFound, Retriable
from jobs.webhooks import receive
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock, serving
from storage.store import Store
from tests.connectors.sites.zendesk import ZendeskSite
from tests.connectors.vendors.test_zendesk import a_call, an_event


@pytest.fixture
def zendesk(sqlite_store: Store) -> Iterator[Proving]:
    site = ZendeskSite(SiteClock(START_OF_TIME))
    site.add(1)
    with serving(site) as loopback:
        yield Proving(site, loopback, sqlite_store)


@contextmanager
def listening(zendesk: Proving, error: Exception | None = None) -> Iterator[str]:
    """The address of a receiver for this site; with `error`, of one that runs into it."""

    def take(name: str, call: WebhookCall) -> object:
        if name != SOURCE:
            raise NotFound(f"there is no connection {name!r}")
        if error:
            raise error
        return receive(zendesk.store, name, zendesk.connector(), call, zendesk.clock.now)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        app = webhook_app(take, zendesk.clock, "https://keepline.example")
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_signed_call_is_in_before_it_is_answered(zendesk: Proving) -> None:
    call = a_call(zendesk, an_event(zendesk))
    with listening(zendesk) as address:
        answer = requests.post(f"{address}/webhooks/{SOURCE}", data=call.body, headers=dict(call.headers), timeout=20)
    assert (answer.status_code, answer.content) == (204, b"")
    assert zendesk.store.counts()["tickets"] == 1


def test_an_unsigned_call_leaves_no_trace(zendesk: Proving) -> None:
    call = a_call(zendesk, an_event(zendesk))
    with listening(zendesk) as address:
        answer = requests.post(
            f"{address}/webhooks/{SOURCE}", data=call.body + b" ", headers=dict(call.headers), timeout=20
        )
    assert (answer.status_code, answer.content, zendesk.store.counts()["tickets"]) == (401, b"", 0)


@pytest.mark.parametrize(
    ("error", "status"), [(Retriable("busy"), 503), (ConnectorError("it broke"), 502), (None, 204)]
)
def test_the_answer_says_whether_to_call_again(zendesk: Proving, error: Exception | None, status: int) -> None:
    call = a_call(zendesk, an_event(zendesk))
    with listening(zendesk, error) as address:
        answer = requests.post(f"{address}/webhooks/{SOURCE}", data=call.body, headers=dict(call.headers), timeout=20)
    assert answer.status_code == status


def test_other_addresses_and_endless_bodies_are_refused(zendesk: Proving) -> None:
    with listening(zendesk) as address:
        asked = [
            requests.post(f"{address}/webhooks/nobody", timeout=20).status_code,
            requests.get(f"{address}/webhooks/{SOURCE}", timeout=20).status_code,
            requests.get(f"{address}/docs", timeout=20).status_code,
            requests.post(f"{address}/webhooks/{SOURCE}", data=b"x" * 5_000_000, timeout=20).status_code,
        ]
    assert asked == [404, 405, 404, 413]
