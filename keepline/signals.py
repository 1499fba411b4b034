"""The command about signals; its body stands in `keepline/commands/`."""

from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(rich_markup_mode=None)


@app.command()
def signals(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Explain one signal.")] = None,
    account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Open its value for one account, with the rows behind it.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the signals that rules may compare; explain one, or open its value for an account."""
    from keepline.commands import signals as command

    keepline = opened(context)
    if name is None:
        command.show_all(keepline, account, as_of, as_json)
    elif account is None:
        command.show_one(keepline, name, as_of, as_json)
    else:
        command.show_rows(keepline, name, account, as_of, as_json)
