"""`python -m benchmarks.summaries`: how much of what is wanted a summary of five sentences holds, and what it takes.

Held against the longest sentences, and against a thread's first and last ones, on threads written by hand. The simple
ways get our sentences, without greetings, signatures, logs and bots; what they do without is the choosing alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.tickets import Message
from rules.text import summary
from rules.text.summaries.sentences import quotable
from tests.rules.text.threads import Thread, first_and_last, longest, threads

FILES = {"tuned on": "threads_tuned_on", "held out": "threads_held_out"}
MOST = 5
Way = Callable[[Thread], Sequence[str]]


@dataclass(frozen=True)
class Held:
    """The mean share of the wanted sentences (at most five) that are quoted, and in how many threads the key one is."""

    recall: float
    keys: int
    threads: int


def ours(thread: Thread) -> list[str]:
    """Our summary."""
    return [each.sentence for each in summary(thread.messages, sentences=MOST)]


def edges(thread: Thread) -> list[str]:
    """The first three and the last two sentences."""
    return first_and_last(_by_persons(thread), _split, MOST)


def lengthy(thread: Thread) -> list[str]:
    """The five longest sentences."""
    return longest(_by_persons(thread), _split, MOST)


WAYS: dict[str, Way] = {"ours": ours, "the longest": lengthy, "first and last": edges}


def held(written: Sequence[Thread], way: Way) -> Held:
    """What one way of summing up holds of these threads."""
    quoted = [way(each) for each in written]
    recalls = [
        sum(holds(want, said) for want in thread.wanted) / min(MOST, len(thread.wanted))
        for thread, said in zip(written, quoted, strict=True)
    ]
    keys = sum(holds(thread.key, said) for thread, said in zip(written, quoted, strict=True))
    return Held(sum(recalls) / len(recalls), keys, len(written))


def holds(wanted: str, quoted: Sequence[str]) -> bool:
    """Whether a sentence is among the quoted ones, or is a part of one, or the other way round."""
    want = _bare(wanted)
    return any(want in _bare(each) or _bare(each) in want for each in quoted)


def _by_persons(thread: Thread) -> list[Message]:
    return [each for each in thread.messages if each.author_kind in {"customer", "agent"}]


def _split(text: str) -> list[str]:
    return [each.text for each in quotable(text)]


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def main() -> None:
    """Print the table."""
    print(f"{'threads':10} {'way':16} recall@{MOST}  key sentence")
    for title, file in FILES.items():
        written = threads(file)
        for name, way in WAYS.items():
            found = held(written, way)
            print(f"{title:10} {name:16} {found.recall:8.2f}  {found.keys} of {found.threads}")
    written = threads(FILES["held out"])
    begun = time.perf_counter()
    for thread in written * 10:
        ours(thread)
    each = (time.perf_counter() - begun) / (10 * len(written))
    print(
        f"{each * 1_000:.0f} ms a thread of {sum(len(each.messages) for each in written) / len(written):.0f} messages"
    )


if __name__ == "__main__":
    main()
