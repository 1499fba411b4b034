"""Knows how surprising a number of tickets is for an account: against its weekdays, its own usual, its own burstiness.

Days are stretches of 24 hours that end at the hour of the moment, so a day is held against the same stretch of the
weeks before: Mondays against Mondays. A window of n days is expected to bring, for each of its days, what that day of
the week brought on average over the weeks before the window.

The surprise is the share of a negative binomial distribution that lies below the count. Its mean is the expected
number, with half a ticket more in the weeks before, so that nothing before does not make one ticket a wonder; its
spread is a count's own, times how much more the account's weeks vary than chance alone would let them, and with the
error of a mean over so few weeks. The share is taken from the saddlepoint approximation (Barndorff-Nielsen's r* at
half a ticket below): within 0.2 of 100 where it is above 99, within 2 elsewhere.
"""

from functools import reduce
from operator import add
from typing import Literal, TypeAlias, get_args

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import SignalFacts
from rules.signals.measures import Count, Events, First, Happening
from rules.signals.signal import Phrase, Shown, Signal
from rules.signals.windows import SignalWindows

_Length: TypeAlias = Literal["1d", "7d", "30d"]
_LENGTHS: tuple[_Length, ...] = get_args(_Length)
_WINDOW: dict[_Length, str] = {"1d": "surge_days", "7d": "spike_days", "30d": "trend_days"}
_WEEK = 7
# Half a ticket in the weeks before, as of a rate about which nothing is known.
_UNSEEN = 0.5
_FARTHEST, _NEAREST = 6.0, 1e-3


def _young(window: str) -> str:
    return (
        f"the account's signup or first ticket lies less than {{baseline_min_days}} days before the last {{{window}}}"
    )


def _days(shown: Shown, length: _Length) -> int:
    return _days_of(shown.windows, length)


def _against(length: _Length) -> Phrase:
    def phrase(shown: Shown) -> str:
        tickets = shown.count(f"tickets_{length}", "ticket")
        usual = shown.number(f"ticket_expected_{length}", 1)
        days = _days(shown, length)
        return f"{tickets} in {days} {'day' if days == 1 else 'days'} against {usual} that these weekdays bring"

    return phrase


def _surprise(length: _Length) -> Phrase:
    def phrase(shown: Shown) -> str:
        days = _days(shown, length)
        told = f"{shown.count(f'tickets_{length}', 'ticket')} in {days} {'day' if days == 1 else 'days'}"
        return f"{told}, more than {shown.number(f'ticket_surprise_{length}', 1)} of 100 such stretches would bring"

    return phrase


def _expected_signals(length: _Length) -> tuple[Signal, ...]:
    window = _WINDOW[length]
    return (
        Signal(
            name=f"ticket_expected_{length}", kind="number", unit="tickets",
            noun=f"tickets expected in {{{window}}} days",
            meaning=f"What the weekdays of the last {{{window}}} days usually bring: each day's mean over the "
            "{baseline_days} days before, in whole weeks, or over as many of them as the account is known.",
            unknown_when=_young(window),
            phrase=lambda s: f"{s.number(f'ticket_expected_{length}', 1)} tickets expected in {_days(s, length)} days",
        ),
        Signal(
            name=f"ticket_ratio_{length}", kind="number", unit="times the usual",
            noun=f"tickets in {{{window}}} days by weekday",
            meaning=f"tickets_{length} ÷ ticket_expected_{length}.", unknown_when="what is expected is unknown or 0",
            phrase=_against(length), shows=(f"tickets_{length}", f"ticket_expected_{length}"),
        ),
    )  # fmt: skip


def _surprise_signal(length: _Length) -> Signal:
    window = _WINDOW[length]
    return Signal(
        name=f"ticket_surprise_{length}", kind="number", unit="0..100",
        noun=f"surprise about the tickets in {{{window}}} days",
        meaning=f"Of a hundred stretches of {{{window}}} days so many would bring fewer tickets, by what these "
        "weekdays usually bring the account and by how bursty its weeks are. From 1 to 3 tickets is little surprise, "
        "from 10 to 30 is much; no ticket is 0.",
        unknown_when=_young(window),
        phrase=_surprise(length), shows=(f"tickets_{length}",),
    )  # fmt: skip


