"""The commands below `keepline sla`; each body stands in `keepline/commands/`."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, DigestFormat, a_moment, opened

app = typer.Typer(name="sla", rich_markup_mode=None)


class MetricName(StrEnum):
    """What a clock measures."""

    FIRST_REPLY = "first_reply"
    FIRST_IMPACTFUL_REPLY = "first_impactful_reply"
    NEXT_REPLY = "next_reply"
    PERIODIC_UPDATE = "periodic_update"
    RESOLUTION = "resolution"
    REQUESTER_WAIT = "requester_wait"
    AGENT_WORK = "agent_work"
    INTERNAL_REVIEW = "internal_review"
    OUTREACH = "outreach"


class StateName(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    BREACHED = "breached"
    MET = "met"
    ENDED = "ended"
    NO_TARGET = "no_target"


class AttainmentCut(StrEnum):
    """What attainment can be cut by."""

    METRIC = "metric"
    POLICY = "policy"
    PRIORITY = "priority"
    SEGMENT = "segment"
    TEAM = "team"
    WEEK = "week"


OneMetric = Annotated[MetricName | None, typer.Option("--metric", help="Clocks of this metric alone.")]
OneState = Annotated[
    StateName | None, typer.Option("--state", help="Clocks in this state; by default all whose wait goes on.")
]
OneAccount = Annotated[
    str | None, typer.Option("--account", metavar="NAME", help="Tickets of the account of this name or id.")
]
DueWithin = Annotated[
    str | None, typer.Option("--due-within", metavar="LENGTH", help="Due within this time, or overdue: 4h, 2d.")
]
WithForecast = Annotated[
    bool,
    typer.Option("--forecast/--no-forecast", help="Also say how probable each breach is; takes longer."),
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", parser=a_moment, metavar="DATE", help="From then on; the last 30 days by default."),
]


@app.callback(invoke_without_command=True)
def sla(
    context: typer.Context,
    metric: OneMetric = None,
    state: OneState = None,
    account: OneAccount = None,
    due_within: DueWithin = None,
    forecast: WithForecast = True,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show the clocks that run, the next deadline first; what was broken and kept; what another sla.yaml would do."""
    if context.invoked_subcommand is None:
        clocks(context, metric, state, account, due_within, forecast, as_of, as_json)


@app.command()
def clocks(
    context: typer.Context,
    metric: OneMetric = None,
    state: OneState = None,
    account: OneAccount = None,
    due_within: DueWithin = None,
    forecast: WithForecast = True,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show the clocks that run, the next deadline first: the same as `keepline sla`."""
    from keepline.commands import sla_clocks as command

    asked = command.Asked(
        metric.value if metric else None, state.value if state else None, account, due_within, forecast
    )
    command.run(opened(context), asked, as_of, as_json)


@app.command()
def breaches(context: typer.Context, since: Since = None, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """List the promises that were broken, the newest first."""
    from keepline.commands import sla_breaches as command

    command.run(opened(context), since, as_of, as_json)


@app.command()
def attainment(
    context: typer.Context,
    by: Annotated[AttainmentCut | None, typer.Option(help="Cut it by this.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=a_moment, metavar="DATE", help="From then on; the last 90 days by default."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=a_moment, metavar="DATE", help="Until then; until now by default.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show which share of the promises that came due was kept."""
    from keepline.commands import sla_attainment as command

    command.run(opened(context), by.value if by else None, since, until, as_of, as_json)


@app.command()
def preview(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The changed document; without it, the one that is configured.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show what a changed sla.yaml would do to open tickets and to last quarter's attainment; nothing is written."""
    from keepline.commands import sla_preview as command

    command.run(opened(context), file, as_of, as_json)


@app.command()
def explain(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(help="The ticket's id; source:id where several sources have it.")],
    metric: OneMetric = None,
    form: Annotated[DigestFormat, typer.Option("--format", help="text, html or json.")] = DigestFormat.TEXT,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here instead of printing it.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Explain why one ticket's deadline is what it is, second by second."""
    from keepline.commands import sla_explain as command

    chosen = DigestFormat.JSON if as_json else form
    command.run(opened(context), ticket, metric.value if metric else None, chosen.value, output, as_of)


@app.command()
def forecast(
    context: typer.Context,
    metric: OneMetric = None,
    check: Annotated[
        bool, typer.Option("--check", help="Show instead how well the past would have been foreseen.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show which running clocks will probably be breached, and why."""
    from keepline.commands import sla_forecast as command

    command.run(opened(context), metric.value if metric else None, as_of, check=check, as_json=as_json)


@app.command()
def calendar(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One calendar; all of them without it.")] = None,
    week: Annotated[
        datetime | None,
        typer.Option(parser=a_moment, metavar="DATE", help="Show the open hours of the week with this day."),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show the calendars: zone, hours, the next opening, holidays ahead."""
    from keepline.commands import sla_calendar as command

    command.run(opened(context), name, week.date() if week else None, as_of, as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of sla.yaml, for an editor."""
    from keepline import show
    from rules.sla.policy import sla_schema

    show.as_json(sla_schema())
