"""Learns from surveys, shows whether that foretells anything, and lists, withdraws and restores what was learned."""

from datetime import datetime
from typing import Any

from domain.errors import KeeplineError
from domain.reading import LearnedKind, LearnedModel, Predicted
from jobs.satisfaction import Lesson, learn_from, version_named, why_silent
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, with_interval
from rules.regression.learned import Learned
from rules.satisfaction.features import BY_NAME
from rules.signals.churn_risk import ChurnModel
from storage.learned import LearnedBook

_SHORT = 12
_WORDS = {"csat": "satisfied", "ces": "low effort"}


def run(keepline: Keepline, predicts: Predicted, as_of: datetime | None, *, keep: bool, as_json: bool) -> None:
    """Learn from the answers up to a moment and print how it did."""
    banner(keepline)
    with show.progress() as report:
        lesson = learn_from(keepline.store, keepline.rulebook, predicts, keepline.moment(as_of), report, keep=keep)
    if as_json:
        show.as_json(_printed(lesson) | ({"demo": True} if keepline.is_demo else {}))
    else:
        _print(lesson)


def show_versions(keepline: Keepline, predicts: LearnedKind | None, as_of: datetime | None, as_json: bool) -> None:
    """Print every version, the newest first, and which is in use."""
    book, now = LearnedBook(keepline.store.engine), keepline.moment(as_of)
    versions = [each for each in book.versions(predicts) if each.trained_at <= now]
    force = {each.predicts: book.in_force(each.predicts, now) for each in versions}
    banner(keepline)
    told = [(each, _state(each, force[each.predicts])) for each in versions]
    if as_json:
        show.as_json([_version(each) | {"state": state} for each, state in told])
        return
    if not versions:
        show.line("Nothing was learned yet: keepline learn csat")
        return
    rows = [
        [
            each.model_hash[:_SHORT], each.predicts, f"{each.trained_at:%Y-%m-%d %H:%M}",
            *(f"{count:,}" for count in _counts(each)), state,
        ]
        for each, state in told
    ]  # fmt: skip
    columns = ["Version", "Of", "Learned at", "Cases", "Dissatisfied or left", "State"]
    show.table("What was learned", columns, rows, numbers=["Cases", "Dissatisfied or left"])
    show.line("Take one out of use: keepline learn --withdraw VERSION. Put it back: --restore VERSION")


def withdraw(keepline: Keepline, name: str, as_of: datetime | None, as_json: bool) -> None:
    """Take a version out of use."""
    version, now = version_named(keepline.store, name), keepline.moment(as_of)
    if version.withdrawn_at is not None:
        raise KeeplineError(f"{version.model_hash[:_SHORT]} was withdrawn on {version.withdrawn_at:%Y-%m-%d}")
    book = LearnedBook(keepline.store.engine)
    book.withdraw(version, now)
    left = book.in_force(version.predicts, now)
    if as_json:
        show.as_json({"withdrawn": version.model_hash, "counts_now": left.model_hash if left else None})
        return
    counts = f"{left.model_hash[:_SHORT]} of {left.trained_at:%Y-%m-%d} counts now" if left else "none counts now"
    show.line(f"Withdrawn: {version.model_hash[:_SHORT]}; {counts}.")


def restore(keepline: Keepline, name: str, as_json: bool) -> None:
    """Put a withdrawn version back."""
    version = version_named(keepline.store, name)
    if version.withdrawn_at is None:
        raise KeeplineError(f"{version.model_hash[:_SHORT]} is not withdrawn; see keepline learn --list")
    LearnedBook(keepline.store.engine).restore(version)
    if as_json:
        show.as_json({"restored": version.model_hash})
        return
    show.line(f"Restored: {version.model_hash[:_SHORT]}, as learned at {version.trained_at:%Y-%m-%d %H:%M}.")


def _state(version: LearnedModel, force: LearnedModel | None) -> str:
    if version.withdrawn_at is not None:
        return "withdrawn"
    if force is None or force.model_hash != version.model_hash:
        return "superseded"
    silent = _silent(version)
    return "in use" if silent is None else f"abstains: {silent}"


def _silent(version: LearnedModel) -> str | None:
    if version.predicts == "churn":
        return ChurnModel(version.content, version.trained_at).silent
    return why_silent(version)


def _counts(version: LearnedModel) -> tuple[int, int]:
    """What was learned from, and how many of it were of the rarer sort."""
    names = ("cases", "churns") if version.predicts == "churn" else ("answers", "dissatisfied")
    cases, rarer = (version.content[name] for name in names)
    return cases, rarer


