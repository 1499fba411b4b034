"""Runs one contender in this process and prints what was measured: `python -m benchmarks.contender PLACE ARGUMENTS`."""

import json
import sys
from dataclasses import asdict
from importlib import import_module

from benchmarks.contest import Answer, Stopwatch


def main(place: str, arguments: str) -> None:
    """Call `module:function` with a stopwatch and the arguments, and print its parts, peak and answer as JSON."""
    module, _, name = place.partition(":")
    watch = Stopwatch()
    answer = getattr(import_module(module), name)(watch, **json.loads(arguments))
    told = asdict(answer) if isinstance(answer, Answer) else answer
    print(json.dumps({"parts": watch.parts, "peak_bytes": watch.peak_bytes, "answer": told}))


if __name__ == "__main__":
    main(*sys.argv[1:])
