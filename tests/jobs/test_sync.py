"""A sync may end anywhere, by whatever; what was committed is in, and the next one goes on from there."""

import os
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from multiprocessing import get_context
from typing import Any

import pytest

from connectors.contract import START, Connector, Cursor, Found, Page, Site, Stream
from connectors.registry import vendor
from domain.errors import CredentialsRejected, Retriable
from domain.tickets import Ticket
from jobs import sync as module
from jobs.sync import Synced, sync, take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, MemorySecrets, Proving
from keepline.proving.loopback import SiteClock, serving
from storage.brought import rows_of
from storage.store import Store
from storage.sync_book import SyncBook
from tests.builders import NOON
from tests.connectors.sites.zendesk import ZendeskSite

# KEEPLINE_PROVE_KILLS=100 is the proof of record; fewer keep the habit.
KILLS = int(os.environ.get("KEEPLINE_PROVE_KILLS", "12"))


def a_ticket(number: int) -> Found:
    return Found(Ticket(source="desk", external_id=str(number), created_at=NOON), NOON)


class Scripted:
    """A connector whose pages a test writes."""

    def __init__(self, *pages: Page | Exception | BaseException) -> None:
        self.pages = pages
        self.asked: list[Cursor] = []

    def check(self) -> Any: ...

    def site_fields(self) -> Any: ...

    def calls_per_minute(self) -> int | None: ...

    def streams(self) -> list[Stream]:
        return [Stream("tickets", self._pages)]

    def _pages(self, cursor: Cursor) -> Iterator[Page]:
        self.asked.append(cursor)
        for page in self.pages[int(cursor.get("page", 0)) :]:
            if isinstance(page, BaseException):
                raise page
            yield page


def page(number: int, *, last: bool = False) -> Page:
    return Page({"page": number}, [a_ticket(number)], read=1, complete=last)


def synced(store: Store, connector: Connector) -> Synced:
    return sync(store, "desk", connector, lambda: NOON, lambda *_: None)


def tickets(store: Store) -> list[str]:
    return sorted(rows_of(store.engine, "desk")["ticket"])


def test_pages_before_an_error_are_in_and_the_next_sync_goes_on_behind_them(sqlite_store: Store) -> None:
    broken = Scripted(page(1), page(2), Retriable("busy"), page(4, last=True))
    assert isinstance(synced(sqlite_store, broken).error, Retriable)
    assert tickets(sqlite_store) == ["1", "2"]
    well = Scripted(page(1), page(2), page(3), page(4, last=True))
    assert synced(sqlite_store, well).error is None
    assert well.asked == [{"page": 2}]
    assert tickets(sqlite_store) == ["1", "2", "3", "4"]