SIGNALS = (
    Signal(
        name="tickets_1d", kind="number", unit="tickets", noun="tickets in {surge_days} days",
        meaning="Tickets of the last {surge_days} days of 24 hours.", unknown_when="never; no ticket is 0",
        phrase=lambda s: f"{s.count('tickets_1d', 'ticket')} in {s.windows.surge_days} days",
    ),
    *_expected_signals("1d"),
    _surprise_signal("1d"),
    _surprise_signal("7d"),
    *_expected_signals("30d"),
    _surprise_signal("30d"),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """Tickets within so many days, for every number of days that an expectation is summed up from; and the first."""
    times = facts.tickets.select("account_id", "created_at")
    needed = sorted({days for length in _LENGTHS for days in _looked_at(windows, length)})
    counts = tuple(Count(_name(days), days) for days in needed)
    return [
        Events(times, "created_at", (First("_surprise_first_at"),), days=windows.ticket_history_days),
        Events(times, "created_at", counts, days=needed[-1]),
    ]


def stages(standpoint: Standpoint, windows: SignalWindows) -> list[list[nw.Expr]]:
    """What the signals are made of, each stage of those before: formulas of formulas would be worked out many times."""
    at_once = {length: max(1.0, _days_of(windows, length) / _WEEK) for length in _LENGTHS}
    return [
        [*_weeks_seen(windows), *(each for length in _LENGTHS for each in _usual(standpoint, windows, length))],
        [_bursts(windows)],
        [_mean(length, at_once[length]) for length in _LENGTHS],
        [_size(length, at_once[length]) for length in _LENGTHS],
        [each for length in _LENGTHS for each in _logarithms(windows, length)],
        [_apart(windows, length) for length in _LENGTHS],
        [each for length in _LENGTHS for each in _root_and_width(windows, length)],
        [_z(length) for length in _LENGTHS],
    ]


def columns(windows: SignalWindows) -> list[nw.Expr]:
    """Every signal of this module from the stages; tickets_1d Int64, the others Float64."""
    told = [_within(windows.surge_days).alias("tickets_1d")]
    for length in _LENGTHS:
        told += _of_window(windows, length)
    return told


def _name(days: int) -> str:
    return f"_tickets_within_{days}"


def _within(days: int) -> nw.Expr:
    return nw.col(_name(days)) if days else nw.lit(0, dtype=nw.Int64)


def _between(since: int, until: int) -> nw.Expr:
    """Tickets of the days from `since` to before `until`, counted back from the moment."""
    return _within(until) - _within(since)


def _days_of(windows: SignalWindows, length: _Length) -> int:
    days: int = getattr(windows, _WINDOW[length])
    return days


def _weeks(windows: SignalWindows) -> int:
    return windows.baseline_days // _WEEK


def _partial_weeks(windows: SignalWindows, length: _Length) -> list[tuple[int, int]]:
    """Of each week before a window, the days that are weekdays of the window's days beyond its whole weeks."""
    whole, beyond = divmod(_days_of(windows, length), _WEEK)
    starts = [_WEEK * (whole + week) for week in range(1, _weeks(windows) + 1)] if beyond else []
    return [(start, start + beyond) for start in starts]


def _weeks_before(windows: SignalWindows) -> list[tuple[int, int]]:
    """The weeks before the longest window, in which burstiness is seen."""
    days = _days_of(windows, "30d")
    return [(days + _WEEK * week, days + _WEEK * (week + 1)) for week in range(_weeks(windows))]


def _looked_at(windows: SignalWindows, length: _Length) -> set[int]:
    days = _days_of(windows, length)
    ends = {days, days + _WEEK * _weeks(windows)}
    spans = [*_partial_weeks(windows, length), *(_weeks_before(windows) if length == "30d" else [])]
    return ends.union(*(set(span) for span in spans)) - {0}


def _usual(standpoint: Standpoint, windows: SignalWindows, length: _Length) -> list[nw.Expr]:
    """_known: for how many days before the window the account is known, at most as many as its usual is measured over.

    _before: the tickets of the weeks before, each as often as its weekday stands in the window.
    """
    days, weeks = _days_of(windows, length), _weeks(windows)
    signup = -standpoint.days_until("signed_up_on") - days
    first_ticket = standpoint.days_since("_surprise_first_at", days_ago=days)
    known = nw.max_horizontal(signup, first_ticket).clip(upper_bound=weeks * _WEEK)
    all_days = _between(days, days + _WEEK * weeks)
    before = reduce(add, [_between(*span) for span in _partial_weeks(windows, length)], all_days * (days // _WEEK))
    return [known.alias(f"_known_{length}"), before.alias(f"_before_{length}")]


def _weeks_seen(windows: SignalWindows) -> list[nw.Expr]:
    weeks = [_between(*span) for span in _weeks_before(windows)]
    squares = reduce(add, [week * week for week in weeks])
    return [reduce(add, weeks).alias("_weeks_total"), squares.alias("_weeks_squares")]


def _bursts(windows: SignalWindows) -> nw.Expr:
    """How much more than chance the weeks vary: variance ÷ mean; 1 where they vary less, or too few are known."""
    known, total = nw.col("_known_30d"), nw.col("_weeks_total")
    spread = (nw.col("_weeks_squares") * known / _WEEK / total - total) / (known / _WEEK - 1)
    enough = (known >= windows.baseline_min_days) & (known > _WEEK) & (total > 0)
    return nw.when(enough).then(spread.clip(1.0)).otherwise(nw.lit(1.0)).alias("_bursts")


def _mean(length: _Length, at_once: float) -> nw.Expr:
    weeks = nw.col(f"_known_{length}") / _WEEK
    return ((nw.col(f"_before_{length}") + _UNSEEN * at_once) / weeks).alias(f"_mean_{length}")


def _size(length: _Length, at_once: float) -> nw.Expr:
    """Of the negative binomial distribution with that mean whose variance is the mean times the bursts and more."""
    weeks = nw.col(f"_known_{length}") / _WEEK
    return (nw.col(f"_mean_{length}") / (nw.col("_bursts") * (at_once / weeks + 1) - 1)).alias(f"_size_{length}")


def _half_below(windows: SignalWindows, length: _Length) -> nw.Expr:
    """Half a ticket below the count; of no ticket nothing is worked out."""
    now = _within(_days_of(windows, length))
    return nw.when(now > 0).then(now - 0.5)


def _logarithms(windows: SignalWindows, length: _Length) -> list[nw.Expr]:
    x, mean, size = _half_below(windows, length), nw.col(f"_mean_{length}"), nw.col(f"_size_{length}")
    return [
        (x / mean).log().alias(f"_log_mean_{length}"),
        ((x + size) / (mean + size)).log().alias(f"_log_size_{length}"),
    ]


def _apart(windows: SignalWindows, length: _Length) -> nw.Expr:
    """The deviance of the count from the mean."""
    x, size = _half_below(windows, length), nw.col(f"_size_{length}")
    deviance = (x * nw.col(f"_log_mean_{length}") - (x + size) * nw.col(f"_log_size_{length}")) * 2
    return deviance.alias(f"_apart_{length}")


def _root_and_width(windows: SignalWindows, length: _Length) -> list[nw.Expr]:
    x, size = _half_below(windows, length), nw.col(f"_size_{length}")
    side = nw.when(x < nw.col(f"_mean_{length}")).then(nw.lit(-1.0)).otherwise(nw.lit(1.0))
    tilt = (nw.col(f"_log_mean_{length}") - nw.col(f"_log_size_{length}")) / 2
    width = (tilt.exp() - (tilt * -1).exp()) * (x + x * x / size).sqrt()
    root = nw.col(f"_apart_{length}").clip(_NEAREST**2).sqrt() * side
    return [root.alias(f"_root_{length}"), width.alias(f"_width_{length}")]


def _z(length: _Length) -> nw.Expr:
    root, width = nw.col(f"_root_{length}"), nw.col(f"_width_{length}")
    # At the mean itself both go to nothing together, and what they tell of skewness with them.
    is_apart = nw.col(f"_apart_{length}") > _NEAREST**2
    ratio = nw.when(is_apart).then(width / root).otherwise(nw.lit(1.0))
    return (root + ratio.log() / root).clip(-_FARTHEST, _FARTHEST).alias(f"_z_{length}")


def _of_window(windows: SignalWindows, length: _Length) -> list[nw.Expr]:
    now, before, known = _within(_days_of(windows, length)), nw.col(f"_before_{length}"), nw.col(f"_known_{length}")
    z, is_known = nw.col(f"_z_{length}"), known >= windows.baseline_min_days
    below = (100 / ((z * -1.5976 - z * z * z * 0.070565966).exp() + 1)).round(2)
    share = nw.when(is_known).then(nw.when(now > 0).then(below).otherwise(nw.lit(0.0)))
    told: list[nw.Expr] = [share.alias(f"ticket_surprise_{length}")]
    if length != "7d":
        ratio = now * known / (before * _WEEK)
        told.append(nw.when(is_known).then(before * _WEEK / known).alias(f"ticket_expected_{length}"))
        told.append(nw.when(is_known & (before > 0)).then(ratio).alias(f"ticket_ratio_{length}"))
    return told
