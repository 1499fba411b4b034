"""Holds the Stripe connector against localstripe, a server that others wrote, and against Stripe's own examples.

    python -m tests.connectors.against_localstripe --start "VENV/bin/localstripe --port 8420 --from-scratch"
    python -m tests.connectors.against_localstripe --url http://127.0.0.1:8420 [--examples FILE]

Install localstripe 1.15.10 from PyPI in an environment of its own. It listens on all addresses: stop it afterwards, or
let `--start` do so. It speaks the shapes of 2017, keeps no changes in its events and knows no `customer.*`; so it
proves the walk, its paging, refused keys, old shapes and signatures, and not the history. `--examples` names the file
of example objects that Stripe publishes with its specification; these are of today's shapes. Ends with 1 where a claim
does not hold.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from connectors.contract import Site, WebhookCall
from connectors.raw import Raw
from connectors.signatures import SignatureRejected
from connectors.vendors.stripe.pulling import Stripe
from domain.errors import CredentialsRejected
from domain.revenue import SubscriptionLine
from jobs.sync import Synced, sync, take
from keepline.clock import SystemClock
from keepline.proving.contract_suite import MemorySecrets
from storage.brought import rows_of
from storage.store import Store

_KEY, _SECRET = "sk_test_against_localstripe", "whsec_against_localstripe"
_CUSTOMERS = 130
_CLOCK = SystemClock()


class DoesNotHold(Exception):
    """A claim about the connector is wrong."""


@dataclass
class Server:
    """A running localstripe."""

    url: str

    def ask(self, path: str, **form: Any) -> Any:
        """GET without a form, POST with one."""
        body = urlencode(form).encode() if form else None
        token = b64encode(f"{_KEY}:".encode()).decode()
        request = urllib.request.Request(self.url + path, body, {"Authorization": f"Basic {token}"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the address is the caller's
            return json.loads(answer.read() or b"null")

    def remove(self, path: str) -> None:
        """DELETE."""
        token = b64encode(f"{_KEY}:".encode()).decode()
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Basic {token}"}, method="DELETE")  # noqa: S310
        urllib.request.urlopen(request, timeout=20).close()  # noqa: S310 - the address is the caller's

    def wait(self) -> None:
        """Wait until it answers."""
        for _ in range(100):
            try:
                self.ask("/v1/customers")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
            else:
                return
        raise DoesNotHold(f"nothing answers at {self.url}")


@dataclass
class Postbox:
    """What a webhook endpoint got."""

    calls: list[WebhookCall] = field(default_factory=list)
    url: str = ""

    def wait_for(self, kind: str) -> WebhookCall:
        """The call that brought an event of this type."""
        for _ in range(100):
            for call in self.calls:
                if json.loads(call.body)["type"] == kind:
                    return call
            time.sleep(0.1)
        raise DoesNotHold(f"no webhook {kind} came")


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A webhook endpoint on 127.0.0.1."""
    box = Postbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            box.calls.append(WebhookCall("POST", self.path, headers, body, _CLOCK.now()))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    box.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()


def connector(url: str, key: str = _KEY) -> Stripe:
    """The connector, as a connection would open it."""
    secrets = MemorySecrets({"api_key": key, "webhook_secret": _SECRET})
    return Stripe(Site(name="localstripe", settings={"url": url}, secrets=secrets, clock=_CLOCK))


def holds(claim: str, found: object, expected: object) -> None:
    """Say that a claim holds, or stop."""
    if found != expected:
        raise DoesNotHold(f"{claim}: found {found!r}, expected {expected!r}")
    sys.stdout.write(f"  holds: {claim} ({str(found)[:60]})\n")


def fill(server: Server) -> dict[str, tuple[int, int]]:
    """Customers and their subscriptions; returns amount and months of each subscription's line."""
    plans = {
        "monthly": ({"amount": 1500, "interval": "month"}, 1500, 1),
        "yearly": ({"amount": 90_000, "interval": "year"}, 90_000, 12),
        "weekly": ({"amount": 1000, "interval": "week"}, 52_000, 12),
    }
    for name, (terms, _, _) in plans.items():
        server.ask("/v1/plans", id=name, name=f"{name} plan", currency="eur", **terms)
    expected = {}
    for number in range(_CUSTOMERS):
        # A card that is charged without asking; otherwise the subscription stays incomplete.
        customer = server.ask("/v1/customers", email=f"books@company{number}.example", description=f"Company {number}")
        card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
        token = {"source[object]": "card", **{f"source[{name}]": value for name, value in card.items()}}
        server.ask(f"/v1/customers/{customer['id']}/sources", **token)
        plan = list(plans)[number % 3]
        quantity = 1 + number % 4
        items = {"items[0][plan]": plan, "items[0][quantity]": quantity}
        subscription = server.ask("/v1/subscriptions", customer=customer["id"], **items)
        _, amount, months = plans[plan]
        expected[_line(subscription)] = (amount * quantity, months)
    return expected


