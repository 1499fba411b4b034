"""Knows when an account drifts away quietly: its mood falls while it writes less and its issues come back.

The last weeks are held against the account's own weeks before, each component measured in its own noise (z: how many
standard errors it went the wrong way):

* mood: means of the tickets' levels, Welch-like with the account's own spread between tickets;
* quiet: fewer tickets than the rate before foretells, by the square roots of counts, divided by the account's own
  burstiness from week to week; weeks of silence count as they are, zero tickets;
* reopenings: more of them a ticket than before, likewise; left out where no reopening is on record.

Mood counts twice, the sum is brought back to one standard error, and a mood that has fallen less than one standard
error is no drift whatever else happened. Shown is how many times of a hundred chance alone would give less.
What this can detect is printed by `python -m benchmarks drift` and told in docs/text.md.
"""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.sentiment import read_messages, ticket_levels
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

# Scores are no finer than this: an account whose tickets all sound alike has no noise of nothing.
_LEAST_SPREAD = 10.0
_MOOD_WEIGHT = 2.0
# Anscombe: the square root of a count plus this has a spread of one half whatever the count.
_ANSCOMBE = 0.375
_FARTHEST = 6.0
# Looks of one account share most of their weeks; a year of them is wrong as often as so many that share none.
_LOOKS_A_YEAR = 45.0
_WEEK_SECONDS = 7 * 86_400

SIGNALS = (
    Signal(
        name="quiet_drift", kind="number", unit="0..100", noun="quiet drift",
        meaning="How surely the account drifts away quietly: its tickets of the last {drift_days} days sound worse, "
        "come less often and are reopened more than in its own {drift_earlier_days} days before, measured in its own "
        "noise; of a hundred accounts without any drift so many never show as much within a year.",
        unknown_when="fewer than {drift_min_tickets} tickets of the last {drift_days} days, or twice as many of the "
        "days before, have a message that could be read",
        phrase=lambda s: f"quiet drift {s.number('quiet_drift', 1)} of 100 over {s.windows.drift_days} days",
    ),
)  # fmt: skip


