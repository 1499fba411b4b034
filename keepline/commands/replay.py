"""Prints what rules would have done in the past, and how right that was; nothing is written."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from console.sweep_chart import sweep_chart
from domain.errors import ConfigError, FileRefused, NotFound
from domain.money import decimal_amount
from jobs.replay import Answer, Every, Question, default_beginning, live_rules, moments_between, replayed
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.replay_tables import print_report, print_sweep
from keepline.wording import banner
from rules.playbooks import Playbook
from rules.replay.sweep import Sweep, values_asked
from rules.words import unknown_word


@dataclass(frozen=True)
class Asked:
    """What the command line asked for; unless it says how often, rules about tickets are asked weekly, others daily."""

    rules: Path | None
    playbook: str | None
    since: datetime | None
    until: datetime | None
    every: Every | None
    within: int
    diff: bool
    sweep: str | None
    picture: Path | None
    examples: int
    troubles: Path | None


def run(keepline: Keepline, asked: Asked, as_of: datetime | None, as_json: bool) -> None:
    """Print the report of a replay, and the sweep where one was asked for.

    Raises:
        ConfigError: the file of rules is wrong, or an amount in it is not in the reporting currency.
        NotFound: the playbook, the threshold or the time is not there.
    """
    if asked.picture is not None and asked.sweep is None:
        raise NotFound("--picture draws a sweep: add --sweep SIGNAL=VALUES")
    now = keepline.moment(as_of)
    question = _question(keepline, asked, now)
    try:
        with show.progress() as report:
            answer = replayed(keepline.store, keepline.rulebook, question, now, report)
    except ValueError as error:
        place = asked.rules or keepline.document("playbooks")
        raise ConfigError(place, "what cannot be compared", str(error)) from error
    banner(keepline)
    if asked.picture is not None and answer.sweep is not None:
        _draw(answer.sweep, answer.report.currency, asked.picture, keepline.is_demo)
    if as_json:
        show.as_json(_printed(answer) | ({"demo": True} if keepline.is_demo else {}))
        return
    print_report(answer.report)
    if answer.sweep is not None:
        print_sweep(answer.sweep, answer.report.currency)
    show.line("Nothing was written. How to read it, and what a replay cannot know: docs/replay.md")


def _question(keepline: Keepline, asked: Asked, now: datetime) -> Question:
    live = live_rules(keepline.store, keepline.rulebook, now)
    books = live if asked.rules is None else keepline.playbooks(asked.rules)
    chosen = _chosen(books, asked.playbook)
    until = min(asked.until or now, now)
    every = asked.every or "day"
    moments = moments_between(asked.since or default_beginning(keepline.store, now), until, every)
    return Question(
        playbooks=chosen, moments=moments, every=every, tickets_every=asked.every or "week", within=asked.within,
        examples=asked.examples,
        against=_against(asked, chosen, live), sweep=_sweep(asked.sweep), troubles=_troubles(asked.troubles, until),
    )  # fmt: skip


def _chosen(books: tuple[Playbook, ...], wanted: str | None) -> tuple[Playbook, ...]:
    if wanted is None:
        return books
    found = tuple(book for book in books if book.id == wanted)
    if not found:
        raise NotFound(unknown_word(wanted, [book.id for book in books], "playbook"))
    return found


def _against(
    asked: Asked, chosen: tuple[Playbook, ...], live: tuple[Playbook, ...]
) -> tuple[str, tuple[Playbook, ...]] | None:
    """The active version of the one playbook that was named, otherwise all active playbooks."""
    if not asked.diff:
        return None
    same = tuple(book for book in live if asked.playbook is not None and book.id == asked.playbook)
    return (f"the active {asked.playbook}", same) if same and same != chosen else ("the active rules", live)


def _sweep(written: str | None) -> tuple[str, list[str]] | None:
    if written is None:
        return None
    signal, equals, values = written.partition("=")
    if not equals or not values.strip():
        raise NotFound(f"--sweep {written}: write SIGNAL=VALUE,VALUE,… or SIGNAL=FROM..TO")
    return signal.strip(), values_asked(values)


def _troubles(file: Path | None, until: datetime) -> list[tuple[str, str, datetime, datetime]]:
    """Kind, account, beginning and end of each; one without `renews_on` lasts until the end of the replay."""
    if file is None:
        return []
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        listed = content["episodes"] if isinstance(content, dict) else content
        return [
            (str(each["kind"]), str(each["account"]), _day(each["began_on"]), _day(each.get("renews_on") or until))
            for each in listed
        ]
    except OSError as error:
        raise FileRefused(file, str(error.strerror), "name another file") from error
    except (ValueError, KeyError, TypeError) as error:
        remedy = 'write {"episodes": [{"kind": …, "account": …, "began_on": "2026-01-31", "renews_on": "2026-04-01"}]}'
        raise FileRefused(file, f"no list of troubles ({error})", remedy) from error


def _day(written: str | datetime) -> datetime:
    if isinstance(written, datetime):
        return written
    return datetime.combine(datetime.fromisoformat(written).date(), time(), UTC)


def _draw(sweep: Sweep, currency: str, file: Path, is_demo: bool) -> None:
    points = [
        (point.value, point.openings_per_week, float(decimal_amount(point.caught_cents, currency)), point.is_current)
        for point in sweep.points
    ]
    title = f"{sweep.playbook}: {sweep.comparison}{' (made-up company)' if is_demo else ''}"
    try:
        file.write_text(sweep_chart(title, currency, points), encoding="utf-8")
    except OSError as error:
        raise NotFound(f"{file} cannot be written: {error.strerror}; name another file") from error
    show.say(f"Drawn: {file}")


def _printed(answer: Answer) -> dict[str, Any]:
    """The answer, with amounts as decimal strings, and shares of money too."""
    currency = answer.report.currency
    told = _amounts(answer.report.model_dump(mode="json"), currency)
    for window, record in zip(told["windows"], answer.report.windows, strict=True):
        window["lift"] = record.lift
    sweep = None if answer.sweep is None else _amounts(answer.sweep.model_dump(mode="json"), currency)
    return {**told, "sweep": sweep}


def _amounts(content: Any, currency: str) -> Any:
    if isinstance(content, list):
        return [_amounts(each, currency) for each in content]
    if not isinstance(content, dict):
        return content
    told: dict[str, Any] = {}
    for name, value in content.items():
        if name.endswith("_cents"):
            told[name.removesuffix("_cents")] = None if value is None else f"{decimal_amount(value, currency):f}"
        elif name.endswith("_of_money") and isinstance(value, dict):
            of_money = {part: f"{decimal_amount(value[part], currency):f}" for part in ("count", "of")}
            told[name] = {**value, **of_money}
        else:
            told[name] = _amounts(value, currency)
    return told
