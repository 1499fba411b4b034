"""Each record of `domain/` has a table whose columns and nullability are the record's."""

import typing
from types import NoneType, UnionType

import pytest
from sqlalchemy import Table

from domain.accounts import Account, AccountField, AccountIdentity
from domain.effects import Episode, HoldoutAssignment, HoldoutPlan, SaveDecision
from domain.escalations import Decision, Escalation, EscalationStep, Touch
from domain.imports import ImportedFile, Reject
from domain.knowledge import Article, ArticleView
from domain.parties import Link, LinkDecision, Party
from domain.playbooks import (
    DecisionAnswer,
    HeldBackAlert,
    ParentItem,
    PlaybookDecree,
    PlaybookVersion,
    PreparedAction,
    RuleSpell,
)
from domain.publishing import PublishedFigure
from domain.reading import (
    Issue,
    IssueDecision,
    LearnedModel,
    SentimentCalibration,
    SentimentLabel,
    TextEvidence,
    TicketIssue,
    TicketPrediction,
)
from domain.reasons import ReasonDecision, WorkflowChange
from domain.records import Record
from domain.revenue import ChurnReport, Contract, Credit, FxRate, Outcome, Payment, SubscriptionLine
from domain.sla import SlaAssignment, SlaBreach, SlaTerms
from domain.tickets import Message, Survey, Ticket, TicketEvent
from domain.usage import UsageDay
from storage import tables

HOMES: dict[type[Record], Table] = {
    Account: tables.accounts,
    AccountIdentity: tables.account_identities,
    Contract: tables.contracts,
    SubscriptionLine: tables.subscription_lines,
    ChurnReport: tables.churn_reports,
    FxRate: tables.fx_rates,
    Ticket: tables.tickets,
    Message: tables.messages,
    TicketEvent: tables.ticket_events,
    Survey: tables.surveys,
    UsageDay: tables.usage_days,
    Touch: tables.touches,
    Party: tables.parties,
    Link: tables.party_links,
    LinkDecision: tables.link_decisions,
    Decision: tables.decisions,
    Escalation: tables.escalations,
    EscalationStep: tables.escalation_steps,
    Outcome: tables.outcomes,
    Credit: tables.attributed_credits,
    SlaTerms: tables.sla_terms,
    SlaAssignment: tables.sla_assignments,
    SlaBreach: tables.sla_breaches,
    Episode: tables.episodes,
    HoldoutPlan: tables.holdout_plans,
    HoldoutAssignment: tables.holdout_assignments,
    SaveDecision: tables.save_decisions,
    ReasonDecision: tables.reason_decisions,
    WorkflowChange: tables.workflow_changes,
    PublishedFigure: tables.published_figures,
    TextEvidence: tables.text_evidence,
    SentimentLabel: tables.sentiment_labels,
    SentimentCalibration: tables.sentiment_calibrations,
    Issue: tables.issues,
    TicketIssue: tables.ticket_issues,
    IssueDecision: tables.issue_decisions,
    LearnedModel: tables.learned_models,
    TicketPrediction: tables.ticket_predictions,
    Article: tables.articles,
    ArticleView: tables.article_views,
    Payment: tables.payments,
    AccountField: tables.account_fields,
    PlaybookVersion: tables.playbook_versions,
    PlaybookDecree: tables.playbook_decrees,
    RuleSpell: tables.rule_spells,
    DecisionAnswer: tables.decision_answers,
    HeldBackAlert: tables.held_back_alerts,
    ParentItem: tables.parent_items,
    PreparedAction: tables.prepared_actions,
    ImportedFile: tables.imported_files,
    Reject: tables.rejects,
}
OURS = {"id", "account_id", "ticket_id", "message_id", "changed_at", "learned_at", "own"}


def _optional(annotation: object) -> bool:
    if isinstance(annotation, UnionType) or typing.get_origin(annotation) is typing.Union:
        return NoneType in typing.get_args(annotation)
    return False


@pytest.mark.parametrize("record", HOMES, ids=lambda record: record.__name__)
def test_a_table_has_the_columns_of_its_record(record: type[Record]) -> None:
    ours = OURS | ({"record"} if record is Reject else set())
    assert {column.name for column in HOMES[record].columns} - ours == set(record.model_fields)


@pytest.mark.parametrize("record", HOMES, ids=lambda record: record.__name__)
def test_a_column_may_be_empty_where_the_field_may_be_unknown(record: type[Record]) -> None:
    columns = HOMES[record].columns
    for name, field in record.model_fields.items():
        assert columns[name].nullable == _optional(field.annotation), name
