"""Learns from a team's own past which accounts leave, and says why nothing can be foretold where it cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw

from domain.reading import LearnedModel
from jobs.evaluate import Sight, look
from jobs.rulebook import Rulebook
from retention.fx import RateTable
from retention.leaving import leavings, might_leave
from retention.ledger import LedgerFrames, open_ledger
from retention.outcomes import outcomes
from retention.windows import utc_day
from rules.health import learn
from rules.health.features import NAMES, OPEN_URGENT
from rules.health.history import History, history
from rules.regression.learned import Learned
from rules.signals.churn_risk import ChurnModel, in_force
from storage.facts import Facts
from storage.learned import LearnedBook
from storage.store import Store

Report = Callable[[str, int, int], None]
_AT_ONCE = 6


@dataclass(frozen=True)
class ChurnLesson:
    """What was learned of who leaves, and what became of it: a new version, one on record, or nothing kept."""

    learned: Learned
    is_new: bool
    kept: bool
    withdrawn: bool = False


def learn_churn(store: Store, rulebook: Rulebook, as_of: datetime, report: Report, *, keep: bool) -> ChurnLesson:
    """Learn from looks at the past up to `as_of`; with `keep` the version is put on record and counts from then on.

    Where nobody was there to leave, nothing is kept.
    """
    past = looks_at_the_past(store.facts(), rulebook, as_of, report)
    keep = keep and len(past) > 0
    report("Trying it out", 0, 1)
    learned, book = learn(past, rulebook.health.risk), LearnedBook(store.engine)
    report("Trying it out", 1, 1)
    before = next((each for each in book.versions("churn") if each.model_hash == learned.model_hash), None)
    if keep and before is None:
        book.keep(
            LearnedModel(
                model_hash=learned.model_hash, predicts="churn", content=learned.content,
                evaluation=learned.evaluation, trained_at=as_of,
            )
        )  # fmt: skip
    return ChurnLesson(learned, before is None, keep, before is not None and before.withdrawn_at is not None)


def looks_at_the_past(facts: Facts, rulebook: Rulebook, as_of: datetime, report: Report) -> History:
    """Every account with revenue and without notice, once in `every_days`, as its signals were, and whether it left.

    The newest look is the one whose horizon has just ended; older than `learn_days` none is.
    """
    settings = rulebook.health.risk
    count = max(0, (settings.learn_days - settings.horizon_days) // settings.every_days + 1)
    newest = as_of - timedelta(days=settings.horizon_days)
    moments = [newest - timedelta(days=settings.every_days * back) for back in reversed(range(count))]
    sight = look(facts, rulebook, moments[0], as_of, {"acv", *NAMES, OPEN_URGENT})
    moments = _with_revenue(sight, moments)
    found = []
    for place in range(0, len(moments), _AT_ONCE):
        some = moments[place : place + _AT_ONCE]
        report("Looking at the past", place, len(moments))
        found += _signals(sight, some)
    report("Looking at the past", len(moments), len(moments))
    if not found:
        return history(_nobody(sight), settings.horizon_days)
    rows = _followed(facts, sight, nw.concat(found), moments, as_of, settings.horizon_days)
    return history(rows, settings.horizon_days, settings.max_cases)


def why_silent(models: tuple[ChurnModel, ...], as_of: datetime) -> str | None:
    """Why no risk is foretold at a moment; None where it is."""
    model = in_force(models, as_of)
    return "nothing was learned yet: keepline learn churn" if model is None else model.silent


def _with_revenue(sight: Sight, moments: list[datetime]) -> list[datetime]:
    """The moments on which anything was paid or agreed already."""
    starts = [
        frame.select(nw.col("starts_on").min()).collect()["starts_on"].to_list()
        for frame in (sight.ledger.lines, sight.facts.contracts)
    ]
    begun = min((day for days in starts for day in days if day is not None), default=None)
    return [] if begun is None else [moment for moment in moments if utc_day(moment) >= begun]


def _signals(sight: Sight, moments: list[datetime]) -> list[nw.DataFrame[Any]]:
    seen, _ = sight.signals_at(moments)
    return [frame.with_columns(as_of=nw.lit(moment)) for frame, moment in zip(seen, moments, strict=True)]


def _followed(
    facts: Facts, sight: Sight, seen: nw.DataFrame[Any], moments: list[datetime], as_of: datetime, horizon_days: int
) -> nw.DataFrame[Any]:
    """The rows of accounts that might have left, with `left_in`, the days until they did within the horizon."""
    lines, contracts = sight.ledger.lines, sight.facts.contracts
    lost = outcomes(contracts, lines, as_of, _rates(sight.ledger, contracts, as_of, sight), facts.contract_versions())
    left = leavings(lost, lines, contracts)
    days = [utc_day(moment) for moment in moments]
    there = might_leave(lines, contracts, days, sight.facts.accounts).collect()
    left_in = (nw.col("left_on") - nw.col("day")).dt.total_seconds() // 86_400
    ends = there.lazy().join(left, on="account_id").with_columns(left_in=left_in)
    within = ends.filter((nw.col("left_in") > 0) & (nw.col("left_in") <= horizon_days))
    first = within.group_by("account_id", "day").agg(nw.col("left_in").min())
    at_risk = seen.filter(nw.col("acv") > 0).with_columns(day=nw.col("as_of").dt.date()).lazy()
    known = at_risk.join(there.lazy(), on=["account_id", "day"], how="inner")
    return known.join(first, on=["account_id", "day"], how="left").collect()


def _rates(ledger: LedgerFrames, contracts: nw.LazyFrame[Any], as_of: datetime, sight: Sight) -> RateTable:
    currency = open_ledger(ledger.lines, ledger.fx_rates, as_of, sight.rulebook.ledger).currency
    sold_in = nw.concat([ledger.lines.select("currency"), contracts.select("currency")]).unique().collect()
    return RateTable.read(ledger.fx_rates, sold_in["currency"].to_list(), currency)


def _nobody(sight: Sight) -> nw.DataFrame[Any]:
    names = dict.fromkeys(("acv", "left_in", *NAMES, OPEN_URGENT), nw.Float64())
    empty = sight.facts.accounts.select(account_ref="external_id").collect().head(0)
    dated = empty.with_columns(as_of=nw.lit(None, nw.Datetime("us", "UTC")))
    return dated.with_columns(nw.lit(None, kind).alias(name) for name, kind in names.items())
