"""The command about the health of accounts; its body stands in `keepline/commands/`."""

from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(rich_markup_mode=None)


@app.command()
def health(
    context: typer.Context,
    account: Annotated[str | None, typer.Argument(help="Open one account, by its name or id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All accounts, not the worst alone.")] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show how healthy the accounts are, the worst first, and how probably each leaves; or why, for one."""
    from keepline.commands import health as command

    keepline = opened(context)
    if account is None:
        command.show_all(keepline, as_of, everything=everything, as_json=as_json)
    else:
        command.show_one(keepline, account, as_of, as_json)
