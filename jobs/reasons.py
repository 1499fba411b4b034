"""Says for what reason revenue was lost: gathers the paths from the stored facts, and keeps what persons decide."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

import narwhals as nw

from domain.errors import NotFound
from domain.reason_conventions import UNKNOWN_REASON
from domain.reasons import ReasonDecision
from jobs.ledger import ledger_frames
from jobs.rulebook import Rulebook
from jobs.settle import Settlement
from retention.reasons.losses import Loss, LossReport
from retention.reasons.paths import PathFacts
from retention.reasons.proposing import propose
from retention.reasons.segments import segments_of
from retention.reasons.telling import Known, loss_report
from rules.text.sentiment import READER
from storage.reasons import PathReader, ReasonBook
from storage.store import Store


def losses(
    store: Store,
    rulebook: Rulebook,
    as_of: datetime,
    since: datetime | None = None,
    settlement: Settlement | None = None,
    account_id: int | None = None,
) -> LossReport:
    """Every loss of `[since, as_of]`, perhaps of one account alone, with its reason as persons decided it by then."""
    settled = settlement or Settlement(store.facts(), rulebook, as_of)
    proposals = propose(path_facts(store, rulebook, settled, as_of, since, account_id))
    lost = proposals.paths.losses.select("outcome_id", "account_id", "happened_at")
    known = Known(
        accounts=settled.accounts,
        rates=settled.rates,
        decisions=ReasonBook(store.engine).decisions(until=as_of),
        segments=segments_of(lost, ledger_frames(store.facts()), settled.rates, rulebook.ledger.bands),
    )
    return loss_report(proposals, known, since)


def loss_named(report: LossReport, name: str) -> Loss:
    """The loss of that id, of a part of an id, or of an account that lost only once.

    Raises:
        NotFound: there is none, or several.
    """
    wanted = name.casefold()
    exact = [loss for loss in report.losses if wanted in (loss.outcome_id.casefold(), loss.account.casefold())]
    found = exact or [
        loss for loss in report.losses if wanted in loss.outcome_id.casefold() or wanted in loss.account.casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        some = ", ".join(loss.outcome_id for loss in found[:5])
        raise NotFound(f"{len(found)} losses are called {name!r}: {some}; give the whole id")
    near = get_close_matches(name, sorted({loss.account for loss in report.losses}), n=3, cutoff=0.4)
    meant = f"; did you mean {', '.join(near)}?" if near else "; keepline reasons lists them"
    raise NotFound(f"no loss is called {name!r}" + meant)


def decide(
    store: Store, rulebook: Rulebook, loss: Loss, reason: str | None, by: str, at: datetime, note: str | None = None
) -> ReasonDecision:
    """Keep the reason that a person gives for a loss; None takes back what was said of it before.

    Raises:
        NotFound: the table of reasons has no such reason.
    """
    known = [each.id for each in rulebook.reasons.reasons]
    if reason is not None and reason != UNKNOWN_REASON and reason not in known:
        raise NotFound(_no_reason(reason, known))
    decision = ReasonDecision(outcome_id=loss.outcome_id, reason=reason, note=note, decided_by=by, decided_at=at)
    ReasonBook(store.engine).decide(decision)
    return decision


def _no_reason(reason: str, known: Sequence[str]) -> str:
    near = get_close_matches(reason, known, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"no reason {reason!r} in reasons.yaml; {meant}There are: {', '.join(known)}, {UNKNOWN_REASON}"


def path_facts(
    store: Store,
    rulebook: Rulebook,
    settlement: Settlement,
    as_of: datetime,
    since: datetime | None = None,
    account_id: int | None = None,
) -> PathFacts:
    """What the paths of the outcomes of `[since, as_of]` are read from; of all outcomes where `since` is None."""
    facts, reader = store.facts(), PathReader(store.engine)
    outcomes = settlement.outcomes if since is None else settlement.outcomes.filter(nw.col("happened_at") >= since)
    ours = outcomes if account_id is None else outcomes.filter(nw.col("account_id") == account_id)
    known = ours.collect()
    first = known["happened_at"].min() or as_of
    # A notice may lie as far before its outcome as a path is long.
    begun = first - 2 * timedelta(days=rulebook.reasons.path_days)
    losers = known.filter(nw.col("lost_cents") > 0)["account_id"].unique().to_list()
    return PathFacts(
        as_of=as_of,
        outcomes=known.lazy(),
        contracts=facts.contracts(),
        lines=facts.lines(),
        tickets=facts.tickets(begun, as_of),
        changes=reader.changes(begun, as_of),
        breaches=reader.breaches(begun, as_of),
        escalations=facts.escalations(),
        messages=facts.messages(begun, as_of),
        readings=facts.sentiments(READER),
        surveys=facts.surveys(),
        usage_days=facts.usage_days(),
        churn_reports=facts.churn_reports(),
        texts=reader.customer_texts(losers, begun, as_of),
        ignored_tags=tuple(rulebook.windows.ignored_tags),
        conventions=rulebook.reasons,
    )
