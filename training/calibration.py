"""Knows what a team's first labels are worth: the figures before and after, over many draws from labelled files.

Each file stands in for a team: so many random rows are its labels, all others are what is measured. A row of a file has
`text` and `label` (neg, neu, pos, or neu_or_pos).
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rules.text.calibration.calibrating import learned_from
from rules.text.calibration.seen import Numbers, Seen, seen
from rules.text.calibration.told import BAD_AT, expected_calibration_error
from training.measures import auc, f1, macro_f1

FILES = ("brand_tweets", "semeval_tweets", "codereview")
_OPEN = {"neg": (1, 0, 0), "neu": (0, 1, 0), "pos": (0, 0, 1), "neu_or_pos": (0, 1, 1)}
_HEADS = (
    "file", "labels", "ECE (mass)", "ECE (width)", "AUC", "macro-F1", "F1@−35", "log loss", "kept",
)  # fmt: skip


@dataclass(frozen=True)
class Team:
    """A file's readable texts as the base sees them, with the classes that their labels leave open."""

    name: str
    read: Seen
    allowed: Numbers

    def some(self, rows: np.ndarray) -> tuple[Seen, Numbers]:
        """The rows as if they were all."""
        every = np.ones(len(rows), dtype=bool)
        return Seen(every, self.read.logs[rows], self.read.features[rows]), self.allowed[rows]


def table(folder: Path, labels: Sequence[int], draws: int, files: Sequence[str] = FILES) -> Iterator[list[str]]:
    """A row before any label and one for each number of labels, of each file; means over the draws."""
    for name in files:
        team = _team(folder / f"{name}.jsonl")
        base = _figures(np.exp(team.read.logs), team.allowed)
        yield [name, "0", *_shown(base), "–"]
        for count in labels:
            found = [_after(team, count, seed) for seed in range(draws)]
            kept = np.mean([accepted for _, accepted in found])
            yield [name, str(count), *_shown(np.nanmean([each for each, _ in found], axis=0)), f"{kept:.0%}"]


def _after(team: Team, count: int, seed: int) -> tuple[Numbers, bool]:
    rows = np.random.default_rng(seed).permutation(len(team.allowed))
    taught, others = rows[:count], rows[count:]
    calibrated = learned_from(*team.some(taught))
    read, allowed = team.some(others)
    chances = calibrated.calibration.weights.probabilities(read.logs, read.features)
    return _figures(chances, allowed), calibrated.accepted


def _figures(chances: Numbers, allowed: Numbers) -> Numbers:
    negative = (allowed[:, 0] > 0) & (allowed[:, 1:].sum(axis=1) == 0)
    scores = 100 * (chances[:, 2] - chances[:, 0])
    given = -np.log((chances * allowed).sum(axis=1) + 1e-12).mean()
    return np.array([
        expected_calibration_error(chances[:, 0], negative),
        expected_calibration_error(chances[:, 0], negative, equal_width=True),
        auc(-scores, negative), _macro_f1(chances, allowed), f1(scores <= BAD_AT, negative), given,
    ])  # fmt: skip


def _macro_f1(chances: Numbers, allowed: Numbers) -> float:
    """Of negative, neutral and positive; of negative and the rest where the labels tell no more."""
    if (allowed.sum(axis=1) > 1).any():
        said, true = chances[:, 0] >= 0.5, allowed[:, 1] == 0
        return (f1(said, true) + f1(~said, ~true)) / 2
    return macro_f1(chances.argmax(axis=1), allowed.argmax(axis=1))


def _team(file: Path) -> Team:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    read = seen([row["text"] for row in rows])
    allowed = np.array([_OPEN[row["label"]] for row in rows], dtype=float)
    return Team(file.stem, read, allowed[read.readable])


def _shown(figures: Numbers) -> list[str]:
    return [f"{each:.3f}" for each in figures]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `run` needs besides the folder of the labelled files."""
    parser.add_argument("--labels", default="50,200", help="how many labels are given, comma-separated")
    parser.add_argument("--draws", type=int, default=50)


def run(chosen: argparse.Namespace) -> None:
    """Print the table."""
    print("| " + " | ".join(_HEADS) + " |\n|" + "---|" * len(_HEADS))
    for row in table(chosen.data, [int(each) for each in chosen.labels.split(",")], chosen.draws):
        print("| " + " | ".join(row) + " |", flush=True)
