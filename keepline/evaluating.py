"""Knows the command that holds the readers of texts against a team's own labels."""

from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson

app = typer.Typer(rich_markup_mode=None)


def _column(flag: str, holds: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(flag, metavar="NAME", help=f"The column {holds}.")
    return found


@app.command("evaluate-text")
def evaluate_text(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines: texts, and what persons said of them.")],
    text: Annotated[str | None, _column("--text", "with the texts")] = None,
    label: Annotated[str | None, _column("--label", "with neg, neu, pos")] = None,
    score: Annotated[str | None, _column("--score", "with persons' scores, −100 to 100")] = None,
    churn: Annotated[str | None, _column("--churn", "that says who wishes to leave, 1 or 0")] = None,
    issue: Annotated[str | None, _column("--issue", "that names the issue")] = None,
    account: Annotated[str | None, _column("--account", "that says whose texts they are")] = None,
    language: Annotated[str | None, _column("--language", "with the language: en, de …")] = None,
    labels: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Also calibrate with N random labels, before and after.")
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="With --labels: how many draws.")] = 5,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N texts.")] = None,
    embeddings: Annotated[bool, typer.Option("--embeddings", help="Group issues by keepline[embeddings].")] = False,
    as_json: AsJson = False,
) -> None:
    """Hold what is read out of texts against labels of your own, beside TextBlob and VADER."""
    from jobs.evaluate_text import Asked
    from keepline.commands import evaluate_text as command

    named = command.columns(
        text=text, label=label, score=score, churn=churn, issue=issue, account=account, language=language
    )
    command.run(file, named, limit, Asked(labels, seeds, embeddings=embeddings), as_json)
