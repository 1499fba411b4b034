"""Credit as Keepline computes it: journeys once as sorted arrays, shares in whole cents."""

import narwhals as nw

from benchmarks.attribution.made_journeys import Made, made
from benchmarks.contest import Stopwatch
from retention.attribution import MODELS, Credited
from retention.model_spread import model_spread

By = dict[str, dict[str, float]]


def credit(watch: Stopwatch, size: int) -> By:
    """What each model credits to each kind; Markov's removal effects beside it. Each model begins with the frames."""
    _models(Stopwatch(), made(1_000))
    given = made(size)
    found = _models(watch, given)
    with watch.part("all at once"):
        model_spread(nw.from_native(given.outcomes.lazy()), nw.from_native(given.touches.lazy()))
    return found


def exact(watch: Stopwatch, size: int) -> By:
    """How many cents are missing from, or too many in, the shares of single touches, under each model."""
    given = made(size)
    credited = Credited(nw.from_native(given.outcomes.lazy()), nw.from_native(given.touches.lazy()))
    whole = int(given.outcomes["kept_cents"].sum())
    with watch.part("sums"):
        return {model: {"off": whole - int(credited.split(model, "kept")[1].sum())} for model in MODELS}


def _models(watch: Stopwatch, given: Made) -> By:
    found: By = {}
    for model in MODELS:
        with watch.part(model):
            credited = Credited(nw.from_native(given.outcomes.lazy()), nw.from_native(given.touches.lazy()))
            sums = credited.by_kind(model, "kept")
        found[model] = {kind: float(cents) for kind, cents in sums.items()}
    return found | {"effects": credited.effects}
