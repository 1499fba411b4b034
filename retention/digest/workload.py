"""Knows how much work a week brought to support, how fast customers were answered and how they rated it."""

from datetime import datetime, timedelta

import narwhals as nw

from retention.digest.content import Load, Workload
from retention.digest.inputs import DigestInputs
from retention.digest.weeks import Week
from retention.ledger import Frame

COMMAND = "keepline digest --week {week} --format json"
_WEEK = timedelta(days=7)
_HOUR_SECONDS = 3600


def load(inputs: DigestInputs) -> Load:
    """The week, and the mean of the whole weeks of tickets before it, at most `compared_weeks`."""
    week = inputs.week
    weeks = _weeks_of_history(inputs.tickets, week, inputs.digest.compared_weeks)
    before = _work(inputs, week.starts_at - weeks * _WEEK, week.starts_at, weeks) if weeks else None
    return Load(
        week=_work(inputs, week.starts_at, week.ends_at, 1),
        before=before,
        weeks_before=weeks,
        command=COMMAND.format(week=week.label),
    )


def _weeks_of_history(tickets: Frame, week: Week, at_most: int) -> int:
    oldest: datetime | None = tickets.select(nw.col("created_at").min()).collect()["created_at"].to_list()[0]
    if oldest is None or oldest >= week.starts_at:
        return 0
    return min(at_most, (week.starts_at - oldest) // _WEEK)


def _work(inputs: DigestInputs, since: datetime, until: datetime, weeks: int) -> Workload:
    created = inputs.tickets.filter(nw.col("created_at") >= since, nw.col("created_at") < until)
    resolved = inputs.tickets.filter(nw.col("resolved_at") >= since, nw.col("resolved_at") < until)
    csat, scale, answers = _csat(inputs.surveys, since, until)
    return Workload(
        tickets=_count(created) / weeks,
        resolved=_count(resolved) / weeks,
        first_reply_hours=_median_reply(created, inputs.as_of),
        csat=csat,
        csat_scale=scale,
        csat_answers=answers,
    )


def _count(frame: Frame) -> int:
    return int(frame.select(nw.len().alias("rows")).collect()["rows"].to_list()[0])


def _median_reply(created: Frame, as_of: datetime) -> float | None:
    """Elapsed hours from creation to the first reply, of the tickets that have one by `as_of`."""
    replied = created.filter(nw.col("first_replied_at") <= as_of, nw.col("first_replied_at") >= nw.col("created_at"))
    waited = (nw.col("first_replied_at") - nw.col("created_at")).dt.total_seconds() / _HOUR_SECONDS
    median = replied.select(hours=waited.median()).collect()["hours"].to_list()[0]
    return None if median is None else float(median)


def _csat(surveys: Frame, since: datetime, until: datetime) -> tuple[float | None, tuple[int, int] | None, int]:
    """The mean answer, on the scale that most answers use (the lowest among equals); the others are rescaled."""
    inside = surveys.filter(
        nw.col("kind") == "csat",
        nw.col("answered_at") >= since,
        nw.col("answered_at") < until,
        nw.col("scale_max") > nw.col("scale_min"),
    )
    scales = inside.group_by("scale_min", "scale_max").agg(answers=nw.len(), points=nw.col("score").sum())
    rows = sorted(scales.collect().iter_rows(), key=lambda row: (-row[2], row[0], row[1]))
    if not rows:
        return None, None, 0
    low, high, *_ = rows[0]
    answers = sum(row[2] for row in rows)
    shares = sum((points - count * least) / (most - least) for least, most, count, points in rows)
    return low + (high - low) * shares / answers, (low, high), answers
