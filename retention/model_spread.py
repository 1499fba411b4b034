"""Knows what all models say of the same outcomes, and how far they lie apart: a figure that depends on the model."""

from domain.conventions import CreditConventions, CreditModel
from domain.records import Currency, Name, Record
from retention.attribution import MODELS, Amount, Credited
from retention.kind_shares import total_by_effect
from retention.ledger import Frame


class ModelCredit(Record):
    """What one model credits, in minor units; `credited_cents + unattributed_cents` is the whole under every model.

    `by_kind` sums to `credited_cents`; a kind without a share under this model stands there with 0. `pooled` is
    Markov's figure over all outcomes together, empty under other models; it has the same sum.
    """

    model: CreditModel
    credited_cents: int
    unattributed_cents: int
    by_kind: dict[str, int]
    pooled: dict[str, int]


class KindSpread(Record):
    """The least and the most that any model credits to one kind of touch, and the first models that do so."""

    kind: Name
    least_cents: int
    most_cents: int
    least_model: CreditModel
    most_model: CreditModel

    @property
    def spread_cents(self) -> int:
        """How much of the figure is the model's choice."""
        return self.most_cents - self.least_cents


class ModelSpread(Record):
    """All models side by side, in their order, for what outcomes kept or lost; `currency` is None without outcomes.

    `credited_cents` (to support as a whole) and `unattributed_cents` are the same under every model: models share what
    has a touch, they do not decide whether there was one. `kinds` stand with the largest first.
    """

    of: Amount
    currency: Currency | None
    credited_cents: int
    unattributed_cents: int
    models: tuple[ModelCredit, ...]
    kinds: tuple[KindSpread, ...]

    def of_model(self, model: CreditModel) -> ModelCredit:
        """What that model credits."""
        return next(each for each in self.models if each.model == model)


def model_spread(
    outcomes: Frame, touches: Frame, conventions: CreditConventions | None = None, of: Amount = "kept"
) -> ModelSpread:
    """Credit what `outcomes` kept, or share what they lost, under all models at once.

    `outcomes` and `touches` are as in `attribution.kept_credits`; all outcomes are of one currency.

    Raises:
        ValueError: outcomes of several currencies, which cannot be summed; convert them first.

    Source: docs/attribution.md, "Side by side".
    """
    chosen = conventions or CreditConventions()
    currencies = outcomes.select("currency").unique().sort("currency").collect()["currency"].to_list()
    if len(currencies) > 1:
        raise ValueError(f"credit of {', '.join(currencies)} cannot be summed: convert the outcomes into one currency")
    credited = Credited(outcomes, touches, chosen)
    alone = credited.part(of).of_outcomes[credited.part(of).alone]
    sums = {model: credited.by_kind(model, of) for model in MODELS}
    kinds = sorted({kind for by_kind in sums.values() for kind in by_kind})
    models = tuple(
        ModelCredit(
            model=model,
            credited_cents=sum(by_kind.values()),
            unattributed_cents=int(alone.sum()),
            by_kind={kind: by_kind.get(kind, 0) for kind in kinds},
            pooled=total_by_effect(sum(by_kind.values()), credited.effects)
            if model == "markov" and of == "kept"
            else {},
        )
        for model, by_kind in sums.items()
    )
    return ModelSpread(
        of=of,
        currency=currencies[0] if currencies else None,
        credited_cents=models[0].credited_cents,
        unattributed_cents=models[0].unattributed_cents,
        models=models,
        kinds=tuple(sorted((_spread(kind, models) for kind in kinds), key=lambda one: (-one.most_cents, one.kind))),
    )


def _spread(kind: str, models: tuple[ModelCredit, ...]) -> KindSpread:
    least = min(models, key=lambda model: model.by_kind[kind])
    most = max(models, key=lambda model: model.by_kind[kind])
    return KindSpread(
        kind=kind,
        least_cents=least.by_kind[kind],
        most_cents=most.by_kind[kind],
        least_model=least.model,
        most_model=most.model,
    )
