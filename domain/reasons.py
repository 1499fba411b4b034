"""Knows why revenue was lost, in operational terms, and what was done about the work that lost it."""

from datetime import date

from domain.records import Name, Record, UtcDatetime


class ReasonDecision(Record):
    """The reason that a person gives for an outcome, in place of the proposed one; the newest counts.

    None takes back what was said before: the proposal stands again.
    """

    outcome_id: Name
    reason: Name | None
    note: str | None = None
    decided_by: Name
    decided_at: UtcDatetime


class WorkflowChange(Record):
    """That a workflow was changed on a day, and what it was hoped to bring."""

    change_id: Name
    workflow: Name
    changed_on: date
    hope: Name
    noted_by: Name
    noted_at: UtcDatetime
    withdrawn_at: UtcDatetime | None = None
