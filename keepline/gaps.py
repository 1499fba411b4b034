"""The commands below `keepline gaps`; each body stands in `keepline/commands/`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(name="gaps", rich_markup_mode=None)


class GapRanking(StrEnum):
    """By what gaps are ranked."""

    TICKETS = "tickets"
    ACCOUNTS = "accounts"
    ARR = "arr"
    TIME = "time"


Days = Annotated[int, typer.Option("--days", min=1, max=3660, help="Tickets of so many days.")]


@app.callback(invoke_without_command=True)
def gaps(
    context: typer.Context,
    by: Annotated[GapRanking, typer.Option(help="What the worst gap has most of.")] = GapRanking.TICKETS,
    days: Days = 180,
    everything: Annotated[bool, typer.Option("--all", help="Issues that an article answers, too.")] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the issues that come back and that no article answers, and draft articles."""
    if context.invoked_subcommand is not None:
        return
    from keepline.commands import gaps as command

    command.run(opened(context), by.value, days, as_of, everything=everything, as_json=as_json)


@app.command()
def draft(
    context: typer.Context,
    issue: Annotated[str, typer.Argument(help="The issue's label or id, as keepline gaps lists it.")],
    days: Days = 180,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here instead of printing it.")] = None,
    as_of: AsOf = None,
) -> None:
    """Draft an article about an issue from its solved tickets, as Markdown with sources."""
    from keepline.commands import gaps_draft as command

    command.run(opened(context), issue, days, output, as_of)
