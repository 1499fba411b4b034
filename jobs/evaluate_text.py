"""Holds the readers of texts against what persons said of the same texts, beside the readers that others offer."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from connectors.labelled_texts import Column, LabelledTexts
from domain.errors import KeeplineError
from rules.kpis.certainty import of_share
from rules.text import calibrate, churn_spans, issue_groups, language, probabilities
from rules.text.calibration import Answer
from rules.text.calibration.calibrating import LEAST_ANSWERS
from rules.text.measures.others import textblob, vader
from rules.text.measures.repeats import pair_f1, repeat_f1
from rules.text.measures.sentiment import Agreement, Measure, agreement

Report = Callable[[str, int, int], None]
Stopwatch = Callable[[], float]
Scores = list[float | None]
OURS, TEXTBLOB, VADER = "keepline", "TextBlob", "VADER"
_BATCH = 500


@dataclass(frozen=True)
class Reader:
    """One reader's agreement with the labels, and how many texts it read a second."""

    name: str
    agreement: Agreement
    texts_per_second: float | None


@dataclass(frozen=True)
class Calibrating:
    """What so many labels of the file make of our scores of the others; one `Agreement` a seed, before and after."""

    labels: int
    before: list[Agreement]
    after: list[Agreement]
    accepted: int


@dataclass(frozen=True)
class Flagging:
    """How well wishes to leave are found; shares with Wilson's intervals. `false_flags`: of texts without one."""

    precision: Measure
    recall: Measure
    false_flags: Measure
    f1: float | None


@dataclass(frozen=True)
class Grouping:
    """Precision, recall and F1 of pairs and of repeats; None where nothing is said twice."""

    pairs: tuple[float, float, float] | None
    repeats: tuple[float, float, float] | None
    groups: int
    issues: int
    per_account: bool


@dataclass(frozen=True)
class Languages:
    """`accuracy` of the texts whose language was told, and of which share it was not."""

    accuracy: Measure
    unknown_ratio: float


@dataclass
class Evaluation:
    """What a file of labelled texts says of the readers; None where it has no labels of that kind."""

    file: str
    texts: int
    columns: Mapping[Column, str]
    readers: list[Reader] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    calibrated: Calibrating | None = None
    churn: Flagging | None = None
    issues: Grouping | None = None
    languages: Languages | None = None


@dataclass(frozen=True)
class Asked:
    """`labels`: calibrate with so many random ones, over `seeds`; `resamples` for intervals; issues by `embeddings`."""

    labels: int | None = None
    seeds: int = 5
    resamples: int = 200
    embeddings: bool = False


def evaluate(found: LabelledTexts, asked: Asked, stopwatch: Stopwatch, report: Report) -> Evaluation:
    """Read all texts and compare.

    Raises:
        KeeplineError: the file has no rows, or too few labels to calibrate with.
    """
    if not found.texts:
        raise KeeplineError(f"{found.file} has no rows; give texts with what persons said of them")
    if asked.labels is not None and "label" not in found.cells:
        raise KeeplineError(f"--labels needs a column of labels (neg, neu, pos), and {found.file} has none")
    told = Evaluation(found.file, len(found.texts), dict(found.columns))
    cells = found.cells
    if cells.keys() & {"label", "score"}:
        _sentiment(found, asked, stopwatch, report, told)
    if "churn" in cells:
        told.churn = _churn(found.texts, cells["churn"], report)
    if "issue" in cells:
        told.issues = _issues(found, asked)
    if "language" in cells:
        told.languages = _languages(found.texts, cells["language"])
    return told


def _sentiment(found: LabelledTexts, asked: Asked, stopwatch: Stopwatch, report: Report, told: Evaluation) -> None:
    nothing = [None] * len(found.texts)
    labels, human = found.cells.get("label", nothing), found.cells.get("score", nothing)
    chances, pace = _read(found.texts, probabilities, OURS, stopwatch, report)
    scores = [None if each is None else 100 * (each[2] - each[0]) for each in chances]
    of = agreement(scores, labels, human, chances, resamples=asked.resamples)
    told.readers.append(Reader(OURS, of, pace))
    for name, read in ((TEXTBLOB, textblob()), (VADER, vader())):
        if read is None:
            told.left_out[name] = "vaderSentiment is not installed here: pip install vaderSentiment shows it beside"
            continue
        plain, pace = _read(found.texts, read, name, stopwatch, report)
        told.readers.append(Reader(name, agreement(plain, labels, human, resamples=asked.resamples), pace))
    if asked.labels is not None:
        told.calibrated = _calibrated(found.texts, labels, chances, asked, report)


