"""Knows what no export of the demo shows: every episode's chances, and what interventions truly saved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from domain.records import Currency, Record
from keepline.demo.company import COMPANY
from keepline.demo.revenue import USD_PER_UNIT, Life
from keepline.demo.trouble import Episode, EpisodeKind, Fate

FILE = "truth.json"


class TrueEpisode(Record):
    """One episode of trouble before one renewal; amounts are yearly and in `currency`.

    `*_without` and `*_with` are the probabilities without and with an intervention, `contraction_*` among those who
    stay; a contraction loses `contraction_cut` of the ARR. `propensity` is the chance of an intervention, which grows
    with size and severity: the confounding that an estimator must remove. `outcome` is None while the renewal lies
    ahead; `outcome_otherwise` is what the same luck would have brought with (or without) the intervention.
    """

    account: str
    segment: str
    kind: EpisodeKind
    severity: float
    began_on: date
    propensity: float
    intervention: Literal["csm_call", "playbook_step"] | None
    intervened_on: date | None
    renews_on: date
    arr_at_stake: Decimal
    currency: Currency
    churn_probability_without: float
    churn_probability_with: float
    contraction_probability_without: float
    contraction_probability_with: float
    contraction_cut: float
    outcome: Fate | None
    outcome_otherwise: Fate | None
    arr_kept: Decimal | None
    arr_kept_otherwise: Decimal | None
    saved_expected: Decimal
    saved_realised: Decimal | None


class Parameters(Record):
    """What the demo was made from."""

    accounts: int
    tickets: int
    begins_on: date
    ends_on: date
    intervention_leaves_of_probability: float
    usd_per_unit: dict[str, float]


class Saved(Record):
    """Incremental ARR that interventions saved, in USD at `usd_per_unit`, over renewals inside the window."""

    episodes: int
    expected_usd: Decimal
    realised_usd: Decimal


class Truth(Record):
    """The demo's answer book. `expected` follows from the probabilities, `realised` from the luck that was drawn."""

    company: str
    seed: int
    parameters: Parameters
    incremental: Saved
    incremental_by_segment: dict[str, Saved]
    episodes: tuple[TrueEpisode, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        return cls.model_validate_json((folder / FILE).read_text(encoding="utf-8"))

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")


def truth_of(seed: int, parameters: Parameters, lives: list[Life]) -> Truth:
    """Open the book on all episodes, in order of account and time."""
    episodes = tuple(_true(life, episode) for life in lives for episode in life.episodes)
    segments = sorted({episode.segment for episode in episodes})
    return Truth(
        company=COMPANY,
        seed=seed,
        parameters=parameters,
        incremental=_saved(episodes),
        incremental_by_segment={name: _saved(e for e in episodes if e.segment == name) for name in segments},
        episodes=episodes,
    )


def _saved(episodes: Iterable[TrueEpisode]) -> Saved:
    settled = [e for e in episodes if e.intervention is not None and e.outcome is not None]
    rates = {currency: Decimal(str(rate)) for currency, rate in USD_PER_UNIT.items()}
    cent = Decimal("0.01")
    expected = sum((e.saved_expected * rates[e.currency] for e in settled), Decimal(0))
    realised = sum(((e.saved_realised or Decimal(0)) * rates[e.currency] for e in settled), Decimal(0))
    return Saved(episodes=len(settled), expected_usd=expected.quantize(cent), realised_usd=realised.quantize(cent))


def _true(life: Life, episode: Episode) -> TrueEpisode:
    """`saved_expected` is for the intervention that was made; without one nothing was saved."""
    treated, settled = episode.intervention is not None, episode.kept is not None and episode.kept_otherwise is not None
    gain = episode.expected_kept_ratio(treated=True) - episode.expected_kept_ratio(treated=False)
    realised = (episode.kept or 0) - (episode.kept_otherwise or 0)
    return TrueEpisode(
        account=life.customer.external_id,
        segment=life.customer.segment,
        kind=episode.kind,
        severity=round(episode.severity, 4),
        began_on=episode.began_on,
        propensity=round(episode.propensity, 4),
        intervention=episode.intervention,
        intervened_on=episode.intervened_on,
        renews_on=episode.renews_on,
        arr_at_stake=Decimal(episode.at_stake),
        currency=life.customer.currency,
        churn_probability_without=round(episode.churn_without, 6),
        churn_probability_with=round(episode.churn_with, 6),
        contraction_probability_without=round(episode.contraction_without, 6),
        contraction_probability_with=round(episode.contraction_with, 6),
        contraction_cut=round(episode.cut, 6),
        outcome=episode.outcome,
        outcome_otherwise=episode.outcome_otherwise,
        arr_kept=None if episode.kept is None else Decimal(episode.kept),
        arr_kept_otherwise=None if episode.kept_otherwise is None else Decimal(episode.kept_otherwise),
        saved_expected=Decimal(f"{episode.at_stake * gain if treated else 0:.2f}"),
        saved_realised=Decimal(realised if treated else 0) if settled else None,
    )
