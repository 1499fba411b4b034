"""Pulls what the connected sites have changed, and says what came in."""

from collections.abc import Sequence
from typing import Any

import typer

from domain.connections import Connection
from domain.errors import KeeplineError, Retriable
from jobs.link import link_customers
from jobs.sync import Synced, sync
from keepline import show
from keepline.bootstrap import Keepline
from keepline.clock import SystemClock
from keepline.wording import length

_MOST_REMARKS = 8


def run(keepline: Keepline, name: str | None, *, restart: bool, as_json: bool) -> None:
    """Sync one connection or all; exit code 1 where one failed, 130 where Ctrl-C stopped it."""
    book = keepline.connected
    wanted = [book.connection(name)] if name else book.connections()
    if not wanted:
        show.line("Nothing is connected yet: keepline connect VENDOR; keepline connect lists the vendors.")
        return
    for connection in wanted if restart else ():
        book.start_over(connection.name)
    done = pull(keepline, wanted, quiet=as_json)
    linked = link_customers(keepline.store, SystemClock().now())
    if as_json:
        show.as_json([printed(each) for each in done])
    elif linked.added or linked.changed or linked.removed:
        show.line(
            f"{linked.added:,} customers linked to accounts, {linked.changed:,} otherwise than before, "
            f"{linked.removed:,} no longer; keepline links shows what is not."
        )
    if any(each.stopped for each in done):
        raise typer.Exit(130)
    if any(each.error for each in done):
        raise typer.Exit(1)


def pull(keepline: Keepline, wanted: Sequence[Connection], *, quiet: bool) -> list[Synced]:
    """Sync connections one after the other, until one is stopped by Ctrl-C; say how each went unless `quiet`."""
    done: list[Synced] = []
    for connection in wanted:
        done.append(_sync(keepline, connection))
        if not quiet:
            _print(done[-1])
        if done[-1].stopped:
            break
    return done


def _sync(keepline: Keepline, connection: Connection) -> Synced:
    clock = SystemClock()
    with show.long_progress() as report:
        try:
            secrets = keepline.secrets(connection.name)
            connector = keepline.connector(
                connection, secrets, lambda seconds, why: show.say(f"waiting {seconds:.0f} s: {why}")
            )
        except KeeplineError as error:
            # One connection that cannot be opened keeps no other from being synced.
            return Synced(connection.name, clock.now(), error=error)
        return sync(keepline.store, connection.name, connector, clock.now, report)


def _print(done: Synced) -> None:
    parts = ", ".join(f"{count:,} {stream}" for stream, count in done.streams.items() if count) or "nothing new"
    show.line(f"{done.connection}: read {parts}; {done.changed:,} records new or changed, {done.removed:,} removed.")
    if done.waiting:
        show.line(f"  {done.waiting:,} records wait for one that they refer to; they come in with it.")
    if done.unusable:
        show.line(f"  {done.unusable:,} records could not be read: keepline connectors {done.connection} lists them.")
    for remark, count in list(done.remarks.items())[:_MOST_REMARKS]:
        show.line(f"  {remark} ({count:,}x)")
    if done.stopped:
        show.line(f"  Stopped. What was read is in; keepline sync {done.connection} goes on from there.", "yellow")
    elif isinstance(done.error, Retriable) and done.error.retry_after:
        wait = length(done.error.retry_after)
        show.line(
            f"  {done.error}. What was read is in; run keepline sync {done.connection} again in {wait}.", "yellow"
        )
    elif done.error:
        show.line(f"  {done.error}. What was read until then is in.", "red")


def printed(done: Synced) -> dict[str, Any]:
    """A sync as plain data."""
    return {
        "connection": done.connection,
        "state": "stopped" if done.stopped else "failed" if done.error else "done",
        "read": done.read,
        "streams": done.streams,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "removed": done.removed,
        "waiting": done.waiting,
        "unusable": done.unusable,
        "remarks": done.remarks,
        "error": str(done.error) if done.error else None,
    }
