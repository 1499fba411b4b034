"""Knows which rows of the facts are behind each signal of an account, so that every value can be opened.

A signal names the facts that it counts and, as an expression over them, which rows those are at a moment. The facts are
those of `FACTS`, each with the column that says when a row happened; all have account_id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.contacts import by_csm, by_sponsor
from rules.signals.expansion import speaks_of
from rules.signals.fields import is_field
from rules.signals.spoken import COUNTED
from rules.signals.usage_of_all import OF_ALL
from rules.signals.windows import SignalWindows

FACTS = {
    "tickets": "created_at", "messages": "sent_at", "surveys": "answered_at", "evidence": "sent_at",
    "contracts": "starts_on", "subscriptions": "starts_on", "segments": "since", "usage": "used_on",
    "touches": "happened_at", "payments": "happened_at", "fields": "recorded_at", "breaches": "breached_at",
    "open tickets": "created_at", "reopenings": "since", "solvings": "until", "first replies": "first_replied_at",
    "predictions": "resolved_at",
}  # fmt: skip
Where = Callable[[Clock, SignalWindows], nw.Expr]
_DAY_SECONDS, _WEEK = 86_400, 7


@dataclass(frozen=True)
class Behind:
    """The rows of one kind of facts that a signal counts."""

    fact: str
    where: Where

    @property
    def at(self) -> str:
        """The column that says when a row happened."""
        return FACTS[self.fact]


def behind(name: str) -> tuple[Behind, ...]:
    """What is behind a signal; empty for one that follows from other signals."""
    return (_field_of(name),) if is_field(name) else _BEHIND.get(name, ())


def _field_of(name: str) -> Behind:
    field = name.split("_field_", 1)[1]
    plain = nw.col("name").str.strip_chars().str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_")
    return Behind("fields", lambda clock, _: clock.known("recorded_at") & (plain == field))


def _within(fact: str, window: str, *more: str, also: nw.Expr | None = None) -> Behind:
    """Rows of the last days, as many as these windows add up to."""

    def where(clock: Clock, windows: SignalWindows) -> nw.Expr:
        days = sum(getattr(windows, each) for each in (window, *more))
        inside = clock.within(FACTS[fact], days)
        return inside if also is None else inside & also

    return Behind(fact, where)


def _days_of_use(periods: int) -> Behind:
    def where(clock: Clock, windows: SignalWindows) -> nw.Expr:
        used_on = nw.col("used_on")
        return (used_on >= clock.ago(periods * windows.usage_days).date()) & (used_on < clock.today)

    return Behind("usage", where)


def _before(fact: str, window: str, *since: str) -> Behind:
    """Rows of the days `since` that ended `window` days ago."""

    def where(clock: Clock, windows: SignalWindows) -> nw.Expr:
        last = getattr(windows, window)
        days = last + sum(getattr(windows, each) for each in since)
        return clock.within(FACTS[fact], days) & ~clock.within(FACTS[fact], last)

    return Behind(fact, where)


def _newest(fact: str, where: Where) -> Behind:
    """The newest row of those."""

    def newest(clock: Clock, windows: SignalWindows) -> nw.Expr:
        counted, at = where(clock, windows), nw.col(FACTS[fact])
        moment = nw.when(counted).then(at)
        return counted & (at == moment.max().over("account_id"))

    return Behind(fact, newest)


def _expected(window: str) -> Behind:
    """Tickets of the same weekdays of the weeks before a window."""

    def where(clock: Clock, windows: SignalWindows) -> nw.Expr:
        days = getattr(windows, window)
        weeks = windows.baseline_days // _WEEK
        before = clock.within("created_at", days + weeks * _WEEK) & ~clock.within("created_at", days)
        if days >= _WEEK:
            return before
        age = (nw.lit(clock.as_of) - nw.col("created_at")).dt.total_seconds() // _DAY_SECONDS
        same_day: nw.Expr = age % _WEEK < days
        return before & same_day

    return Behind("tickets", where)


def _in_force(clock: Clock, _windows: SignalWindows) -> nw.Expr:
    ends = nw.col("ends_on")
    return (nw.col("starts_on") <= clock.today) & (ends.is_null() | (ends > clock.today))


def _renewing(clock: Clock, windows: SignalWindows) -> nw.Expr:
    notice = nw.col("notice_on")
    ahead = (nw.col("renews_on") >= clock.today) & (notice.is_null() | (notice > clock.today))
    return _in_force(clock, windows) & ahead


def _open(clock: Clock, _windows: SignalWindows) -> nw.Expr:
    return clock.known("since") & (nw.col("until").is_null() | (nw.col("until") > clock.as_of))


def _until_now(fact: str) -> Behind:
    return Behind(fact, lambda clock, _: clock.known(FACTS[fact]))


def _first_day(fact: str) -> Behind:
    return Behind(fact, lambda clock, _: nw.col(FACTS[fact]) == nw.col(FACTS[fact]).min().over("account_id"))


_READ = (nw.col("author_kind") == "customer") & nw.col("public") & ~nw.col("sentiment").is_null()
_VALUE = (Behind("subscriptions", _in_force), Behind("contracts", _in_force))
_SEGMENT = Behind("segments", lambda clock, _: clock.known("since"))
_URGENT = Behind(
    "open tickets", lambda clock, windows: _open(clock, windows) & nw.col("priority").is_in(list(windows.severity_1))
)
_BEHIND: Mapping[str, tuple[Behind, ...]] = {
    "segment": (_SEGMENT, *_VALUE),
    "acv": _VALUE,
    "acv_band": _VALUE,
    **dict.fromkeys(("days_to_renewal", "renewal_on", "days_to_notice_deadline"), (Behind("contracts", _renewing),)),
    "tickets_7d": (_within("tickets", "spike_days"),),
    "ticket_baseline_7d": (_before("tickets", "spike_days", "baseline_days"),),
    "ticket_ratio_7d": (_within("tickets", "spike_days", "baseline_days"),),
    "tickets_30d": (_within("tickets", "trend_days"),),
    "tickets_prior_30d": (_before("tickets", "trend_days", "trend_days"),),
    "ticket_growth_30d": (_within("tickets", "trend_days", "trend_days"),),
    "tickets_1d": (_within("tickets", "surge_days"),),
    "ticket_expected_1d": (_expected("surge_days"),),
    "ticket_expected_30d": (_expected("trend_days"),),
    **{
        f"ticket_{what}_{length}": (_within("tickets", window), _expected(window))
        for length, window in (("1d", "surge_days"), ("7d", "spike_days"), ("30d", "trend_days"))
        for what in ("ratio", "surprise")
        if (what, length) != ("ratio", "7d")
    },
    "days_since_last_ticket": (
        _newest("tickets", lambda clock, windows: clock.within("created_at", windows.ticket_history_days)),
    ),
    "tickets_in_habit_window": (_before("tickets", "silence_days", "habit_days"),),
    "repeated_issue_count": (_within("tickets", "issue_days"),),
    "repeated_issue": (_within("tickets", "issue_days"),),
    "escalated_30d": (_within("tickets", "trend_days", also=nw.col("escalated")),),
    "sentiment": (_within("messages", "sentiment_days", also=_READ),),
    "worst_ticket_sentiment": (_within("messages", "sentiment_days", also=_READ),),
    "sentiment_trend": (_within("messages", "sentiment_days", "sentiment_earlier_days", also=_READ),),
    "quiet_drift": (
        _within("messages", "drift_days", "drift_earlier_days", also=_READ),
        _within("tickets", "drift_days", "drift_earlier_days"),
        _within("reopenings", "drift_days", "drift_earlier_days"),
    ),
    **{
        f"{kind}_30d": (_within("surveys", "survey_days", also=nw.col("kind") == kind),)
        for kind in ("csat", "ces", "nps")
    },
    "predicted_csat_30d": (_within("predictions", "survey_days", also=nw.col("predicts") == "csat"),),
    "usage_7d": (_days_of_use(1),),
    **dict.fromkeys(("usage_prior_7d", "active_days_prior_7d", "usage_drop_7d", *OF_ALL), (_days_of_use(2),)),
    **{
        f"{figure}_{length}": (_within("solvings", window),)
        for figure in ("replies_to_solve", "asked_again", "channel_switches")
        for length, window in (("30d", "effort_days"), ("90d", "effort_long_days"))
    },
    **{name: (_within("evidence", "evidence_days", also=nw.col("kind") == kind),) for name, kind in COUNTED.items()},
    **{
        f"expansion_{sign}_30d": (
            Behind(
                "evidence",
                lambda clock, windows, sign=sign: (  # type: ignore[misc]
                    clock.within("sent_at", windows.evidence_days)
                    & (nw.col("kind") == "expansion_interest")
                    & speaks_of(sign, windows)
                ),
            ),
        )
        for sign in ("seats", "plan", "team")
    },
    "days_since_churn_intent": (
        _newest(
            "evidence",
            lambda clock, windows: (
                clock.within("sent_at", windows.evidence_history_days) & (nw.col("kind") == "churn_intent")
            ),
        ),
    ),
    "churn_intent_said": (_within("evidence", "evidence_days", also=nw.col("kind") == "churn_intent"),),
    "expansion_said": (_within("evidence", "evidence_days", also=nw.col("kind") == "expansion_interest"),),
    "sla_breaches_30d": (_within("breaches", "trend_days"),),
    **dict.fromkeys(("open_tickets", "oldest_open_days", "mean_open_days"), (Behind("open tickets", _open),)),
    "open_urgent_tickets": (_URGENT,),
    "reopenings_30d": (_within("reopenings", "trend_days"),),
    **{
        f"{figure}_{what}": (rows(fact, "speed_days", *more),)
        for figure, fact in (("first_reply", "first replies"), ("resolution", "solvings"))
        for what, rows, more in (
            ("time_30d", _within, ()),
            ("time_usual", _before, ("speed_usual_days",)),
            ("ratio_30d", _within, ("speed_usual_days",)),
        )
    },
    "tenure_days": (_first_day("subscriptions"),),
    "journey_stage": (_first_day("subscriptions"), Behind("contracts", _renewing)),
    "days_to_first_value": (_first_day("usage"),),
    "days_without_value": (_first_day("usage"),),
    "failed_payments_30d": (_within("payments", "payment_days", also=nw.col("state") == "failed"),),
    "overdue_payments": (_until_now("payments"),),
    "overdue_days": (_until_now("payments"),),
    "days_since_sponsor_contact": (
        _newest("touches", lambda clock, windows: clock.known("happened_at") & by_sponsor(windows)),
    ),
    "days_since_csm_contact": (
        _newest("touches", lambda clock, windows: clock.known("happened_at") & by_csm(windows)),
    ),
}
