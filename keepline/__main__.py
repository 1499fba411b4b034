"""The commands, in the order in which a newcomer meets them; each body stands in `keepline/commands/`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import KeeplineError
from keepline.options import (
    AsJson,
    AsKnownOn,
    AsOf,
    CutName,
    DigestFormat,
    KpiCutName,
    KpiPeriodName,
    PeriodName,
    a_beginning,
    a_moment,
)
from keepline.sla import app as sla_app

if TYPE_CHECKING:
    from keepline.bootstrap import Keepline

app = typer.Typer(
    name="keepline",
    help="Links every support ticket to the recurring revenue it protects.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def settings(
    context: typer.Context,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Database, instead of KEEPLINE_DATABASE_URL (sqlite:///keepline.db)."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Configuration, instead of KEEPLINE_CONFIG_DIR (keepline-config)."),
    ] = None,
) -> None:
    """Say where the facts and the configuration are; every command takes these before its name."""
    # Here and not above, so that --help and completion do not wait for the database's libraries.
    from keepline.bootstrap import configured

    context.obj = configured(database, config)
    context.call_on_close(context.obj.close)


@app.command()
def init(context: typer.Context, as_json: AsJson = False) -> None:
    """Write the commented configuration into a folder of your own and prepare the database."""
    from keepline.commands import init as command

    command.run(_keepline(context), as_json)


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the demo's exports and database go.")] = Path("keepline-demo"),
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Make up a company, import its exports, run the last year and a half week by week and print the digest."""
    from keepline.commands import demo as command

    command.run(_keepline(context), folder, seed, as_json)


@app.command("map")
def map_(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder of exports, or one file.")],
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the proposed mapping here, to be edited.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(metavar="FILE", help="Show how this mapping would read.")] = None,
    as_json: AsJson = False,
) -> None:
    """Propose how a folder's columns are read, and show its first rows as they would be read."""
    from keepline.commands import map as command

    command.run(_keepline(context), folder, mapping, write, as_json)


