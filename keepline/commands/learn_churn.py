"""Learns from a team's own past which accounts leave, and shows whether that is worth anything."""

from datetime import datetime
from typing import Any

from jobs.churn import ChurnLesson, learn_churn
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, with_interval
from rules.health.features import BY_NAME
from rules.regression.learned import Learned

_SHORT = 12
_RANKED = {"pr_auc": "PR-AUC", "gain": "all signals gain", "log_loss": "Log loss", "brier": "Brier"}
_CAUGHT = {"precision_at_capacity": "Leave", "recall_at_capacity": "Caught", "arr_recall_at_capacity": "ARR caught"}


def run(keepline: Keepline, as_of: datetime | None, *, keep: bool, as_json: bool) -> None:
    """Learn from the past up to a moment and print how it did."""
    banner(keepline)
    with show.progress() as report:
        lesson = learn_churn(keepline.store, keepline.rulebook, keepline.moment(as_of), report, keep=keep)
    if as_json:
        show.as_json(_printed(lesson) | ({"demo": True} if keepline.is_demo else {}))
    else:
        _print(lesson, keepline)


def _print(lesson: ChurnLesson, keepline: Keepline) -> None:
    learned = lesson.learned
    content, evaluation = learned.content, learned.evaluation
    show.line(
        f"{content['cases']:,} looks at {content['accounts']:,} accounts on {content['looks']:,} days; of these "
        f"accounts {content['churns']:,} lost all their revenue, {content['base_ratio']:.1%} of the looks within "
        f"{content['horizon_days']} days before it."
    )
    if evaluation.get("ways"):
        _print_ways(evaluation, keepline.rulebook.health.risk.every_days)
        _print_calibration(evaluation)
    if learned.abstains is None:
        _print_weights(learned)
    _print_use(lesson)


def _print_ways(evaluation: dict[str, Any], every_days: int) -> None:
    ways, capacity = evaluation["ways"], f"{evaluation['capacity']:,}"
    show.line(f"A ranking that knows nothing has a PR-AUC of {evaluation['base_ratio']:.3f}.")
    _print_scores(
        f"Tried on {evaluation['cases']:,} later looks at {evaluation['accounts']:,} other accounts, of which "
        f"{evaluation['churns']:,} left (95 % interval; accounts drawn anew)", ways, _RANKED,
    )  # fmt: skip
    _print_scores(
        f"Of the {capacity} accounts first in rank, once in {every_days} days; of equal ones those that pay most",
        ways, _CAUGHT,
    )  # fmt: skip
    lead = evaluation["lead_days"]
    if lead["flagged"]:
        show.line(
            f"{lead['flagged']:,} of the {lead['left']:,} accounts that left were among them before, half of these "
            f"{lead['median']:.0f} days or more ahead (middle half {lead['late']:.0f} to {lead['early']:.0f})."
        )


def _print_scores(title: str, ways: dict[str, Any], columns: dict[str, str]) -> None:
    rows = [[way, *(with_interval(scores.get(name)) for name in columns)] for way, scores in ways.items()]
    show.table(title, ["Foretold by", *columns.values()], rows, numbers=list(columns.values()))


def _print_calibration(evaluation: dict[str, Any]) -> None:
    rows = [
        [f"{each['foretold']:.1%}", f"{each['met']:.1%}", _between(each), f"{each['cases']:,}"]
        for each in evaluation["reliability"]
    ]
    columns = ["Foretold", "Left", "Interval", "Looks"]
    show.table("Where it foretold so much, so many left", columns, rows, numbers=columns)
    found = evaluation["calibration"]
    show.line(
        f"Calibration slope {with_interval(found['slope'])}, intercept {with_interval(found['intercept'])} "
        "(1 and 0 where so many leave as were foretold); "
        f"log loss below the base rate's by {with_interval(evaluation['less_surprise'])}."
    )


def _print_weights(learned: Learned) -> None:
    weights, place, rows = learned.content["coefficients"], 1, []
    for column in learned.content["columns"]:
        noun = BY_NAME[column["name"]].signal.name
        unknown = "–" if column["unknown_ratio"] is None else _signed(weights[place + 1])
        rows.append((abs(weights[place]), [noun, _signed(weights[place]), unknown]))
        place += 1 if column["unknown_ratio"] is None else 2
    told = [row for _, row in sorted(rows, key=lambda each: -each[0])]
    columns = ["Signal", "Weight", "Where unknown"]
    show.table("What weighs most (log odds by one standard deviation)", columns, told, numbers=columns[1:])


def _print_use(lesson: ChurnLesson) -> None:
    short = lesson.learned.model_hash[:_SHORT]
    if lesson.learned.abstains is not None:
        show.line(f"It has nothing to add to the scorecard: {lesson.learned.abstains}.", "yellow")
    if lesson.withdrawn:
        show.line(f"This version was learned before and withdrawn: keepline learn --restore {short}", "yellow")
    elif not lesson.learned.content["cases"]:
        show.line("Kept nothing: no account paid anything so long ago that it could be known whether it left.")
    elif not lesson.kept:
        show.line(f"Kept nothing (--dry-run); it would be version {short}.")
    elif not lesson.is_new:
        show.line(f"Version {short} is on record already: the same past teaches the same.")
    elif lesson.learned.abstains is not None:
        show.line(f"On record as version {short}; churn risk is unknown until more is learned. keepline health")
    else:
        show.line(f"In use as version {short} from now on. Next: keepline health")


def _between(each: dict[str, Any]) -> str:
    return "–" if each["low"] is None else f"{each['low']:.1%} to {each['high']:.1%}"


def _signed(weight: float) -> str:
    return f"{weight:+.2f}".replace("-", "−")


def _printed(lesson: ChurnLesson) -> dict[str, Any]:
    learned = lesson.learned
    return {
        "predicts": "churn", "version": learned.model_hash,
        "in_use": lesson.kept and not lesson.withdrawn and learned.abstains is None, "abstains": learned.abstains,
        "kept": lesson.kept, "new": lesson.is_new, "evaluation": learned.evaluation, "model": learned.content,
    }  # fmt: skip
