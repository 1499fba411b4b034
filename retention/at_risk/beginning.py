"""Decides which accounts come to be at risk at a moment, and freezes what is known of them then."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw

from domain.effects import Covariates, Episode
from retention.ledger import Frame

INTERVENTION_DAYS = 90
# The covariates that are signals of the same name.
SIGNALS_READ = tuple(
    name
    for name in Covariates.model_fields
    if name not in {"tenure_days", "open_tickets", "interventions_90d", "earlier_episodes"}
)


@dataclass(frozen=True)
class Surroundings:
    """What stands beside the signals of a run's moments, read once; what is later than a moment is not looked at.

    * outcomes: account_id, happened_at of `outcomes.outcomes`
    * spells: account_id, since, until (null: it goes on): when tickets were open, of `open_spells`
    * interventions: account_id, happened_at of imported work of the intervening kinds
    * known_since: account_id, known_on: the day on which the account signed up or first paid
    """

    outcomes: Frame
    spells: Frame
    interventions: Frame
    known_since: Frame


@dataclass
class Standing:
    """The episodes on record, by account: when each was flagged."""

    flags: dict[int, list[datetime]] = field(default_factory=dict)

    def add(self, account_id: int, flagged_at: datetime) -> None:
        """A new episode."""
        self.flags.setdefault(account_id, []).append(flagged_at)

    def last(self, account_id: int, as_of: datetime) -> datetime | None:
        """The newest flag at or before `as_of`; flags of later moments are not seen."""
        return max((flag for flag in self.flags.get(account_id, ()) if flag <= as_of), default=None)

    def earlier(self, account_id: int, as_of: datetime) -> int:
        """How many flags came before `as_of`."""
        return sum(flag < as_of for flag in self.flags.get(account_id, ()))


def begun(
    fired: Mapping[str, Iterable[str]],
    signals: nw.DataFrame[Any],
    currency: str,
    around: Surroundings,
    standing: Standing,
    as_of: datetime,
    horizon_days: int,
    recorded_at: datetime,
) -> list[Episode]:
    """The episodes that begin at `as_of`.

    `fired` are the playbooks that mark risk and apply now, by account_ref; `signals` the collected `account_signals`
    of the moment, its money in `currency`. An account begins one unless its newest lives (from its flag until its next
    outcome, `horizon_days` at most), or its renewal is known to lie beyond the horizon, so that nothing falls due
    before. `standing` takes up what begins.
    """
    moment = as_of.astimezone(UTC)
    is_near = (nw.col("days_to_renewal") <= horizon_days).fill_null(True)
    flagged = signals.filter(nw.col("account_ref").is_in(list(fired)), is_near).sort("account_id")
    free = _free(flagged["account_id"].to_list(), around, standing, moment, timedelta(days=horizon_days))
    if not free:
        return []
    known = _known(flagged.filter(nw.col("account_id").is_in(free)), around, moment)
    episodes = []
    for row in known.iter_rows(named=True):
        account, ref = row["account_id"], str(row["account_ref"])
        told = {name: row[name] for name in Covariates.model_fields if name in row}
        episodes.append(
            Episode(
                episode_id=episode_id(ref, moment), account_ref=ref, flagged_at=moment,
                playbooks=tuple(sorted(fired[ref])),
                covariates=Covariates(**told, earlier_episodes=standing.earlier(account, moment)),
                arr_cents=row["acv"], currency=None if row["acv"] is None else currency, recorded_at=recorded_at,
            )
        )  # fmt: skip
        standing.add(account, moment)
    return episodes


def _free(
    accounts: list[int], around: Surroundings, standing: Standing, as_of: datetime, horizon: timedelta
) -> list[int]:
    """Those without a living episode."""
    last = {account: flag for account in accounts if (flag := standing.last(account, as_of)) is not None}
    recent = [account for account, flag in last.items() if flag + horizon > as_of]
    decided = around.outcomes.filter(nw.col("happened_at") <= as_of, nw.col("account_id").is_in(recent))
    newest = dict(decided.group_by("account_id").agg(nw.col("happened_at").max()).collect().iter_rows())
    living = {account for account in recent if account not in newest or newest[account] <= last[account]}
    return [account for account in accounts if account not in living]


def _known(flagged: nw.DataFrame[Any], around: Surroundings, as_of: datetime) -> nw.DataFrame[Any]:
    """The flagged accounts with what is known of them; one row each."""
    told = flagged.select("account_id", "account_ref", "acv", *SIGNALS_READ).lazy()
    day = nw.lit(as_of.date())
    since = around.known_since.filter(nw.col("known_on") <= day)
    tenure = since.select("account_id", tenure_days=(day - nw.col("known_on")).dt.total_minutes() // 1440)
    is_open = (nw.col("since") <= as_of) & (nw.col("until").is_null() | (nw.col("until") > as_of))
    tickets = around.spells.filter(is_open).group_by("account_id").agg(open_tickets=nw.col("ticket_id").n_unique())
    recent = nw.col("happened_at") > as_of - timedelta(days=INTERVENTION_DAYS)
    work = around.interventions.filter(recent, nw.col("happened_at") <= as_of)
    helped = work.group_by("account_id").agg(interventions_90d=nw.len())
    for frame in (tenure, tickets, helped):
        told = told.join(frame, on="account_id", how="left")
    counts = nw.col("open_tickets", "interventions_90d").fill_null(0).cast(nw.Int64)
    return told.with_columns(counts).sort("account_id").collect()


def known_since(accounts: Frame, lines: Frame) -> Frame:
    """account_id, known_on: when an account signed up, or else when its first line began."""
    first = lines.group_by("account_id").agg(first_on=nw.col("starts_on").min())
    told = accounts.select("signed_up_on", account_id="id").join(first, on="account_id", how="left")
    return told.select("account_id", known_on=nw.coalesce("signed_up_on", "first_on"))


def episode_id(account_ref: str, flagged_at: datetime) -> str:
    """The same account and flag always have the same episode."""
    text = "\x1f".join((account_ref, flagged_at.astimezone(UTC).isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
