"""Replays rules on the past: reads what was known then, lets the rules decide, and holds them against what came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal

import narwhals as nw

from domain.errors import NotFound
from jobs.evaluate import look
from jobs.playbooks_in_force import in_force
from jobs.rulebook import Rulebook
from jobs.ticket_sight import TicketPanels
from retention.known_values import Knowledge, known_values
from retention.ledger import open_ledger
from retention.losses import losses_and_renewals
from rules.playbooks import Playbook, require_currency
from rules.replay.examples import Told, examples
from rules.replay.grid import Grid, microseconds
from rules.replay.outcomes import Losses, chance
from rules.replay.planted import Trouble, found_troubles
from rules.replay.replaying import Decided, decisions_of, replay, signals_needed
from rules.replay.report import ReplayReport
from rules.replay.reporting import Afterwards, Verdict, compared, reported, sweep_point, watched_places, work_of
from rules.replay.sweep import Sweep, SweepPoint, Swept
from rules.replay.tickets import TicketView
from rules.signals import SignalFacts
from rules.signals.panel import signal_panels
from storage.store import Store

Every = Literal["day", "week"]
Report = Callable[[str, int, int], None]
_HOUR = time(6, tzinfo=UTC)
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Question:
    """Which rules are replayed, when, and what is asked of them.

    * tickets_every: how often rules about tickets are asked; where that is each week of daily moments, at every seventh
    * within: how many days after an alert a loss still speaks for it
    * against: other rules that they are compared with, and how these are called
    * sweep: a threshold (SIGNAL) and the values that are tried
    * troubles: troubles that are known otherwise
    """

    playbooks: tuple[Playbook, ...]
    moments: tuple[datetime, ...]
    every: Every
    tickets_every: Every = "week"
    within: int = 90
    examples: int = 3
    against: tuple[str, tuple[Playbook, ...]] | None = None
    sweep: tuple[str, Sequence[str]] | None = None
    troubles: Sequence[tuple[str, str, datetime, datetime]] = ()

    @property
    def ticket_moments(self) -> tuple[datetime, ...]:
        """The moments at which rules about tickets are asked."""
        return self.moments[::7] if self.every == "day" and self.tickets_every == "week" else self.moments


@dataclass(frozen=True)
class Answer:
    """The report of a replay, and the sweep where one was asked for."""

    report: ReplayReport
    sweep: Sweep | None = None


def moments_between(first: datetime, last: datetime, every: Every) -> tuple[datetime, ...]:
    """Six o'clock (UTC) of every day, or of every Monday, in `[first, last]`.

    Raises:
        NotFound: there is none.
    """
    day = datetime.combine(first.date(), _HOUR)
    moments = []
    while day <= last:
        if day >= first and (every == "day" or day.weekday() == 0):
            moments.append(day)
        day += timedelta(days=1)
    if not moments:
        kind = "morning" if every == "day" else "Monday morning"
        raise NotFound(f"no {kind} lies between {first:%Y-%m-%d} and {last:%Y-%m-%d}: give an earlier --from")
    return tuple(moments)


def default_beginning(store: Store, now: datetime) -> datetime:
    """A year ago; later where the first ticket is younger."""
    oldest = store.facts().first_ticket_at()
    return max(now - _YEAR, oldest) if oldest is not None else now - _YEAR


@dataclass(frozen=True)
class Past:
    """What was known at moments of the past, read once for rules that look at some signals."""

    store: Store
    rulebook: Rulebook
    moments: tuple[datetime, ...]
    only: frozenset[str]

    @cached_property
    def _known(self) -> Knowledge:
        facts = self.store.facts()
        return Knowledge.of(facts.line_versions(), facts.contract_versions(), facts.rate_versions())

    @cached_property
    def currency(self) -> str:
        """The reporting currency of today."""
        facts = self.store.facts()
        return open_ledger(facts.lines(), facts.fx_rates(), self.moments[-1], self.rulebook.ledger).currency

    @cached_property
    def values(self) -> nw.DataFrame[Any]:
        """day, account_id, acv_cents: what accounts were worth by what was known on the day."""
        return known_values(self._known, self.moments, self.rulebook.ledger, self.currency)

    @cached_property
    def accounts(self) -> dict[int, datetime]:
        """From when on each account was known."""
        facts = self.store.facts()
        known = dict.fromkeys(facts.accounts().select("id").collect()["id"].to_list(), _ALWAYS)
        versions = facts.account_versions().select("account_id", "recorded_at").collect()
        first = versions.group_by("account_id").agg(nw.col("recorded_at").min())
        return known | {account: at for account, at in first.iter_rows() if account in known}

    @cached_property
    def grid(self) -> Grid:
        """The moments and accounts that rules are asked at and of."""
        return Grid.of(self.moments, self.accounts)

    def panels(self) -> Iterator[nw.DataFrame[Any]]:
        """Every account's signals at every moment, a part of the accounts at a time."""
        sight = look(self.store.facts(), self.rulebook, self.moments[0], self.moments[-1], self.only)
        bands = self.rulebook.ledger.bands
        return signal_panels(
            self._as_known(sight.facts), self.values.lazy(), self.moments, self.rulebook.windows, bands, self.only
        )

    def tickets(self, moments: tuple[datetime, ...], report: Report = lambda *_: None) -> TicketView:
        """What sees the open tickets at some of the moments."""
        return TicketView(moments, TicketPanels(self.store, self.rulebook, moments, report))

    def _as_known(self, facts: SignalFacts) -> SignalFacts:
        """Contracts with the times at which they were known so, and segments that nobody knew earlier than they did."""
        unsaid = facts.accounts.with_columns(segment=nw.lit(None, nw.String))
        return replace(
            facts, currency=self.currency, contracts=self._known.contracts.lazy(), accounts=unsaid,
            account_segments=self._segments(),
        )  # fmt: skip

    def _segments(self) -> nw.LazyFrame[Any]:
        """account_id, segment, since.

        What an account's first version says counts from when that was known, which is always for what was there before
        any figure was published. A row without a segment stands before it, because the first row counts for all time.
        """
        facts = self.store.facts()
        versions = facts.account_versions().filter(~nw.col("segment").is_null())
        first = versions.group_by("account_id").agg(nw.col("recorded_at").min().alias("_known"))
        history = facts.account_segments().join(first, on="account_id", how="left")
        is_first = nw.col("since") == nw.col("since").min().over("account_id")
        earlier = is_first & (nw.col("_known") < nw.col("since"))
        told = history.with_columns(nw.when(earlier).then("_known").otherwise("since").alias("since"))
        kept = told.select("account_id", "segment", "since")
        late = kept.group_by("account_id").agg(nw.col("since").min()).filter(nw.col("since") > _ALWAYS)
        nothing = late.select(
            "account_id",
            nw.lit(None, nw.String).alias("segment"),
            nw.lit(_ALWAYS).cast(nw.Datetime("us", "UTC")).alias("since"),
        )
        return nw.concat([kept, nothing])


