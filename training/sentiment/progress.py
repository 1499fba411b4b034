"""Knows how a long training tells where it stands."""

import sys
import time

_BEGAN = time.monotonic()


def told(line: str) -> None:
    """Say a line on the error stream, with the seconds since the beginning."""
    print(f"{time.monotonic() - _BEGAN:6.0f} s  {line}", file=sys.stderr, flush=True)