def drift(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, quiet_drift (Float64, 0..100, unknown where the history is too short)."""
    moods = _moods(facts, clock, windows)
    both = moods.join(_quiet(facts.tickets, clock, windows), on="account_id", how="left")
    if facts.reopenings is None:
        both = both.with_columns(_back=nw.lit(None, nw.Float64))
    else:
        both = both.join(_reopened(facts.reopenings, clock, windows), on="account_id", how="left")
        both = both.with_columns(_back=_more(nw.col("_back_now"), nw.col("_back_before"), _rate_of("tickets")))
    z = both.select("account_id", "mood", quiet=nw.col("quiet").fill_null(0.0), back=nw.col("_back")).with_columns(
        weight=nw.when(nw.col("back").is_null()).then(nw.lit(1.0)).otherwise(nw.lit(2.0)) + _MOOD_WEIGHT**2
    )
    summed = nw.col("mood") * _MOOD_WEIGHT + nw.col("quiet") + nw.col("back").fill_null(0.0)
    joint = z.select("account_id", "mood", joint=summed / nw.col("weight").sqrt())
    is_falling = nw.col("mood") >= 1
    decisive = nw.when(is_falling).then(nw.col("joint")).otherwise(nw.min_horizontal("joint", "mood"))
    return joint.select("account_id", quiet_drift=_of_hundred(decisive.clip(-_FARTHEST, _FARTHEST)).round(2))


def _moods(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, mood: by how many standard errors the tickets' mean level fell."""
    read = read_messages(facts, clock, windows.drift_days + windows.drift_earlier_days)
    is_late = nw.col("sent_at") > clock.ago(windows.drift_days)
    late, early = (ticket_levels(read.filter(which), nw.lit(1.0)) for which in (is_late, ~is_late))
    now, before = _moments(late, "now"), _moments(early, "before")
    both = now.join(before, on="account_id", how="inner").filter(
        nw.col("n_now") >= windows.drift_min_tickets, nw.col("n_before") >= 2 * windows.drift_min_tickets
    )
    free = nw.col("n_now") + nw.col("n_before") - 2
    spread = ((nw.col("off_now") + nw.col("off_before")) / free).sqrt().clip(lower_bound=_LEAST_SPREAD)
    error = spread * (1.0 / nw.col("n_now") + 1.0 / nw.col("n_before")).sqrt()
    student = both.select("account_id", free=free, t=(nw.col("mean_before") - nw.col("mean_now")) / error)
    # A spread that was itself estimated has wider tails: the usual correction of t to z.
    shrink = (1 - 1 / (4 * nw.col("free"))) / (1 + nw.col("t") * nw.col("t") / (2 * nw.col("free"))).sqrt()
    return student.select("account_id", mood=nw.col("t") * shrink)


def _moments(tickets: Frame, name: str) -> Frame:
    """account_id and of its tickets' levels: how many, their mean, and the sum of squares about it."""
    squared = tickets.select("account_id", "level", square=nw.col("level") * nw.col("level"))
    summed = squared.group_by("account_id").agg(nw.col("level").sum(), nw.col("square").sum(), n=nw.len())
    mean = nw.col("level") / nw.col("n")
    off = (nw.col("square") - nw.col("level") * mean).clip(lower_bound=0.0)
    return summed.select(
        "account_id", nw.col("n").alias(f"n_{name}"), mean.alias(f"mean_{name}"), off.alias(f"off_{name}")
    )


def _quiet(tickets: Frame, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, quiet: by how many standard errors fewer tickets came; tickets_now, tickets_before."""
    whole = windows.drift_days + windows.drift_earlier_days
    seen = tickets.filter(clock.within("created_at", whole)).select("account_id", "created_at")
    week = (nw.lit(clock.as_of) - nw.col("created_at")).dt.total_seconds() // _WEEK_SECONDS
    is_late = (nw.col("created_at") > clock.ago(windows.drift_days)).cast(nw.Int64)
    weeks = (
        seen.select("account_id", "created_at", late=is_late, week=week)
        .group_by("account_id", "week")
        .agg(nw.col("late").sum(), nw.col("created_at").min(), n=nw.len())
        .with_columns(early=nw.col("n") - nw.col("late"))
    )
    summed = (
        weeks.with_columns(square=nw.col("early") * nw.col("early"))
        .group_by("account_id")
        .agg(nw.col("late").sum(), nw.col("early").sum(), nw.col("square").sum(), nw.col("created_at").min())
    )
    known = clock.days_since("created_at", days_ago=windows.drift_days).clip(7, windows.drift_earlier_days)
    mean = nw.col("early") * 7 / nw.col("known")
    bursts = ((nw.col("square") * 7 / nw.col("known") - mean * mean) / mean).clip(lower_bound=1.0)
    less = _more(nw.col("early"), nw.col("late"), nw.col("known") / windows.drift_days)
    with_known = summed.filter(nw.col("early") > 0).with_columns(known=known)
    return with_known.select(
        "account_id", quiet=less / bursts.sqrt(), tickets_now=nw.col("late"), tickets_before=nw.col("early")
    )


def _reopened(reopenings: Frame, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, and how often its tickets were reopened now and before."""
    whole = windows.drift_days + windows.drift_earlier_days
    is_late = (nw.col("reopened_at") > clock.ago(windows.drift_days)).cast(nw.Int64)
    seen = reopenings.filter(clock.within("reopened_at", whole)).select("account_id", late=is_late)
    counted = seen.group_by("account_id").agg(nw.col("late").sum(), n=nw.len())
    return counted.select("account_id", _back_now=nw.col("late"), _back_before=nw.col("n") - nw.col("late"))


def _rate_of(name: str) -> nw.Expr:
    """The share of what was counted now in what was counted before; null where nothing was counted now."""
    now, before = nw.col(f"{name}_now"), nw.col(f"{name}_before")
    return nw.when(now > 0).then(now / before)


def _more(now: nw.Expr, before: nw.Expr, rate: nw.Expr) -> nw.Expr:
    """By how many standard errors `now` is more than `before` × `rate` foretells, of Poisson counts."""
    foretold = ((before + _ANSCOMBE) * rate).sqrt()
    return ((now + _ANSCOMBE).sqrt() - foretold) * 2 / (1 + rate).sqrt()


def _of_hundred(z: nw.Expr) -> nw.Expr:
    """How many of a hundred accounts without drift stay below z all year, if they are looked at every week.

    The tail of the normal distribution by a logistic approximation (engines have no error function).
    """
    tail = 1 / (1 + (z * 1.5976 + z * z * z * 0.070565966).exp())
    return (tail * -_LOOKS_A_YEAR).exp() * 100
