"""Shows which share of the promises that came due was kept."""

from datetime import datetime, timedelta
from typing import Any

from jobs.sla.attaining import Attainment, attained
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.sla_clocks import nothing_promised
from keepline.wording import banner, rate
from rules.sla.attainment import Attained, Cut

_DAYS = timedelta(days=90)


def run(
    keepline: Keepline,
    by: Cut | None,
    since: datetime | None,
    until: datetime | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Print attainment, whole or in slices."""
    now = keepline.moment(as_of)
    end = until or now
    found = attained(keepline.store, keepline.rulebook, now, since or end - _DAYS, end, by)
    banner(keepline)
    if as_json:
        show.as_json(_printed(found))
        return
    if not found.whole.met + found.whole.breached:
        span = f"{found.since:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        show.line(nothing_promised(keepline) or f"No promise came due from {span}.")
        return
    rows = [[each.slice, rate(each.share), f"{each.met:,}", f"{each.breached:,}"] for each in found.slices]
    if by:
        rows.append(["all", rate(found.whole.share), f"{found.whole.met:,}", f"{found.whole.breached:,}"])
    title = f"SLA attainment, {found.since:%Y-%m-%d} to {end:%Y-%m-%d}"
    columns = [(by or "").capitalize(), "Kept", "Met", "Breached"]
    show.table(title, columns, rows, numbers=columns[1:])
    if found.without_terms:
        show.line(f"Unknown: {found.without_terms:,} tickets of that time were promised nothing that is on record.")


def _printed(found: Attainment) -> dict[str, Any]:
    return {
        "since": found.since,
        "until": found.until,
        "by": found.by,
        "all": _slice(found.whole),
        "slices": [_slice(each) for each in found.slices] if found.by else [],
        "tickets_without_terms": found.without_terms,
    }


def _slice(one: Attained) -> dict[str, Any]:
    share = None if one.share is None else round(float(one.share), 6)
    return {"slice": one.slice, "met": one.met, "breached": one.breached, "share": share}
