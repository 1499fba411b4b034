"""What is broken is put on record once, and stays; what is kept is counted."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.sla import SlaBreach
from jobs.evaluate import look
from jobs.sla.attaining import attained
from jobs.sla.board import ClockEntry, board
from jobs.sla.broken import broken_promises
from jobs.sla.watching import watch
from storage.removal import remove
from storage.sla import SlaBook
from storage.store import Store
from tests.jobs.desk import DAY, HOUR, NOON, Desk, policies, promising
from tests.jobs.test_importing import dump

FAR = promising("4h business", "far", when={"signal": "days_to_renewal", "op": ">", "value": 90})
NEAR = promising("1h business", "near")


@pytest.fixture
def desk(sqlite_store: Store) -> Desk:
    return Desk(sqlite_store)


def breaches(desk: Desk) -> list[SlaBreach]:
    return SlaBook(desk.store.engine).breaches()


def clock(desk: Desk, at: datetime, metric: str = "first_reply") -> ClockEntry:
    found = [entry for entry in board(desk.store, desk.rulebook, at) if entry.metric == metric]
    assert len(found) == 1, found
    return found[0]


def test_a_run_says_how_the_clocks_stand(desk: Desk) -> None:
    for name in ("answered", "late", "waiting", "pending"):
        desk.ticket(name, created_at=NOON)
        desk.says("customer", NOON, name)
    desk.says("agent", NOON + HOUR, "answered")
    desk.becomes("status", "open", "pending", NOON + HOUR, "pending")
    first = desk.keep(NOON + 2 * HOUR)
    assert (first.running, first.paused, first.breached, first.new_breaches) == (2, 1, 0, 0)
    assert first.summarised == 0
    desk.says("agent", NOON + 5 * HOUR, "late")
    second = desk.keep(NOON + 6 * HOUR, last=NOON + 2 * HOUR)
    assert (second.running, second.paused, second.breached, second.new_breaches) == (0, 1, 1, 2)


def test_a_breach_is_recorded_with_the_terms_that_it_broke_once(desk: Desk) -> None:
    desk.ticket()
    desk.keep(NOON + 9 * HOUR)
    [breach] = breaches(desk)
    [promised] = desk.promised()
    assert (breach.source, breach.ticket_ref, breach.account_ref, breach.metric) == ("files", "T", "A", "first_reply")
    assert (breach.started_at, breach.breached_at) == (NOON, NOON + 4 * HOUR)
    assert (breach.target_seconds, breach.counting, breach.policy) == (4 * 3600, "business", "standard")
    assert (breach.terms_hash, breach.recorded_at) == (promised.terms_hash, NOON + 9 * HOUR)
    before = dump(desk.store)
    assert desk.keep(NOON + 9 * HOUR, last=NOON + 9 * HOUR).new_breaches == 0
    assert dump(desk.store) == before
    desk.keep(NOON + 99 * HOUR, last=NOON + 9 * HOUR)
    assert breaches(desk) == [breach]


def test_a_reply_at_exactly_the_deadline_is_in_time(desk: Desk) -> None:
    desk.ticket()
    desk.says("customer", NOON)
    desk.says("agent", NOON + 4 * HOUR)
    assert desk.keep(NOON + 9 * HOUR).new_breaches == 0


def test_a_breach_that_later_facts_deny_stays_and_is_marked(desk: Desk) -> None:
    desk.ticket()
    desk.says("customer", NOON)
    desk.keep(NOON + 5 * HOUR)
    [recorded] = breaches(desk)
    desk.says("agent", NOON + 3 * HOUR)
    desk.keep(NOON + 6 * HOUR, last=NOON + 5 * HOUR)
    assert breaches(desk) == [recorded]
    [told] = broken_promises(desk.store, NOON + 6 * HOUR, NOON - DAY)
    assert (told.breach, told.standing, told.late_seconds) == (recorded, "contradicted", None)
    assert watch(desk.store, NOON, NOON + 6 * HOUR).clocks.filter(state="met").shape[0] == 1


def test_a_breach_tells_by_how_much_and_whether_it_goes_on(desk: Desk) -> None:
    for name in ("late", "waiting", "gone"):
        desk.ticket(name)
        desk.says("customer", NOON, name)
    desk.says("agent", NOON + 6 * HOUR, "late")
    desk.keep(NOON + 9 * HOUR)
    with desk.store.engine.begin() as connection:
        remove(connection, "files", "ticket", "gone", None, NOON + 9 * HOUR)
    told = {each.breach.ticket_ref: each for each in broken_promises(desk.store, NOON + 9 * HOUR, NOON)}
    assert (told["late"].late_seconds, told["late"].over_at) == (2 * 3600, NOON + 6 * HOUR)
    assert (told["waiting"].late_seconds, told["waiting"].over_at) == (5 * 3600, None)
    assert (told["gone"].standing, told["gone"].late_seconds) == ("ticket deleted", None)
    assert {each.account for each in told.values()} == {"Acme"}
    assert broken_promises(desk.store, NOON + 9 * HOUR, NOON + 5 * HOUR) == []


class TestRetargeting:
    """A first reply is due within four hours; then the renewal date says otherwise."""

    def test_a_deadline_moves_with_the_renewal_date_and_both_are_kept(self, desk: Desk) -> None:
        desk.rulebook = policies(FAR, NEAR)
        desk.ticket()
        desk.keep(NOON)
        assert clock(desk, NOON).deadline_at == NOON + 4 * HOUR
        desk.contract(renews_on=date(2026, 4, 1))
        desk.keep(NOON + HOUR / 2, last=NOON)
        moved = clock(desk, NOON + HOUR / 2)
        assert (moved.deadline_at, moved.policy, moved.retargets) == (NOON + HOUR, "near", 1)
        assert (moved.because or "").startswith("days to renewal 91 → 30; policy far → near; first_reply 4h")
        assert moved.renews_on == date(2026, 4, 1)
        desk.contract()
        desk.keep(NOON + 2 * HOUR / 3, last=NOON + HOUR / 2)
        assert clock(desk, NOON + 2 * HOUR / 3).deadline_at == NOON + 4 * HOUR
        assert desk.policies_of() == ["far", "near", "far"]

    def test_tightening_into_the_past_leaves_grace_and_breaks_nothing_after_the_fact(self, desk: Desk) -> None:
        desk.rulebook = policies(FAR, NEAR, grace="20m business")
        desk.ticket()
        desk.keep(NOON + 2 * HOUR)
        desk.contract(renews_on=date(2026, 4, 1))
        changed = NOON + 3 * HOUR
        assert desk.keep(changed, last=NOON + 2 * HOUR).new_breaches == 0
        assert clock(desk, changed).deadline_at == changed + HOUR / 3
        desk.keep(NOON + 5 * HOUR, last=changed)
        [breach] = breaches(desk)
        assert (breach.breached_at, breach.policy) == (changed + HOUR / 3, "near")

    def test_what_was_broken_stays_broken_when_more_time_is_given(self, desk: Desk) -> None:
        desk.contract(renews_on=date(2026, 4, 1))
        desk.rulebook = policies(FAR, NEAR)
        desk.ticket()
        desk.keep(NOON + 2 * HOUR)
        [breach] = breaches(desk)
        desk.contract()
        desk.keep(NOON + 3 * HOUR, last=NOON + 2 * HOUR)
        assert desk.policies_of() == ["near", "far"]
        assert breaches(desk) == [breach]
        assert breach.breached_at == NOON + HOUR
        assert clock(desk, NOON + 3 * HOUR).state == "breached"

    def test_a_pause_stays_a_pause(self, desk: Desk) -> None:
        desk.rulebook = policies(FAR, NEAR)
        desk.ticket()
        desk.becomes("status", "open", "pending", NOON + HOUR / 4)
        desk.becomes("status", "pending", "open", NOON + 8 * HOUR)
        desk.keep(NOON + HOUR)
        assert clock(desk, NOON + HOUR).state == "paused"
        desk.contract(renews_on=date(2026, 4, 1))
        desk.keep(NOON + 2 * HOUR, last=NOON + HOUR)
        assert clock(desk, NOON + 8 * HOUR).deadline_at == NOON + 8.75 * HOUR

    def test_a_priority_that_changed_needs_no_run_to_count(self, desk: Desk) -> None:
        desk.rulebook = policies(
            {"id": "p", "targets": {"first_reply": {"urgent": "1h elapsed", "normal": "8h elapsed"}}}
        )
        desk.ticket(priority="urgent")
        desk.becomes("priority", "normal", "urgent", NOON + HOUR / 2)
        desk.keep(NOON + HOUR / 2)
        assert clock(desk, NOON + HOUR / 2).deadline_at == NOON + HOUR
        assert len(desk.promised()) == 1

    @given(
        st.lists(
            st.tuples(
                st.integers(0, 300),
                st.sampled_from([date(2026, 4, 1), date(2026, 6, 1), None]),
                st.sampled_from([50_000, 150_000]),
                st.sampled_from(["30m business", "2h business", "90m elapsed"]),
                st.sampled_from(["always", {"mon-fri": ["12:30-13:15", "14:00-16:30"]}]),
            ),
            min_size=1,
            max_size=5,
        )
    )
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_whatever_changes_when_no_breach_is_undone_or_dated_back(
        self, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[Any, ...]]
    ) -> None:
        desk = Desk(Store(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('desk') / 'keepline.db')}"))
        desk.ticket()
        desk.says("customer", NOON)
        known: list[SlaBreach] = []
        last: datetime | None = None
        for minutes, renews_on, arr, target, hours in sorted(changes, key=lambda change: change[0]):
            now = NOON + timedelta(minutes=minutes)
            desk.contract(renews_on=renews_on or date(2026, 3, 3), arr=arr)
            calendars = {"default": {"zone": "UTC", "hours": hours}}
            desk.rulebook = policies(
                {**FAR, "targets": {"first_reply": target}}, NEAR, calendars=calendars, grace="10m elapsed"
            )
            desk.keep(now, last=last)
            found = breaches(desk)
            assert found[: len(known)] == known
            assert all(last is None or breach.breached_at >= last for breach in found[len(known) :])
            assert all(breach.breached_at < now for breach in found)
            known, last = found, now
        assert [each.standing for each in broken_promises(desk.store, NOON + DAY, NOON)] == ["recorded"] * len(known)
        desk.store.close()


def test_the_board_puts_the_next_deadline_first_and_what_stands_last(desk: Desk) -> None:
    for name, hours in (("second", 1), ("first", 2), ("overdue", 9), ("standing", 1)):
        desk.ticket(name, created_at=NOON - hours * HOUR)
    desk.becomes("status", "open", "pending", NOON - HOUR / 2, "standing")
    desk.ticket("alone", account_ref=None, created_at=NOON - HOUR / 4)
    desk.keep(NOON)
    entries = board(desk.store, desk.rulebook, NOON)
    assert [entry.ticket for entry in entries] == ["overdue", "first", "second", "alone", "standing"]
    overdue, _, second, alone, standing = entries
    assert (overdue.state, overdue.remaining_seconds) == ("breached", -5 * 3600)
    assert (second.spent_seconds, second.remaining_seconds, second.counting) == (3600, 3 * 3600, "business")
    assert (second.account, second.arr_cents, second.renews_on) == ("Acme", 15_000_000, date(2026, 6, 1))
    assert (alone.account, alone.arr_cents, alone.renews_on) == (None, None, None)
    assert (standing.state, standing.deadline_at, standing.remaining_seconds) == ("paused", None, int(3.5 * 3600))
    assert [entry.ticket for entry in board(desk.store, desk.rulebook, NOON, state="paused")] == ["standing"]
    assert board(desk.store, desk.rulebook, NOON, metric="resolution") == []
    assert len(board(desk.store, desk.rulebook, NOON, state="no_target", metric="resolution")) == 5


def test_the_board_of_the_past_is_as_it_was(desk: Desk) -> None:
    desk.ticket(status="solved", resolved_at=NOON + 5 * HOUR, first_replied_at=NOON + 3 * HOUR)
    desk.keep(NOON + 9 * HOUR)
    assert clock(desk, NOON + 2 * HOUR).state == "running"
    assert board(desk.store, desk.rulebook, NOON + 9 * HOUR) == []


def test_attainment_is_told_with_what_is_not_known(desk: Desk) -> None:
    for number in range(4):
        desk.ticket(f"T{number}", created_at=NOON - 5 * HOUR, team="emea" if number else None)
        desk.says("customer", NOON - 5 * HOUR, f"T{number}")
    for number in range(3):
        desk.says("agent", NOON - 2 * HOUR, f"T{number}")
    desk.ticket("before", created_at=NOON - 300 * DAY, status="solved", resolved_at=NOON - HOUR)
    desk.keep(NOON)
    told = attained(desk.store, desk.rulebook, NOON, NOON - DAY, NOON, "team")
    assert (told.whole.met, told.whole.breached, told.without_terms) == (3, 1, 1)
    assert [(each.slice, each.met, each.breached) for each in told.slices] == [("(unknown)", 1, 0), ("emea", 2, 1)]
    by_segment = attained(desk.store, desk.rulebook, NOON, NOON - DAY, NOON, "segment")
    assert [each.slice for each in by_segment.slices] == ["enterprise"]
    assert attained(desk.store, desk.rulebook, NOON, NOON - 9 * DAY, NOON - 8 * DAY).whole.share is None


def test_the_signal_counts_what_was_broken(desk: Desk) -> None:
    def counted(at: datetime) -> Any:
        signals, _ = look(desk.store.facts(), desk.rulebook, at, at, ["sla_breaches_30d"]).signals(at)
        return signals["sla_breaches_30d"].to_list()

    desk.ticket()
    assert counted(NOON + 3 * HOUR) == [None]
    desk.keep(NOON + 3 * HOUR)
    assert counted(NOON + 3 * HOUR) == [0]
    desk.keep(NOON + 9 * HOUR, last=NOON + 3 * HOUR)
    assert counted(NOON + 9 * HOUR) == [1]
    assert counted(NOON + 31 * DAY) == [0]
    assert counted(NOON + HOUR) == [0]


def test_sqlite_and_postgresql_watch_alike(store: Store) -> None:
    desk = Desk(store, policies(FAR, NEAR))
    desk.ticket("late")
    desk.ticket("quiet", account_ref=None)
    desk.says("customer", NOON, "late")
    desk.says("agent", NOON + 6 * HOUR, "late")
    desk.ticket("elsewhere", source="elsewhere", account_ref=None, status="solved", resolved_at=NOON + HOUR)
    desk.becomes("status", "open", "pending", NOON + HOUR / 2, "quiet")
    desk.put("touch", external_id="call", happened_at=NOON + HOUR)
    report = desk.keep(NOON + 7 * HOUR)
    assert (report.promised, report.paused, report.new_breaches, report.summarised) == (3, 1, 1, 1)
    [breach] = breaches(desk)
    assert (breach.ticket_ref, breach.breached_at) == ("late", NOON + 4 * HOUR)
    assert desk.keep(NOON + 7 * HOUR, last=NOON + 7 * HOUR).new_breaches == 0
