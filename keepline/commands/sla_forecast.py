"""Shows which running clocks will probably be breached and why, or how well that would have been foreseen."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from jobs.sla.foreseeing import Foreseen, Outlook, foresee
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.sla_clocks import nothing_promised, printed
from keepline.wording import banner
from rules.sla.forecast import Bin, Check

_MOST = 40


def run(keepline: Keepline, metric: str | None, as_of: datetime | None, *, check: bool, as_json: bool) -> None:
    """Print the forecast at a moment, or its check on the own past."""
    now = keepline.moment(as_of)
    outlook = foresee(keepline.store, keepline.rulebook, now, metric)
    banner(keepline)
    if as_json:
        show.as_json(_printed(outlook, check=check))
    elif check:
        _print_checks(keepline, outlook.checks)
    else:
        _print_clocks(keepline, outlook.clocks, now)


def _printed(outlook: Outlook, *, check: bool) -> Any:
    if check:
        return [asdict(each) for each in outlook.checks]
    return [
        {**printed(each.clock), "probability": each.probability, "reason": each.reason, "basis": each.basis}
        for each in outlook.clocks
    ]


def _print_clocks(keepline: Keepline, clocks: Sequence[Foreseen], now: datetime) -> None:
    if not clocks:
        show.line(nothing_promised(keepline) or "No clock with a target runs: nothing can be breached.")
        return
    rows = [
        [
            each.clock.ticket, each.clock.account or "not linked", each.clock.metric,
            f"{each.clock.deadline_at:%Y-%m-%d %H:%M}" if each.clock.deadline_at else each.clock.state,
            "unknown" if each.probability is None else f"{100 * each.probability:.0f} %", each.basis,
            each.reason.partition(": ")[2],
        ]
        for each in clocks[:_MOST]
    ]  # fmt: skip
    columns = ["Ticket", "Account", "Metric", "Due (UTC)", "Breach", "Basis", "Why"]
    show.table(f"Which clocks will be breached, seen at {now:%Y-%m-%d %H:%M} UTC", columns, rows, numbers=["Breach"])
    if len(clocks) > _MOST:
        show.line(f"The most probable {_MOST} of {len(clocks):,}; --metric narrows them down, --json prints all.")
    show.line("How far this is to be believed: keepline sla forecast --check")


def _print_checks(keepline: Keepline, checks: Sequence[Check]) -> None:
    if not checks:
        show.line(nothing_promised(keepline) or "No clock has had a target within the past that is looked at.")
        return
    rows = [_check(each) for each in checks]
    columns = ["Metric", "Waits", "Breaches", *_METHODS.values(), "AUC", "Slope", "Shown", "Because"]
    show.table(
        "How the past would have been foreseen, each stretch by what was known before it: mean squared error",
        columns, rows, numbers=columns[1:8],
    )  # fmt: skip
    bins = [_bin(each.metric, one) for each in checks for one in each.bins]
    if bins:
        columns = ["Metric", "Said", "Times", "On average", "Breached"]
        show.table("What was said of past waits, and how many were breached", columns, bins, numbers=columns[2:])


_METHODS = {
    "base rate": "Base rate", "time used": "Time used alone", "survival": "Survival", "calibrated": "Calibrated",
}  # fmt: skip


def _check(one: Check) -> list[str]:
    errors = [f"{one.brier[name]:.4f}" if name in one.brier else "–" for name in _METHODS]
    sharpness = ["–" if each is None else f"{each:.2f}" for each in (one.auc, one.slope)]
    return [one.metric, f"{one.waits:,}", f"{one.breaches:,}", *errors, *sharpness, one.basis, one.verdict]


def _bin(metric: str, one: Bin) -> list[str]:
    said = f"{100 * one.above:.0f}–{100 * one.up_to:.0f} %"
    return [metric, said, f"{one.snapshots:,}", f"{100 * one.predicted:.1f} %", f"{100 * one.observed:.1f} %"]
