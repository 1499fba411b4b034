"""The pull as `keepline sync` does it; waits for the vendor's limits are skipped, its work is not."""

import resource
import tempfile
import time
from datetime import timedelta
from typing import Any

import adbc_driver_sqlite.dbapi  # noqa: F401 - imports are not timed
import requests

from benchmarks.contest import Answer, Stopwatch
from benchmarks.sync.made_site import BEGIN, EMAIL, TOKEN, large_site
from connectors.contract import Site
from connectors.registry import vendor
from jobs.sync import Synced, sync
from keepline.proving.contract_suite import MemorySecrets
from keepline.proving.loopback import SiteClock
from storage.brought import rows_of
from storage.store import Store


def contend(watch: Stopwatch, address: str, size: int) -> Answer:
    """A first sync of `size` tickets into an empty database."""
    with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
        store = Store(f"sqlite:///{folder}/keepline.db")
        with watch.part("sync"):
            pull(store, address)
        tickets = rows_of(store.engine, "zendesk")["ticket"]
        store.close()
    if len(tickets) != size:
        raise RuntimeError(f"{len(tickets)} of {size} tickets came in")
    return Answer.of([key, each["subject"], each["status"]] for key, each in tickets.items())


def pull(store: Store, address: str) -> Synced:
    """One sync of the site at `address`."""
    clock = SiteClock(BEGIN + timedelta(days=36_500))
    site = Site("zendesk", {"subdomain": address, "email": EMAIL}, MemorySecrets({"api_token": TOKEN}), clock)
    done = sync(store, "zendesk", vendor("zendesk").open(site), clock.now, lambda *_: None)
    if done.error:
        raise RuntimeError(str(done.error))
    return done


def increment(watch: Stopwatch, size: int) -> dict[str, Any]:
    """A first sync, then one after a hundredth of the tickets has changed: rows, calls, CPU and memory of each."""
    with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder, large_site(size) as address:
        store = Store(f"sqlite:///{folder}/keepline.db")
        told = {"first": _measured(store, address)}
        requests.get(f"{address}/change", timeout=60)
        told["increment"] = _measured(store, address)
        told["again"] = _measured(store, address)
        store.close()
    return told


def _measured(store: Store, address: str) -> dict[str, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    done = pull(store, address)
    return {
        "tickets": done.streams["tickets"],
        "rows": done.read,
        "changed": done.changed,
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - cpu,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }
