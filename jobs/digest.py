"""Gathers what the weekly digest says from the stored facts."""

from datetime import datetime, timedelta

from jobs.evaluate import look
from jobs.impact import ImpactDesk
from jobs.kpis import week_kpis
from jobs.ledger import ledger_frames
from jobs.link import coverage
from jobs.load.reviewing import review_rules
from jobs.reasons import losses
from jobs.reconcile import reconcile
from jobs.rulebook import Rulebook
from retention.digest.building import build_digest
from retention.digest.content import DigestContent, RuleToReview
from retention.digest.inputs import DigestInputs
from retention.digest.weeks import Week
from retention.grr_alerts import grr_alerts
from retention.rows import retention_rows
from rules.signals import SIGNALS
from rules.text.sentiment import READER
from storage.alert_load import LoadBook
from storage.store import Store

_LONGEST = 500


def digest(
    store: Store, rulebook: Rulebook, as_of: datetime, week: Week, company: str, is_demo: bool = False
) -> DigestContent:
    """The digest of a week, seen from `as_of`."""
    desk = ImpactDesk(store, rulebook, as_of)
    facts, settlement = desk.facts, desk.settlement
    frames, conventions = ledger_frames(facts), rulebook.ledger
    signals, _ = look(facts, rulebook, as_of, as_of).signals(as_of)
    lost, name_of = losses(store, rulebook, as_of, week.starts_at, settlement).losses, rulebook.reasons.name_of
    looked_back = week.starts_at - timedelta(days=rulebook.credit.look_back_days)
    return build_digest(
        DigestInputs(
            as_of=as_of,
            week=week,
            company=company,
            is_demo=is_demo,
            rates=settlement.rates,
            accounts=settlement.accounts,
            contracts=facts.contracts(),
            lines=frames.lines,
            tickets=facts.tickets(until=as_of),
            messages=facts.messages(looked_back, as_of),
            readings=facts.sentiments(READER),
            surveys=facts.surveys(),
            escalations=facts.escalations(),
            steps=facts.escalation_steps(),
            outcomes=settlement.outcomes,
            touches=settlement.touches,
            months=retention_rows(frames, "month", as_of, None, conventions),
            quarters=retention_rows(frames, "quarter", as_of, None, conventions),
            years=retention_rows(frames, "year", as_of, None, conventions),
            files=store.imports(),
            kpis=week_kpis(store, rulebook, as_of, week.ends_at, rulebook.digest.compared_weeks),
            incremental=desk.incremental,
            answers=desk.answers,
            unknown_signals={name: missing for name in SIGNALS if (missing := signals[name].null_count())},
            reasons={loss.outcome_id: loss.phrase(name_of(loss.reason)) for loss in lost},
            arr_alone_cents=coverage(store, conventions, as_of).arr_alone_cents,
            held_back=LoadBook(store.engine).held_back(week.starts_at, week.ends_at),
            rules_to_review=_to_review(store, rulebook, as_of),
            grr_alerts=[alert.because for alert in grr_alerts(frames, as_of, conventions)],
            rejected=len(store.rejects()),
            contradictions=len(reconcile(facts, as_of, conventions)),
            ledger=conventions,
            credit=rulebook.credit,
            digest=rulebook.digest,
        )
    )


def _to_review(store: Store, rulebook: Rulebook, as_of: datetime) -> list[RuleToReview]:
    """The rules that are proposed to be retired or tightened."""
    return [
        RuleToReview(playbook=one.alarms.playbook, proposed=one.proposed, because=one.because[:_LONGEST])
        for one in review_rules(store, rulebook, as_of).proposals
        if one.proposed != "keep"
    ]
