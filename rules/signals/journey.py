"""Knows where an account stands in its journey: how long it is a customer, in which stage, how soon it got value.

The stages are the ledger's (docs/retention.md): onboarding is the first days since the first paid day, the renewal
window the days before the renewal of a contract in force, everything else is in life.
"""

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import SignalFacts
from rules.signals.measures import Happening, States
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

# Where an account has no such day at all.
_NEVER: tuple[str, ...] = ()

ONBOARDING, IN_LIFE, RENEWAL_WINDOW = "onboarding", "in_life", "renewal_window"

SIGNALS = (
    Signal(
        name="tenure_days", kind="days", unit="days", noun="days as a customer",
        meaning="Calendar days since the account's signup; where none is told, since its first paid day.",
        unknown_when="neither is known, or both lie ahead",
        phrase=lambda s: f"a customer for {s.count('tenure_days', 'day')}",
    ),
    Signal(
        name="journey_stage", kind="text", unit="", noun="journey stage",
        meaning="onboarding: the first `ledger.onboarding_days` of retention.yaml since the first paid day; "
        "renewal_window: a contract in force renews within `ledger.renewal_days`; otherwise in_life.",
        unknown_when="the account has never paid",
        phrase=lambda s: f"journey stage {s.number('journey_stage')}", words=(ONBOARDING, IN_LIFE, RENEWAL_WINDOW),
    ),
    Signal(
        name="days_to_first_value", kind="days", unit="days", noun="days to the first value",
        meaning="Calendar days from the signup to the first day with any use; of an account without any use on record, "
        "to the solving of its first ticket of the `onboarding_workflows` of signals.yaml. 0 is the day of the signup.",
        unknown_when="the signup is unknown, neither has happened yet, or the account signed up before the first use "
        "on record of any account",
        phrase=lambda s: f"first value after {s.count('days_to_first_value', 'day')}",
    ),
    Signal(
        name="days_without_value", kind="days", unit="days", noun="days since the signup without any value",
        meaning="Calendar days since the signup of an account that has had no first value yet, as days_to_first_value "
        "defines it.",
        unknown_when="it has had its first value, the signup is unknown, or the account signed up before the first use "
        "on record of any account",
        phrase=lambda s: f"no value in the {s.count('days_without_value', 'day')} since the signup",
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, _windows: SignalWindows) -> list[Happening]:
    """The first paid day, the renewal that is near, the first day with use and the first solved onboarding ticket."""
    found: list[Happening] = [_near(facts), _first_use(facts)]
    if facts.paid_lines is not None:
        first = facts.paid_lines.group_by("account_id").agg(nw.col("starts_on").min())
        found.append(States(first, name="_paid_on", of="starts_on", since=("starts_on",), until=_NEVER))
    if facts.onboarded is not None:
        solved = facts.onboarded.with_columns(solved_on=nw.col("solved_at").cast(nw.Date))
        found.append(States(solved, name="_onboarded_on", of="solved_on", since=("solved_at",), until=_NEVER))
    return found


def _near(facts: SignalFacts) -> States:
    versioned = "known_from" in facts.contracts.collect_schema().names()
    known_from, known_until = (("known_from",), ("known_until",)) if versioned else ((), ())
    renewing = facts.contracts.filter(~nw.col("renews_on").is_null()).with_columns(
        _near_on=nw.col("renews_on").dt.offset_by(f"-{facts.renewal_days}d"),
        _renewed_on=nw.col("renews_on").dt.offset_by("1d"),
    )
    return States(
        renewing, name="_near_renewal_on", of="renews_on", since=("starts_on", "_near_on", *known_from),
        until=("_renewed_on", "ends_on", *known_until), always=known_from,
    )  # fmt: skip


def _first_use(facts: SignalFacts) -> States:
    used = facts.usage_days.filter(nw.col("quantity") > 0).group_by("account_id").agg(nw.col("used_on").min())
    # A day's use is known when the day is over.
    known = used.with_columns(_known_on=nw.col("used_on").dt.offset_by("1d"))
    return States(known, name="_used_on", of="used_on", since=("_known_on",), until=_NEVER)


def columns(facts: SignalFacts, standpoint: Standpoint) -> list[nw.Expr]:
    """Every signal of this module: days Int64, the stage String."""
    signup = _ago(standpoint, "signed_up_on")
    paid = nw.lit(None, dtype=nw.Int64) if facts.paid_lines is None else _ago(standpoint, "_paid_on")
    return [
        nw.coalesce(nw.when(signup >= 0).then(signup), paid).alias("tenure_days"),
        _stage(facts, paid).alias("journey_stage"),
        *_value(facts, standpoint),
    ]


def _ago(standpoint: Standpoint, column: str) -> nw.Expr:
    return -standpoint.days_until(column)


def _stage(facts: SignalFacts, paid: nw.Expr) -> nw.Expr:
    if facts.paid_lines is None:
        return nw.lit(None, dtype=nw.String)
    later = nw.when(nw.col("_near_renewal_on").is_null()).then(nw.lit(IN_LIFE)).otherwise(nw.lit(RENEWAL_WINDOW))
    stage = nw.when(paid < facts.onboarding_days).then(nw.lit(ONBOARDING)).otherwise(later)
    return nw.when(~paid.is_null()).then(stage)


def _value(facts: SignalFacts, standpoint: Standpoint) -> list[nw.Expr]:
    signup, used = _ago(standpoint, "signed_up_on"), _ago(standpoint, "_used_on")
    known = signup >= 0
    if facts.usage_since is not None:
        known = known & (nw.col("signed_up_on") >= facts.usage_since)
    first = used if facts.onboarded is None else nw.coalesce(used, _ago(standpoint, "_onboarded_on"))
    return [
        nw.when(known).then((signup - first).clip(0)).alias("days_to_first_value"),
        nw.when(known & first.is_null()).then(signup).alias("days_without_value"),
    ]
