"""A change of a workflow is told from chance by the weeks and by what the untouched workflows do meanwhile."""

from math import exp, log

import numpy as np
import pytest

from retention.workflows.difference import FEWEST_UNTOUCHED, Difference, Panel, difference, student

RUNS = 100


def simulated(
    seed: int, effect: float = 0.0, *, drift: float = 0.0, untouched: int = 9, as_ratio: bool = False
) -> Difference | None:
    """13 weeks before and after; common season, own noise and drift. The first workflow moves by `effect`."""
    chance = np.random.default_rng(seed)
    usual = np.exp(chance.uniform(log(8), log(60), untouched + 1))
    season = np.exp(0.2 * np.sin(np.arange(26) / 4) + 0.02 * np.arange(26) * chance.normal())
    own = np.cumsum(chance.normal(0, drift, (untouched + 1, 26)), axis=1) + chance.normal(0, 0.15, (untouched + 1, 26))
    mean = usual[:, None] * season * np.exp(own)
    if not as_ratio:
        mean[0, 13:] *= exp(effect)
        return difference(Panel(chance.poisson(mean).astype(float), None, 13, 0))
    tickets = chance.poisson(mean)
    share = np.full(tickets.shape, 0.2)
    share[0, 13:] += effect
    return difference(Panel(chance.binomial(tickets, share).astype(float), tickets.astype(float), 13, 0))


def excludes_zero(found: Difference | None) -> bool:
    return found is not None and (found.low > 0 or found.high < 0)


@pytest.mark.parametrize(("drift", "as_ratio"), [(0.0, False), (0.06, False), (0.0, True)])
def test_where_nothing_was_changed_the_interval_rarely_excludes_zero(drift: float, as_ratio: bool) -> None:
    wrong = sum(excludes_zero(simulated(seed, drift=drift, as_ratio=as_ratio)) for seed in range(RUNS))
    assert wrong <= 0.10 * RUNS


@pytest.mark.parametrize(
    ("effect", "as_ratio", "at_least"), [(log(0.5), False, 0.9), (-0.15, True, 0.9), (log(0.7), False, 0.4)]
)
def test_a_planted_change_is_found(effect: float, as_ratio: bool, at_least: float) -> None:
    found = [simulated(seed, effect, as_ratio=as_ratio) for seed in range(RUNS)]
    assert sum(excludes_zero(each) for each in found) >= at_least * RUNS
    known = [each for each in found if each is not None]
    assert sum(each.low <= effect <= each.high for each in known) >= 0.9 * len(known)
    assert abs(np.mean([each.effect for each in known]) - effect) < 0.05


def test_what_moves_all_workflows_is_no_effect() -> None:
    weeks = np.tile([[20.0]], (6, 20))
    weeks[:, 10:] *= 2
    found = difference(Panel(weeks, None, 10, 0))
    assert found is not None
    assert found.effect == pytest.approx(0)
    assert (found.before, found.after, found.others_before, found.others_after) == (20, 40, 100, 200)


def test_placebos_that_scatter_widen_the_interval() -> None:
    calm = np.tile([[20.0]], (7, 20))
    wild = calm.copy()
    wild[1::2, 10:] *= 3
    narrow, wide = difference(Panel(calm, None, 10, 0)), difference(Panel(wild, None, 10, 0))
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


@pytest.mark.parametrize(("untouched", "is_known"), [(FEWEST_UNTOUCHED - 1, False), (FEWEST_UNTOUCHED, True)])
def test_too_few_untouched_workflows_give_no_number(untouched: int, is_known: bool) -> None:
    found = difference(Panel(np.full((untouched + 1, 20), 10.0), None, 10, 0))
    assert (found is not None) is is_known


def test_a_workflow_with_few_tickets_gives_no_number() -> None:
    weeks = np.full((8, 20), 10.0)
    weeks[0] = 1.0
    assert difference(Panel(weeks, None, 10, 0)) is None


def test_workflows_with_few_tickets_are_no_placebos() -> None:
    weeks = np.full((8, 20), 10.0)
    weeks[7] = 1.0
    found = difference(Panel(weeks, None, 10, 0))
    assert found is not None
    assert found.untouched == 6


# Two-sided 95 % quantiles of Student's distribution from a printed table.
@pytest.mark.parametrize(("freedom", "quantile"), [(4, 2.776), (5, 2.571), (9, 2.262), (30, 2.042)])
def test_the_quantile_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert student(0.95, freedom) == pytest.approx(quantile, rel=0.005)
