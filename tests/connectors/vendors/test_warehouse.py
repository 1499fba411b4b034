"""A warehouse obeys the laws of every connector, on a real SQLite file and a real PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    text,
)

from domain.errors import ConnectorError
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, WrongClock
from tests.connectors.sites.landed import MANY, TICKETS, Landed, on_the_nth_page

pytestmark = pytest.mark.usefixtures("few_rows_a_page")


def test_an_empty_table_is_read_without_complaint(landed: Landed) -> None:
    assert landed.sync_well().changed == 0
    assert landed.brought() == {}


@pytest.mark.parametrize("count", [1, 4, 5, 6, 10, MANY])
def test_any_number_of_rows_of_one_moment_is_read_whole(landed: Landed, count: int) -> None:
    landed.add(count)
    assert landed.sync_well().read == count
    landed.assert_same()
    landed.assert_nothing_put_aside()


def test_a_second_sync_changes_nothing(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync_well()
    assert landed.sync_well().changed == 0
    landed.assert_same()


def test_a_later_sync_reads_what_changed_and_the_overlap_alone(landed: Landed) -> None:
    landed.add(MANY)
    landed.clock.pass_by(days=1)
    landed.sync_well()
    landed.add(2)
    landed.change(3, status="hold")
    landed.sync_well()
    assert landed.sync_well().read == 3
    landed.assert_same()


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_row_that_changes_in_mid_walk_is_neither_lost_nor_stale(landed: Landed, page: int) -> None:
    landed.add(MANY)

    def busy() -> None:
        landed.change(1, status="solved")
        landed.change(MANY, status="pending")
        landed.add(1)

    landed.sync(report=on_the_nth_page(page, busy))
    landed.sync_well()
    landed.assert_same()


def test_what_is_marked_as_deleted_goes(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync_well()
    landed.delete(2)
    landed.delete(7)
    landed.sync_well()
    assert not {"2", "7"} & landed.brought().keys()
    landed.assert_same()


def test_what_is_marked_in_mid_walk_goes(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync(report=on_the_nth_page(2, lambda: landed.delete(1)))
    landed.sync_well()
    landed.assert_same()


def test_what_is_marked_while_a_first_walk_lasts_for_days_goes(landed: Landed) -> None:
    landed.add(MANY)

    def much_happens() -> None:
        landed.delete(1)
        landed.clock.pass_by(days=2)
        landed.add(1)

    landed.sync(report=on_the_nth_page(1, much_happens))
    landed.sync_well()
    landed.assert_same()


def test_a_mark_that_is_taken_off_brings_the_row_back(landed: Landed) -> None:
    landed.add(3)
    landed.sync_well()
    landed.delete(2)
    landed.sync_well()
    landed.change(2, _fivetran_deleted=False)
    landed.sync_well()
    landed.assert_same()
    assert len(landed.brought()) == 3


def test_a_first_walk_leaves_alone_what_was_deleted_before_it(landed: Landed) -> None:
    landed.add(3)
    landed.delete(2)
    pages = [page for stream in landed.connector().streams() for page in stream.pages({})]
    assert [gone for page in pages for gone in page.gone] == []
    landed.sync_well()
    landed.assert_same()


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(minutes=59)])
def test_what_lands_late_with_an_old_or_equal_moment_is_read(landed: Landed, late: timedelta) -> None:
    landed.add(3)
    (tenth,) = landed.add(1)
    landed.sync_well()
    # A smaller key, so that only reading again from before the moment finds it.
    row = {"id": -1, "subject": "Late", "status": "open", "created_at": START_OF_TIME, "_fivetran_deleted": False}
    landed.land(landed.tickets, {**row, "_fivetran_synced": START_OF_TIME + timedelta(seconds=14) - late})
    landed.sync_well()
    assert {"-1", str(tenth)} <= landed.brought().keys()
    landed.assert_same()


@pytest.mark.parametrize("page", [1, 2])
def test_a_walk_that_is_stopped_goes_on_behind_its_last_page(landed: Landed, page: int) -> None:
    landed.add(MANY)

    def ctrl_c() -> None:
        raise KeyboardInterrupt

    assert landed.sync(report=on_the_nth_page(page, ctrl_c)).stopped
    assert len(landed.brought()) == 5 * page
    assert landed.sync_well().read == MANY - 5 * page
    landed.assert_same()


def test_a_table_that_is_away_for_a_while_loses_nothing(landed: Landed) -> None:
    landed.add(MANY)

    def rename(old: str, new: str) -> None:
        with landed.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    done = landed.sync(report=on_the_nth_page(1, lambda: rename("ticket", "ticket_swapped")))
    assert isinstance(done.error, ConnectorError)
    assert "Export no." not in str(done.error)
    assert len(landed.brought()) == 5
    rename("ticket_swapped", "ticket")
    assert landed.sync_well().read == MANY - 5
    landed.assert_same()


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_clock_that_is_off_loses_nothing(landed: Landed, hours: int) -> None:
    wrong = WrongClock(landed.clock, hours)
    landed.add(MANY, created_at=landed.clock.now())
    landed.sync_well(wrong)
    landed.change(1, status="solved")
    landed.add(1, created_at=landed.clock.now())
    landed.sync_well(wrong)
    landed.assert_same()
    landed.assert_nothing_put_aside()


def test_a_row_that_cannot_be_read_is_put_aside_and_the_rest_goes_on(landed: Landed) -> None:
    landed.add(3)
    landed.add(1, created_at=None)
    landed.add(1, status="on fire")
    landed.add(3)
    assert landed.sync_well().unusable == 2
    rejects = {each.file: each for each in landed.store.rejects()}
    assert rejects[f"{SOURCE}/ticket/4"].expected == "a value; every created_at is needed"
    assert (rejects[f"{SOURCE}/ticket/5"].column, rejects[f"{SOURCE}/ticket/5"].found) == ("status", "on fire")
    assert sorted(landed.brought(), key=int) == ["1", "2", "3", "6", "7", "8"]
    landed.change(4, created_at=START_OF_TIME)
    landed.change(5, status="open")
    landed.sync_well()
    landed.assert_same()
    landed.assert_nothing_put_aside()


def test_a_marked_row_whose_other_cells_are_empty_goes(landed: Landed) -> None:
    """Loaders that read a log of changes keep of a deleted row its key alone."""
    landed.add(3)
    landed.sync_well()
    landed.change(2, _fivetran_deleted=True, subject=None, status=None, created_at=None)
    landed.sync_well()
    landed.assert_nothing_put_aside()
    landed.assert_same()


def test_rows_without_a_moment_are_counted_out(landed: Landed) -> None:
    landed.add(2)
    row = {"id": 90, "subject": "Timeless", "status": "open", "created_at": START_OF_TIME, "_fivetran_deleted": False}
    landed.land(landed.tickets, row)
    assert list(landed.sync_well().remarks) == ["ticket: 1 rows have no _fivetran_synced and are not read"]


def test_a_mark_is_seen_though_the_source_s_own_time_does_not_move(landed: Landed) -> None:
    landed.rules = [{**TICKETS, "changed_at": "updated_at"}]
    landed.add(3)
    done = landed.sync_well()
    assert list(done.remarks) == [
        "ticket is read by _fivetran_synced, which also moves when a row is marked as deleted"
    ]
    landed.delete(2)
    landed.sync_well()
    landed.assert_same()


def test_a_changed_mapping_reads_the_table_anew(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync_well()
    landed.clock.pass_by(days=3)
    landed.add(1)
    landed.sync_well()
    landed.rules = [{**TICKETS, "fields": {**TICKETS["fields"], "workflow": {"constant": "export"}}}]
    assert landed.sync_well().read == MANY + 1
    assert {each["workflow"] for each in landed.brought().values()} == {"export"}
    assert landed.sync_well().read == 1


def test_what_the_mapping_leaves_out_is_no_record_any_more(landed: Landed) -> None:
    landed.rules = [{**TICKETS, "only_if": {"subject": ["billing"]}}]
    landed.add(2, subject="billing")
    landed.add(2, subject="spam")
    landed.sync_well()
    assert sorted(landed.brought()) == ["1", "2"]
    landed.change(1, subject="spam")
    landed.change(3, subject="billing")
    landed.sync_well()
    assert sorted(landed.brought()) == ["2", "3"]


def test_a_table_without_moments_is_read_whole_and_what_left_it_is_gone(landed: Landed) -> None:
    landed.rules = [{name: value for name, value in TICKETS.items() if name not in {"changed_at", "deleted"}}]
    landed.add(MANY)
    landed.sync_well()
    with landed.engine.begin() as connection:
        connection.execute(landed.tickets.delete().where(landed.tickets.c.id.in_([1, 9])))
    landed.change(2, status="hold")
    assert landed.sync_well().read == MANY - 2
    landed.assert_same()
    assert landed.sync_well().changed == 0


def test_two_tables_may_give_one_kind_of_record(landed: Landed) -> None:
    other = Table("old_ticket", MetaData(), Column("key", String, primary_key=True), Column("opened", String))
    other.create(landed.engine)
    landed.land(other, {"key": "old-1", "opened": "2025-11-05 08:30:00"})
    old = {"record": "ticket", "table": "old_ticket", "fields": {"external_id": "key", "created_at": "opened"}}
    landed.rules = [TICKETS, old]
    landed.add(3)
    landed.sync_well()
    landed.sync_well()
    assert sorted(landed.brought()) == ["1", "2", "3", "old-1"]


def test_a_table_may_be_read_twice_with_other_conditions(landed: Landed) -> None:
    landed.rules = [
        {**TICKETS, "only_if": {"status": ["open"]}, "fields": {**TICKETS["fields"], "workflow": {"constant": "a"}}},
        {**TICKETS, "only_if": {"status": ["solved"]}, "fields": {**TICKETS["fields"], "workflow": {"constant": "b"}}},
    ]
    landed.add(1)
    landed.add(1, status="solved")
    assert set(landed.sync_well().streams) == {"ticket from ticket", "ticket from ticket (2)"}
    assert {key: each["workflow"] for key, each in landed.brought().items()} == {"1": "a", "2": "b"}
