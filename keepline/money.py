"""The commands about recurring revenue and support's part in it; each body stands in `keepline/commands/`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from keepline.options import (
    AsJson,
    AsKnownOn,
    AsOf,
    CutName,
    OutcomePeriod,
    OutcomesSince,
    PeriodName,
    a_beginning,
    opened,
)

app = typer.Typer(rich_markup_mode=None)


@app.command()
def retention(
    context: typer.Context,
    period: Annotated[PeriodName, typer.Option(help="How long a window is.")] = PeriodName.MONTH,
    by: Annotated[CutName | None, typer.Option(help="Cut every window by this.")] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="WINDOW", help="Open one window (2024-03, 2024-Q1, 2024) into its accounts.")
    ] = None,
    only: Annotated[str | None, typer.Option("--slice", metavar="NAME", help="One slice of the cut alone.")] = None,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --explain: one account, with its lines.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it as .csv, .xlsx or .parquet instead (cohorts also .svg)."),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="The whole: grades, how expansion came and lasted, on whom it rests.")
    ] = False,
    cohorts: Annotated[
        bool, typer.Option("--cohorts", help="What of each signup quarter is still there, by its age.")
    ] = False,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Committed MRR: what is under notice or ends, and when it leaves.")
    ] = False,
    reconcile_billing: Annotated[
        bool, typer.Option("--reconcile-billing", help="Closing MRR beside what billing and contracts say.")
    ] = False,
    to_date: Annotated[bool, typer.Option("--to-date", help="Add the window that is still running.")] = False,
    as_of: AsOf = None,
    as_known_on: AsKnownOn = None,
    as_json: AsJson = False,
) -> None:
    """Show the revenue ledger with GRR and NRR."""
    from keepline.commands import retention as command

    view = command.one_view(report=report, cohorts=cohorts, ahead=ahead, billing=reconcile_billing)
    question = command.Question(
        period.value, by.value if by else None, explain, only, account, export, to_date, as_known_on, view
    )  # fmt: skip
    command.run(opened(context), question, as_of, as_json)


@app.command()
def restatements(
    context: typer.Context,
    explain: Annotated[
        str | None,
        typer.Option(metavar="WINDOW", help="Open one restated window into the lines, rates and moves that made it."),
    ] = None,
    by: Annotated[CutName | None, typer.Option(help="Those of this cut; with --explain the whole without it.")] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=a_beginning, metavar="DATE", help="Restated from this day on.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which published figures were told differently later, by how much, and why."""
    from keepline.commands import restatements as command

    command.run(opened(context), since, explain, by.value if by else None, as_json)


@app.command()
def impact(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Option(help="Credit by first, last, linear, u_shaped, w_shaped, time_decay, markov or shapley."),
    ] = None,
    since: OutcomesSince = None,
    period: OutcomePeriod = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            "--evidence",
            metavar="LABEL",
            help="Open touched, attributed, lost or incremental into what stands behind it.",
        ),
    ] = None,
    as_of: AsOf = None,
    as_known_on: AsKnownOn = None,
    as_json: AsJson = False,
) -> None:
    """Show what support touched, what a model credits to it, what it saved and how sure that is."""
    from keepline.commands import impact as command

    question = command.Question(model, since, period, explain)
    command.run(opened(context), question, as_of, as_json, as_known_on)


@app.command()
def credit(
    context: typer.Context,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="CUT", help="kind, team, agent, playbook, ticket, account, segment, week or month; failure if lost."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="One model alone; all of them side by side without it.")] = None,
    lost: Annotated[bool, typer.Option("--lost", help="Share what was lost, by the same weights.")] = False,
    explain: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Open an outcome, an account or a ticket: every touch, down to replies."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the models side by side as SVG, too.")
    ] = None,
    since: OutcomesSince = None,
    period: OutcomePeriod = None,
    as_of: AsOf = None,
    as_known_on: AsKnownOn = None,
    as_json: AsJson = False,
) -> None:
    """Show which work kept and lost revenue is credited to, under every model and with the spread."""
    from keepline.commands import credit as command

    question = command.Question(by, model, lost, explain, picture, since, period)
    command.run(opened(context), question, as_of, as_json, as_known_on)


@app.command()
def saves(
    context: typer.Context,
    confirm: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="It was a save; of a loss: support had part in it.")
    ] = None,
    reject: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="It was none; of a loss: support had no part in it.")
    ] = None,
    because: Annotated[str | None, typer.Option(metavar="REASON", help="Why; a rejection needs it.")] = None,
    undo: Annotated[str | None, typer.Option(metavar="OUTCOME", help="Take back what was said of it.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so; your login by default.")] = None,
    since: OutcomesSince = None,
    period: OutcomePeriod = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List what is counted as saved (touched) and as lost, and confirm or reject it."""
    from keepline.commands import saves as command

    said = command.Said(confirm, reject, undo, because, by)
    command.run(opened(context), said, period, since, as_of, as_json)


@app.command()
def holdout(
    context: typer.Context,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN", help="Open one plan by the beginning of its name.")
    ] = None,
    power: Annotated[
        str | None, typer.Option(metavar="PLAYBOOK", help="What a holdout of this playbook could tell, and when.")
    ] = None,
    release: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Let help through for this account from now on.")
    ] = None,
    because: Annotated[str | None, typer.Option(metavar="REASON", help="With --release: why.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="With --release: who says so; your login.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show the randomised holdouts: who was drawn, what the arms differ by, what that proves."""
    from keepline.commands import holdout as command

    keepline = opened(context)
    if release is not None:
        command.let_through(keepline, command.Letting(release, because, by), as_json)
    elif power is not None:
        command.show_power(keepline, power, as_of, as_json)
    else:
        command.show_plans(keepline, plan, as_of, as_json)


@app.command()
def reasons(
    context: typer.Context,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="CUT|NAME", help="Sum by reason, segment, workflow or month; with an answer: who gives it."
        ),
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="Open one loss, by its id or its account, into the evidence.")
    ] = None,
    confirm: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="The proposed reason of this loss is right.")
    ] = None,
    change: Annotated[
        tuple[str, str] | None, typer.Option("--set", metavar="OUTCOME REASON", help="It was this reason instead.")
    ] = None,
    undo: Annotated[str | None, typer.Option(metavar="OUTCOME", help="Take back what was said of this loss.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What should be kept with the answer.")] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=a_beginning, metavar="DATE", help="Losses from the beginning of this day.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List what was lost and why, with the evidence; confirm or change a reason."""
    from keepline.commands import reasons as command

    command.run(opened(context), command.Question(by, explain, confirm, change, undo, note, since), as_of, as_json)


@app.command()
def workflows(
    context: typer.Context,
    explain: Annotated[
        str | None, typer.Option(metavar="WORKFLOW", help="Open one: accounts, tickets, months, what changes brought.")
    ] = None,
    changed: Annotated[str | None, typer.Option(metavar="WORKFLOW", help="Note that this one was changed.")] = None,
    on: Annotated[
        datetime | None, typer.Option(parser=a_beginning, metavar="DATE", help="The day on which it was changed.")
    ] = None,
    hope: Annotated[str | None, typer.Option(metavar="TEXT", help="What the change should bring.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who notes it; your login by default.")] = None,
    withdraw: Annotated[str | None, typer.Option(metavar="CHANGE", help="Take a noted change back.")] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=a_beginning, metavar="DATE", help="From here on; a year by default.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Rank the workflows by what to repair first; note a change of one and see what it brought."""
    from keepline.commands import workflows as command

    question = command.Question(explain, changed, on.date() if on else None, hope, by, withdraw, since)
    command.run(opened(context), question, as_of, as_json)
