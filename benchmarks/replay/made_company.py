"""Makes up the facts of a company's accounts over years: tickets, messages, uses, contracts, answers, breaches."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from benchmarks.contest import Stopwatch
from rules.signals import SignalFacts

FIRST = datetime(2024, 1, 1, 6, tzinfo=UTC)
_BEFORE_DAYS = 365
_A_WEEK = 0.5
_UTC = pl.Datetime("us", "UTC")


def moments(days: int) -> list[datetime]:
    """Every morning."""
    return [FIRST + timedelta(days=day) for day in range(days)]


def make(_watch: Stopwatch, folder: str, accounts: int, days: int) -> None:
    """Write what the signals read; of an account one ticket in two weeks on average, and two days of use a week."""
    made = _Made(accounts, days)
    tickets = made.tickets()
    messages = made.messages(tickets)
    frames = {
        "accounts": made.accounts(),
        "account_segments": made.frame(account_id=pl.Int64, segment=pl.String, since=_UTC),
        "account_value": made.frame(account_id=pl.Int64, acv_cents=pl.Int64),
        "tickets": tickets,
        "messages": messages,
        "readings": made.readings(messages),
        "contracts": made.contracts(),
        "usage_days": made.uses(),
        "surveys": made.answers(tickets),
        "sla_breaches": made.breaches(tickets),
        "sla_promised": made.promised(),
        "evidence": made.evidence(messages),
        "unheard": made.frame(account_id=pl.Int64, sent_at=_UTC),
    }
    for name, frame in frames.items():
        frame.write_parquet(Path(folder) / f"{name}.parquet")
    _values(accounts, days).sink_parquet(Path(folder) / "values.parquet")


def facts(folder: str) -> SignalFacts:
    """What `make` wrote, as lazy frames."""
    names = sorted({path.stem for path in Path(folder).iterdir()} - {"values"})
    frames: dict[str, Any] = {name: _read(folder, name) for name in names}
    return SignalFacts(currency="USD", **frames)


def values(folder: str) -> nw.LazyFrame[Any]:
    """day, account_id, acv_cents."""
    return _read(folder, "values")


def _read(folder: str, name: str) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.scan_parquet(Path(folder) / f"{name}.parquet"))


def _values(accounts: int, days: int) -> pl.LazyFrame:
    """Another value each year, a tenth of the accounts without any."""
    paying = pl.LazyFrame({"account_id": np.arange(accounts, dtype=np.int64)}).filter(pl.col("account_id") % 10 > 0)
    every = pl.LazyFrame({"number": np.arange(days, dtype=np.int64)})
    cents = (pl.col("account_id") * 7919 % 20_000_000) * (1 + pl.col("number") // 365)
    day = pl.lit(FIRST.date()) + pl.duration(days=pl.col("number"))
    return every.join(paying, how="cross").select("account_id", day=day.cast(pl.Date), acv_cents=cents)


class _Made:
    def __init__(self, accounts: int, days: int) -> None:
        self._accounts = accounts
        self._span = days + _BEFORE_DAYS
        self._dice = np.random.default_rng(accounts)
        self._begun = FIRST - timedelta(days=_BEFORE_DAYS)

    def frame(self, **schema: Any) -> pl.DataFrame:
        return pl.DataFrame(schema=schema)

    def accounts(self) -> pl.DataFrame:
        ids = pl.Series(np.arange(self._accounts, dtype=np.int64))
        named = pl.DataFrame({"id": ids, "signed": ids * 37 % 1500})
        return named.select(
            "id",
            external_id="A" + pl.col("id").cast(pl.String),
            name="Account " + pl.col("id").cast(pl.String),
            segment=pl.when(pl.col("id") % 3 == 0).then(pl.lit("Enterprise")),
            signed_up_on=pl.lit(date(2021, 1, 1)) + pl.duration(days=pl.col("signed")),
        )

    def _happened(self, rows: int) -> pl.DataFrame:
        """Rows of account_id and a moment, at random."""
        at = self._dice.integers(0, self._span * 86_400, rows) * 1_000_000
        whose = self._dice.integers(0, self._accounts, rows)
        made = pl.DataFrame({"account_id": whose, "at": at}).with_columns(pl.col("at").cast(pl.Duration("us")))
        return made.select("account_id", at=(pl.lit(self._begun) + pl.col("at")).cast(_UTC))

    def tickets(self) -> pl.DataFrame:
        made = self._happened(int(self._accounts * self._span / 7 * _A_WEEK)).with_row_index("id")
        return made.select(
            pl.col("id").cast(pl.Int64), "account_id", created_at="at",
            subject=pl.format("Re: Issue {}", pl.col("id") % 5 * 0 + pl.col("account_id") % 40),
            tags=pl.when(pl.col("id") % 4 == 0).then(pl.lit('["sso"]')).otherwise(pl.lit("[]")),
            escalated=pl.col("id") % 20 == 0,
        )  # fmt: skip

    def messages(self, tickets: pl.DataFrame) -> pl.DataFrame:
        """Two of the customer's in every other ticket, one in the others, an agent's in each."""
        first = tickets.select("account_id", ticket_id="id", sent_at="created_at", author_kind=pl.lit("customer"))
        later = pl.col("sent_at") + pl.duration(hours=30)
        again = first.filter(pl.col("ticket_id") % 2 == 0).with_columns(later)
        answer = first.with_columns(sent_at=pl.col("sent_at") + pl.duration(hours=5), author_kind=pl.lit("agent"))
        return pl.concat([first, again, answer]).with_row_index("id").with_columns(
            pl.col("id").cast(pl.Int64), public=pl.lit(value=True)
        )  # fmt: skip

    def readings(self, messages: pl.DataFrame) -> pl.DataFrame:
        read = messages.filter(pl.col("author_kind") == "customer")
        sentiment = self._dice.integers(-90, 60, len(read))
        return read.select(message_id="id", sentiment=pl.Series(sentiment))

    def contracts(self) -> pl.DataFrame:
        ids = pl.DataFrame(
            {"account_id": np.repeat(np.arange(self._accounts), 3), "year": np.tile([0, 1, 2], self._accounts)}
        )
        starts = pl.lit(self._begun.date()) + pl.duration(days=pl.col("account_id") % 365 + 365 * pl.col("year"))
        return ids.select("account_id", starts_on=starts).select(
            "account_id", "starts_on",
            renews_on=pl.col("starts_on") + pl.duration(days=365),
            notice_on=pl.when(pl.col("account_id") % 25 == 0).then(pl.col("starts_on") + pl.duration(days=300)),
            ends_on=pl.col("starts_on") + pl.duration(days=365),
        )  # fmt: skip

    def uses(self) -> pl.DataFrame:
        made = self._happened(self._accounts * self._span * 2 // 7)
        quantity = pl.Series(self._dice.integers(1, 50, len(made)))
        return made.select("account_id", used_on=pl.col("at").dt.date(), quantity=quantity)

    def answers(self, tickets: pl.DataFrame) -> pl.DataFrame:
        asked = tickets.filter(pl.col("id") % 10 == 0)
        return asked.select(
            "account_id", kind=pl.lit("csat"), score=pl.Series(self._dice.integers(1, 6, len(asked))),
            scale_min=pl.lit(1, pl.Int64), scale_max=pl.lit(5, pl.Int64),
            answered_at=pl.col("created_at") + pl.duration(days=2),
        )  # fmt: skip

    def breaches(self, tickets: pl.DataFrame) -> pl.DataFrame:
        return tickets.filter(pl.col("id") % 20 == 0).select("account_id", breached_at="created_at")

    def promised(self) -> pl.DataFrame:
        return pl.DataFrame({"account_id": np.arange(self._accounts)}).with_columns(
            since=pl.lit(self._begun).cast(_UTC)
        )

    def evidence(self, messages: pl.DataFrame) -> pl.DataFrame:
        said = messages.filter((pl.col("author_kind") == "customer") & (pl.col("id") % 30 == 0))
        return said.select(
            "account_id", "sent_at", message_id="id", kind=pl.lit("churn_intent"), sentence=pl.lit("We may leave.")
        )
