"""The commands below `keepline queue`; each body stands in `keepline/commands/`."""

from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(name="queue", rich_markup_mode=None)

OneEscalation = Annotated[
    str, typer.Argument(metavar="ESCALATION", help="Its id, or the beginning of it, as keepline queue shows it.")
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="In your own words.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; the name you are logged in with.")]


@app.callback(invoke_without_command=True)
def queue(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed escalations too.")] = False,
    owner: Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Those of one owner.")] = None,
    parent: Annotated[
        str | None, typer.Option("--parent", metavar="ID", help="Those of one issue that hits many accounts.")
    ] = None,
    held_back: Annotated[
        bool, typer.Option("--held-back", help="What was held back in the last 7 days, for days were full.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the open escalations, the weightiest first: money at risk, its probable loss, little time left."""
    from keepline.commands import queue as command
    from keepline.commands import queue_held_back

    if context.invoked_subcommand is not None:
        return
    if held_back:
        queue_held_back.run(opened(context), owner, as_of, as_json)
    else:
        command.run(opened(context), everything, as_of, as_json, command.Choice(owner, parent))


@app.command()
def disagree(
    context: typer.Context,
    escalation: OneEscalation,
    because: Annotated[
        str, typer.Option("--because", metavar="REASON", help="wrong-account, known-already … : team.yaml.")
    ],
    note: Note = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Say that an escalation should not have been opened, and why: it counts for the rule's measured precision."""
    from keepline.commands import queue_answers as command

    command.run(opened(context), escalation, "disagree", by, as_json, because, note)


@app.command()
def agree(
    context: typer.Context, escalation: OneEscalation, note: Note = None, by: By = None, as_json: AsJson = False
) -> None:
    """Say that an escalation was right to be opened."""
    from keepline.commands import queue_answers as command

    command.run(opened(context), escalation, "agree", by, as_json, None, note)


@app.command()
def withdraw(context: typer.Context, escalation: OneEscalation, by: By = None, as_json: AsJson = False) -> None:
    """Take back what was said of an escalation; it stays on record."""
    from keepline.commands import queue_answers as command

    command.run(opened(context), escalation, "withdrawn", by, as_json, None, None)


@app.command()
def schema() -> None:
    """Print the JSON Schema of team.yaml, for an editor."""
    from keepline import show
    from rules.load.written import team_schema

    show.as_json(team_schema())