@app.command("import")
def import_(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="A folder of exports, or one file.")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The mapping; otherwise FOLDER/keepline-map.yaml, a shipped or a proposed one."
        ),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the rows that were put aside here, to be repaired.")
    ] = None,
    ecb: Annotated[
        bool, typer.Option("--ecb", help="Take the European Central Bank's exchange rates, where no others are known.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a folder of CSV, TSV, JSON Lines, Parquet or XLSX exports into the database."""
    from keepline.commands import import_ as command

    if folder is None and not ecb:
        raise typer.BadParameter("name a folder of exports, or --ecb")
    if folder is not None:
        command.run(_keepline(context), folder, mapping, rejects, as_json)
    if ecb:
        command.take_ecb_rates(_keepline(context), as_json)


@app.command()
def connect(
    context: typer.Context,
    vendor: Annotated[str | None, typer.Argument(help="The vendor; without it, all vendors are listed.")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the connection is called; the vendor's name by default.")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Answer a question beforehand; no secrets.")
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Print a fresh key for KEEPLINE_SECRET_KEY and do nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Connect a helpdesk, CRM or billing system: asks for what it needs and tries it."""
    from keepline.commands import connect as command

    command.run(_keepline(context), vendor, name, setting or [], fresh_key=new_key, as_json=as_json)


@app.command()
def disconnect(context: typer.Context, name: Annotated[str, typer.Argument(help="The connection's name.")]) -> None:
    """Forget a connection and its secrets; what it brought stays."""
    from keepline.commands import disconnect as command

    command.run(_keepline(context), name)


@app.command()
def sync(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One connection; all of them without it.")] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Read everything again, from the beginning; nothing is doubled.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Pull what the connected sites have changed; Ctrl-C stops it, and the next sync goes on from there."""
    from keepline.commands import sync as command

    command.run(_keepline(context), name, restart=restart, as_json=as_json)


@app.command()
def connectors(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Open one connection.")] = None,
    fields: Annotated[
        bool, typer.Option("--fields", "--discover", help="List the site's fields and what can be mapped.")
    ] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of connectors.yaml.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how the connections are: last success, lag, rows, rejects, budget left."""
    from keepline.commands import connectors as command

    command.run(_keepline(context), name, fields=fields, schema=schema, as_json=as_json)


@app.command()
def links(
    context: typer.Context,
    review: Annotated[
        bool, typer.Option("--review", help="Answer one by one, the most money first; a key each.")
    ] = False,
    linked: Annotated[bool, typer.Option("--linked", help="List the links with what each rests on.")] = False,
    above: Annotated[
        int | None,
        typer.Option(metavar="PERCENT", min=1, max=100, help="Confirm all first suggestions from this score."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --above: do not ask.")] = False,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what is not linked as CSV, to be answered there.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take the answers of such a file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which customers are linked to accounts, what is not and why, and take your answers."""
    from keepline.commands import links as command

    keepline = _keepline(context)
    if review:
        command.review(keepline)
    elif above is not None:
        command.confirm_above(keepline, above, sure=yes)
    elif export is not None:
        command.export(keepline, export)
    elif answers is not None:
        command.import_answers(keepline, answers)
    else:
        command.show_links(keepline, linked=linked, as_json=as_json)


@app.command()
def reconcile(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="List the contradictions of this kind.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Report every contradiction between the sources, and which side the figures believe."""
    from keepline.commands import reconcile as command

    command.run(_keepline(context), kind, as_of, as_json)


@app.command()
def run(
    context: typer.Context,
    as_of: AsOf = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=a_moment, metavar="DATE", help="First catch up week by week from here, as if run each week."
        ),
    ] = None,
    sync: Annotated[
        bool, typer.Option("--sync/--no-sync", help="First pull what the connected sites have changed.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Do the main job: pull, link, read, compute signals, decide, escalate, settle the ledger."""
    from keepline.commands import run as command

    command.run(_keepline(context), as_of, since, sync=sync, as_json=as_json)


@app.command()
def queue(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed escalations too.")] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List the open escalations, the most money and the least time first."""
    from keepline.commands import queue as command

    command.run(_keepline(context), everything, as_of, as_json)


app.add_typer(sla_app)


@app.command()
def account(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The account's name or id.")],
    as_of: AsOf = None,
    as_known_on: AsKnownOn = None,
    as_json: AsJson = False,
) -> None:
    """Show one customer: revenue, renewal, tickets, signals, decisions."""
    from keepline.commands import account as command

    command.run(_keepline(context), name, as_of, as_json, as_known_on)


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
    command.run(_keepline(context), question, as_of, as_json)


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

    command.run(_keepline(context), since, explain, by.value if by else None, as_json)


@app.command("kpis")
def kpis_(
    context: typer.Context,
    by: Annotated[KpiCutName | None, typer.Option(help="Cut the figures by this.")] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="KPI", help="One figure alone: first_reply, resolution, csat …")
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="KPI", help="Open one figure into the tickets and answers behind it.")
    ] = None,
    period: Annotated[KpiPeriodName | None, typer.Option(help="The last whole week, month or quarter.")] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=a_beginning, metavar="DATE", help="From the beginning of this day.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(parser=a_moment, metavar="DATE", help="To the end of this day.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show support's key figures: times, first contact resolution, SLA attainment, backlog, ratings."""
    from keepline.commands import kpis as command

    question = command.Question(
        by.value if by else None, since, until, period.value if period else None, metric, explain
    )  # fmt: skip
    command.run(_keepline(context), question, as_of, as_json)


@app.command()
def impact(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Option(help="Credit by first, last, linear, u_shaped, w_shaped, time_decay, markov or shapley."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=a_beginning, metavar="DATE", help="Outcomes from this day on; a year by default."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD", help="The last whole month, quarter or year; or a named one: 2026-06, 2026-Q2, 2026."
        ),
    ] = None,
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
    command.run(_keepline(context), question, as_of, as_json, as_known_on)


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
    since: Annotated[
        datetime | None,
        typer.Option(parser=a_beginning, metavar="DATE", help="Outcomes from this day on; a year by default."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD", help="The last whole month, quarter or year; or a named one: 2026-06, 2026-Q2, 2026."
        ),
    ] = None,
    as_of: AsOf = None,
    as_known_on: AsKnownOn = None,
    as_json: AsJson = False,
) -> None:
    """Show which work kept and lost revenue is credited to, under every model and with the spread."""
    from keepline.commands import credit as command

    question = command.Question(by, model, lost, explain, picture, since, period)
    command.run(_keepline(context), question, as_of, as_json, as_known_on)


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
    period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="month, quarter, year, 2026-06, 2026-Q2 or 2026.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=a_beginning, metavar="DATE", help="From this day on; a year by default."),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List what is counted as saved (touched) and as lost, and confirm or reject it."""
    from keepline.commands import saves as command

    said = command.Said(confirm, reject, undo, because, by)
    command.run(_keepline(context), said, period, since, as_of, as_json)


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

    keepline = _keepline(context)
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

    command.run(_keepline(context), command.Question(by, explain, confirm, change, undo, note, since), as_of, as_json)


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
    command.run(_keepline(context), question, as_of, as_json)


@app.command()
def digest(
    context: typer.Context,
    week: Annotated[
        str | None, typer.Option(metavar="WEEK", help="An ISO week, 2026-W26; the last whole one by default.")
    ] = None,
    form: Annotated[DigestFormat, typer.Option("--format", help="text, html or json.")] = DigestFormat.TEXT,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here instead of printing it.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Write the weekly impact digest."""
    from keepline.commands import digest as command

    command.run(_keepline(context), week, DigestFormat.JSON if as_json else form, output, as_of)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="The address to listen at; a proxy with TLS stands before it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8047,
) -> None:
    """Take the webhooks of the connected sites, at /webhooks/CONNECTION."""
    from keepline.commands import serve as command

    command.run(_keepline(context), host, port)


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the installation and say what to do about what is wrong."""
    from keepline.commands import doctor as command

    command.run(_keepline(context), as_json)


def _keepline(context: typer.Context) -> "Keepline":
    found: Keepline = context.obj
    return found


def main() -> None:
    """Run a command; our own errors become one line that says what to do, and exit code 1."""
    try:
        app()
    except KeeplineError as error:
        typer.secho(f"keepline: {error}", err=True, fg="red")
        sys.exit(1)


if __name__ == "__main__":
    main()
