"""Knows the conventions of the incremental effect, of what support costs, and of how workflows are scored."""

from decimal import Decimal

from pydantic import Field

from domain.records import Currency, Record


class IncrementalConventions(Record):
    """How episodes at risk become an estimate, and when it is worth a number.

    An episode starts at the flag. It counts as treated when an intervention was completed after the flag, within
    `landmark_days` and before notice and outcome; episodes whose notice or outcome came within the landmark are not
    compared. Its outcome is what became of the account within `horizon_days` of the flag. Accounts whose chance of
    being in the other arm is below `trim` have no counterpart: they are reported as not comparable.
    """

    landmark_days: int = Field(default=30, ge=1, le=365)
    horizon_days: int = Field(default=180, ge=30, le=1095)
    trim: float = Field(default=0.05, ge=0, lt=0.5)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    bootstrap_rounds: int = Field(default=500, ge=0, le=10_000)
    minimum_per_arm: int = Field(default=30, ge=5)


class CostConventions(Record):
    """What support costs, in `currency`; nothing that is left out is guessed."""

    currency: Currency | None = None
    per_month: Decimal | None = Field(default=None, ge=0)
    per_agent_hour: Decimal | None = Field(default=None, ge=0)
    minutes_per_touch: dict[str, Decimal] = Field(default_factory=dict)


class WorkflowConventions(Record):
    """How much a workflow loses, costs and can be mended; `fixability` is 0..1, else `default_fixability`.

    Minutes are of an agent's work, for the load where no source tells it.
    """

    fixability: dict[str, Decimal] = Field(default_factory=dict)
    default_fixability: Decimal = Field(default=Decimal("0.5"), ge=0, le=1)
    minutes_per_reply: Decimal = Field(default=Decimal(8), ge=0)
    compared_days: int = Field(default=90, ge=28, le=366)