def test_ctrl_c_stops_it_and_says_so(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH_RECORDS", 1)
    done = synced(sqlite_store, Scripted(page(1), KeyboardInterrupt()))
    assert (done.stopped, done.error, tickets(sqlite_store)) == (True, None, ["1"])
    assert SyncBook(sqlite_store.engine).last_runs("desk")[0].state == "stopped"


@pytest.mark.parametrize(
    ("error", "state"),
    [(CredentialsRejected("the token was refused"), "failed"), (Retriable("busy"), "failed")],
)
def test_how_a_sync_ended_is_in_the_book(sqlite_store: Store, error: Exception, state: str) -> None:
    synced(sqlite_store, Scripted(error))
    (run,) = SyncBook(sqlite_store.engine).last_runs("desk")
    assert (run.state, run.error, run.ended_at) == (state, str(error), NOON)


def test_a_sync_that_was_killed_is_seen_when_the_next_one_begins(sqlite_store: Store) -> None:
    book = SyncBook(sqlite_store.engine)
    book.begin_run("desk", NOON)
    assert book.last_runs("desk")[0].state == "running"
    synced(sqlite_store, Scripted(page(1, last=True)))
    assert [run.state for run in book.last_runs("desk")] == ["done", "interrupted"]


def test_a_fault_of_a_connector_is_told_by_its_place_and_not_by_what_it_quotes(sqlite_store: Store) -> None:
    done = synced(sqlite_store, Scripted(ValueError("the text of a ticket")))
    assert "the connector itself is at fault (ValueError in test_sync.py" in str(done.error)
    assert "the text of a ticket" not in str(done.error)
    assert SyncBook(sqlite_store.engine).last_runs("desk")[0].state == "failed"


def test_a_page_that_points_to_itself_ends_the_walk(sqlite_store: Store) -> None:
    stuck = Scripted(page(1), page(1), page(1))
    assert "points to itself" in str(synced(sqlite_store, stuck).error)
    assert tickets(sqlite_store) == ["1"]


def test_a_walk_that_just_ends_is_not_taken_for_complete(sqlite_store: Store) -> None:
    assert "broke off" in str(synced(sqlite_store, Scripted(page(1))).error)


def test_an_empty_answer_completes_a_walk(sqlite_store: Store) -> None:
    assert synced(sqlite_store, Scripted(Page(START, complete=True))).error is None


def test_remarks_are_counted_and_kept(sqlite_store: Store) -> None:
    odd = Page({"page": 1}, remarks=["status 'odd' is new to Keepline"] * 3, complete=True)
    assert synced(sqlite_store, Scripted(odd)).remarks == {"status 'odd' is new to Keepline": 3}
    (run,) = SyncBook(sqlite_store.engine).last_runs("desk")
    assert run.remarks == ("status 'odd' is new to Keepline (3x)",)


def test_starting_over_reads_everything_and_changes_nothing(sqlite_store: Store) -> None:
    connector = Scripted(page(1), page(2, last=True))
    synced(sqlite_store, connector)
    SyncBook(sqlite_store.engine).start_over("desk")
    done = synced(sqlite_store, connector)
    assert (done.read, done.changed, connector.asked) == (2, 0, [{}, {}])


def test_what_a_webhook_tells_is_the_same_upsert(sqlite_store: Store) -> None:
    newer = Found(Ticket(source="desk", external_id="1", created_at=NOON, subject="new"), NOON.replace(hour=13))
    take(sqlite_store, "desk", Page(START, [newer]), lambda: NOON)
    synced(sqlite_store, Scripted(page(1, last=True)))
    assert rows_of(sqlite_store.engine, "desk")["ticket"]["1"]["subject"] == "new"


def _sync_in_a_process(url: str, settings: Mapping[str, str], secrets: dict[str, str], clock: SiteClock) -> None:
    # Small transactions, so that most kills fall between some.
    module._BATCH_RECORDS = 4
    site = Site(SOURCE, settings, MemorySecrets(secrets), clock)
    store = Store(url)
    done = sync(store, SOURCE, vendor("zendesk").open(site), clock.now, lambda *_: None)
    # No clean-up: the parent only wants to know whether it got here.
    os._exit(0 if done.error is None else 1)


def test_a_sync_that_is_killed_at_random_ends_in_the_same_database(
    store: Store, sqlite_template: Any, tmp_path: Any
) -> None:
    """Killed again and again while the site goes on changing, against one that is never disturbed."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["jobs.sync", "keepline.proving.contract_suite", "connectors.vendors.zendesk"])
    dice, kills = random.Random(5), 0  # noqa: S311 - dice, no secret
    site, calm = ZendeskSite(SiteClock(START_OF_TIME)), Store(f"sqlite:///{tmp_path / 'calm.db'}")
    url = store.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with serving(site) as loopback:
        undisturbed = Proving(site, loopback, calm)
        site.add(25)
        site.clock.pass_by(minutes=10)
        while kills < KILLS:
            arguments = (url, site.settings(), dict(site.secrets()), site.clock)
            process = context.Process(target=_sync_in_a_process, args=arguments)
            process.start()
            process.join(dice.uniform(0.05, 0.9))
            if process.is_alive():
                # It may end by itself in this very moment.
                with suppress(ProcessLookupError):
                    process.kill()
            process.join()
            kills += process.exitcode == -signal.SIGKILL
            if process.exitcode != 0:
                assert process.exitcode == -signal.SIGKILL, "it ended with an error of its own"
                continue
            undisturbed.sync_well()
            site.add(3)
            site.change(2)
            site.delete(dice.randrange(len(site.tickets)))
            site.clock.pass_by(minutes=10)
        disturbed = Proving(site, loopback, store)
        disturbed.sync_well()
        undisturbed.sync_well()
        disturbed.assert_same()
        disturbed.assert_nothing_waits()
    assert rows_of(store.engine, SOURCE) == rows_of(calm.engine, SOURCE)
    calm.close()
