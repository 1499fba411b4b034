"""Knows what an answer to a survey means on its scale: satisfied, little effort, promoter or detractor."""

from typing import Literal

import narwhals as nw

from rules.kpis.cases import cases, stated, within
from rules.kpis.facts import Frame
from rules.kpis.windows import Window

Easy = Literal["high", "low"]
# A scale of up to three answers has one best; up to eleven, the best two; a longer one is cut by its width.
_ONE_BEST, _TWO_BEST = 3, 11
_LONG_SCALE_FROM = 80
_NPS = (0, 10)
_PROMOTER_FROM, _DETRACTOR_TO = 9, 6
_SCORE, _LOW, _HIGH = nw.col("score"), nw.col("scale_min"), nw.col("scale_max")


def csat(surveys: Frame, window: Window) -> Frame:
    """CSAT answers in the window; score 1: among the best two of the scale, `rating` on 0..100."""
    return _answers(surveys, "csat", window, on_its_scale(), is_satisfied().cast(nw.Int64()), _share())


def ces(surveys: Frame, window: Window, easy_end: Easy) -> Frame:
    """CES answers in the window; score 1: beyond the middle of the scale, towards its easy end."""
    return _answers(surveys, "ces", window, on_its_scale(), is_easy(easy_end).cast(nw.Int64()))


def nps(surveys: Frame, window: Window) -> Frame:
    """NPS answers in the window; score 1: promoter, −1: detractor. Only the scale from 0 to 10 is one."""
    is_nps = (_NPS[0] == _LOW) & (_NPS[1] == _HIGH) & on_its_scale()
    promoter, detractor = _SCORE >= _PROMOTER_FROM, _SCORE <= _DETRACTOR_TO
    points = nw.when(promoter).then(nw.lit(1)).otherwise(nw.when(detractor).then(nw.lit(-1)).otherwise(nw.lit(0)))
    return _answers(surveys, "nps", window, is_nps, points)


def is_satisfied() -> nw.Expr:
    """Whether a CSAT answer is among the best two of its scale (of up to three answers the best; from 80 of 100)."""
    steps = _HIGH - _LOW + 1
    best_two = nw.when(steps <= _ONE_BEST).then(_SCORE == _HIGH).otherwise(_SCORE >= _HIGH - 1)
    return nw.when(steps <= _TWO_BEST).then(best_two).otherwise(_share() >= _LONG_SCALE_FROM)


def is_easy(easy_end: Easy) -> nw.Expr:
    """Whether a CES answer lies beyond the middle of its scale, towards its easy end."""
    doubled, middle = 2 * _SCORE, _LOW + _HIGH
    return doubled > middle if easy_end == "high" else doubled < middle


def on_its_scale() -> nw.Expr:
    """Whether an answer lies on a scale that has a width."""
    return (_HIGH > _LOW) & (_SCORE >= _LOW) & (_SCORE <= _HIGH)


def _share() -> nw.Expr:
    return (_SCORE - _LOW) * 100 / (_HIGH - _LOW)


def _answers(
    surveys: Frame, kind: str, window: Window, says: nw.Expr, points: nw.Expr, rating: nw.Expr | None = None
) -> Frame:
    inside = surveys.filter(nw.col("kind") == kind, within("answered_at", window.since, window.until))
    known = stated(inside, counted=says, unknown=nw.lit(value=True))
    counted = nw.col("state") == "counted"
    ratings = {} if rating is None else {"rating": nw.when(counted).then(rating)}
    return cases(
        known.with_columns(points=nw.when(counted).then(points)), ticket_id="ticket_id", state="state",
        began_at="answered_at", at="answered_at", score="points", own_segment="segment", own_days="days_to_renewal",
        **ratings,
    )  # fmt: skip
