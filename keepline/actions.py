"""The commands below `keepline actions`; each body stands in `keepline/commands/`."""

from typing import Annotated

import typer

from keepline.options import AsJson, opened

app = typer.Typer(name="actions", rich_markup_mode=None, no_args_is_help=True)

OneAction = Annotated[
    str, typer.Argument(metavar="ACTION", help="Its id, or the beginning of it, as keepline actions list shows it.")
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; the name you are logged in with.")]


@app.callback()
def actions() -> None:
    """See what playbooks want to do on the outside, and approve or refuse what needs a person's word."""


@app.command("list")
def listed(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="What is decided, or needs no approval, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the actions that wait for approval, the oldest first."""
    from keepline.commands import actions as command

    command.list_actions(opened(context), everything, as_json)


@app.command()
def show(context: typer.Context, action: OneAction, as_json: AsJson = False) -> None:
    """Show one action: what would be done, for whom, and why it waits."""
    from keepline.commands import actions as command

    command.show_action(opened(context), action, as_json)


@app.command()
def approve(context: typer.Context, action: OneAction, by: By = None, as_json: AsJson = False) -> None:
    """Let an action go: it is ready to be sent."""
    from keepline.commands import actions as command

    command.decide(opened(context), action, "approve", by, as_json)


@app.command()
def refuse(context: typer.Context, action: OneAction, by: By = None, as_json: AsJson = False) -> None:
    """Refuse an action: it is not done."""
    from keepline.commands import actions as command

    command.decide(opened(context), action, "refuse", by, as_json)


@app.command()
def undo(context: typer.Context, action: OneAction, by: By = None, as_json: AsJson = False) -> None:
    """Take back an approval or a refusal, as long as nothing was sent."""
    from keepline.commands import actions as command

    command.decide(opened(context), action, "undo", by, as_json)
