"""Replies sorted by hand, and how well they are told apart; `python -m tests.rules.text.labelled` prints it."""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from keepline.demo.dice import Dice
from keepline.demo.speech import Voice, foreign_tags, issues_of, read_phrases
from rules.text.impact import read_impact

FOLDER = Path(__file__).parent
FILES = {"tuned on": "replies_tuned_on.toml", "held out": "replies_held_out.toml"}
LABELS = {"holding": False, "impactful": True, "unknown": None}

Labelled = tuple[str, bool | None]


def sorted_by_hand(which: str) -> list[Labelled]:
    """The texts of a file, each with whether it moves its issue on."""
    content = tomllib.loads((FOLDER / FILES[which]).read_text(encoding="utf-8"))
    return [(text, LABELS[label]) for label, texts in content.items() for each in texts.values() for text in each]


def of_the_demo(count: int = 4_000) -> list[Labelled]:
    """What agents and bots of the demo write, with what it was written for."""
    phrases, dice = read_phrases(), Dice(3, "labelled")
    issues, spoken = issues_of(phrases), foreign_tags(phrases)
    found: list[Labelled] = [
        (text, False) for kind in ("acknowledgement", "out_of_office") for text in phrases["bot"][kind]
    ]
    for _ in range(count):
        issue, tone = dice.pick(issues), dice.pick(["friendly", "neutral", "frustrated", "angry"])
        language = dice.pick(["en"] * 9 + [name for name, tags in spoken.items() if issue.tag in tags])
        slots = {"product": "Insights", "company": "Blue Harbour", "weekday": "Monday"}
        voice, kind = Voice(dice, phrases, issue, tone, language, slots), dice.pick(["asking", "working", "fix"])
        text = voice.agent(kind)
        # Of "working", only the cause and that it was reproduced say something.
        moves = kind != "working" or language != "en" or "found the cause" in text or "could reproduce" in text
        found.append((text, moves))
    return found


def counted(texts: Sequence[Labelled]) -> Counter[tuple[bool | None, bool | None]]:
    """How often (what it is, what was read) occurs."""
    return Counter((is_so, read_impact(text).impactful) for text, is_so in texts)


def quality(texts: Sequence[Labelled], label: bool) -> tuple[float, float]:
    """Precision and recall of one answer."""
    found = counted(texts)
    hits = found[label, label]
    said = sum(count for (_, read), count in found.items() if read is label)
    there = sum(count for (is_so, _), count in found.items() if is_so is label)
    return hits / said, hits / there


def _report() -> Iterator[str]:
    sets = {**{name: sorted_by_hand(name) for name in FILES}, "demo": of_the_demo()}
    yield f"{'':<10}{'texts':>7}  {'holding: precision':>18} {'recall':>7}  {'impactful: precision':>20} {'recall':>7}"
    for name, texts in sets.items():
        (held, holding), (moved, moving) = quality(texts, label=False), quality(texts, label=True)
        yield f"{name:<10}{len(texts):>7,}  {held:>18.1%} {holding:>7.1%}  {moved:>20.1%} {moving:>7.1%}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(_report()) + "\n")
