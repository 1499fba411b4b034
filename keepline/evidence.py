"""The commands below `keepline evidence`; each body stands in `keepline/commands/`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, a_beginning, opened

app = typer.Typer(name="evidence", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def evidence(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="One kind alone: churn_intent, praise, competitor_named …")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Messages of the account of this name or id.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=a_beginning, metavar="DATE", help="From this day on; the last 30 days by default."),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List what customers gave away in words: asking to leave, a competitor, a manager asked for, interest in more."""
    if context.invoked_subcommand is None:
        from keepline.commands import evidence as command

        command.run(opened(context), kind, account, since, as_of, as_json)


@app.command("test")
def try_(
    context: typer.Context,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="A text, or a file with one a line; the examples without it.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A changed evidence.yaml, instead of the one in force.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=366, help="How many days of stored messages changed rules are compared over.")
    ] = 30,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Try rules in place: their examples, a text of your own, and what a changed file would find in stored messages."""
    from keepline.commands import evidence_test as command

    command.run(opened(context), text, rules, days, as_of, as_json)


@app.command("rules")
def rules_(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="The rules of one kind alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the rules in force, with what each looks for; --json prints the whole document."""
    from keepline.commands import evidence_rules as command

    command.run(opened(context), kind, as_json)
