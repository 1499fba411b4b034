"""Knows what an incremental estimate tells: effects with intervals, the evidence for and against, and a verdict."""

from typing import Any, Literal

from pydantic import Field

from domain.records import Record

Design = Literal["observational", "randomised"]
Verdict = Literal["credible", "suggestive", "not enough evidence"]
Estimand = Literal["overlap", "treated", "all"]
Passed = Literal["passed", "failed", "too little data", "not informative"]


class Effect(Record):
    """A difference that help made, with its interval; None where the data do not allow one.

    `unit` is "probability" (0.05 is five points of renewal) or "minor units" (of `currency`, per episode).
    `estimand` says for whom: "overlap" (those of whom it was open whether they would be helped), "treated" (the helped
    ones that are comparable), "all" (all that are comparable; of a holdout all that were assigned).
    """

    measure: Literal["renewal", "arr_kept"]
    estimand: Estimand
    unit: Literal["probability", "minor units"]
    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    confidence: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval is known and wholly above or wholly below zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class SavedArr(Record):
    """ARR that the comparable helped episodes kept and would not have kept without help, in minor units.

    `observed_cents` (what they kept) - `counterfactual_cents` (what they would have kept) = `estimate_cents`.
    `not_comparable_cents` is ARR of helped episodes that have no counterpart: nothing is said about it.
    `treated_cents` is the ARR of all helped episodes, comparable or not.
    """

    currency: str
    estimate_cents: int
    standard_error_cents: int
    low_cents: int
    high_cents: int
    confidence: float
    episodes: int
    observed_cents: int
    counterfactual_cents: int
    treated_cents: int
    comparable_cents: int
    not_comparable_cents: int


class Sizes(Record):
    """How many episodes stand behind the figure; `excluded` counts those left out before, by reason.

    episodes = sum of `excluded` + treated + untreated; `comparable` and `not_comparable` add up to treated + untreated.
    """

    episodes: int
    treated: int
    untreated: int
    clusters: int
    comparable: int
    comparable_treated: int
    comparable_untreated: int
    not_comparable: int
    excluded: dict[str, int] = Field(default_factory=dict)


class Balance(Record):
    """How far the helped and the others differ in a covariate, in standard deviations, before and after weighting."""

    covariate: str
    treated_mean: float
    untreated_mean: float
    before: float
    after: float


class Overlap(Record):
    """Whether the two arms are alike enough to be compared, from each episode's chance of being helped.

    Quantiles are keyed "min", "p05", "p25", "p50", "p75", "p95", "max". `effective_*` is what the weights leave of
    each arm's size. `outside_share` is the share of episodes outside `[trim, 1 - trim]`.
    """

    treated_quantiles: dict[str, float]
    untreated_quantiles: dict[str, float]
    effective_treated: float
    effective_untreated: float
    trim: float
    outside_share: float


class Control(Record):
    """A figure that must be zero if the comparison is fair: a placebo outcome or a negative control.

    The effect, its interval and `minimal_detectable` are in standard deviations. A control is "not informative" when
    it goes along with nothing that an unmeasured cause would move: it would pass whatever was hidden.
    """

    name: str
    role: Literal["placebo outcome", "negative control"]
    estimate: float | None
    low: float | None
    high: float | None
    minimal_detectable: float | None
    result: Passed
    because: str


class HiddenCause(Record):
    """How strong an unmeasured cause would have to be to explain the effect away.

    `e_value` is the risk ratio with which it would have to go along with both help and loss (`e_value_low`: to make
    the interval touch zero). `robustness` is the share of what is left unexplained of both help and outcome that
    it would have to explain (`robustness_low` likewise). `times_strongest` compares it with `strongest_covariate`, the
    measured covariate that matters most: 2 means that it would have to be twice as strong to make the interval touch
    zero; None where nothing was measured or nothing is to be explained away.
    """

    e_value: float | None
    e_value_low: float | None
    robustness: float | None
    robustness_low: float | None
    strongest_covariate: str | None
    times_strongest: float | None
    in_words: str


class Contrast(Record):
    """What the usual ways of counting would have claimed, for contrast only."""

    naive_difference: float | None
    naive_low: float | None
    naive_high: float | None
    all_renewed_cents: int | None
    treated_renewal_rate: float | None
    untreated_renewal_rate: float | None


class IncrementalResult(Record):
    """The incremental effect of help on at-risk episodes, with all that is needed to doubt it.

    `effects` begins with the headline on renewal. `published` and `published_saved_cents` are what a report may print:
    None whenever the verdict is "not enough evidence". `reasons` says in sentences why the verdict is what it is,
    `would_change` what would make it another one. `currency` is that of all amounts, None without ARR.
    """

    design: Design
    method: str
    verdict: Verdict
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    effects: tuple[Effect, ...]
    saved: SavedArr | None
    published: float | None
    published_saved_cents: int | None
    sizes: Sizes
    balance: tuple[Balance, ...]
    overlap: Overlap | None
    controls: tuple[Control, ...]
    hidden_cause: HiddenCause | None
    minimal_detectable: float | None
    contrast: Contrast
    currency: str | None
    confidence: float
    bootstrap_rounds: int
    seed: int

    def effect(self, measure: str = "renewal", estimand: str | None = None) -> Effect | None:
        """The effect on `renewal` or `arr_kept`; the headline's estimand where none is named. None if there is none."""
        wanted = (one for one in self.effects if one.measure == measure and estimand in {None, one.estimand})
        return next(wanted, None)

    @property
    def headline(self) -> Effect:
        """The effect on the probability of renewal."""
        return self.effects[0]

    @property
    def estimate(self) -> float | None:
        """The headline's estimate; `published` is what may be printed."""
        return self.headline.estimate

    @property
    def standard_error(self) -> float | None:
        """The headline's standard error."""
        return self.headline.standard_error

    @property
    def low(self) -> float | None:
        """The lower end of the headline's interval."""
        return self.headline.low

    @property
    def high(self) -> float | None:
        """The upper end of the headline's interval."""
        return self.headline.high

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON; the headline's figures stand on top as well."""
        headline = {name: getattr(self.headline, name) for name in ("estimate", "standard_error", "low", "high")}
        return {**headline, **self.model_dump(mode="json")}
