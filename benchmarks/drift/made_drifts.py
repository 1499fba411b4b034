"""Makes up accounts whose mood falls slowly from one week on, while they write less and their issues come back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from rules.signals import SignalFacts

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
HISTORY_WEEKS, ONSET_WEEK, LAST_WEEK = 34, 42, 86
# Between tickets of an account, and between messages of a ticket; a score is −100..100.
_TICKET_SPREAD, _MESSAGE_SPREAD = 22.0, 28.0
_MESSAGES = (0.45, 0.25, 0.15, 0.1, 0.05)
_READABLE = 0.9


@dataclass(frozen=True)
class Drift:
    """How an account changes from ONSET_WEEK on, in equal steps over `weeks`; then it stays so.

    `a_week`: tickets a week before; `mood`: points that it falls; `tickets`, `reopened`: what tickets a week and the
    share of reopened ones are multiplied by in the end. `burst`: weeks differ by this much beyond chance.
    """

    a_week: float = 2.0
    mood: float = 0.0
    tickets: float = 1.0
    reopened: float = 1.0
    weeks: int = 12
    burst: float = 0.3

    def shares(self) -> np.ndarray[Any, Any]:
        """How much of the change has come, by week."""
        return np.clip((np.arange(LAST_WEEK) - ONSET_WEEK) / self.weeks, 0.0, 1.0)


def facts(drifts: dict[int, Drift], seed: int) -> SignalFacts:
    """The facts of accounts by number, over LAST_WEEK weeks."""
    dice = np.random.default_rng(seed)
    tickets, messages, again = [list[Any]() for _ in range(3)], [list[Any]() for _ in range(4)], list[Any]()
    for account, drift in drifts.items():
        _live(account, drift, dice, tickets, messages, again)
    return _framed(list(drifts), tickets, messages, again)


def _live(account: int, drift: Drift, dice: np.random.Generator, *into: list[Any]) -> None:
    tickets, messages, again = into
    share, usual = drift.shares(), dice.normal(5.0, 15.0)
    busy = dice.gamma(1 / drift.burst, drift.burst, LAST_WEEK) if drift.burst else np.ones(LAST_WEEK)
    counts = dice.poisson(drift.a_week * (1 + (drift.tickets - 1) * share) * busy)
    week = np.repeat(np.arange(LAST_WEEK), counts)
    created = (week + dice.random(len(week))) * 7.0
    level = usual - drift.mood * share[week] + dice.normal(0, _TICKET_SPREAD, len(week))
    said = dice.choice(np.arange(1, 6), len(week), p=_MESSAGES)
    of = np.repeat(np.arange(len(week)), said)
    scores = np.clip(level[of] + dice.normal(0, _MESSAGE_SPREAD, len(of)), -100, 100).round()
    first = sum(len(each) for each in tickets[0])
    tickets[0].append(first + np.arange(len(week)))
    tickets[1].append(np.full(len(week), account))
    tickets[2].append(created)
    messages[0].append(np.full(len(of), account))
    messages[1].append(first + of)
    messages[2].append(created[of] + dice.exponential(1.0, len(of)))
    messages[3].append(np.where(dice.random(len(of)) < _READABLE, scores, np.nan))
    reopened = dice.random(len(week)) < 0.06 * (1 + (drift.reopened - 1) * share[week])
    again.append(np.stack([np.full(reopened.sum(), account), created[reopened] + 3]))


def _framed(accounts: list[int], tickets: list[Any], messages: list[Any], again: list[Any]) -> SignalFacts:
    known = pl.DataFrame({"id": accounts}).with_columns(
        external_id=pl.col("id").cast(pl.String), name=pl.col("id").cast(pl.String), segment=pl.lit(None, pl.String),
        signed_up_on=pl.lit(BEGIN.date()),
    )  # fmt: skip
    ids, of_account, created = (np.concatenate(each) for each in tickets)
    owner, ticket, sent, score = (np.concatenate(each) for each in messages)
    reopened = np.concatenate(again, axis=1)
    numbers = np.arange(len(owner))
    frames = {
        "accounts": known,
        "tickets": pl.DataFrame({"id": ids, "account_id": of_account, "created_at": _moments(created)}),
        "messages": pl.DataFrame({"id": numbers, "account_id": owner, "ticket_id": ticket, "sent_at": _moments(sent)})
        .with_columns(author_kind=pl.lit("customer"), public=pl.lit(value=True)),
        "readings": pl.DataFrame({"message_id": numbers, "sentiment": score}).with_columns(
            pl.col("sentiment").fill_nan(None)
        ),
        "reopenings": pl.DataFrame({"account_id": reopened[0].astype(int), "reopened_at": _moments(reopened[1])}),
    }  # fmt: skip
    lazy: dict[str, Any] = {name: nw.from_native(frame.lazy()) for name, frame in frames.items()}
    unused = ("account_segments", "contracts", "account_value", "usage_days", "surveys")
    return SignalFacts(currency="USD", **lazy, **dict.fromkeys(unused, lazy["accounts"]))


def _moments(days: np.ndarray[Any, Any]) -> pl.Series:
    whole = pl.Series((days * 86_400_000_000).astype(np.int64)).cast(pl.Duration("us"))
    moments: pl.Series = pl.select(pl.lit(BEGIN).cast(pl.Datetime("us", "UTC")) + whole).to_series()
    return moments


def at_week(week: int) -> datetime:
    """The end of that week."""
    return BEGIN + timedelta(weeks=week + 1)
