"""Frames come out of a database that others use at the same time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.store import Store

_HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode=EXCLUSIVE")
connection.execute("INSERT INTO notes VALUES ('who', 'another')")
print("locked", flush=True)
time.sleep(0.4)
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
