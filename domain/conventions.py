"""Knows the conventions that decide figures; each is a setting, and every figure names the one it was made with."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.benchmarks import NOT_STATED
from domain.effect_conventions import CostConventions, IncrementalConventions, WorkflowConventions
from domain.escalations import TouchKind
from domain.records import Currency, Record

CalendarPeriod = Literal["month", "quarter", "year"]
# `t12m` is the trailing year: the last twelve whole months, one window a month end.
Period = Literal["month", "quarter", "year", "t12m"]
Cut = Literal[
    "segment", "acv_band", "industry", "region", "csm", "journey_stage", "workflow", "cohort", "cohort_quarter", "plan",
    "product",
]  # fmt: skip


class SegmentBands(Record):
    """Where a segment begins, by annual contract value in the reporting currency; both bounds belong to the middle."""

    enterprise_above: Decimal = Decimal(100_000)
    smb_below: Decimal = Decimal(10_000)

    @model_validator(mode="after")
    def _leaves_a_middle(self) -> "SegmentBands":
        if self.smb_below > self.enterprise_above:
            raise ValueError("smb_below must not exceed enterprise_above")
        return self

    def segment(self, acv: Decimal) -> str:
        """`enterprise`, `mid_market` or `smb` for an annual contract value."""
        if acv > self.enterprise_above:
            return "enterprise"
        return "smb" if acv < self.smb_below else "mid_market"


class Tiers(Record):
    """Lower bounds of an *annual* rate's tiers, and who says so; what is below `fair` is poor."""

    excellent: Decimal
    good: Decimal
    fair: Decimal
    serious_below: Decimal | None = None
    critical_below: Decimal | None = None
    source: str = NOT_STATED
    year: int | None = None


_GROSS = Tiers(
    excellent=Decimal("0.95"),
    good=Decimal("0.90"),
    fair=Decimal("0.85"),
    serious_below=Decimal("0.80"),
    critical_below=Decimal("0.70"),
)
_FLOORS = {"enterprise": Decimal("0.95"), "smb": Decimal("0.85")}
_NET = Tiers(excellent=Decimal("1.20"), good=Decimal("1.06"), fair=Decimal("1.00"))


class LedgerConventions(Record):
    """How the revenue ledger counts and when its rates are good, poor or alarming.

    `reporting_currency` None means: the currency of most subscription lines, the first by alphabet among equals.
    Rates and drops are decimals: 0.03 is three points. `alert_minimum_opening` is MRR in the reporting currency.
    A churn report and an ending that lie no more than `churn_report_tolerance_days` apart are one event. An account is
    in onboarding for its first `onboarding_days`, in its renewal window for the `renewal_days` before a known renewal;
    its workflow is that of most of its tickets of `workflow_days`. What an account has stopped paying for no more than
    `bridged_gap_days` counts on until it pays again; 0 takes every gap for what it is. With `roll_up` to the parent, an
    account's lines, contracts and tickets are those of its topmost parent.
    """

    reporting_currency: Currency | None = None
    bands: SegmentBands = SegmentBands()
    onboarding_days: int = Field(default=90, ge=1)
    renewal_days: int = Field(default=90, ge=1)
    workflow_days: int = Field(default=180, ge=1)
    usage_lines: Literal["included", "excluded"] = "included"
    bridged_gap_days: int = Field(default=0, ge=0, le=366)
    roll_up: Literal["own", "parent"] = "own"
    rolling_months: int = Field(default=3, ge=1)
    gross_tiers: Tiers = _GROSS
    net_tiers: Tiers = _NET
    high_grr: Decimal = Decimal("0.90")
    high_nrr: Decimal = Decimal("1.06")
    weak_expansion_below: Decimal = Decimal("0.10")
    grr_floors: dict[str, Decimal] = Field(default_factory=lambda: dict(_FLOORS))
    alert_drop: Decimal = Decimal("0.03")
    alert_period: CalendarPeriod = "quarter"
    alert_minimum_opening: Decimal = Decimal(10_000)
    concentration_accounts: tuple[Annotated[int, Field(ge=1)], ...] = (1, 5, 10)
    durability_months: tuple[Annotated[int, Field(ge=1)], ...] = (3, 6, 12)
    gross_margin: Decimal = Field(default=Decimal("0.80"), gt=0, le=1)
    churn_report_tolerance_days: int = Field(default=31, ge=0)
    ltv_horizon_months: int = Field(default=60, ge=1)
    ltv_annual_discount: Decimal = Field(default=Decimal("0.10"), ge=0)


CreditModel = Literal["first", "last", "linear", "u_shaped", "w_shaped", "time_decay", "markov", "shapley"]


class CreditConventions(Record):
    """Which touches count for an outcome and how its amount is split over them.

    A touch counts when `outcome - look_back_days <= touch < outcome`. `half_life_days` is of time decay alone. The
    `milestone` is the kind whose first touch W-shaped gives a share of its own. `interventions` are the kinds that make
    a flagged account an intervened one. `models` are settled by every run, `shown_model` is the one that reports show.
    """

    look_back_days: int = Field(default=180, ge=1, le=3660)
    half_life_days: int = Field(default=30, ge=1, le=3660)
    milestone: TouchKind = "escalation_handled"
    interventions: tuple[TouchKind, ...] = ("escalation_handled", "playbook_step", "csm_call")
    models: tuple[CreditModel, ...] = ("linear", "u_shaped")
    shown_model: CreditModel = "u_shaped"


class DigestConventions(Record):
    """How much the weekly digest shows. A week runs from Monday 00:00 UTC to the next (ISO 8601)."""

    rows_per_list: int = Field(default=8, ge=1, le=100)
    renewal_days: int = Field(default=90, ge=1, le=366)
    trend_months: int = Field(default=12, ge=2, le=12)
    compared_weeks: int = Field(default=4, ge=1, le=52)
    stale_after_days: int = Field(default=7, ge=1, le=366)


class PublishingConventions(Record):
    """Which rows of the ledger a run publishes, so that what is told differently later shows as a restatement.

    The whole is always published; `cuts` are published beside it.
    """

    periods: tuple[Period, ...] = ("month", "quarter", "year")
    cuts: tuple[Cut, ...] = ("segment",)


class RetentionDocument(Record):
    """The document `retention.yaml`: how the ledger counts, how credit is given, and what may be called saved."""

    ledger: LedgerConventions = LedgerConventions()
    publishing: PublishingConventions = PublishingConventions()
    credit: CreditConventions = CreditConventions()
    incremental: IncrementalConventions = IncrementalConventions()
    costs: CostConventions = CostConventions()
    workflows: WorkflowConventions = WorkflowConventions()
