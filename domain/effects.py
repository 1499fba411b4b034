"""Knows at-risk episodes, the holdouts that some of them are drawn for, and what persons say of a claimed save."""

from typing import Any, Literal

from domain.records import Currency, Name, Record, UtcDatetime

Arm = Literal["holdout", "treat", "kept_out"]


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
    """What a holdout will compare, registered before it draws anybody and never changed.

    `content` is `design` (playbook, share, limits, outcome, horizon, analysis, effect hoped for), which `plan_hash`
    names: another design is another plan with draws of its own; and `power`, as it was estimated at the registration.
    """

    plan_hash: Name
    playbook: Name
    content: dict[str, Any]
    registered_at: UtcDatetime


class HoldoutAssignment(Record):
    """The arm that an account was drawn for, sticky under its plan, and what it was worth a year at the draw.

    * `holdout`: the playbook opens nothing for it; `treat`: the playbook acts
    * `kept_out`: a person took the account out before it was drawn; it belongs to neither arm
    * `overridden_*`: who let help through although it was held out ("rule: …" where no person did), since when and why;
      the account is still analysed in the arm that it was drawn for
    """

    plan_hash: Name
    account_ref: Name
    arm: Arm
    because: Name
    assigned_at: UtcDatetime
    arr_cents: int | None = None
    currency: Currency | None = None
    overridden_by: str | None = None
    overridden_at: UtcDatetime | None = None
    overridden_because: str | None = None


class SaveDecision(Record):
    """What a person says of an outcome that is counted as saved (touched), or of a loss blamed on support."""

    outcome_id: Name
    answer: Literal["confirmed", "rejected"]
    reason: str | None = None
    decided_by: Name
    decided_at: UtcDatetime
