"""Knows when a figure is better or worse than that of the window before, and when nobody can tell."""

from fractions import Fraction

from rules.kpis.catalogue import Kpi
from rules.kpis.certainty import of_change
from rules.kpis.figures import Change, Verdict
from rules.kpis.measuring import Measured


def change(kpi: Kpi, now: Measured, before: Measured, minimum: int) -> Change:
    """What has changed; of fewer than `minimum` cases on either side only the difference is told, not what it means."""
    difference = None if now.value is None or before.value is None else now.value - before.value
    told = Change(
        verdict="too few",
        before=None if before.value is None else float(before.value),
        before_n=before.n,
        difference=None if difference is None else float(difference),
    )
    if kpi.kind in {"count", "stock"}:
        return told.model_copy(update={"verdict": _counted(difference or Fraction(0))})
    if now.value is None or before.value is None or now.interval is None or before.interval is None:
        return told
    likely = of_change(float(now.value), now.interval, float(before.value), before.interval)
    told = told.model_copy(update={"low": likely.low, "high": likely.high})
    if min(now.n, before.n) < minimum:
        return told
    verdict: Verdict = "no clear change"
    if likely.leaves_out_zero:
        verdict = "better" if (likely.low > 0) == (kpi.better == "higher") else "worse"
    return told.model_copy(update={"verdict": verdict})


def _counted(difference: Fraction) -> Verdict:
    return "more" if difference > 0 else "fewer" if difference < 0 else "same"
