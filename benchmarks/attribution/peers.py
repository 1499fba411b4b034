"""Credit by marketing-attribution-models and by ChannelAttribution, from the same touches."""

from collections.abc import Callable
from typing import Any

import polars as pl

from benchmarks.attribution.made_journeys import Made, made
from benchmarks.attribution.ours import By
from benchmarks.contest import Stopwatch

_HALF_LIFE_HOURS = 30 * 24


def mam(watch: Stopwatch, size: int) -> By:
    """marketing-attribution-models: each model begins with the table of touches. It has no W-shape."""
    _mam(Stopwatch(), made(1_000))
    return _mam(watch, made(size))


def _mam(watch: Stopwatch, given: Made) -> By:
    from mam import MAM

    table = _sessions(given)

    def read() -> Any:
        return MAM(
            table, "session", channels_colname="kind", journey_with_conv_colname="renewed",
            datetime_colname="happened_at", user_id_colname="account_id", conversion_value_colname="value",
        )  # fmt: skip

    found: By = {}
    for model, run in _MAM_MODELS.items():
        with watch.part(model):
            result = run(read())
            sums = result.to_polars()
        channel = "channels" if "channels" in sums.columns else sums.columns[0]
        found[model] = dict(zip(sums[channel].cast(pl.String).to_list(), sums["attribution"].to_list(), strict=True))
        if model == "markov":
            found["effects"] = result.metadata["removal_effect"]["removal_effect"].to_dict()
    with watch.part("all at once"):
        book = read()
        for run in _MAM_MODELS.values():
            run(book)
    return found


_MAM_MODELS: dict[str, Callable[[Any], Any]] = {
    "first": lambda book: book.run_first_click(),
    "last": lambda book: book.run_last_click(),
    "linear": lambda book: book.run_linear(),
    "u_shaped": lambda book: book.run_position_based(),
    "time_decay": lambda book: book.run_time_decay(half_life_hours=_HALF_LIFE_HOURS),
    "markov": lambda book: book.run_markov(),
    "shapley": lambda book: book.run_shapley(max_size=8, value_column="conversion_value"),
}


def channel_attribution(watch: Stopwatch, size: int) -> By:
    """ChannelAttribution: first, last and linear touch, and Markov; its paths are made beforehand, untimed."""
    _channels(Stopwatch(), made(1_000))
    return _channels(watch, made(size))


def _channels(watch: Stopwatch, given: Made) -> By:
    from ChannelAttribution import heuristic_models, markov_model

    paths = _paths(given)
    names = {"var_path": "path", "var_conv": "renewed", "var_value": "value"}
    with watch.part("first, last, linear"):
        sums = heuristic_models(paths, **names)
    found = {
        model: dict(zip(sums["channel_name"], sums[f"{theirs}_value"], strict=True))
        for model, theirs in (("first", "first_touch"), ("last", "last_touch"), ("linear", "linear_touch"))
    }
    with watch.part("markov"):
        markov = markov_model(paths, **names, var_null="lost", out_more=True)
    effects = markov["removal_effects"]
    return found | {"simulated": dict(zip(effects.iloc[:, 0], effects.iloc[:, 1], strict=True))}


def _sessions(given: Made) -> pl.DataFrame:
    """A row a touch, with the journey's value on one of them."""
    worth = given.outcomes.select("account_id", renewed=pl.col("kept_cents") > 0, value="kept_cents")
    is_one = pl.col("position") == pl.col("position").max().over("account_id")
    told = given.touches.join(worth, on="account_id", how="left")
    return told.with_columns(value=pl.when(is_one).then("value").otherwise(0).cast(pl.Float64))


def _paths(given: Made) -> Any:
    ordered = given.touches.sort("account_id", "happened_at", "position")
    paths = ordered.group_by("account_id", maintain_order=True).agg(path=pl.col("kind").str.join(" > "))
    kept = given.outcomes.select("account_id", value=pl.col("kept_cents").cast(pl.Float64))
    flags = kept.with_columns(renewed=(pl.col("value") > 0).cast(pl.Int64), lost=(pl.col("value") == 0).cast(pl.Int64))
    return paths.join(flags, on="account_id", how="left").drop("account_id").to_pandas()
