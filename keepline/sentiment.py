"""The commands below `keepline sentiment`; each body stands in `keepline/commands/`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(name="sentiment", rich_markup_mode=None)


class AnswerName(StrEnum):
    """What can be said of a message and its score."""

    RIGHT = "right"
    TOO_HARSH = "too_harsh"
    TOO_MILD = "too_mild"
    NEG = "neg"
    NEU = "neu"
    POS = "pos"


By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; the login by default.")]


@app.callback(invoke_without_command=True)
def sentiment(context: typer.Context) -> None:
    """Show how customers sound and why, and teach the reader how yours write."""
    if context.invoked_subcommand is None:
        accounts(context)


@app.command()
def explain(
    context: typer.Context,
    ticket: Annotated[str | None, typer.Argument(metavar="TICKET", help="A ticket's id.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="Read this text instead of a ticket.")] = None,
    as_json: AsJson = False,
) -> None:
    """Open scores into the phrases that they rest on, with their weight, or say why a text is unknown."""
    from keepline.commands import sentiment_explain as command

    if (ticket is None) == (text is None):
        raise typer.BadParameter("name a ticket, or give --text")
    command.run(opened(context), ticket, text, as_json)


@app.command()
def accounts(context: typer.Context, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """List how every account sounds: level, trend, worst ticket and quiet drift; the worst first."""
    from keepline.commands import sentiment_accounts as command

    command.run(opened(context), as_of, as_json)


@app.command()
def label(
    context: typer.Context,
    message: Annotated[
        str | None, typer.Argument(metavar="MESSAGE", help="A message's id; without it, you are asked one by one.")
    ] = None,
    answer: Annotated[AnswerName | None, typer.Argument(help="What you say of its score, or how it sounds.")] = None,
    by: By = None,
    file: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take a CSV of answers: columns message and label.")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Ask about at most so many messages.")] = 25,
    as_json: AsJson = False,
) -> None:
    """Say of scores whether they are right, too harsh or too mild; 50 answers are enough to calibrate."""
    from keepline.commands import sentiment_label as command

    if (message is None) != (answer is None):
        raise typer.BadParameter("give both: a message and right, too_harsh, too_mild, neg, neu or pos")
    keepline = opened(context)
    if message is not None and answer is not None:
        command.one(keepline, message, answer.value, by, as_json)
    elif file is not None:
        command.take(keepline, file, by, as_json)
    else:
        command.ask(keepline, most, by)


@app.command()
def calibrate(
    context: typer.Context,
    answers: Annotated[
        str, typer.Option("--from", metavar="SOURCE", help="labels, csat, or a CSV file with columns text and label.")
    ] = "labels",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; put nothing in force.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn from your answers how your customers write, show before and after, and read by it from then on."""
    from keepline.commands import sentiment_calibrate as command

    command.run(opened(context), answers, as_json, dry_run=dry_run)


@app.command()
def calibrations(
    context: typer.Context,
    withdraw: Annotated[
        str | None, typer.Option(metavar="HASH", help="Take this one out of force; the readings before it count again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what was learned, what it changed, and which calibration is in force."""
    from keepline.commands import sentiment_calibrate as command

    command.history(opened(context), withdraw, as_json)
