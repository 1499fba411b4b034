"""The command that sums tickets and accounts up; its body stands in `keepline/commands/`."""

from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(rich_markup_mode=None)


@app.command()
def summary(
    context: typer.Context,
    ticket: Annotated[str | None, typer.Argument(help="The ticket's id, or SOURCE:ID.")] = None,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="What this account wrote about lately, the gravest first.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="With --account: how far to look back.")] = 90,
    sentences: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="At most so many: 5 of a ticket, 2 of each matter of an account."),
    ] = None,
    generated: Annotated[
        bool,
        typer.Option("--generated", help="Also let the configured language model write; masked text is sent to it."),
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Sum a ticket or an account up in the sentences that matter, verbatim."""
    from keepline.commands import summary as command

    command.require_one(ticket, account)
    keepline = opened(context)
    if account is not None:
        command.show_account(
            keepline, account, days, sentences or 2, as_of, generated=generated, as_json=as_json
        )  # fmt: skip
    elif ticket is not None:
        command.show_ticket(keepline, ticket, sentences or 5, as_of, generated=generated, as_json=as_json)
