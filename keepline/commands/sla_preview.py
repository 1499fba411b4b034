"""Shows what a changed sla.yaml would do; nothing is written."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import ConfigError
from jobs.sla.previewing import Moved, Preview, preview
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, counted, rate
from rules.sla.attainment import Attained

_MOST = 30


def run(keepline: Keepline, file: Path | None, as_of: datetime | None, as_json: bool) -> None:
    """Print what the document in `file` would do; without one, the configured document on the next run.

    Raises:
        ConfigError: the document is wrong, or an amount in it is not in the reporting currency.
    """
    now, current = keepline.moment(as_of), keepline.rulebook.sla
    path = file or keepline.document("sla")
    document = current if file is None else keepline.service_levels(file)
    try:
        with show.progress() as report:
            against = None if file is None else current
            found = preview(keepline.store, keepline.rulebook, document, now, against, report)
    except ValueError as error:
        raise ConfigError(path, "an amount in another currency", str(error)) from error
    banner(keepline)
    if as_json:
        show.as_json(_printed(found))
        return
    _print_policies(found)
    _print_moved(found)
    _print_quarter(found)
    show.line("Nothing was written. To let it apply: put it into the configuration folder, then keepline run.")


def _print_policies(found: Preview) -> None:
    show.line(f"{found.changed_tickets:,} of {found.open_tickets:,} open tickets would have other terms.")
    if found.policies:
        rows = [[name, f"{now:,}", f"{then:,}"] for name, (now, then) in found.policies.items()]
        show.table("Open tickets by policy", ["Policy", "Now", "Then"], rows, numbers=["Now", "Then"])
    show.line(
        "Clocks: " + ", ".join(f"{count:,} {word}" for word, count in found.changes.items() if count or word != "same")
    )
    show.line()


def _print_moved(found: Preview) -> None:
    if not found.moved:
        return
    rows = [
        [
            each.ticket, each.account or "not linked", each.metric, each.change, _deadline(each, "old"),
            _deadline(each, "new"), "would be broken at once; grace" if each.graced else "",
        ]
        for each in found.moved[:_MOST]
    ]  # fmt: skip
    columns = ["Ticket", "Account", "Metric", "Change", "Deadline now (UTC)", "Deadline then (UTC)", ""]
    show.table("Running clocks that would change", columns, rows)
    if len(found.moved) > _MOST:
        show.line(f"The first {_MOST} of {len(found.moved):,}; --json has all.")
    graced = sum(each.graced for each in found.moved)
    if graced:
        show.line(f"{graced:,} would be broken at once, were it not for the grace.", "yellow")
    show.line()


def _deadline(moved: Moved, age: str) -> str:
    seconds, at = getattr(moved, f"{age}_target_seconds"), getattr(moved, f"{age}_deadline_at")
    if seconds is None:
        return "no target"
    target = counted(seconds, getattr(moved, f"{age}_counting"))
    return f"{at:%Y-%m-%d %H:%M} ({target})" if at else f"paused ({target})"


def _print_quarter(found: Preview) -> None:
    quarter = f"{found.quarter.year}-Q{(found.quarter.month + 2) // 3}"
    rows = [
        [name, rate(one.share), f"{one.met:,}", f"{one.breached:,}"]
        for name, one in ((found.against, found.kept_now), ("this document", found.kept_then))
    ]
    show.table(
        f"Attainment of {quarter} by", ["", "Kept", "Met", "Breached"], rows, numbers=["Kept", "Met", "Breached"]
    )


def _printed(found: Preview) -> dict[str, Any]:
    kept = {
        "quarter_begins_on": found.quarter,
        "against": found.against,
        "now": _attained(found.kept_now),
        "then": _attained(found.kept_then),
    }
    return {
        "as_of": found.as_of,
        "open_tickets": found.open_tickets,
        "changed_tickets": found.changed_tickets,
        "policies": {name: {"now": now, "then": then} for name, (now, then) in found.policies.items()},
        "clocks": found.changes,
        "moved": [asdict(each) for each in found.moved],
        "attainment": kept,
    }


def _attained(one: Attained) -> dict[str, Any]:
    return {
        "met": one.met, "breached": one.breached, "share": None if one.share is None else round(float(one.share), 6),
    }  # fmt: skip
