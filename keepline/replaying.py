"""Knows the command that replays rules on the past."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, a_beginning, a_moment, opened

app = typer.Typer(rich_markup_mode=None)


class EveryName(StrEnum):
    """How often rules are asked."""

    DAY = "day"
    WEEK = "week"


class DiffName(StrEnum):
    """What rules are compared with."""

    LIVE = "live"


@app.command()
def replay(
    context: typer.Context,
    rules: Annotated[
        Path | None, typer.Argument(help="A file of playbooks; without it, the playbooks that count now.")
    ] = None,
    playbook: Annotated[str | None, typer.Option(metavar="ID", help="Only this one of them.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", parser=a_beginning, metavar="DATE", help="From then on; a year ago by default."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", parser=a_moment, metavar="DATE", help="Until then; until now by default.")
    ] = None,
    every: Annotated[
        EveryName | None,
        typer.Option(help="Ask the rules each day, or each Monday; daily by default, those about tickets weekly."),
    ] = None,
    within: Annotated[
        int, typer.Option(metavar="DAYS", min=1, max=730, help="How long after an alert a loss speaks for it.")
    ] = 90,
    diff: Annotated[DiffName | None, typer.Option(help="Compare with the rules that act now.")] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            metavar="SIGNAL=VALUES", help="Try a threshold at many values: tickets_7d=3,5,8 or sentiment=-60..-20."
        ),
    ] = None,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="With --sweep: draw it there, as SVG.")] = None,
    examples: Annotated[int, typer.Option(metavar="N", min=0, max=100, help="How many of each kind to show.")] = 3,
    troubles: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Troubles that you know of, such as the demo's truth.json: which were found?"
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show what rules would have done at each moment of the past, knowing no more than then, and how right that was."""
    from keepline.commands import replay as command

    asked = command.Asked(
        rules=rules, playbook=playbook, since=since, until=until, every=None if every is None else every.value,
        within=within, diff=diff is not None, sweep=sweep, picture=picture, examples=examples,
        troubles=troubles,
    )  # fmt: skip
    command.run(opened(context), asked, as_of, as_json)
