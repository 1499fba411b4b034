"""Knows what yearly retention others report, who says so, and of whom it is said."""

from decimal import Decimal

from pydantic import Field, model_validator

from domain.records import Name, Record

NOT_STATED = "source not stated"


class Benchmark(Record):
    """Yearly rates of others, as decimals: 0.91 is 91 %.

    It is of a `segment`, of companies with an ARR from `arr_from` to below `arr_below` (in the reporting currency), or
    of all. `nrr` and `grr` are a median or an average as the source says it, a range where `…_to` stands beside them.
    """

    of: Name
    segment: Name | None = None
    arr_from: Decimal | None = Field(default=None, ge=0)
    arr_below: Decimal | None = Field(default=None, gt=0)
    grr: Decimal | None = Field(default=None, gt=0, le=1)
    nrr: Decimal | None = Field(default=None, gt=0)
    nrr_to: Decimal | None = Field(default=None, gt=0)
    source: Name = NOT_STATED
    year: int | None = Field(default=None, ge=1990, le=2100)

    @model_validator(mode="after")
    def _says_something(self) -> "Benchmark":
        if self.grr is None and self.nrr is None:
            raise ValueError("give grr, nrr or both")
        return self

    def is_of(self, arr: Decimal) -> bool:
        """Whether a company of this ARR is among those that it speaks of; a segment's or everybody's always is."""
        return (self.arr_from is None or arr >= self.arr_from) and (self.arr_below is None or arr < self.arr_below)

    @property
    def said_by(self) -> str:
        """The source with its year."""
        return self.source if self.year is None else f"{self.source}, {self.year}"


class BenchmarkDocument(Record):
    """The document `benchmarks.yaml`."""

    benchmarks: tuple[Benchmark, ...] = ()
