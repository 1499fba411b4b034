"""Knows the way from episodes to an incremental result: models, scores, intervals, evidence, verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retention.incremental.basis import basis
from retention.incremental.controls import POWER, Comparison, controls
from retention.incremental.covariates import Covariates
from retention.incremental.evidence import balance, overlap
from retention.incremental.hidden_cause import hidden_cause
from retention.incremental.nuisance import Told, chance, folds, outcomes
from retention.incremental.result import Design, Effect, Estimand, HiddenCause, IncrementalResult, SavedArr, Sizes
from retention.incremental.ridge import Floats
from retention.incremental.saved import contrast, saved
from retention.incremental.scores import Measured, Score, all_score, measured, overlap_score, treated_score
from retention.incremental.verdict import Evidence, Judgement, judged

_METHODS: Mapping[Design, str] = {
    "observational": "overlap-weighted and doubly robust, with cross-fitted logistic models",
    "randomised": "analysed as drawn, adjusted for covariates with cross-fitted logistic models",
}
# Fewer episodes in an arm, renewed or lost, are not modelled at all.
_FEWEST = 5


@dataclass(frozen=True)
class Episodes:
    """What is compared; a row is an episode, all arrays are of one length and without gaps but where said.

    `known_chance` is each episode's chance of being drawn for help, where help was drawn by lot. `worth` is ARR in
    minor units, NaN where unknown, and `kept_share` what was kept of it (0..1). Controls have NaN where unknown.
    """

    treated: Floats
    renewed: Floats
    covariates: Covariates
    groups: NDArray[np.intp]
    known_chance: Floats | None = None
    worth: Floats | None = None
    kept_share: Floats | None = None
    placebos: Mapping[str, Floats] = field(default_factory=dict)
    negatives: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def kept(self) -> Floats:
        """What was kept of each unit of worth."""
        return self.renewed if self.kept_share is None else np.nan_to_num(self.kept_share)


@dataclass(frozen=True)
class Choices:
    """How the estimate is made; the fields of `IncrementalConventions`, a currency and a seed."""

    currency: str
    trim: float
    confidence: float
    bootstrap_rounds: int
    minimum_per_arm: int
    seed: int


def estimated(episodes: Episodes, choices: Choices, given: int, excluded: Mapping[str, int]) -> IncrementalResult:
    """Estimate the effect; `given` is how many episodes there were before those of `excluded` were left out."""
    return _Estimate(_in_one_order(episodes), choices).result(given, dict(excluded))


def _in_one_order(episodes: Episodes) -> Episodes:
    """The same episodes ordered by what they hold, so that the order in which they came changes nothing."""
    keys = [*episodes.covariates.matrix.T, episodes.treated, episodes.renewed]
    if episodes.worth is not None:
        keys.append(episodes.worth)
    order = np.lexsort(keys)

    def ordered(column: Floats | None) -> Floats | None:
        return None if column is None else column[order]

    _, first, codes = np.unique(episodes.groups[order], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    known = episodes.covariates
    return Episodes(
        treated=episodes.treated[order],
        renewed=episodes.renewed[order],
        covariates=Covariates(known.matrix[order], known.names, known.owners),
        groups=rank[codes],
        known_chance=ordered(episodes.known_chance),
        worth=ordered(episodes.worth),
        kept_share=ordered(episodes.kept_share),
        placebos={name: column[order] for name, column in episodes.placebos.items()},
        negatives={name: column[order] for name, column in episodes.negatives.items()},
    )


class _Estimate:
    """One estimate in the making."""

    def __init__(self, episodes: Episodes, choices: Choices) -> None:
        self.episodes, self.choices = episodes, choices
        self.design: Design = "observational" if episodes.known_chance is None else "randomised"
        self.random = np.random.default_rng(choices.seed)
        self.arms = int(episodes.treated.sum()), int((1 - episodes.treated).sum())
        self.comparison = self._compared()
        self.comparable = self._comparable()
        self.found = self._measured()

    def _compared(self) -> Comparison | None:
        """The models' answers; None where an arm, or the outcome, does not vary enough to have any."""
        one = self.episodes
        smallest = min(*self.arms, one.renewed.sum(), (1 - one.renewed).sum())
        if smallest < _FEWEST or len(np.unique(one.groups)) < 2 * _FEWEST:
            return None
        terms = basis(one.covariates.matrix, one.treated, one.renewed)
        parts = folds(one.groups, (2 * one.treated + one.renewed).astype(np.intp), self.random)
        helped = chance(terms, one.treated, parts) if one.known_chance is None else one.known_chance
        told = Told(helped, *outcomes(terms, one.treated, one.renewed, parts))
        return Comparison(one.treated, one.renewed, told, terms, parts, one.groups, self.choices.confidence)

    def _comparable(self) -> NDArray[np.bool_]:
        """Whose like could have stood in the other arm."""
        if self.comparison is None:
            return np.zeros(len(self.episodes.treated), bool)
        helped = self.comparison.told.helped
        other = np.where(self.episodes.treated == 1, 1 - helped, helped)
        found: NDArray[np.bool_] = other >= self.choices.trim
        return found

    def _scores(self, compared: Comparison) -> dict[tuple[str, Estimand], Score]:
        """By measure and estimand, the headline first."""
        found = self._of(compared, "renewal", compared.happened, compared.told, np.ones(len(compared.treated)))
        one = self.episodes
        if one.worth is not None:
            # What nobody knows the worth of is no part of the effect on ARR.
            worth, told, kept = np.nan_to_num(one.worth), compared.told, one.kept
            if one.kept_share is not None:
                told = Told(told.helped, *outcomes(compared.terms, one.treated, kept, compared.parts))
            known = ~np.isnan(one.worth)
            found |= {
                key: Score(score.above, score.below * known)
                for key, score in self._of(compared, "arr_kept", kept, told, worth).items()
            }
            mine = self.comparable & known
            found["saved", "treated"] = treated_score(one.treated, kept, told, worth, mine)
        return found

    def _of(
        self, compared: Comparison, measure: str, happened: Floats, told: Told, worth: Floats
    ) -> dict[tuple[str, Estimand], Score]:
        arm, trim = compared.treated, self.choices.trim
        inside = (told.helped >= trim) & (told.helped <= 1 - trim) | (self.design == "randomised")
        per_head = treated_score(arm, happened, told, worth, self.comparable)
        found: dict[Estimand, Score] = {
            "overlap": overlap_score(arm, happened, told, worth),
            "treated": Score(per_head.above, arm * self.comparable),
            "all": all_score(arm, happened, told, worth, inside),
        }
        first: Estimand = "overlap" if self.design == "observational" else "all"
        return {(measure, name): found[name] for name in sorted(found, key=lambda name: name != first)}

    def _measured(self) -> dict[tuple[str, Estimand], Measured | None]:
        if self.comparison is None:
            return {}
        scores = self._scores(self.comparison)
        rounds, confidence = self.choices.bootstrap_rounds, self.choices.confidence
        told = measured(list(scores.values()), self.episodes.groups, confidence, rounds, self.random)
        return dict(zip(scores, told, strict=True))

    def result(self, given: int, excluded: dict[str, int]) -> IncrementalResult:
        """All that is told of it."""
        one, compared = self.episodes, self.comparison
        headline = next(iter(self.found.values()), None)
        sizes = self._sizes(given, excluded)
        alike = balance(one.covariates, one.treated, compared.told.helped) if compared else ()
        spread = overlap(one.treated, compared.told.helped, self.comparable, self.choices.trim) if compared else None
        checks = controls(compared, one.placebos, one.negatives, headline) if compared else ()
        hidden = self._hidden(headline) if self.design == "observational" else None
        renewals, losses = int(one.renewed.sum()), int((1 - one.renewed).sum())
        judgement = judged(
            Evidence(
                self.design, headline, sizes, renewals, losses, alike, spread, checks, hidden,
                self.choices.minimum_per_arm,
            )
        )  # fmt: skip
        saved = self._saved()
        return IncrementalResult(
            design=self.design,
            method=_METHODS[self.design],
            **self._judgement(judgement, headline, saved),
            effects=self._effects(),
            saved=saved,
            sizes=sizes,
            balance=alike,
            overlap=spread,
            controls=checks,
            hidden_cause=hidden,
            minimal_detectable=self._least(headline),
            contrast=contrast(one.treated, one.renewed, one.worth, one.kept, self.choices.confidence),
            currency=self.choices.currency if one.worth is not None else None,
            confidence=self.choices.confidence,
            bootstrap_rounds=self.choices.bootstrap_rounds,
            seed=self.choices.seed,
        )

    @staticmethod
    def _judgement(
        judgement: Judgement, headline: Measured | None, saved: SavedArr | None
    ) -> dict[Literal["verdict", "reasons", "would_change", "published", "published_saved_cents"], object]:
        enough = judgement.verdict != "not enough evidence"
        return {
            "verdict": judgement.verdict,
            "reasons": judgement.reasons,
            "would_change": judgement.would_change,
            "published": headline.estimate if enough and headline else None,
            "published_saved_cents": saved.estimate_cents if enough and saved else None,
        }

    def _effects(self) -> tuple[Effect, ...]:
        if not self.found:
            first: Estimand = "overlap" if self.design == "observational" else "all"
            return (self._effect("renewal", first, None),)
        return tuple(self._effect(*key, found) for key, found in self.found.items() if key[0] != "saved")

    def _effect(self, measure: str, estimand: Estimand, found: Measured | None) -> Effect:
        return Effect.model_validate({
            "measure": measure,
            "estimand": estimand,
            "unit": "probability" if measure == "renewal" else "minor units",
            "estimate": found.estimate if found else None,
            "standard_error": found.standard_error if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
            "confidence": self.choices.confidence,
        })  # fmt: skip

    def _sizes(self, given: int, excluded: dict[str, int]) -> Sizes:
        mine = self.comparable & (self.episodes.treated == 1)
        many = int(self.comparable.sum())
        return Sizes(
            episodes=given,
            treated=self.arms[0],
            untreated=self.arms[1],
            clusters=len(np.unique(self.episodes.groups)),
            comparable=many,
            comparable_treated=int(mine.sum()),
            comparable_untreated=many - int(mine.sum()),
            not_comparable=len(self.comparable) - many,
            excluded=excluded,
        )

    def _hidden(self, headline: Measured | None) -> HiddenCause | None:
        one, compared = self.episodes, self.comparison
        if headline is None or compared is None or not headline.standard_error:
            return None
        without = (1 - one.treated) * compared.told.helped
        loss = float(without @ (1 - one.renewed) / without.sum())
        return hidden_cause(headline, self.choices.confidence, loss, one.covariates, one.treated, one.renewed)

    def _saved(self) -> SavedArr | None:
        one, found = self.episodes, self.found.get(("saved", "treated"))
        if one.worth is None or found is None:
            return None
        mine = self.comparable & (one.treated == 1)
        return saved(found, one.worth, one.kept, one.treated, mine, self.choices.currency, self.choices.confidence)

    def _least(self, headline: Measured | None) -> float | None:
        if headline is None:
            return None
        return (NormalDist().inv_cdf(0.5 + self.choices.confidence / 2) + POWER) * headline.standard_error
