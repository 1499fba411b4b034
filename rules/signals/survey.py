"""Knows how satisfied an account's people said they were, and how satisfied the silent ones probably were."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Events, Happening, figure, mean, mean_of, whole
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

_PROMOTER_FROM, _DETRACTOR_TO, _NPS_TO = 9, 6, 10

ANSWERED = (
    Signal(
        name="csat_30d", kind="number", unit="0..100", noun="CSAT in {survey_days} days",
        meaning="Mean CSAT answer of the last {survey_days} days, each brought from its own scale to 0..100.",
        unknown_when="nobody answered a CSAT survey in these days",
        phrase=lambda shown: f"CSAT {shown.number('csat_30d', 0)} of 100 in {shown.windows.survey_days} days",
    ),
    Signal(
        name="ces_30d", kind="number", unit="0..100", noun="CES in {survey_days} days",
        meaning="Mean CES answer of the last {survey_days} days, each brought from its own scale to 0 (much effort) "
        "to 100 (little).",
        unknown_when="nobody answered a CES survey in these days",
        phrase=lambda shown: f"CES {shown.number('ces_30d', 0)} of 100 in {shown.windows.survey_days} days",
    ),
    Signal(
        name="nps_30d", kind="number", unit="−100..100", noun="NPS in {survey_days} days",
        meaning="Share of promoters less share of detractors among the NPS answers of the last {survey_days} days, in "
        "percent.",
        unknown_when="nobody answered an NPS survey from 0 to 10 in these days",
        phrase=lambda shown: f"NPS {shown.number('nps_30d', 0)} in {shown.windows.survey_days} days",
    ),
)  # fmt: skip
FORETOLD = (
    Signal(
        name="predicted_csat_30d", kind="number", unit="share", noun="foretold share satisfied in {survey_days} days",
        meaning="Mean share satisfied that is foretold of the tickets solved in the last {survey_days} days that "
        "nobody rated.",
        unknown_when="no model is in use, or fewer than {predicted_min_tickets} such tickets are foretold",
        phrase=lambda shown: f"{shown.percent('predicted_csat_30d')} foretold to be satisfied with what was solved in "
        f"{shown.windows.survey_days} days",
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """Sums and numbers of the answers of each kind; an answer on a scale without width says nothing."""
    low, high, score, kind = (nw.col(name) for name in ("scale_min", "scale_max", "score", "kind"))
    share = (score - low) * 100 / (high - low)
    ease = share if facts.easy_end == "high" else 100 - share
    points = (
        nw.when(score >= _PROMOTER_FROM)
        .then(100.0)
        .otherwise(nw.when(score <= _DETRACTOR_TO).then(-100.0).otherwise(0.0))
    )
    is_nps = (kind == "nps") & (low == 0) & (high == _NPS_TO)
    takes = [
        take
        for name, of, which in (("csat", share, kind == "csat"), ("ces", ease, kind == "ces"), ("nps", points, is_nps))
        for take in mean_of(f"{name}_30d", of, where=which)
    ]
    answers = facts.surveys.filter(high > low)
    return [Events(answers, at="answered_at", days=windows.survey_days, takes=tuple(takes))]


def columns() -> list[nw.Expr]:
    """csat_30d, ces_30d, nps_30d (Float64)."""
    return [mean(name) for name in ("csat_30d", "ces_30d", "nps_30d")]


def foretold(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> list[Frame]:
    """account_id and of its predictions, by the newest model that was in use then, how many and their sum."""
    if facts.predictions is None:
        return []
    in_use = nw.col("withdrawn_at").is_null() | (nw.col("withdrawn_at") > clock.as_of)
    known = facts.predictions.filter(nw.col("predicts") == "csat", clock.known("trained_at"), in_use)
    newest = known.filter(nw.col("trained_at") == nw.col("trained_at").max())
    silent = nw.col("answered_at").is_null() | (nw.col("answered_at") > clock.as_of)
    recent = newest.filter(clock.known("predicted_at"), clock.within("resolved_at", windows.survey_days), silent)
    ratio = nw.col("predicted_ratio")
    return [
        recent.with_columns(_whole=whole(ratio), _known=(~ratio.is_null()).cast(nw.Int64))
        .group_by("account_id")
        .agg(_foretold_rows=nw.len(), _foretold_sum=nw.col("_whole").sum(), _foretold_known=nw.col("_known").sum())
    ]


def foretold_columns(facts: SignalFacts, windows: SignalWindows) -> list[nw.Expr]:
    """predicted_csat_30d (Float64)."""
    if facts.predictions is None:
        return [nw.lit(None, dtype=nw.Float64).alias("predicted_csat_30d")]
    known = nw.col("_foretold_known")
    enough = (nw.col("_foretold_rows") >= windows.predicted_min_tickets) & (known > 0)
    return [nw.when(enough).then(figure(nw.col("_foretold_sum"), known)).alias("predicted_csat_30d")]
