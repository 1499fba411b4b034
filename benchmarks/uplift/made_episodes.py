"""Knows made-up companies whose at-risk episodes have a known truth: what help changed, and what only seems so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = dict[str, Any]

_COVARIATES = 6
_HORIZON_DAYS = 180.0


@dataclass(frozen=True)
class Made:
    """A table, how it is to be read, and the truth.

    `truth` is the mean effect on the probability of renewal over those of whom it was open whether they would be
    helped, `saved_cents` what help kept of the ARR of all the helped. `naive` is the difference of rates that a plain
    report would show, `claimed_cents` the ARR of all that were helped and renewed.
    """

    table: Columns
    arguments: Mapping[str, Any]
    truth: float
    saved_cents: float
    naive: float
    claimed_cents: float


@dataclass(frozen=True)
class World:
    """How episodes come about. `effect` is in points of probability, or of log odds where `on_odds`.

    `bent` confounds by squares and products, `hidden` by a cause that is in no column; `shift_*` make help or
    renewal rarer or more common.
    """

    effect: float = 0.08
    on_odds: bool = False
    bent: bool = False
    varied: bool = False
    hidden: bool = False
    placebo: bool = False
    shift_help: float = 0.0
    shift_renewal: float = 0.0
    more: int = field(default=0)


def confounded(world: World, episodes: int, seed: int) -> Made:
    """The worse off an account, the more likely it is helped and the less likely it renews."""
    random = np.random.default_rng(seed)
    known = _covariates(random, episodes, _COVARIATES + world.more)
    hidden = random.normal(size=episodes)
    risk = _risk(known, world) + (1.2 * hidden if world.hidden else 0)
    chance = _share(0.9 * risk + world.shift_help - 0.1)
    treated = (random.random(episodes) < chance).astype(float)
    index = 1.6 - 0.8 * risk + world.shift_renewal
    without = _share(index) if world.on_odds else np.minimum(_share(index), 0.98 - max(world.effect, 0))
    varied = np.where(known[:, 1] > 0, 1.5, 0.5) if world.varied else 1.0
    effect = _share(index + world.effect * varied) - without if world.on_odds else world.effect * varied
    renewed = (random.random(episodes) < without + treated * effect).astype(float)
    arr = _arr(random, risk)
    table = _columns(known) | {"treated": treated, "renewed": renewed, "arr_cents": arr}
    arguments: dict[str, Any] = {"covariates": [*_columns(known)], "arr_cents": "arr_cents"}
    if world.placebo:
        # Logins of the month before the flag: they share the hidden cause, and no later help can have moved them.
        table["logins_before"] = -0.7 * hidden - 0.4 * known[:, 0] + random.normal(size=episodes)
        arguments["placebo"] = "logins_before"
    weight = chance * (1 - chance)
    truth = float((weight * effect).sum() / weight.sum())
    return _made(table, arguments, truth, float((treated * arr * effect).sum()))


def immortal_time(_: World, episodes: int, seed: int) -> Made:
    """Help comes at some time, if the account lasts until then, and changes nothing."""
    random = np.random.default_rng(seed)
    known = _covariates(random, episodes, _COVARIATES)
    lasts = random.exponential(260 * np.exp(-0.4 * _risk(known, World())))
    comes = random.exponential(60, episodes)
    flagged = random.uniform(0, 700, episodes)
    renewed = lasts > _HORIZON_DAYS
    helped = comes < np.minimum(lasts, _HORIZON_DAYS)
    arr = _arr(random, known[:, 0])
    origin = np.datetime64("2024-01-01T00:00", "s")

    def moment(days: Floats, where: NDArray[np.bool_]) -> list[str | None]:
        seconds = ((flagged + days) * 86_400).astype("timedelta64[s]")
        return [str(at) if there else None for at, there in zip(origin + seconds, where, strict=True)]

    table = _columns(known) | {"treated": helped.astype(float), "renewed": renewed.astype(float), "arr_cents": arr}
    table["flagged_at"] = moment(np.zeros(episodes), np.ones(episodes, bool))
    table["treated_at"] = moment(comes, helped)
    table["outcome_at"] = moment(np.minimum(lasts, _HORIZON_DAYS), np.ones(episodes, bool))
    arguments = {name: name for name in ("flagged_at", "treated_at", "outcome_at", "arr_cents")}
    return _made(table, arguments | {"covariates": [*_columns(known)]}, 0.0, 0.0)


def holdout(world: World, episodes: int, seed: int) -> Made:
    """One in four is held out by lot. Not all who should be helped are, and some held out are helped all the same."""
    random = np.random.default_rng(seed)
    known = _covariates(random, episodes, _COVARIATES)
    hidden = random.normal(size=episodes)
    risk = _risk(known, world) + hidden
    assigned = random.random(episodes) < 0.75
    helped = np.where(assigned, random.random(episodes) < _share(2.5 - risk), random.random(episodes) < 0.05)
    without = np.minimum(_share(1.6 - 0.8 * risk), 0.98 - world.effect)
    renewed = (random.random(episodes) < without + world.effect * helped).astype(float)
    arr = _arr(random, risk)
    table = _columns(known) | {"treated": helped.astype(float), "renewed": renewed, "arr_cents": arr}
    table["assigned"] = np.where(assigned, "treat", "holdout").tolist()
    effect = world.effect * (_share(2.5 - risk) - 0.05)
    arguments = {"assigned": "assigned", "arr_cents": "arr_cents", "covariates": [*_columns(known)]}
    return _made(table, arguments, float(effect.mean()), float((assigned * arr * effect).sum()))


def _made(table: Columns, arguments: Mapping[str, Any], truth: float, saved: float) -> Made:
    helped, renewed = table["treated"] == 1, table["renewed"]
    naive = float(renewed[helped].mean() - renewed[~helped].mean())
    return Made(table, arguments, truth, saved, naive, float((table["arr_cents"] * helped * renewed).sum()))


def _covariates(random: np.random.Generator, episodes: int, many: int) -> Floats:
    """Normal ones, but for the second (yes or no) and the third (skewed, as counts of tickets are)."""
    known = random.normal(size=(episodes, many))
    known[:, 1] = known[:, 1] > 0.3
    known[:, 2] = np.exp(0.6 * known[:, 2]) - 1.2
    return known


def _risk(known: Floats, world: World) -> Floats:
    straight = 0.7 * known[:, 0] + 0.6 * (known[:, 1] - 0.4) + 0.5 * known[:, 2] - 0.3 * known[:, 3]
    risk = straight + 0.25 * known[:, _COVARIATES:].sum(axis=1)
    if world.bent:
        risk = 0.6 * (known[:, 0] ** 2 - 1) + 0.6 * known[:, 0] * known[:, 3] + 0.4 * known[:, 4]
    return np.asarray(risk, np.float64)


def _arr(random: np.random.Generator, risk: Floats) -> Floats:
    """Amounts with a long tail, a little larger where the risk is."""
    return np.asarray(np.round(100 * np.exp(random.normal(9.6 + 0.1 * risk, 1.1))), np.float64)


def _share(index: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-index)), np.float64)


def _columns(known: Floats) -> Columns:
    return {f"x{place + 1}": column for place, column in enumerate(known.T)}


Maker = Callable[[World, int, int], Made]
SCENARIOS: dict[str, tuple[Maker, World]] = {
    "confounded": (confounded, World()),
    "confounded, bent": (confounded, World(bent=True)),
    "confounded, 12 covariates": (confounded, World(more=6)),
    "help is rare (1 in 8)": (confounded, World(shift_help=-2.6)),
    "help is common (4 in 5)": (confounded, World(shift_help=1.9)),
    "nearly all renew": (confounded, World(shift_renewal=1.6, effect=0.04)),
    "effect on the odds": (confounded, World(effect=0.6, on_odds=True)),
    "heterogeneous effect": (confounded, World(varied=True)),
    "null": (confounded, World(effect=0.0)),
    "null, bent": (confounded, World(effect=0.0, bent=True)),
    "hidden cause, no effect": (confounded, World(effect=0.0, hidden=True)),
    "hidden cause, with placebo": (confounded, World(effect=0.0, hidden=True, placebo=True)),
    "immortal time, no effect": (immortal_time, World()),
    "holdout": (holdout, World(effect=0.10)),
    "holdout, no effect": (holdout, World(effect=0.0)),
}