def _read(
    texts: Sequence[str], read: Callable[[Sequence[str]], Sequence[Any]], name: str, now: Stopwatch, report: Report
) -> tuple[list[Any], float | None]:
    """What a reader makes of all texts, and how many it read a second once its words were loaded."""
    read(["The words are loaded by the first text."])
    made, spent = list[Any](), 0.0
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        began = now()
        made += read(batch)
        spent += now() - began
        report(f"Reading with {name}", len(made), len(texts))
    return made, len(texts) / spent if spent > 0 else None


def _calibrated(
    texts: Sequence[str], labels: Sequence[str | None], chances: Sequence[Any], asked: Asked, report: Report
) -> Calibrating:
    """Labels drawn by lot play the team's; the rest, which calibration does not see, is compared."""
    usable = [at for at, label in enumerate(labels) if label is not None and chances[at] is not None]
    wanted = asked.labels or 0
    if wanted < LEAST_ANSWERS or len(usable) <= wanted:
        raise KeeplineError(
            f"--labels {wanted}: calibration needs {LEAST_ANSWERS} labels and others to be held against; "
            f"the file has {len(usable)} readable ones"
        )
    done = Calibrating(wanted, [], [], 0)
    accepted = 0
    for seed in range(asked.seeds):
        drawn = set(random.Random(seed).sample(usable, wanted))  # noqa: S311 - a lot, no secret
        learned = calibrate([texts[at] for at in sorted(drawn)], [cast("Answer", labels[at]) for at in sorted(drawn)])
        rest = [at for at in usable if at not in drawn]
        others, given = [texts[at] for at in rest], [labels[at] for at in rest]
        base = [chances[at] for at in rest]
        after = learned.probabilities(others) if learned.accepted else base
        accepted += learned.accepted
        done.before.append(agreement(_points(base), given, None, base, resamples=0))
        done.after.append(agreement(_points(after), given, None, after, resamples=0))
        report("Calibrating", seed + 1, asked.seeds)
    return Calibrating(wanted, done.before, done.after, accepted)


def _points(chances: Sequence[Any]) -> Scores:
    return [None if each is None else 100 * (each[2] - each[0]) for each in chances]


def _churn(texts: Sequence[str], given: Sequence[bool | None], report: Report) -> Flagging:
    labelled = [at for at, each in enumerate(given) if each is not None]
    flagged = list[bool]()
    for start in range(0, len(labelled), _BATCH):
        flagged += [bool(spans) for spans in churn_spans([texts[at] for at in labelled[start : start + _BATCH]])]
        report("Looking for wishes to leave", len(flagged), len(labelled))
    true = [bool(given[at]) for at in labelled]
    hits = sum(one and other for one, other in zip(flagged, true, strict=True))
    false, wanted = sum(flagged) - hits, sum(true)
    return Flagging(
        _share(hits, sum(flagged)),
        _share(hits, wanted),
        _share(false, len(true) - wanted),
        2 * hits / (sum(flagged) + wanted) if wanted else None,
    )


def _issues(found: LabelledTexts, asked: Asked) -> Grouping:
    issue, account = found.cells["issue"], found.cells.get("account")
    labelled = [at for at, each in enumerate(issue) if each is not None]
    texts, true = [found.texts[at] for at in labelled], [issue[at] for at in labelled]
    whose = None if account is None else [account[at] or f"nobody's, line {at}" for at in labelled]
    groups = issue_groups(texts, accounts=whose, embeddings=asked.embeddings)
    return Grouping(
        pair_f1(groups, true, whose),
        repeat_f1(groups, true, whose),
        len(set(groups)),
        len(set(true)),
        whose is not None,
    )


def _languages(texts: Sequence[str], given: Sequence[str | None]) -> Languages:
    labelled = [at for at, each in enumerate(given) if each is not None]
    found = language([texts[at] for at in labelled])
    told = [(one, given[at]) for one, at in zip(found, labelled, strict=True) if one is not None]
    hits = sum(one == other for one, other in told)
    return Languages(_share(hits, len(told)), 1 - len(told) / len(labelled) if labelled else 0.0)


def _share(hits: int, count: int) -> Measure:
    if not count:
        return Measure(None)
    interval = of_share(hits, count)
    return Measure(hits / count, interval.low, interval.high)
