"""Knows how satisfied an account's people said they were."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

SIGNALS = (
    Signal(
        name="csat_30d", kind="number", unit="0..100", noun="CSAT in {survey_days} days",
        meaning="Mean CSAT answer of the last {survey_days} days, each brought from its own scale to 0..100.",
        unknown_when="nobody answered a CSAT survey in these days",
        phrase=lambda shown: f"CSAT {shown.number('csat_30d', 0)} of 100 in {shown.windows.survey_days} days",
    ),
)  # fmt: skip


def satisfaction(surveys: Frame, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, csat_30d (Float64); an answer on a scale without width says nothing."""
    answered = surveys.filter(
        clock.within("answered_at", windows.survey_days),
        nw.col("kind") == "csat",
        nw.col("scale_max") > nw.col("scale_min"),
    )
    share = (nw.col("score") - nw.col("scale_min")) * 100 / (nw.col("scale_max") - nw.col("scale_min"))
    return answered.select("account_id", share.alias("csat_30d")).group_by("account_id").agg(nw.col("csat_30d").mean())
