"""The proof on a real Request Tracker, where there is one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real import rt_server


@pytest.mark.skipif(not rt_server.is_installed(), reason="Request Tracker is not installed; make prove-rt installs it")
def test_a_ticket_goes_into_the_queue_and_a_note_goes_back() -> None:
    command = [sys.executable, "-m", "tests.real.request_tracker"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
