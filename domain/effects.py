"""Knows at-risk episodes, the holdouts that some of them are drawn for, and what persons say of a claimed save."""

from typing import Any, Literal

from domain.records import Currency, Name, Record, UtcDatetime

Arm = Literal["holdout", "treat", "kept_out"]


class Covariates(Record):
    """What was known of an account at the moment of a flag; None is unknown. Nothing later is looked at.

    Most are the account's signals of that moment, by their names (docs/signals.md). Beside them: `tenure_days` since
    it signed up or first paid, `open_tickets` not solved then, `interventions_90d` imported interventions in the 90
    days before, `earlier_episodes` recorded before this one. `tickets_prior_30d`, the tickets 31 to 60 days before, is
    no covariate but the placebo: help after the flag cannot have moved it.
    """

    segment: str | None = None
    tenure_days: int | None = None
    days_to_renewal: int | None = None
    ticket_ratio_7d: float | None = None
    tickets_30d: int | None = None
    tickets_prior_30d: int | None = None
    open_tickets: int | None = None
    days_since_last_ticket: int | None = None
    repeated_issue_count: int | None = None
    escalated_30d: int | None = None
    sentiment: float | None = None
    csat_30d: float | None = None
    usage_drop_7d: float | None = None
    sla_breaches_30d: int | None = None
    interventions_90d: int | None = None
    earlier_episodes: int | None = None


class Episode(Record):
    """An account at risk, from the moment of the flag on; what was known then is frozen in `covariates`.

    `playbooks` are those that fired at the flag. `arr_cents` is what the account was worth a year then. `recorded_at`
    is the moment of the run that wrote it down: later than the flag where a run caught up.
    """

    episode_id: Name
    account_ref: Name
    flagged_at: UtcDatetime
    playbooks: tuple[str, ...]
    covariates: Covariates
    arr_cents: int | None = None
    currency: Currency | None = None
    recorded_at: UtcDatetime


class HoldoutPlan(Record):
    """What a holdout will compare, registered before it draws anybody and never changed.

    `content` is `design` (playbook, share, limits, horizon, effect hoped for, method), which `plan_hash` names: another
    design is another plan with draws of its own; `says`, the same in sentences; and `power`, as it was estimated at the
    registration.
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
    """What a person says of an outcome that is counted as saved (touched), or of a loss blamed on support.

    The newest answer about an outcome counts; `withdrawn` takes the one before back. `reason` is why it is rejected.
    """

    outcome_id: Name
    answer: Literal["confirmed", "rejected", "withdrawn"]
    reason: str | None = None
    decided_by: Name
    decided_at: UtcDatetime
