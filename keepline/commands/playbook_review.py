"""Shows what became of each rule's alarms, and which rules are proposed to be retired or tightened; it changes none."""

from datetime import date, datetime
from typing import Any

from jobs.load.reviewing import Review, review_rules
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.queue_answers import printed as precision_printed
from keepline.wording import banner, rate
from rules.load.alarms import Alarms
from rules.load.review import Proposal

_COLUMNS = (
    "Playbook", "Proposed", "Fired", "Opened", "Held back", "Acted on", "Unattended", "Agreed", "Disagreed",
    "Precision", "Because",
)  # fmt: skip
_NUMBERS = ("Fired", "Opened", "Held back", "Acted on", "Unattended", "Agreed", "Disagreed")


def run(keepline: Keepline, weeks: int | None, as_of: datetime | None, as_json: bool) -> None:
    """Print the review at a moment."""
    now = keepline.moment(as_of)
    found = review_rules(keepline.store, keepline.rulebook, now, weeks)
    banner(keepline)
    if as_json:
        show.as_json(_printed(found))
        return
    if not any(one.alarms.fired for one in found.proposals):
        show.line("No rule fired in this time; decisions are made by: keepline run")
        return
    title = f"Rules from {found.since:%Y-%m-%d} to {found.as_of:%Y-%m-%d}"
    show.table(title, _COLUMNS, [_row(one) for one in found.proposals], numbers=_NUMBERS)
    show.line()
    _tell_weeks(found)
    show.line(
        "Nothing was changed. Retire or pause: keepline playbooks retire ID; open one: keepline playbooks show ID"
    )


def _row(one: Proposal) -> list[str]:
    alarms = one.alarms
    return [
        alarms.playbook, one.proposed, f"{alarms.fired:,}", f"{alarms.opened:,}", f"{alarms.held_back:,}",
        _share(alarms.acted_on, alarms.opened), _share(alarms.unattended, alarms.closed),
        f"{alarms.precision.agreed:,}", f"{alarms.precision.disagreed:,}", _precision(alarms), _because(one),
    ]  # fmt: skip


def _because(one: Proposal) -> str:
    reasons = sorted(one.alarms.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    said = ", ".join(f"{reason} {count}" for reason, count in reasons)
    return f"{one.because}; disagreed as {said}" if said else one.because


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({rate(part / whole)})" if whole else "–"


def _precision(alarms: Alarms) -> str:
    known = alarms.precision.interval
    return "unknown" if known is None else f"{rate(known.low)} to {rate(known.high)}"


def _tell_weeks(found: Review) -> None:
    """How many escalations each owner was given a week: the mean over the weeks, and the largest week."""
    weeks = max(round((found.as_of - found.since).days / 7), 1)
    by_owner: dict[str, list[int]] = {}
    for (owner, _), count in found.weekly.items():
        by_owner.setdefault(owner, []).append(count)
    rows = [
        [owner, f"{sum(counts):,}", f"{sum(counts) / weeks:.1f}", f"{max(counts):,}"]
        for owner, counts in sorted(by_owner.items(), key=lambda pair: (-sum(pair[1]), pair[0]))
    ]
    if rows:
        total = sum(found.weekly.values())
        columns = ["Owner", "Opened", "A week", "Most in a week"]
        largest = _largest_week(found)
        show.line(
            f"{total:,} escalations opened in {weeks} weeks: {total / weeks:.1f} a week, {largest:,} in the largest"
        )
        show.table("", columns, rows, numbers=columns[1:])


def _largest_week(found: Review) -> int:
    by_week: dict[date, int] = {}
    for (_, week), count in found.weekly.items():
        by_week[week] = by_week.get(week, 0) + count
    return max(by_week.values())


def _printed(found: Review) -> dict[str, Any]:
    return {
        "since": found.since,
        "as_of": found.as_of,
        "playbooks": [_as_data(one) for one in found.proposals],
        "by_owner_and_week": [
            {"owner": owner, "week": week, "opened": count} for (owner, week), count in sorted(found.weekly.items())
        ],
    }


def _as_data(one: Proposal) -> dict[str, Any]:
    alarms, unattended = one.alarms, one.alarms.unattended_interval
    weekly = sorted(alarms.weekly.items())
    return {
        "playbook": alarms.playbook, "proposed": one.proposed, "because": one.because, "fired": alarms.fired,
        "opened": alarms.opened, "held_back": alarms.held_back, "acted_on": alarms.acted_on,
        "acted_on_share": alarms.acted_on_share, "closed": alarms.closed, "expired_unattended": alarms.unattended,
        "expired_unattended_low": unattended.low if unattended else None,
        "expired_unattended_high": unattended.high if unattended else None,
        "precision": precision_printed(alarms.precision), "reasons": dict(alarms.reasons),
        "threshold": _threshold(one),
        "by_owner_and_week": [{"owner": owner, "week": week, "opened": count} for (owner, week), count in weekly],
    }  # fmt: skip


def _threshold(one: Proposal) -> dict[str, Any] | None:
    if one.cut is None:
        return None
    cut = one.cut
    return {
        "signal": cut.signal, "op": cut.op, "value": cut.threshold, "instead_of": cut.written,
        "disagreed_left_out": cut.disagreed_cut, "disagreed": cut.disagreed, "agreed_left_out": cut.agreed_cut,
        "agreed": cut.agreed,
    }  # fmt: skip
