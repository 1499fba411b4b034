"""The contract on both databases: on SQLite nearly all of it, on PostgreSQL what goes through its own way of writing.

`KEEPLINE_PROVE=all` runs everything on both.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from keepline.proving.contract_suite import ConnectorContract
from storage.store import Store

# What differs between databases is how rows are staged, settled and removed; the outside does not know of it.
ON_POSTGRESQL = (
    "test_many_pages_are_read_whole",
    "test_a_second_sync_changes_nothing",
    "test_what_changed_since_is_read_and_nothing_else_is_lost",
    "test_a_row_that_changes_in_mid_walk_is_neither_lost_nor_stale[middle",
    "test_what_is_deleted_goes",
    "test_what_arrives_late_with_an_old_time_is_read",
    "test_a_vendor_that_stays_broken_loses_nothing[500",
    "test_a_record_that_cannot_be_read_is_put_aside_and_the_rest_goes_on",
)


class OnBothDatabases(ConnectorContract):
    """The contract, with a database of each kind that Keepline runs on."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
        if request.param == "postgresql":
            with closing(Store(request.getfixturevalue("postgres_copy"))) as opened:
                yield opened
            return
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "keepline.db")
        with closing(Store(f"sqlite:///{path}")) as opened:
            yield opened


# Where a fault falls is the same code for all kinds of it; two kinds stand for the first and the last request.
AT_ALL_PLACES = ("503", "dropped")


def is_wanted(test: str) -> bool:
    """Whether a test is to be run, by its id within its class."""
    name, _, given = test.rstrip("]").partition("[")
    parameters = given.split("-")
    if os.environ.get("KEEPLINE_PROVE") == "all":
        return True
    if "postgresql" in parameters:
        plain = "-".join(each for each in parameters if each != "postgresql")
        return f"{name}[{plain}".rstrip("[").startswith(ON_POSTGRESQL)
    at_an_end = "first" in parameters or "last" in parameters
    return not (name.startswith("test_a_bad_answer") and at_an_end and not {*AT_ALL_PLACES} & {*parameters})
