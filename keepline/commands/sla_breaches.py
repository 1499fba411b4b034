"""Lists the promises that were broken, the newest first."""

from datetime import datetime, timedelta
from typing import Any

from jobs.sla.broken import BrokenPromise, broken_promises
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.sla_clocks import nothing_promised
from keepline.wording import banner, counted

_MOST = 40
_DAYS = timedelta(days=30)
_SHORT = 8


def run(keepline: Keepline, since: datetime | None, as_of: datetime | None, as_json: bool) -> None:
    """Print the breaches of a span that ends now."""
    now = keepline.moment(as_of)
    begun = since or now - _DAYS
    found = broken_promises(keepline.store, now, begun)
    banner(keepline)
    if as_json:
        show.as_json([_printed(each) for each in found])
        return
    if not found:
        show.line(nothing_promised(keepline) or f"No promise was broken since {begun:%Y-%m-%d %H:%M} UTC.")
        return
    rows = [
        [
            f"{each.breach.breached_at:%Y-%m-%d %H:%M}", each.breach.ticket_ref, each.account or "not linked",
            each.breach.metric, _target(each), _late(each),
            f"{each.breach.policy} @{each.breach.terms_hash[:_SHORT]}",
        ]
        for each in found[:_MOST]
    ]  # fmt: skip
    columns = ["Broken at (UTC)", "Ticket", "Account", "Metric", "Target", "Late by", "Policy @version"]
    show.table(f"Broken promises since {begun:%Y-%m-%d %H:%M} UTC", columns, rows)
    if len(found) > _MOST:
        show.line(f"The newest {_MOST} of {len(found):,}; --json has all.")
    denied = sum(each.standing == "contradicted" for each in found)
    if denied:
        show.line(f"{denied:,} are contradicted: what is known by now says otherwise. They stay on record.", "yellow")


def _target(promise: BrokenPromise) -> str:
    return counted(promise.breach.target_seconds, promise.breach.counting)


def _late(promise: BrokenPromise) -> str:
    if promise.late_seconds is None:
        return promise.standing
    words = counted(promise.late_seconds, promise.breach.counting)
    return words if promise.over_at else f"{words}, still waiting"


def _printed(promise: BrokenPromise) -> dict[str, Any]:
    return {
        **promise.breach.model_dump(mode="json"),
        "account": promise.account,
        "standing": promise.standing,
        "over_at": promise.over_at,
        "late_seconds": promise.late_seconds,
    }