def replayed(store: Store, rulebook: Rulebook, question: Question, now: datetime, report: Report) -> Answer:
    """What the rules would have done, and how right that was by what is known at `now`.

    Raises:
        NotFound: what is to be swept is not there.
        ValueError: an amount is not in the reporting currency.
    """
    swept = None if question.sweep is None else Swept(question.playbooks, question.sweep[0])
    sets = _sets(question, swept)
    every = [playbook for books in sets.values() for playbook in books]
    past = Past(store, rulebook, question.moments, frozenset(signals_needed(every)))
    require_currency(every, past.currency)
    panels = _reporting(past.panels(), len(past.accounts), report)
    decided = replay(panels, sets, past.grid, past.tickets(question.ticket_moments, report))
    after = _afterwards(past, question, now)
    verdict = Verdict.of(decided["this"], after)
    told = Told(past.currency, rulebook.windows, _names(past))
    found = reported(verdict, after, past.grid, past.currency, now, question.every)
    about_tickets = tuple(book.id for book in question.playbooks if book.about_tickets)
    full = found.model_copy(update={
        "rules": tuple(playbook.id for playbook in sets["this"]),
        "about_tickets": about_tickets,
        "tickets_every": question.tickets_every if about_tickets else None,
        "examples": examples(verdict, after.losses, watched_places(after, past.grid), told, question.examples),
        "compared": _compared(question, decided, verdict, after, past.grid),
        "planted": found_troubles(_troubles(question, past), decided["this"].alerts, past.grid),
    })  # fmt: skip
    return Answer(full, None if swept is None else _sweep(swept, question, decided, after, past.grid))