def _print(lesson: Lesson) -> None:
    learned, word = lesson.learned, _WORDS[lesson.learned.predicts]
    answers, poor = learned.content["answers"], learned.content["dissatisfied"]
    show.line(
        f"{learned.predicts.upper()}: {answers:,} answered surveys with a ticket, {answers - poor:,} of them {word}, "
        f"of {learned.content['accounts']:,} accounts"
    )
    _print_silence(lesson)
    if learned.evaluation.get("ways"):
        _print_ways(learned)
        _print_reliability(learned)
    if learned.abstains is None:
        show.line(f"Learned from: {learned.content['looks_at']}, the best of the three.")
        _print_weights(learned)
    _print_use(lesson)


def _print_silence(lesson: Lesson) -> None:
    if lesson.solved:
        show.line(
            f"{lesson.rated:,} of {lesson.solved:,} tickets solved in that time were rated "
            f"({lesson.rated / lesson.solved:.0%}). Who answers is not everyone: the very pleased "
            "and the very displeased often answer more readily, and nothing here corrects for it."
        )


def _print_ways(learned: Learned) -> None:
    ways, cases = learned.evaluation["ways"], learned.evaluation["cases"]
    names = ["brier", "log_loss", "auc", "calibration_error", "gain"]
    rows = [[way, *(with_interval(scores.get(name)) for name in names)] for way, scores in ways.items()]
    columns = ["Foretold by", "Brier", "Log loss", "AUC", "Calibration error", "Brier gain on the mean"]
    title = f"Tried on {cases:,} later answers of other accounts (95 % interval; accounts drawn anew)"
    show.table(title, columns, rows, numbers=columns[1:])


def _print_reliability(learned: Learned) -> None:
    rows = [
        [f"{each['foretold']:.0%}", f"{each['met']:.0%}", f"{each['low']:.0%} to {each['high']:.0%}",
         f"{each['cases']:,}"]
        for each in learned.evaluation["reliability"]
    ]  # fmt: skip
    columns = ["Foretold", "Came", "Interval", "Answers"]
    show.table("Where it foretold so much, so much came", columns, rows, numbers=columns)


def _print_weights(learned: Learned) -> None:
    weights, place, rows = learned.content["coefficients"], 1, []
    for column in learned.content["columns"]:
        rows.append((column["name"], weights[place]))
        place += 1 if column["unknown_ratio"] is None else 2
    strongest = sorted(rows, key=lambda row: -abs(row[1]))[:8]
    told = [[BY_NAME[name].noun, f"{weight:+.2f}".replace("-", "−")] for name, weight in strongest]
    show.table("What weighs most (log odds by one standard deviation)", ["Figure", "Weight"], told, numbers=["Weight"])


def _print_use(lesson: Lesson) -> None:
    short = lesson.learned.model_hash[:_SHORT]
    if lesson.learned.abstains is not None:
        show.line(f"Nothing is foretold: {lesson.learned.abstains}.", "yellow")
    if lesson.withdrawn:
        show.line(f"This version was learned before and withdrawn: keepline learn --restore {short}", "yellow")
    elif not lesson.rated:
        show.line(
            "Kept nothing: nobody has answered a survey of a ticket yet. keepline sync or keepline import brings them."
        )
    elif not lesson.kept:
        show.line(f"Kept nothing (--dry-run); it would be version {short}.")
    elif not lesson.is_new:
        show.line(f"Version {short} is on record already: the same answers teach the same.")
    elif lesson.learned.abstains is not None:
        show.line(f"On record as version {short}; predictions are unknown until more is learned.")
    else:
        show.line(f"In use as version {short} from now on. Next: keepline run, keepline predictions")


def _printed(lesson: Lesson) -> dict[str, Any]:
    learned = lesson.learned
    return {
        "predicts": learned.predicts, "version": learned.model_hash, "in_use": _in_use(lesson),
        "abstains": learned.abstains, "kept": lesson.kept, "new": lesson.is_new, "rated": lesson.rated,
        "solved": lesson.solved, "evaluation": learned.evaluation, "model": learned.content,
    }  # fmt: skip


def _in_use(lesson: Lesson) -> bool:
    return lesson.kept and not lesson.withdrawn and lesson.learned.abstains is None


def _version(model: LearnedModel) -> dict[str, Any]:
    names = ("cases", "churns", "accounts") if model.predicts == "churn" else ("answers", "dissatisfied")
    return model.model_dump(mode="json", exclude={"content"}) | {
        **{name: model.content[name] for name in names},
        "abstains": model.content.get("abstains"),
    }
