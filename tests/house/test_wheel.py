"""The built wheel carries everything that it needs and runs from another folder."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
FILES = {
    "customers.csv": "Customer no,Company,Segment\n1,Blue Harbour,enterprise\n",
    "subscriptions.csv": "Subscription,Customer,Monthly fee,Currency,Start\nS1,1,20000,USD,2025-02-01\n",
    "tickets.csv": "Ticket,Customer,Subject,Status,Opened\nT1,1,Export fails,open,2026-11-12T09:00:00Z\n",
}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout and unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("keepline-*.whl")
    with ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def keepline(unpacked: Path, folder: Path, *words: str) -> str:
    """Run the wheel's own code from `folder`, with nothing of the checkout in reach."""
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from keepline.__main__ import main; main()"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEEPLINE_")}
    command = [sys.executable, "-P", "-c", script, str(unpacked), *words]
    run = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_wheel_leads_from_exports_to_a_digest(unpacked: Path, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    for name, text in FILES.items():
        (exports / name).write_text(text, encoding="utf-8")
    keepline(unpacked, tmp_path, "init")
    keepline(unpacked, tmp_path, "map", "exports", "--write", "exports/keepline-map.yaml")
    keepline(unpacked, tmp_path, "import", "exports")
    keepline(unpacked, tmp_path, "run", "--as-of", "2026-11-20")
    page = keepline(unpacked, tmp_path, "digest", "--format", "html", "--as-of", "2026-11-20")
    assert page.startswith("<!")


def test_the_wheel_carries_the_data_of_every_room(unpacked: Path) -> None:
    for needed in (
        "config/defaults/playbooks.yaml",
        "connectors/mappings/keepline.yaml",
        "console/templates/digest.html",
        "storage/migrations/env.py",
        "keepline/demo/phrases.toml",
    ):
        assert (unpacked / needed).is_file(), needed
    assert not (unpacked / "tests").exists()
    assert not (unpacked / "benchmarks").exists()
