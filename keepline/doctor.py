"""Knows what an installation needs to work, and what to do where something is missing."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

from config import documents
from domain.errors import KeeplineError
from keepline.bootstrap import Keepline
from storage.sla import SlaBook

ROOMS = ("domain", "connectors", "rules", "retention", "config", "storage", "jobs", "console", "keepline")
_LEAST_FREE_BYTES = 500 * 2**20


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: how it stands, and what to do where it is not well."""

    check: str
    well: bool
    found: str
    remedy: str = ""


def examine(keepline: Keepline) -> list[Finding]:
    """Check everything; one check that fails does not keep the others from being made."""
    checks: dict[str, Callable[[Keepline], Finding]] = {
        "Python": _python,
        "packages": _packages,
        "configuration": _configuration,
        "database": _database,
        "disk": _disk,
        "facts": _facts,
        "ticket histories": _histories,
        "connections": _connections,
        "language model": _language_model,
    }
    return [_checked(name, check, keepline) for name, check in checks.items()]


def _checked(name: str, check: Callable[[Keepline], Finding], keepline: Keepline) -> Finding:
    try:
        return check(keepline)
    except KeeplineError as error:
        return Finding(name, False, str(error), "mend what is named here, then run keepline doctor again")


def _python(_: Keepline) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), found, "install Python 3.11 or newer")


def _packages(_: Keepline) -> Finding:
    """Another distribution with a top-level package of the same name would be imported in place of ours."""
    owners = packages_distributions()
    strangers = [f"{room} by {owner}" for room in ROOMS for owner in owners.get(room, []) if owner != "keepline"]
    homes = {Path(sys.modules[room].__file__ or "").parents[1] for room in ROOMS if room in sys.modules}
    found = ", ".join(strangers) or f"{len(ROOMS)} packages of ours, none shadowed"
    well = not strangers and len(homes) <= 1
    return Finding("packages", well, found, "install Keepline into an environment of its own (pipx, uv tool, venv)")


def _configuration(keepline: Keepline) -> Finding:
    rulebook = keepline.rulebook
    own = [path.name for path in documents.shipped() if keepline.document(path.stem) != path]
    counts = f"{len(rulebook.playbooks)} playbooks, {len(rulebook.sla.policies)} service levels"
    unused = rulebook.sla.unused_calendars()
    found = f"{counts}; of your own: {', '.join(own) or 'nothing, all defaults'}"
    return Finding(
        "configuration", True, found + (f"; calendars that nothing names: {', '.join(unused)}" * bool(unused))
    )


def _database(keepline: Keepline) -> Finding:
    return Finding("database", True, keepline.store.engine.url.render_as_string(hide_password=True))


def _disk(keepline: Keepline) -> Finding:
    file = keepline.store.engine.url.database if keepline.store.engine.dialect.name == "sqlite" else None
    free = shutil.disk_usage(Path(file).resolve().parent if file else Path.cwd()).free
    return Finding("disk", free >= _LEAST_FREE_BYTES, f"{free // 2**20:,} MiB free", "free at least 500 MiB")


def _facts(keepline: Keepline) -> Finding:
    counts = keepline.store.counts()
    missing = [name for name in ("accounts", "subscription_lines", "tickets") if not counts[name]]
    found = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    lacking = ", no ".join(name.replace("_", " ") for name in missing)
    needed = f"there are no {lacking}: keepline connect VENDOR, or keepline import FOLDER"
    return Finding("facts", not missing, found or "none", needed if missing else "")


def _histories(keepline: Keepline) -> Finding:
    """A source that tells no statuses can be worked with, but its clocks know no pause."""
    without = ", ".join(SlaBook(keepline.store.engine).sources_without_history())
    told = f"no status history from {without}: its SLA clocks know when tickets came and were solved, but no pauses"
    return Finding("ticket histories", True, told if without else "every source tells when statuses changed")


def _connections(keepline: Keepline) -> Finding:
    """That each connection's secrets open and its mapping is right; its site is not asked."""
    known, ill = keepline.connected.connections(), list[str]()
    for connection in known:
        runs = keepline.connected.last_runs(connection.name, 1)
        try:
            keepline.connector(connection, keepline.secrets(connection.name))
        except KeeplineError as error:
            ill.append(f"{connection.name}: {error}")
            continue
        if runs and runs[0].state == "failed":
            ill.append(f"{connection.name}: its last sync ended with {runs[0].error}")
    remedy = "mend what is named here, then keepline sync" if ill else ""
    return Finding("connections", not ill, "; ".join(ill) or f"{len(known)} connected", remedy)


def _language_model(keepline: Keepline) -> Finding:
    """Which model is asked, if any; it is not asked here."""
    model = keepline.language_model
    told = f"{model.name}, asked by --generated alone" if model else "not configured: nothing is generated or sent"
    return Finding("language model", True, told)