def recorded_as(
    store: Store, rulebook: Rulebook, playbooks: Sequence[Playbook], moments: Sequence[datetime]
) -> list[nw.DataFrame[Any]]:
    """Every decision of each playbook at the moments, as `rules.replay.replaying.decisions_of` tells it."""
    past = Past(store, rulebook, tuple(moments), frozenset(signals_needed(playbooks)))
    return decisions_of(past.panels(), playbooks, past.grid, past.tickets(past.moments))


def live_rules(store: Store, rulebook: Rulebook, now: datetime) -> tuple[Playbook, ...]:
    """The playbooks that act now."""
    return in_force(store, rulebook, now).active


def _sets(question: Question, swept: Swept | None) -> dict[str, tuple[Playbook, ...]]:
    """The sets of rules that are replayed in one pass, by name; of a sweep one for each value."""
    sets = {"this": question.playbooks}
    if question.against is not None:
        sets["other"] = question.against[1]
    if swept is not None and question.sweep is not None:
        sets |= {f"={told}": books for told, books in (swept.at(value) for value in question.sweep[1])}
    return sets


def _reporting(panels: Iterator[nw.DataFrame[Any]], accounts: int, report: Report) -> Iterator[nw.DataFrame[Any]]:
    done = 0
    for panel in panels:
        yield panel
        done += panel["account_id"].n_unique()
        report("Replaying accounts", done, accounts)


def _afterwards(past: Past, question: Question, now: datetime) -> Afterwards:
    facts, grid = past.store.facts(), past.grid
    found = losses_and_renewals(
        facts.lines(), facts.contracts(), facts.contract_versions(), facts.fx_rates(), now, past.currency
    )
    losses = Losses.of(found.losses, grid)
    due = found.renewals.filter(nw.col("happened_at") > past.moments[0], nw.col("happened_at") <= past.moments[-1])
    lost = None if not len(due) else float(due["lost"].mean())
    account, at = work_of(_work(past), grid)
    values = chance(past.values, losses, grid, question.within)
    return Afterwards(losses, microseconds(now), question.within, values, lost, account, at)


def _work(past: Past) -> nw.DataFrame[Any]:
    """account_id, done_at: the steps of recorded escalations that were done."""
    facts = past.store.facts()
    steps = facts.escalation_steps().filter(~nw.col("done_at").is_null()).select("escalation_id", "done_at")
    cases = facts.escalations().select("escalation_id", "account_ref")
    accounts = facts.accounts().select(account_id="id", account_ref="external_id")
    work = steps.join(cases, on="escalation_id", how="inner").join(accounts, on="account_ref", how="inner")
    return work.select("account_id", "done_at").collect()


def _names(past: Past) -> dict[int, tuple[str, str]]:
    """Names and ids of accounts, by their place in the grid."""
    accounts = past.store.facts().accounts().select("id", "name", "external_id").collect().sort("id")
    return {place: (str(name), str(ref)) for place, (_, name, ref) in enumerate(accounts.iter_rows())}


def _compared(
    question: Question, decided: Mapping[str, Decided], verdict: Verdict, after: Afterwards, grid: Grid
) -> Any:
    if question.against is None:
        return None
    return compared(question.against[0], verdict, Verdict.of(decided["other"], after), after, grid)


def _troubles(question: Question, past: Past) -> list[Trouble]:
    if not question.troubles:
        return []
    refs = past.store.facts().accounts().select("external_id", "id").collect()
    account = {str(ref): int(number) for ref, number in refs.iter_rows()}
    return [
        Trouble(kind, account[ref], microseconds(began), microseconds(until))
        for kind, ref, began, until in question.troubles
        if ref in account
    ]


def _sweep(swept: Swept, question: Question, decided: Mapping[str, Decided], after: Afterwards, grid: Grid) -> Sweep:
    points: list[SweepPoint] = []
    for value in question.sweep[1] if question.sweep else ():
        told, _ = swept.at(value)
        is_current = told == str(swept.current)
        points.append(sweep_point(told, is_current, Verdict.of(decided[f"={told}"], after), after, grid))
    return Sweep(playbook=swept.playbook.id, comparison=swept.comparison, points=tuple(points))
