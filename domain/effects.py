"""Knows at-risk episodes, the holdouts that some of them are drawn for, and what persons say of a claimed save."""

from typing import Any, Literal

from domain.records import Currency, Name, Record, UtcDatetime

Arm = Literal["holdout", "treat"]


class Episode(Record):
    """An account at risk, from the moment of the flag on; what was known then is frozen in `covariates`.

    `playbooks` are those that fired at the flag. `arr_cents` is what the account was worth a year then.
    """

    episode_id: Name
    account_ref: Name
    flagged_at: UtcDatetime
    playbooks: tuple[str, ...]
    covariates: dict[str, Any]
    arr_cents: int | None = None
    currency: Currency | None = None
    recorded_at: UtcDatetime


class HoldoutPlan(Record):
    """What a holdout will compare, registered before it draws anybody and never changed: named by its content."""

    plan_hash: Name
    playbook: Name
    content: dict[str, Any]
    registered_at: UtcDatetime


class HoldoutAssignment(Record):
    """The arm that an account was drawn for, sticky under its plan; `overridden_*` where a person let help through."""

    plan_hash: Name
    account_ref: Name
    arm: Arm
    because: Name
    assigned_at: UtcDatetime
    overridden_by: str | None = None
    overridden_at: UtcDatetime | None = None


class SaveDecision(Record):
    """What a person says of an outcome that is counted as saved (touched), or of a loss blamed on support."""

    outcome_id: Name
    answer: Literal["confirmed", "rejected"]
    reason: str | None = None
    decided_by: Name
    decided_at: UtcDatetime
