"""Rows of the frames that accounts at risk are found and followed in; what a test does not care about is filled in."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from domain.effect_conventions import IncrementalConventions
from domain.effects import Covariates, Episode
from retention.at_risk.beginning import Standing, Surroundings, begun
from retention.at_risk.following import followed_episodes
from retention.ledger import Frame
from tests.retention.facts import day, frame, rates
from tests.retention.test_attribution import touch_frame

FLAG = day("2025-01-06", hours=6)
AS_OF = day("2026-01-05", hours=6)
MOMENT = pl.Datetime("us", "UTC")
_SIGNALS: dict[str, Any] = {
    "segment": "smb", "acv": 1_200_000, "days_to_renewal": 90, "ticket_ratio_7d": 3.0, "tickets_30d": 9,
    "tickets_prior_30d": 3, "days_since_last_ticket": 1, "repeated_issue_count": 1, "escalated_30d": 0,
    "sentiment": -40.0, "csat_30d": None, "usage_drop_7d": None, "sla_breaches_30d": None,
}  # fmt: skip
_KINDS: dict[type, Any] = {int: pl.Int64, float: pl.Float64, str: pl.String}


def signals(*rows: Mapping[str, Any]) -> nw.DataFrame[Any]:
    """A row of signals per account, 1, 2, …"""
    schema: dict[str, Any] = {"account_id": pl.Int64, "account_ref": pl.String}
    floats = {"csat_30d", "usage_drop_7d"}
    for name, value in _SIGNALS.items():
        schema[name] = pl.Float64 if name in floats else _KINDS.get(type(value), pl.Int64)
    told = [
        {"account_id": number, "account_ref": f"A-{number}"} | _SIGNALS | dict(row)
        for number, row in enumerate(rows, start=1)
    ]
    return nw.from_native(pl.DataFrame(told, schema=schema), eager_only=True)


def moments(rows: Iterable[Mapping[str, Any]], *names: str) -> Frame:
    """account_id and moments of these names."""
    schema: dict[str, Any] = {"account_id": pl.Int64, **dict.fromkeys(names, MOMENT)}
    return nw.from_native(pl.DataFrame(list(rows), schema=schema, orient="row").lazy())


def around(
    outcomes: Iterable[Mapping[str, Any]] = (),
    spells: Iterable[Mapping[str, Any]] = (),
    work: Iterable[Mapping[str, Any]] = (),
    known: Iterable[Mapping[str, Any]] = (),
) -> Surroundings:
    """What stands beside the signals."""
    opened = pl.DataFrame(
        list(spells),
        schema={"account_id": pl.Int64, "ticket_id": pl.Int64, "since": MOMENT, "until": MOMENT},
        orient="row",
    )
    since = pl.DataFrame(list(known), schema={"account_id": pl.Int64, "known_on": pl.Date}, orient="row")
    return Surroundings(
        moments(outcomes, "happened_at"),
        nw.from_native(opened.lazy()),
        moments(work, "happened_at"),
        nw.from_native(since.lazy()),
    )


def flagged(
    *days: float, standing: Standing | None = None, beside: Surroundings | None = None, **signal: Any
) -> list[Episode]:
    """What begins when account 1 is flagged so many days after FLAG, one moment after the other."""
    kept, found = standing or Standing(), []
    for later in days:
        moment = FLAG + timedelta(days=later)
        found += begun({"A-1": ["volume-spike"]}, signals(signal), "USD", beside or around(), kept, moment, 180, AS_OF)
    return found


def episode_frame(*rows: Mapping[str, Any]) -> Frame:
    """Episodes as storage hands them out; `flagged_at` is FLAG, 90 days before the renewal, unless a row says so."""
    kinds: dict[str, Any] = {
        name: pl.String
        if "str" in str(field.annotation)
        else pl.Float64
        if "float" in str(field.annotation)
        else pl.Int64
        for name, field in Covariates.model_fields.items()
    }
    schema = {
        "episode_id": pl.String, "account_id": pl.Int64, "account_ref": pl.String, "flagged_at": MOMENT,
        "playbooks": pl.String, **kinds, "arr_cents": pl.Int64, "currency": pl.String, "recorded_at": MOMENT,
    }  # fmt: skip
    blank = dict.fromkeys(kinds) | {
        "flagged_at": FLAG, "playbooks": "[]", "arr_cents": 1_200_000, "currency": "USD", "recorded_at": FLAG,
        "days_to_renewal": 90,
    }  # fmt: skip
    told = [
        {"episode_id": f"e{number}", "account_id": number, "account_ref": f"A-{number}"} | blank | dict(row)
        for number, row in enumerate(rows, start=1)
    ]
    return nw.from_native(pl.DataFrame(told, schema=schema, orient="row").lazy())


def outcome(account: int = 1, after: float = 90, kind: str = "renewed", **fields: Any) -> dict[str, Any]:
    """What became of an account so many days after the day of FLAG."""
    kept = {"renewed": 1_200_000, "contracted": 800_000, "churned": 0}[kind]
    return {
        "account_id": account, "kind": kind, "happened_at": day("2025-01-06") + timedelta(days=after),
        "at_stake_cents": 1_200_000, "kept_cents": kept, "lost_cents": 1_200_000 - kept, "currency": "USD",
    } | fields  # fmt: skip


def followed(
    episodes: Iterable[Mapping[str, Any]] = ({},),
    outcomes: Iterable[Mapping[str, Any]] = (),
    calls: Iterable[tuple[int, float]] = (),
    contracts: Iterable[Mapping[str, Any]] = (),
    as_of: datetime = AS_OF,
    **conventions: Any,
) -> list[dict[str, Any]]:
    """The followed episodes as rows; `calls` are (account, days after FLAG) of CSM calls."""
    told = [{"outcome_id": f"o{number}", **row} for number, row in enumerate(outcomes)]
    work = [
        {"account_id": account, "kind": "csm_call", "happened_at": FLAG + timedelta(days=after)}
        for account, after in calls
    ]
    found = followed_episodes(
        episode_frame(*episodes), frame("outcomes", *told), touch_frame(work),
        frame("contracts", *map(dict, contracts)), rates(), as_of, IncrementalConventions(**conventions),
    )  # fmt: skip
    return list(found.iter_rows(named=True))
