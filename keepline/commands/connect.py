"""Connects a site: asks for what it needs, tries it, says what a first sync will take, and keeps the secrets sealed."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

import typer

from connectors.contract import Asked, Connector, Vendor
from connectors.registry import vendor, vendors
from domain.connections import Connection
from domain.errors import ConfigError
from keepline import show
from keepline.bootstrap import Keepline, current_moment
from keepline.wording import length
from storage.sealing import new_key

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass
class Unsaved:
    """Secrets while they are tried; what the vendor rotates meanwhile is kept too."""

    held: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.held[name]

    def rotate(self, refresh: Callable[[Mapping[str, str]], Mapping[str, str]], stale: str) -> None:
        if self.held.get("access_token", "") == stale:
            self.held |= refresh(dict(self.held))


def run(
    keepline: Keepline, kind: str | None, name: str | None, given: list[str], *, fresh_key: bool, as_json: bool
) -> None:
    """Ask, try, say, keep; nothing is kept before the credentials have worked."""
    if fresh_key:
        show.line(new_key())
        return
    if kind is None:
        _print_vendors(as_json)
        return
    asked = vendor(kind)
    chosen = _usable(name or asked.name)
    answers = _answers(asked, given)
    secrets = Unsaved({each.name: answers[each.name] for each in asked.asks if each.secret and answers[each.name]})
    connection = Connection(
        name=chosen,
        vendor=asked.name,
        settings={each.name: answers[each.name] for each in asked.asks if not each.secret},
        created_at=current_moment(),
    )
    _refuse_another_site(keepline, connection)
    connector = keepline.connector(connection, secrets, _announce)
    show.say(f"Trying {asked.title} ...")
    checked = connector.check()
    plan = _plan(connector)
    keepline.secrets(connection.name, make_key=True).replace(secrets.held)
    keepline.connected.connect(connection)
    if as_json:
        show.as_json({"connection": connection.name, "identity": checked.identity, "missing": checked.missing, **plan})
        return
    show.line(f"Connected {connection.name} as {checked.identity}; its secrets are kept encrypted.", "green")
    for missing in checked.missing:
        show.line(f"Missing: {missing}", "yellow")
    _print_plan(plan)
    show.line(f"Next: keepline sync {connection.name}")


def _usable(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigError("--name", repr(name), "write small letters, digits, - and _, such as zendesk-emea")
    return name


def _refuse_another_site(keepline: Keepline, connection: Connection) -> None:
    """Two sites under one name would mix their records."""
    for known in keepline.connected.connections():
        if known.name == connection.name and (known.vendor, known.settings) != (connection.vendor, connection.settings):
            raise ConfigError(
                "--name",
                f"{connection.name}, which is {known.vendor} with {_listed(known.settings)}",
                f"give this one another --name; where the site is the same, keepline disconnect {known.name} first",
            )


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def _answers(asked: Vendor, given: list[str]) -> dict[str, str]:
    """What was given on the command line, by the environment, or is typed in now."""
    said: dict[str, str] = {}
    settings = {each.name for each in asked.asks if not each.secret}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals or key not in settings:
            known = ", ".join(sorted(settings)) or "nothing"
            raise ConfigError(
                "--set", repr(each), f"write NAME=VALUE; {asked.title} takes {known}, secrets are asked for"
            )
        said[key] = value
    return {each.name: said.get(each.name) or _answer(each) for each in asked.asks}


def _answer(asked: Asked) -> str:
    variable = f"KEEPLINE_CONNECT_{asked.name.upper()}"
    if variable in os.environ:
        return os.environ[variable]
    if not sys.stdin.isatty():
        if asked.default is not None:
            return asked.default
        raise ConfigError(
            "keepline connect", f"nobody to ask for: {asked.prompt}", f"set {variable}; it is {asked.where}"
        )
    answer: str = typer.prompt(
        f"{asked.prompt} ({asked.where})",
        default=asked.default,
        hide_input=asked.secret,
        show_default=not asked.secret,
        err=True,
    )
    return answer.strip()


def _plan(connector: Connector) -> dict[str, Any]:
    """How much a first sync reads, and how long the vendor's limits make it take."""
    streams = connector.streams()
    totals = {stream.name: stream.total() for stream in streams}
    calls = sum(ceil(total / stream.page_rows) for stream in streams if (total := totals[stream.name]))
    pace = connector.calls_per_minute()
    return {"records": totals, "calls_at_least": calls, "seconds_at_least": ceil(calls * 60 / pace) if pace else None}


def _print_plan(plan: Mapping[str, Any]) -> None:
    known = [f"{total:,} {stream}" for stream, total in plan["records"].items() if total is not None]
    unknown = [stream for stream, total in plan["records"].items() if total is None]
    show.line(f"A first sync reads about {', '.join(known) or 'an unknown number of records'}.")
    if unknown:
        show.line(f"How many {' and '.join(unknown)} there are, the site does not say.")
    if plan["seconds_at_least"] is not None:
        least = length(timedelta(seconds=max(60, plan["seconds_at_least"])))
        show.line(f"The vendor's limits make it take at least {least} ({plan['calls_at_least']:,} calls).")


def _print_vendors(as_json: bool) -> None:
    known = vendors()
    if as_json:
        show.as_json([{"vendor": each.name, "title": each.title, "role": each.role} for each in known])
        return
    rows = [[each.name, each.title, each.role, ", ".join(one.prompt for one in each.asks)] for each in known]
    show.table("What can be connected", ["Vendor", "Title", "As", "Asks for"], rows)
    show.line("Connect one: keepline connect VENDOR")


def _announce(seconds: float, reason: str) -> None:
    show.say(f"waiting {seconds:.0f} s: {reason}")
