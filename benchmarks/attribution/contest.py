"""Knows who competes for credit; a library that is not there is left out, which is said."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import isclose
from typing import Any

from benchmarks.contest import Answer, Contender, Disagreement, Measured, in_fresh_process
from benchmarks.report import Table, say
from retention.attribution import MODELS

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (10_000, 100_000)
OURS = "Keepline"
PLACES = {
    OURS: "benchmarks.attribution.ours:credit",
    "marketing-attribution-models": "benchmarks.attribution.peers:mam",
    "ChannelAttribution": "benchmarks.attribution.peers:channel_attribution",
}
_MODULES = {"marketing-attribution-models": "mam", "ChannelAttribution": "ChannelAttribution"}
# What peers define otherwise: MAM's Shapley is of another game, and its Markov counts a kind again when it repeats.
COMPARED = ("first", "last", "linear", "u_shaped", "time_decay", "effects")
_NEARLY = 1e-4
Told = Mapping[str, Any]


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """Every model at every size, each from the touches to what each kind of touch is credited with."""
    table = Table("Credit for journeys of about five touches", "journeys")
    there = [name for name in PLACES if name == OURS or find_spec(_MODULES[name]) is not None]
    for size in sizes:
        told = {name: _best(name, size, most_runs) for name in there}
        for name in there[1:]:
            agree(told[OURS]["answer"], name, told[name]["answer"])
        for part in (*MODELS, "first, last, linear", "all at once"):
            _add(table, size, part, told)
        sums = in_fresh_process("benchmarks.attribution.ours:exact", {"size": size})["answer"]
        table.notes.append(
            f"{size:,}: shares of single touches by Keepline are off their total by "
            f"{max(abs(each['off']) for each in sums.values()):.0f} cents under every model."
        )
        for name in there[1:]:
            if simulated := told[name]["answer"].get("simulated"):
                effects = told[OURS]["answer"]["effects"]
                off = max(abs(effects[kind] - effect) for kind, effect in simulated.items())
                table.notes.append(
                    f"{size:,}: removal effects that {name} simulates are off the solved ones by {off:.4f}."
                )
    missing = [name for name in _MODULES if name not in there]
    if missing:
        table.notes.append(f"Not installed and left out: {', '.join(missing)}.")
    return table


def agree(ours: Told, name: str, theirs: Told) -> None:
    """Make sure that a peer finds what we find, but for its rounding.

    Raises:
        Disagreement: it does not.
    """
    for model in COMPARED:
        for kind, amount in theirs.get(model, {}).items():
            if not isclose(amount, ours[model][kind], rel_tol=_NEARLY):
                raise Disagreement(f"{name} has {amount} for {kind} by {model}, {OURS} {ours[model][kind]}")


def _best(name: str, size: int, most_runs: int) -> Told:
    """The best time of each part over the runs, each in a fresh process."""
    best: dict[str, Any] = {}
    for turn in range(most_runs):
        say(f"{size:,} journeys, {name}, {turn + 1} of {most_runs}")
        told = in_fresh_process(PLACES[name], {"size": size})
        before = best.get("parts", told["parts"])
        best = told | {"parts": {part: min(spent, before[part]) for part, spent in told["parts"].items()}}
    return best


def _add(table: Table, size: int, part: str, told: Mapping[str, Told]) -> None:
    alike = Answer(0, 0, {})
    ours = dict(told[OURS]["parts"])
    ours["first, last, linear"] = ours["first"] + ours["last"] + ours["linear"]
    spent = {name: (ours if name == OURS else one["parts"]).get(part) for name, one in told.items()}
    if part not in told[OURS]["parts"] and set(spent.values()) == {ours[part], None}:
        return
    table.add(size, [
        Measured(Contender(f"{name}: {part}", PLACES[name]), {part: seconds}, told[name]["peak_bytes"], alike)
        for name, seconds in spent.items() if seconds is not None
    ])  # fmt: skip
