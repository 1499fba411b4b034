"""The contract that every connector obeys, as tests. A connector's author subclasses it and gives a fake of the vendor.

    class TestMine(ConnectorContract):
        site_type = MySite

Each test lets something happen to the site, syncs until nothing is left to do, and compares the database with the
site: nothing lost, nothing doubled, the cursor never ahead of what is committed.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest

from connectors.contract import START, Connector, Site
from connectors.http import Clock
from connectors.registry import vendor
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from domain.imports import RecordName
from domain.tickets import Priority, TicketStatus
from jobs.sync import Synced, sync
from keepline.proving.loopback import FakeSite, FaultKind, Loopback, SiteClock, serving
from storage.brought import rows_of
from storage.store import Store
from storage.sync_book import SyncBook

START_OF_TIME = datetime(2026, 3, 2, 8, tzinfo=UTC)
SOURCE = "helm"
_WORDS = {"status": get_args(TicketStatus), "priority": get_args(Priority)}
PLACES = ("first", "second", "middle", "last")


@dataclass
class MemorySecrets:
    """Secrets of a site that is proven; nothing of it is worth a seal."""

    held: dict[str, str]
    rotations: int = 0

    def __getitem__(self, name: str) -> str:
        return self.held[name]

    def rotate(self, refresh: Any, stale: str) -> None:
        if self.held.get("access_token", "") == stale:
            self.rotations += 1
            self.held |= refresh(dict(self.held))


@dataclass
class Proving:
    """A site, a connector to it, and the database that it fills."""

    site: FakeSite
    loopback: Loopback
    store: Store
    fields: Mapping[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secrets = MemorySecrets(dict(self.site.secrets()))

    @property
    def clock(self) -> SiteClock:
        """The clock of both."""
        return self.site.clock

    def connector(self, clock: Clock | None = None) -> Connector:
        """A new connector, as a new process would have it."""
        return vendor(self.site.vendor).open(
            Site(
                name=SOURCE,
                settings=self.site.settings(),
                secrets=self.secrets,
                clock=clock or self.clock,
                fields=self.fields,
                on_wait=lambda seconds, reason: self.said.append(f"{seconds:.0f} s: {reason}"),
            )
        )

    def sync(self, clock: Clock | None = None, after: timedelta = timedelta(minutes=10)) -> Synced:
        """One sync, some minutes after what happened last."""
        self.clock.pass_by(seconds=after.total_seconds())
        return sync(self.store, SOURCE, self.connector(clock), (clock or self.clock).now, lambda *_: None)

    def sync_well(self, clock: Clock | None = None, after: timedelta = timedelta(minutes=10)) -> Synced:
        """A sync that ends without an error."""
        done = self.sync(clock, after)
        assert done.error is None, done.error
        assert not done.stopped
        return done

    def assert_same(self) -> None:
        """The database has what the site has: every record, none twice, none that is gone."""
        expected, found = self.site.facts(), rows_of(self.store.engine, SOURCE)
        for record, rows in expected.items():
            there = found.get(record, {})
            assert sorted(there) == sorted(rows), f"the ids of {record}"
            for external_id, wanted in rows.items():
                is_there = {name: there[external_id][name] for name in wanted}
                assert is_there == dict(wanted), f"{record} {external_id}"
        kept: set[RecordName] = set(expected)
        assert {record for record, rows in found.items() if rows} <= kept, (
            "kinds of records that the site does not have"
        )
        _assert_history(found.get("ticket_event", {}))

    def assert_nothing_waits(self) -> None:
        """No record waits for another, none was put aside."""
        counts = SyncBook(self.store.engine).counts(SOURCE)
        assert (counts["waiting"], counts["put aside"]) == (0, 0)

    def request_number(self, place: str) -> int:
        """The number of the first, second, middle or last request that a first sync makes."""
        for stream in self.connector().streams():
            stream.total()
            for page in stream.pages(START):
                if page.complete:
                    break
        made = len(self.loopback.requests)
        self.loopback.reset()
        self.said.clear()
        return {"first": 1, "second": min(2, made), "middle": (made + 1) // 2, "last": made}[place]


def _assert_history(events: Mapping[str, Mapping[str, Any]]) -> None:
    """Changes of status and priority are told in the words of tickets, and what is no change is not told."""
    for external_id, event in events.items():
        words = _WORDS.get(event["kind"])
        values = [event["from_value"], event["to_value"]]
        if words:
            assert set(values) <= {None, *words}, f"ticket_event {external_id} says {values}"
            assert values[0] != values[1], f"ticket_event {external_id} changes nothing"


@cache
def _empty_database() -> Path:
    """A database at the current schema, made once: making it takes longer than a test."""
    path = Path(tempfile.mkdtemp(prefix="keepline-proving-")) / "empty.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    Store(f"sqlite:///{path}").close()
    return path


@dataclass(frozen=True)
class WrongClock:
    """Our own clock where it is off by some hours."""

    true: SiteClock
    hours: int

    def now(self) -> datetime:
        return self.true.now() + timedelta(hours=self.hours)

    def sleep(self, seconds: float) -> None:
        self.true.sleep(seconds)


class ConnectorContract:
    """What must hold for every connector. `objects` fill at least three pages of the site."""

    site_type: ClassVar[type[FakeSite]]
    fields: ClassVar[Mapping[str, str]] = {}
    objects: ClassVar[int] = 13

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """The database to fill; override it to prove on another one."""
        shutil.copy(_empty_database(), tmp_path / "proving.db")
        opened = Store(f"sqlite:///{tmp_path / 'proving.db'}")
        yield opened
        opened.close()

    @pytest.fixture
    def proving(self, store: Store) -> Iterator[Proving]:
        """The site behind its socket."""
        with ExitStack() as stack:
            site = self.site_type(SiteClock(START_OF_TIME))
            yield Proving(site, stack.enter_context(serving(site)), store, self.fields)

    def test_an_empty_site_is_read_without_complaint(self, proving: Proving) -> None:
        assert proving.sync_well().changed == 0
        proving.assert_same()

    def test_the_credentials_are_tried_and_say_who_we_are(self, proving: Proving) -> None:
        assert proving.connector().check().identity

    def test_one_page_is_read_whole(self, proving: Proving) -> None:
        proving.site.add(2)
        proving.sync_well()
        proving.assert_same()
        proving.assert_nothing_waits()

    def test_many_pages_are_read_whole(self, proving: Proving) -> None:
        proving.site.add(self.objects)
        proving.sync_well()
        proving.assert_same()
        proving.assert_nothing_waits()

    def test_a_second_sync_changes_nothing(self, proving: Proving) -> None:
        proving.site.add(self.objects)
        proving.sync_well()
        before = rows_of(proving.store.engine, SOURCE)
        assert proving.sync_well().changed == 0
        assert rows_of(proving.store.engine, SOURCE) == before

    def test_what_changed_since_is_read_and_nothing_else_is_lost(self, proving: Proving) -> None:
        proving.site.add(self.objects)
        proving.sync_well()
        proving.site.change(0)
        proving.site.change(self.objects - 1)
        proving.site.add(2)
        proving.sync_well()
        proving.assert_same()

    def test_a_repeated_page_boundary_doubles_nothing(self, proving: Proving) -> None:
        proving.site.repeats_boundary = True
        proving.site.add(self.objects)
        proving.sync_well()
        proving.assert_same()
        proving.assert_nothing_waits()

    @pytest.mark.parametrize("place", PLACES)
    def test_a_row_that_changes_in_mid_walk_is_neither_lost_nor_stale(self, proving: Proving, place: str) -> None:
        proving.site.add(self.objects)
        number = proving.request_number(place)
        proving.site.add(1)
        proving.loopback.plan.before = {number: lambda: (proving.site.change(1), proving.site.add(1))}
        proving.sync_well()
        proving.loopback.reset()
        proving.sync_well()
        proving.assert_same()
        proving.assert_nothing_waits()

    def test_what_is_deleted_goes(self, proving: Proving) -> None:
        if not proving.site.tells_deletions:
            pytest.skip("this vendor's API does not tell of deletions")
        proving.site.add(self.objects)
        proving.sync_well()
        proving.site.delete(2)
        proving.site.delete(7)
        proving.sync_well()
        proving.assert_same()

    def test_what_is_deleted_in_mid_walk_goes(self, proving: Proving) -> None:
        if not proving.site.tells_deletions:
            pytest.skip("this vendor's API does not tell of deletions")
        proving.site.add(self.objects)
        number = proving.request_number("middle")
        proving.loopback.plan.before = {number: lambda: proving.site.delete(1)}
        proving.sync_well()
        proving.loopback.reset()
        proving.sync_well()
        proving.assert_same()

    def test_what_arrives_late_with_an_old_time_is_read(self, proving: Proving) -> None:
        """Older than the newest that was seen: a cursor that looked only ahead would never meet it."""
        proving.site.add(self.objects)
        proving.sync_well()
        proving.site.add(1)
        proving.sync_well(after=timedelta(seconds=70))
        now = proving.clock.moment
        proving.clock.moment = now - timedelta(seconds=40)
        proving.site.add_late()
        proving.clock.moment = now
        proving.sync_well()
        proving.assert_same()

    @pytest.mark.parametrize("status", [401, 403])
    def test_refused_credentials_stop_the_sync_and_are_named(self, proving: Proving, status: int) -> None:
        proving.site.add(self.objects)
        proving.site.refuses = status
        done = proving.sync()
        assert isinstance(done.error, CredentialsRejected)
        assert not [secret for secret in proving.secrets.held.values() if len(secret) > 3 and secret in str(done.error)]
        assert len(proving.loopback.requests) <= 4, "asking again is useless"
        proving.site.refuses = None
        proving.sync_well()
        proving.assert_same()

    @pytest.mark.parametrize("place", ["first", "middle", "last"])
    @pytest.mark.parametrize(
        "kind", ["429", "429 without Retry-After", "500", "503", "dropped", "truncated", "no JSON", "cut JSON"]
    )
    def test_a_bad_answer_is_asked_for_again(self, proving: Proving, kind: FaultKind, place: str) -> None:
        proving.site.add(self.objects)
        number = proving.request_number(place)
        proving.loopback.plan.faults = {number: kind, number + 1: kind}
        proving.sync_well()
        assert proving.loopback.plan.faults.keys() <= set(range(1, len(proving.loopback.requests) + 1))
        proving.assert_same()
        proving.assert_nothing_waits()
        assert proving.said, "a wait is announced"

    def test_the_vendor_s_wait_is_waited_out(self, proving: Proving) -> None:
        proving.site.add(2)
        proving.loopback.plan.faults, proving.loopback.plan.retry_after = {1: "429"}, 17
        proving.sync_well()
        assert max(proving.clock.slept) >= 17

    def test_a_long_wait_ends_the_sync_and_says_when_to_come_back(self, proving: Proving) -> None:
        proving.site.add(self.objects)
        number = proving.request_number("middle")
        proving.loopback.plan.faults, proving.loopback.plan.retry_after = {number: "429"}, 3600
        done = proving.sync()
        assert isinstance(done.error, Retriable)
        assert done.error.retry_after
        assert SyncBook(proving.store.engine).last_runs(SOURCE)[0].state == "deferred"
        proving.loopback.reset()
        proving.sync_well()
        proving.assert_same()

    @pytest.mark.parametrize("kind", ["500", "dropped", "no JSON"])
    def test_a_vendor_that_stays_broken_loses_nothing(self, proving: Proving, kind: FaultKind) -> None:
        proving.site.add(self.objects)
        number = proving.request_number("middle")
        proving.loopback.plan.faults = dict.fromkeys(range(number, number + 50), kind)
        done = proving.sync()
        assert isinstance(done.error, Retriable)
        proving.loopback.reset()
        proving.sync_well()
        proving.assert_same()
        proving.assert_nothing_waits()

    def test_unknown_fields_and_words_cost_nothing(self, proving: Proving) -> None:
        proving.site.speaks_oddly = True
        proving.site.add(3)
        proving.sync_well()
        proving.assert_same()
        proving.assert_nothing_waits()

    def test_a_record_that_cannot_be_read_is_put_aside_and_the_rest_goes_on(self, proving: Proving) -> None:
        proving.site.add(3)
        broken = proving.site.add_broken()
        proving.site.add(3)
        done = proving.sync_well()
        assert done.unusable >= 1
        (reject, *_) = [each for each in proving.store.rejects() if each.file.endswith(f"/{broken}")]
        assert reject.expected
        proving.assert_same()

    def test_a_page_that_points_to_itself_ends_the_walk(self, proving: Proving) -> None:
        proving.site.add(self.objects)
        proving.site.is_stuck = True
        done = proving.sync()
        assert isinstance(done.error, ConnectorError)
        assert len(proving.loopback.requests) < 200
        proving.site.is_stuck = False
        proving.sync_well()
        proving.assert_same()

    @pytest.mark.parametrize("hours", [-26, 26])
    def test_a_clock_that_is_off_loses_nothing(self, proving: Proving, hours: int) -> None:
        """Ours is wrong by a day and more; what was changed when is the vendor's to say."""
        wrong = WrongClock(proving.clock, hours)
        proving.site.add(self.objects)
        proving.sync_well(wrong)
        proving.site.change(0)
        proving.site.add(1)
        proving.sync_well(wrong)
        proving.assert_same()

    def test_a_token_that_expires_in_mid_walk_is_renewed_once(self, proving: Proving) -> None:
        if not proving.site.tokens_expire:
            pytest.skip("this vendor's credentials do not expire")
        proving.site.add(self.objects)
        number = proving.request_number("middle")
        rotations = proving.secrets.rotations
        proving.loopback.plan.before = {number: proving.site.expire_token}
        proving.sync_well()
        assert proving.secrets.rotations == rotations + 1
        proving.assert_same()

    def test_a_sync_that_is_stopped_goes_on_where_it_was(self, proving: Proving) -> None:
        proving.site.add(self.objects)
        number = proving.request_number("middle")
        proving.loopback.plan.faults = dict.fromkeys(range(number, number + 50), "503")
        proving.sync()
        proving.loopback.reset()
        first = proving.sync_well()
        proving.loopback.reset()
        assert first.error is None
        proving.assert_same()

    def test_every_request_says_who_asks(self, proving: Proving) -> None:
        proving.site.add(1)
        proving.sync_well()
        assert {request.headers["user-agent"].partition("/")[0] for request in proving.loopback.requests} == {
            "Keepline"
        }
