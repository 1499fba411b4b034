"""Knows how contenders are timed: each run in a fresh process, in turns, the best one counts; all must agree."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zlib import crc32

_MEGABYTE = 1_000_000
_SAMPLED = 16


class Disagreement(Exception):
    """Two contenders do not have the same results: their times say nothing."""


class Stopwatch:
    """What a contender spends in each part of its work, in seconds, and the most memory its process had until then.

    Imports and the making of answers lie outside of the parts.
    """

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.peak_bytes = 0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a part; one that comes again is added up."""
        begun = time.perf_counter()
        yield
        self.parts[name] = self.parts.get(name, 0.0) + time.perf_counter() - begun
        self.peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    @property
    def seconds(self) -> float:
        """The whole work."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class Answer:
    """What a contender found, small enough to compare: a digest of all rows, and every sixteenth row in full.

    `share` is the part of the whole that was done; one below 1 is extrapolated, and only its rows are compared.
    """

    rows: int
    digest: int
    sample: dict[str, list[Any]]
    share: float = 1.0

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]], share: float = 1.0) -> "Answer":
        """The answer that consists of `rows`, in any order; the first column identifies a row."""
        count = digest = 0
        sample = {}
        for row in rows:
            plain = [_plain(cell) for cell in row]
            mark = crc32(repr(plain).encode())
            count, digest = count + 1, (digest + mark) % 2**64
            if share < 1 or is_sampled(plain[0]):
                sample[str(plain[0])] = plain
        return cls(count, digest, sample, share)

    def disagreement(self, other: "Answer") -> str | None:
        """What is not the same, or None."""
        known = self.sample.keys() & other.sample.keys()
        for name in sorted(known):
            if self.sample[name] != other.sample[name]:
                return f"{self.sample[name]} is not {other.sample[name]}"
        whole = self.share == other.share == 1
        if not known or (whole and (self.rows, self.digest) != (other.rows, other.digest)):
            return f"{self.rows} rows with digest {self.digest} are not {other.rows} with {other.digest}"
        return None


def is_sampled(name: Any) -> bool:
    """Whether the row of that name is compared cell by cell."""
    return crc32(str(name).encode()) % _SAMPLED == 0


def _plain(cell: Any) -> Any:
    # The same quotient, computed in another order, may differ in its last bits.
    return float(f"{cell:.9g}") if isinstance(cell, float) else cell


@dataclass(frozen=True)
class Contender:
    """One way to do the work: `place` is module:function, called with a Stopwatch and the benchmark's arguments."""

    name: str
    place: str
    runs: int = 3


@dataclass(frozen=True)
class Measured:
    """A contender's best run: seconds by part, extrapolated to the whole where only a share was done."""

    contender: Contender
    parts: Mapping[str, float]
    peak_bytes: int
    answer: Answer

    @property
    def seconds(self) -> float:
        """The time for the whole."""
        return sum(self.parts.values()) / self.answer.share


def compete(
    contenders: Sequence[Contender], arguments: Mapping[str, Any], most_runs: int, like: Measured | None = None
) -> list[Measured]:
    """Run all contenders in turns, so that what else the machine does hits all alike; the best run of each.

    No contender runs more often than it says itself.

    Raises:
        Disagreement: the results of one are not those of the first, or of `like`.
    """
    best: dict[str, Measured] = {}
    for turn in range(min(most_runs, max(one.runs for one in contenders))):
        for contender in contenders:
            if turn < contender.runs:
                measured = _run(contender, arguments)
                before = best.get(contender.name)
                best[contender.name] = measured if before is None or measured.seconds < before.seconds else before
    found = [best[contender.name] for contender in contenders]
    first = like or found[0]
    for other in found:
        insist(first.contender.name, first.answer, other.contender.name, other.answer)
    return found


def insist(name: str, answer: Answer, other_name: str, other: Answer) -> None:
    """Make sure that two answers agree.

    Raises:
        Disagreement: they do not.
    """
    if (difference := answer.disagreement(other)) is not None:
        raise Disagreement(f"{name} and {other_name} disagree: {difference}")


def _run(contender: Contender, arguments: Mapping[str, Any]) -> Measured:
    told = in_fresh_process(contender.place, arguments)
    return Measured(contender, told["parts"], told["peak_bytes"], Answer(**told["answer"]))


def in_fresh_process(place: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Call module:function in a process of its own; this one stays small, for a child inherits its parent's peak."""
    command = [sys.executable, "-m", "benchmarks.contender", place, json.dumps(dict(arguments))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if ended.returncode:
        raise RuntimeError(f"{place} failed:\n{ended.stderr}")
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told
