"""The commands, in the order in which a newcomer meets them; each body stands in `keepline/commands/`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import KeeplineError
from keepline.actions import app as actions_app
from keepline.evaluating import app as evaluating_app
from keepline.evidence import app as evidence_app
from keepline.gaps import app as gaps_app
from keepline.health import app as health_app
from keepline.issues import app as issues_app
from keepline.money import app as money_app
from keepline.options import (
    AsJson,
    AsKnownOn,
    AsOf,
    DigestFormat,
    KpiCutName,
    KpiPeriodName,
    a_beginning,
    a_moment,
    opened,
)
from keepline.playbooks import app as playbooks_app
from keepline.queue import app as queue_app
from keepline.replaying import app as replaying_app
from keepline.satisfaction import app as satisfaction_app
from keepline.sentiment import app as sentiment_app
from keepline.signals import app as signals_app
from keepline.sla import app as sla_app
from keepline.summaries import app as summaries_app

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

    command.run(opened(context), as_json)


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the demo's exports and database go.")] = Path("keepline-demo"),
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Make up a company, import its exports, run the last year and a half week by week and print the digest."""
    from keepline.commands import demo as command

    command.run(opened(context), folder, seed, as_json)


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

    command.run(opened(context), folder, mapping, write, as_json)


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
        command.run(opened(context), folder, mapping, rejects, as_json)
    if ecb:
        command.take_ecb_rates(opened(context), as_json)


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

    command.run(opened(context), vendor, name, setting or [], fresh_key=new_key, as_json=as_json)


@app.command()
def disconnect(context: typer.Context, name: Annotated[str, typer.Argument(help="The connection's name.")]) -> None:
    """Forget a connection and its secrets; what it brought stays."""
    from keepline.commands import disconnect as command

    command.run(opened(context), name)


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

    command.run(opened(context), name, restart=restart, as_json=as_json)


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

    command.run(opened(context), name, fields=fields, schema=schema, as_json=as_json)


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

    keepline = opened(context)
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

    command.run(opened(context), kind, as_of, as_json)


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

    command.run(opened(context), as_of, since, sync=sync, as_json=as_json)


app.add_typer(queue_app)
app.add_typer(actions_app)
app.add_typer(playbooks_app)
app.add_typer(replaying_app)
app.add_typer(signals_app)
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

    command.run(opened(context), name, as_of, as_json, as_known_on)


app.add_typer(money_app)
app.add_typer(sentiment_app)
app.add_typer(evidence_app)
app.add_typer(issues_app)
app.add_typer(summaries_app)
app.add_typer(gaps_app)
app.add_typer(satisfaction_app)
app.add_typer(health_app)
app.add_typer(evaluating_app)


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
    command.run(opened(context), question, as_of, as_json)


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

    command.run(opened(context), week, DigestFormat.JSON if as_json else form, output, as_of)


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

    command.run(opened(context), host, port)


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the installation and say what to do about what is wrong."""
    from keepline.commands import doctor as command

    command.run(opened(context), as_json)


def main() -> None:
    """Run a command; our own errors become one line that says what to do, and exit code 1."""
    try:
        app()
    except KeeplineError as error:
        typer.secho(f"keepline: {error}", err=True, fg="red")
        sys.exit(1)


if __name__ == "__main__":
    main()
