"""The commands below `keepline issues`; each body stands in `keepline/commands/issues.py`."""

from datetime import datetime
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, a_beginning, opened

app = typer.Typer(name="issues", rich_markup_mode=None)

AnIssue = Annotated[str, typer.Argument(metavar="ISSUE", help="The issue's id or label.")]
SomeTickets = Annotated[
    str, typer.Option("--tickets", metavar="IDS", help="The tickets, with commas between: 4711,zendesk:12.")
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides; the user's name by default.")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", parser=a_beginning, metavar="DATE", help="Tickets from this day on; 90 days by default."),
]


@app.callback(invoke_without_command=True)
def issues(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Tickets of the account of this name or id.")
    ] = None,
    since: Since = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List what customers come back with, most accounts and most money first; merge, split and name what belongs so."""
    if context.invoked_subcommand is None:
        from keepline.commands import issues as command

        command.run(opened(context), account, since, as_of, as_json)


@app.command()
def show(
    context: typer.Context, issue: AnIssue, since: Since = None, as_of: AsOf = None, as_json: AsJson = False
) -> None:
    """Open one issue into its tickets."""
    from keepline.commands import issues as command

    command.show_issue(opened(context), issue, since, as_of, as_json)


@app.command()
def merge(
    context: typer.Context,
    kept: Annotated[str, typer.Argument(metavar="ISSUE", help="The issue that stays.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The issue that goes into it.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Make one issue of two; later tickets about either go there too."""
    from keepline.commands import issues as command

    command.merge(opened(context), kept, other, by, as_json)


@app.command()
def split(
    context: typer.Context,
    issue: AnIssue,
    tickets: SomeTickets,
    label: Annotated[str | None, typer.Option("--label", help="What the new issue is called.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Open an issue of its own for some tickets; later ones that resemble them go there too."""
    from keepline.commands import issues as command

    command.split(opened(context), issue, tickets, label, by, as_json)


@app.command()
def rename(
    context: typer.Context,
    issue: AnIssue,
    label: Annotated[str, typer.Argument(help="The new label.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give an issue a name that stays."""
    from keepline.commands import issues as command

    command.rename(opened(context), issue, label, by, as_json)


@app.command()
def move(context: typer.Context, issue: AnIssue, tickets: SomeTickets, by: By = None, as_json: AsJson = False) -> None:
    """Put tickets into an issue."""
    from keepline.commands import issues as command

    command.move(opened(context), issue, tickets, by, as_json)


@app.command()
def decisions(context: typer.Context, as_json: AsJson = False) -> None:
    """List what was merged, split, named and moved, by whom, and what was withdrawn."""
    from keepline.commands import issues as command

    command.show_decisions(opened(context), as_json)


@app.command()
def undo(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="The decision's number; the newest one without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a decision; it stays on record."""
    from keepline.commands import issues as command

    command.undo(opened(context), number, as_json)