def _line(subscription: Any) -> str:
    return f"{subscription['id']}:{subscription['items']['data'][0]['id']}"


def against(server: Server, store: Store) -> None:
    """All claims, one after another."""
    with postbox() as box:
        server.ask("/_config/webhooks/keepline", url=box.url, secret=_SECRET)
        expected = fill(server)
        done = _synced(server, store)
        found = rows_of(store.engine, "localstripe")
        holds("all pages of customers are read", len(found["account"]), _CUSTOMERS)
        lines = found["subscription_line"]
        amounts = {key: (row["amount_cents"], row["interval_months"]) for key, row in lines.items()}
        holds("every line has its amount", amounts == expected, True)
        holds("nothing was put aside", done.unusable, 0)
        holds("a second sync changes nothing", _synced(server, store).changed, 0)
        _refused(server)
        _signatures(server, store, box)


def _synced(server: Server, store: Store) -> Synced:
    done = sync(store, "localstripe", connector(server.url), _CLOCK.now, lambda *_: None)
    if done.error:
        raise DoesNotHold(f"the sync ended with: {done.error}")
    return done


def _refused(server: Server) -> None:
    try:
        connector(server.url, "no key").check()
    except CredentialsRejected as refused:
        holds("a wrong key is refused and not told", "no key" in str(refused), False)
    else:
        raise DoesNotHold("a wrong key was not refused")


def _signatures(server: Server, store: Store, box: Postbox) -> None:
    stripe = connector(server.url)
    made = box.wait_for("customer.created")
    holds("a call that localstripe signed is believed", bool(stripe.receive(made).found), True)
    forged = WebhookCall(made.method, made.url, made.headers, made.body + b" ", made.received_at)
    try:
        stripe.receive(forged)
    except SignatureRejected:
        holds("a body that was changed is not", True, True)
    else:
        raise DoesNotHold("a body that was changed was believed")
    subscription = server.ask("/v1/subscriptions?limit=1")["data"][0]
    server.remove(f"/v1/subscriptions/{subscription['id']}")
    page = stripe.receive(box.wait_for("customer.subscription.deleted"))
    take(store, "localstripe", page, _CLOCK.now)
    row = rows_of(store.engine, "localstripe")["subscription_line"][_line(subscription)]
    holds("a cancellation that a webhook told ends the line", row["ends_on"], _CLOCK.now().date())


def against_examples(examples: Path) -> None:
    """Stripe's own example objects are read without a question to anyone."""
    objects = json.loads(examples.read_text(encoding="utf-8"))["resources"]
    stripe = connector("http://127.0.0.1:9")
    subscription, price = objects["subscription"], objects["price"]
    stripe.account.catalogue.products[price["product"]] = "Example"
    stripe.account.book.coupons[objects["coupon"]["id"]] = Raw.of(objects["coupon"])
    customer = Raw.of(objects["customer"])
    # Its package is of 1,592,560,163 pieces; none is full.
    plain = {**subscription["items"]["data"][0], "price": {**price, "transform_quantity": None}}
    spelled_out = {
        **subscription,
        "customer": objects["customer"],
        "pause_collection": None,
        "items": {**subscription["items"], "data": [plain]},
        "discounts": [
            {**objects["discount"], "end": None, "source": {"type": "coupon", "coupon": objects["coupon"]["id"]}}
        ],
    }
    records = list(stripe.account.customer(customer, _CLOCK.now()))
    holds("the example customer is an account and a party", len(records), 2)
    found = [each.fact for each in stripe.account.snapshot(Raw.of(spelled_out), None)]
    lines = [each for each in found if isinstance(each, SubscriptionLine)]
    amounts = {line.amount_cents for line in lines if line.seats}
    holds("the example subscription's discount is taken off", amounts, {1490})
    holds("it ended when it says", {str(line.ends_on) for line in lines if line.ends_on}, {"2009-02-13"})


def main() -> int:
    """Say what holds; 1 where something does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--start", help="a command that starts localstripe on port 8420")
    parser.add_argument("--url", default="http://127.0.0.1:8420")
    parser.add_argument("--examples", type=Path)
    given = parser.parse_args()
    process = None
    with tempfile.TemporaryDirectory() as folder:
        if given.start:
            process = subprocess.Popen(
                shlex.split(given.start), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
            )
        try:
            if given.examples:
                against_examples(given.examples)
            server = Server(given.url)
            server.wait()
            store = Store(f"sqlite:///{folder}/proving.db")
            against(server, store)
            store.close()
        except DoesNotHold as wrong:
            sys.stdout.write(f"does not hold: {wrong}\n")
            return 1
        finally:
            if process:
                process.terminate()
                process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
