"""Knows when answered surveys teach enough to foretell the others, and what they teach."""

from typing import Any

import numpy as np

from domain.reading import Predicted
from rules.regression.design import designed
from rules.regression.learned import Learned
from rules.regression.logistic import certainty, fit
from rules.regression.rolling import RIDGES, Tried, always_the_mean, best_ridge, tried
from rules.regression.rounding import eight_digits
from rules.regression.scores import LEVEL, gained, reliability, scored
from rules.regression.straightening import straightened
from rules.satisfaction.answers import Answers
from rules.satisfaction.features import FEATURES, LOGS, NAMES
from rules.satisfaction.settings import SatisfactionSettings

ALL, MEAN, PROCESS, SENTIMENT = "process and text", "always the mean", "process only", "sentiment only"
# How wide a single prediction's interval is.
PREDICTION_LEVEL = 0.90
# What a content means; one of another format is not read.
FORMAT = 4
# One of three ways is taken after all were tried.
_SURE = 1 - (1 - LEVEL) / 3
_WAYS = {
    ALL: NAMES,
    PROCESS: tuple(feature.name for feature in FEATURES if feature.group == "process"),
    SENTIMENT: tuple(feature.name for feature in FEATURES if feature.group == "sentiment"),
}


def learn(predicts: Predicted, answers: Answers, settings: SatisfactionSettings, reader: str) -> Learned:
    """Learn from answered cases whether tickets like them satisfy; abstain where they do not teach it.

    Of process and text, process only and sentiment only the one with the best Brier score out of time is taken. It
    abstains with too few answers, too few of the rarer sort, or where that score is not below that of always the mean
    with its whole interval, which is wider than 95 % because the best of three was taken. `reader` names who read the
    texts' sentiment.

    Source: docs/text.md, "Satisfaction before the survey".
    """
    content: dict[str, Any] = {"format": FORMAT, "reader": reader, **_counts(answers)}
    if too_little := _too_little(answers, settings):
        return Learned(predicts, {**content, "abstains": too_little}, {})
    ways = {name: tried(answers, names, LOGS) for name, names in _WAYS.items()}
    evaluation = _compared(answers, {MEAN: always_the_mean(answers), **ways})
    if no_better := _no_better(evaluation):
        return Learned(predicts, {**content, "abstains": no_better}, evaluation)
    return Learned(predicts, {**content, **_model(answers, ways, evaluation["best"])}, evaluation)


def _counts(answers: Answers) -> dict[str, Any]:
    owners = int(answers.owners.max(initial=-1)) + 1
    return {"answers": len(answers), "dissatisfied": answers.dissatisfied, "accounts": owners}


def _too_little(answers: Answers, settings: SatisfactionSettings) -> str | None:
    count, rarer = len(answers), min(answers.dissatisfied, len(answers) - answers.dissatisfied)
    sort = "dissatisfied" if answers.dissatisfied <= count / 2 else "satisfied"
    found = []
    if count < settings.min_answers:
        missing = settings.min_answers - count
        found.append(f"{count} answered surveys with a ticket, {missing} short of {settings.min_answers}")
    if rarer < settings.min_dissatisfied:
        missing = settings.min_dissatisfied - rarer
        found.append(f"{rarer} {sort} answers, {missing} short of {settings.min_dissatisfied}")
    return "; ".join(found) or None


def _compared(answers: Answers, ways: dict[str, Tried]) -> dict[str, Any]:
    """The ways on the cases that all of them foretold."""
    both = np.logical_and.reduce([way.places for way in ways.values()])
    trials = {name: way.trial(answers, both) for name, way in ways.items()}
    if not both.any():
        return {"cases": 0, "level": LEVEL, "ways": {}}
    seen = answers.where(both)
    told = {
        name: {**scored(trial), **({} if name == MEAN else {"gain": gained(trial, trials[MEAN])})}
        for name, trial in trials.items()
    }
    best = min(_WAYS, key=lambda name: told[name]["brier"]["value"] or 0.0)
    return {
        "cases": int(both.sum()), "dissatisfied": seen.dissatisfied, "level": LEVEL, "ways": told, "best": best,
        "surely": {"level": _SURE, **gained(trials[best], trials[MEAN], _SURE)},
        "reliability": reliability(trials[best]),
    }  # fmt: skip


def _no_better(evaluation: dict[str, Any]) -> str | None:
    if not evaluation["cases"]:
        return "the answers lie too close together in time, or come from too few accounts, to try it on later ones"
    gain = evaluation["surely"]
    if gain["low"] > 0:
        return None
    return (
        "on later answers of other accounts nothing is surely better than always foretelling the mean: Brier gain of "
        f"{evaluation['best']} {gain['value']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f})"
    )


def _model(answers: Answers, ways: dict[str, Tried], best: str) -> dict[str, Any]:
    way = ways[best]
    ridge = RIDGES[best_ridge(way.logits[:, way.places], answers.came[way.places])]
    straight = straightened(way.logits[RIDGES.index(ridge), way.places], answers.came[way.places])
    design = designed(answers.figures, _WAYS[best], LOGS)
    rows = design.rows(answers.figures)
    line = {**vars(straight), "knots": [list(knot) for knot in straight.knots], "doubt": list(straight.doubt)}
    beta = fit(rows, answers.came, ridge)
    # The ridge pulls coefficients towards nothing; as if it were the weakest, the interval holds what it pulled away.
    fitted = certainty(rows, answers.came, RIDGES[-1], beta, answers.owners)
    return {
        "looks_at": best,
        "ridge": ridge,
        "columns": eight_digits(design.written()),
        "coefficients": eight_digits(fitted.coefficients.tolist()),
        "covariance": eight_digits(fitted.covariance.tolist()),
        "calibration": eight_digits(line),
        "satisfied_ratio": eight_digits(float(answers.came.mean())),
        "level": PREDICTION_LEVEL,
    }
