"""Frames come out of a database that others use at the same time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.store import Store
from tests.builders import NOON, staged

_HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode=EXCLUSIVE")
connection.execute("INSERT INTO notes VALUES ('who', 'another')")
print("locked", flush=True)
time.sleep(0.4)
"""
_COUNT = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM fx_rates").fetchone()[0])
"""


@contextmanager
def locked_by_another_process(file: Path) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield


def test_reading_waits_until_another_process_lets_go_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "keepline.db"
    store = Store(f"sqlite:///{file}")
    store.close()
    with locked_by_another_process(file):
        assert store.facts().accounts().collect().is_empty()
    store.close()


def test_what_is_written_after_frames_were_read_is_in_the_file(tmp_path: Path) -> None:
    """Frames come by a second copy of SQLite; when it closes the file it must not take the first one's log along."""
    file = tmp_path / "keepline.db"
    store = Store(f"sqlite:///{file}")
    for number in range(2):
        with store.importing() as transaction:
            staging = transaction.stage("fx_rate", "rates.csv")
            staging.append(staged("fx_rate", {"external_id": f"R{number}"}))
            staging.settle(NOON)
        assert len(store.facts().fx_rates().collect()) == number + 1
    seen = subprocess.run([sys.executable, "-c", _COUNT, str(file)], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "2"
    store.close()
