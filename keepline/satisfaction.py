"""The commands about what is learned from surveys and from the past; each body stands in `keepline/commands/`."""

from enum import StrEnum
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(rich_markup_mode=None)


class Learnable(StrEnum):
    """What can be learned from a team's surveys."""

    CSAT = "csat"
    CES = "ces"


class AnyLearnable(StrEnum):
    """What can be learned."""

    CSAT = "csat"
    CES = "ces"
    CHURN = "churn"


@app.command()
def learn(
    context: typer.Context,
    what: Annotated[AnyLearnable | None, typer.Argument(help="csat, ces or churn.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would learn and keep nothing.")] = False,
    versions: Annotated[bool, typer.Option("--list", help="List what was learned, the newest first.")] = False,
    withdraw: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Take a version out of use; the one before counts again.")
    ] = None,
    restore: Annotated[str | None, typer.Option(metavar="VERSION", help="Put a withdrawn version back.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Learn from answered surveys how satisfied the silent are, or from the past which accounts leave."""
    from keepline.commands import learn as command
    from keepline.commands import learn_churn

    keepline = opened(context)
    if withdraw is not None:
        command.withdraw(keepline, withdraw, as_of, as_json)
    elif restore is not None:
        command.restore(keepline, restore, as_json)
    elif what is AnyLearnable.CHURN and not versions:
        learn_churn.run(keepline, as_of, keep=not dry_run, as_json=as_json)
    elif what is not None and what is not AnyLearnable.CHURN and not versions:
        command.run(keepline, Learnable(what.value).value, as_of, keep=not dry_run, as_json=as_json)
    else:
        command.show_versions(keepline, what.value if what else None, as_of, as_json)


@app.command()
def predictions(
    context: typer.Context,
    what: Annotated[Learnable, typer.Argument(help="csat or ces.")] = Learnable.CSAT,
    everything: Annotated[bool, typer.Option("--all", help="All of them, not the lowest alone.")] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the tickets without an answer whose customers are probably the least satisfied, and why."""
    from keepline.commands import predictions as command

    command.run(opened(context), what.value, as_of, everything=everything, as_json=as_json)
