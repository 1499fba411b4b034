"""Reads what Prism makes of the vendors' specifications: shapes that none of us wrote.

    python -m tests.connectors.against_prism SPECIFICATIONS 'node …/prism-cli/dist/index.js' [VENDOR ...]

For each fake with a specification, Prism serves that file on loopback, with answers that are the vendor's own examples
or generated, and each stream of the connector reads its first ones. Prism keeps no state and mixes examples: nothing
can be said of paging, and a generated word is no date. What is told is what could be read, and what the connector said
of the rest; a connector that is at a loss for words ends this.
"""

import shlex
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

from connectors.contract import START, Site
from connectors.registry import vendor
from domain.errors import KeeplineError
from keepline.proving.contract_suite import START_OF_TIME, ConnectorContract, MemorySecrets
from keepline.proving.loopback import FakeSite, SiteClock
from tests.connectors import test_every_connector

_PAGES = 3


@contextmanager
def prism(command: str, specification: Path) -> Iterator[str]:
    """The address at which Prism serves a specification."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    words = [*shlex.split(command), "mock", "-h", "127.0.0.1", "-p", str(port), str(specification)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("Prism did not begin to serve")


def read(site: FakeSite, address: str, fields: MappingProxyType[str, str]) -> Iterator[tuple[str, Counter[str], str]]:
    """Each stream's first pages: what was read of what kind, and what it ended with."""
    site.url = address
    clock = SiteClock(START_OF_TIME)
    opened = Site(site.vendor, site.settings(), MemorySecrets(dict(site.secrets())), clock, fields)
    for stream in vendor(site.vendor).open(opened).streams():
        counts, error = Counter[str](), ""
        try:
            for number, page in enumerate(stream.pages(START), start=1):
                counts["rows"] += page.read
                counts["records"] += len(page.found)
                counts["unreadable"] += len(page.unusable)
                for each in page.unusable:
                    counts[f"unreadable: {each.record}.{each.column} {each.found[:40]}"] += 1
                if page.complete or number == _PAGES:
                    break
        except KeeplineError as ended:
            error = str(ended)
        yield stream.name, counts, error


def main(folder: Path, command: str, *wanted: str) -> None:
    """Read from all that have a specification, or from those that are wanted."""
    suites = [each for each in vars(test_every_connector).values() if isinstance(each, type)]
    for suite in suites:
        if not issubclass(suite, ConnectorContract) or not hasattr(suite, "site_type"):
            continue
        site = suite.site_type(SiteClock(START_OF_TIME))
        if not site.specifications or (wanted and site.vendor not in wanted):
            continue
        with prism(command, folder / site.specifications[0]) as address:
            for stream, counts, error in read(site, address, MappingProxyType(dict(suite.fields))):
                shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
                sys.stdout.write(f"{site.vendor} {stream}: {shown or 'nothing'}{'; ' if error else ''}{error}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
