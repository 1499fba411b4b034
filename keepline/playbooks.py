"""The commands below `keepline playbooks`; each body stands in `keepline/commands/`."""

from pathlib import Path
from typing import Annotated

import typer

from keepline.options import AsJson, AsOf, opened

app = typer.Typer(name="playbooks", rich_markup_mode=None)

AnId = Annotated[str, typer.Argument(metavar="ID", help="The playbook's id.")]
What = Annotated[str, typer.Argument(metavar="ID|FILE", help="A playbook's id, or a file of playbooks.")]
Version = Annotated[
    str | None, typer.Option(metavar="VERSION", help="The beginning of a version; the file's without it.")
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides; the user's name by default.")]
Because = Annotated[str | None, typer.Option("--because", metavar="WHY", help="The reason; it stays on record.")]
Retired = Annotated[bool, typer.Option("--all", help="Retired ones too.")]


@app.callback(invoke_without_command=True)
def playbooks(context: typer.Context) -> None:
    """List the playbooks; write, check, try, activate, pause, compare and roll them back."""
    if context.invoked_subcommand is None:
        from keepline.commands import playbooks as command

        command.run(opened(context), None, retired=False, as_json=False)


@app.command("list")
def list_(context: typer.Context, retired: Retired = False, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """List which version of each playbook counts, since when, by whom, and how often it fired in 30 days."""
    from keepline.commands import playbooks as command

    command.run(opened(context), as_of, retired=retired, as_json=as_json)


@app.command()
def show(
    context: typer.Context, playbook: AnId, version: Version = None, as_of: AsOf = None, as_json: AsJson = False
) -> None:
    """Open a playbook: what it says in English, how it stands, its YAML."""
    from keepline.commands import playbooks as command

    command.show_playbook(opened(context), playbook, version, as_of, as_json)


@app.command()
def history(context: typer.Context, playbook: AnId, as_json: AsJson = False) -> None:
    """List every version of a playbook and every act on it, by whom and why."""
    from keepline.commands import playbooks as command

    command.show_history(opened(context), playbook, as_json)


@app.command()
def diff(
    context: typer.Context,
    playbook: AnId,
    first: Annotated[str | None, typer.Argument(metavar="A", help="A version; the one that counts without it.")] = None,
    second: Annotated[str | None, typer.Argument(metavar="B", help="Another; the file's without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how two versions differ, word by word and as sentences."""
    from keepline.commands import playbooks as command

    command.show_difference(opened(context), playbook, first, second, as_json)


@app.command()
def new(
    context: typer.Context,
    when: Annotated[
        str | None, typer.Option(metavar="SENTENCE", help='When it applies: "tickets in 7 days at least 5".')
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What people read.")] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Its lasting name; made of the name without it.")
    ] = None,
    do: Annotated[str | None, typer.Option(metavar="WHAT", help="The first thing to do.")] = None,
    owner: Annotated[str, typer.Option(metavar="ROLE", help="Whose task that is.")] = "csm",
    within: Annotated[str, typer.Option(metavar="LENGTH", help="And within what time.")] = "24h elapsed",
    priority: Annotated[str, typer.Option(metavar="WORD", help="urgent, high, normal or low.")] = "normal",
    shadow: Annotated[
        bool, typer.Option("--shadow/--no-shadow", help="Try it in shadow first; otherwise the next run acts on it.")
    ] = True,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Write a playbook into your playbooks.yaml from a sentence; asks for what is not said."""
    from keepline.commands import playbook_new as command

    said = command.Wanted(when, name, id_, do, owner, within, priority)
    command.run(opened(context), said, by, shadow=shadow, as_json=as_json)


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A file; the one in force without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell all mistakes of a file with place and remedy, or what it would change; a mistake ends with exit code 1."""
    from keepline.commands import playbook_check as command

    command.run(opened(context), file, as_json)


@app.command()
def activate(
    context: typer.Context,
    what: What,
    version: Version = None,
    by: By = None,
    because: Because = None,
    as_json: AsJson = False,
) -> None:
    """Let a version decide and act from now on."""
    from keepline.commands import playbook_acts as command

    command.activate(opened(context), what, version, by, because, as_json)


@app.command()
def shadow(
    context: typer.Context,
    what: What,
    version: Version = None,
    by: By = None,
    because: Because = None,
    as_json: AsJson = False,
) -> None:
    """Let a version decide beside the active one and do nothing, to be compared."""
    from keepline.commands import playbook_acts as command

    command.shadow(opened(context), what, version, by, because, as_json)


@app.command()
def compare(context: typer.Context, playbook: AnId, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Hold a version in shadow against the active one: what both decided, and what one alone did."""
    from keepline.commands import playbook_compare as command

    command.run(opened(context), playbook, as_of, as_json)


@app.command()
def pause(
    context: typer.Context, playbook: AnId, by: By = None, because: Because = None, as_json: AsJson = False
) -> None:
    """Let nothing of a playbook be decided until it is resumed."""
    from keepline.commands import playbook_acts as command

    command.pause(opened(context), playbook, by, because, as_json)


@app.command()
def resume(
    context: typer.Context, playbook: AnId, by: By = None, because: Because = None, as_json: AsJson = False
) -> None:
    """Let a paused playbook act again, in the version that acted before."""
    from keepline.commands import playbook_acts as command

    command.resume(opened(context), playbook, by, because, as_json)


@app.command()
def rollback(
    context: typer.Context,
    playbook: AnId,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Back to this version; the one active before without it.")
    ] = None,
    by: By = None,
    because: Because = None,
    as_json: AsJson = False,
) -> None:
    """Let the version that was active before act again."""
    from keepline.commands import playbook_acts as command

    command.roll_back(opened(context), playbook, to, by, because, as_json)


@app.command()
def retire(
    context: typer.Context, playbook: AnId, by: By = None, because: Because = None, as_json: AsJson = False
) -> None:
    """Let nothing of a playbook be decided any more; what it did stays on record."""
    from keepline.commands import playbook_acts as command

    command.retire(opened(context), playbook, by, because, as_json)


@app.command()
def schema(
    context: typer.Context,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it here, and say how an editor is told of it.")
    ] = None,
) -> None:
    """Print the JSON Schema of playbooks.yaml, with which an editor completes words and marks mistakes."""
    from keepline.commands import playbooks as command

    opened(context)
    command.show_schema(write)


@app.command()
def review(
    context: typer.Context,
    weeks: Annotated[
        int | None, typer.Option(min=1, max=520, help="How far back to look; review.weeks of team.yaml without it.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show what became of each rule's alarms, and propose which to retire or to tighten; nothing is changed."""
    from keepline.commands import playbook_review as command

    command.run(opened(context), weeks, as_of, as_json)
