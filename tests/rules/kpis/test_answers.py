"""What an answer means on its scale."""

import pytest

from rules.kpis import KpiSettings
from tests.rules.kpis.desk import Desk, at


@pytest.mark.parametrize(
    ("scale", "satisfied"),
    [
        ((0, 1), {1}), ((1, 2), {2}), ((1, 3), {3}), ((1, 4), {3, 4}), ((1, 5), {4, 5}), ((1, 7), {6, 7}),
        ((0, 10), {9, 10}), ((1, 10), {9, 10}), ((0, 100), set(range(80, 101))), ((-2, 2), {1, 2}),
    ],
)  # fmt: skip
def test_satisfied_are_the_best_two_answers_of_a_scale(scale: tuple[int, int], satisfied: set[int]) -> None:
    for score in range(scale[0], scale[1] + 1):
        desk = Desk()
        desk.answered("csat", score, scale)
        assert desk.figure("csat").value == (score in satisfied), score


def test_csat_has_a_mean_over_all_scales() -> None:
    """4 of 1..5 is 75 of 100, 1 of 0..1 is 100."""
    desk = Desk()
    desk.answered("csat", 4, (1, 5))
    desk.answered("csat", 1, (0, 1))
    assert desk.figure("csat").mean == 87.5


@pytest.mark.parametrize(
    ("scale", "easy"), [((1, 7), {5, 6, 7}), ((1, 5), {4, 5}), ((0, 1), {1}), ((1, 10), {6, 7, 8, 9, 10})]
)  # fmt: skip
def test_little_effort_is_beyond_the_middle_of_the_scale(scale: tuple[int, int], easy: set[int]) -> None:
    turned = {scale[0] + scale[1] - score for score in easy}
    for score in range(scale[0], scale[1] + 1):
        desk = Desk()
        desk.answered("ces", score, scale)
        assert desk.figure("ces").value == (score in easy)
        assert desk.figure("ces", settings=KpiSettings(easy_end="low")).value == (score in turned)


def test_nps_is_promoters_less_detractors() -> None:
    """Five promoters, three passives, two detractors: 30."""
    desk = Desk()
    for score in (9, 9, 10, 10, 10, 7, 8, 8, 6, 0):
        desk.answered("nps", score, (0, 10))
    assert desk.figure("nps").value == 30.0


@pytest.mark.parametrize("scale", [(1, 10), (1, 5), (0, 100)])
def test_another_scale_than_0_to_10_gives_no_nps(scale: tuple[int, int]) -> None:
    desk = Desk()
    desk.answered("nps", scale[1], scale)
    figure = desk.figure("nps")
    assert (figure.n, figure.unknown, figure.value) == (0, 1, None)


@pytest.mark.parametrize(("score", "scale"), [(6, (1, 5)), (0, (1, 5)), (3, (3, 3))])
def test_an_answer_off_its_scale_says_nothing(score: int, scale: tuple[int, int]) -> None:
    desk = Desk()
    for kind in ("csat", "ces"):
        desk.answered(kind, score, scale)
        figure = desk.figure(kind)
        assert (figure.n, figure.unknown, figure.value) == (0, 1, None)


def test_an_answer_counts_when_it_was_given() -> None:
    desk = Desk()
    ticket = desk.ticket(at(-20))
    desk.answered("csat", 5, (1, 5), ticket_id=ticket, answered_at=at(0))
    desk.answered("csat", 5, (1, 5), ticket_id=ticket, answered_at=at(28))
    assert desk.figure("csat").n == 1


def test_nobody_asked_is_no_figure() -> None:
    for name in ("csat", "ces", "nps"):
        figure = Desk().figure(name)
        assert (figure.n, figure.value, figure.grade) == (0, None, None)
        assert "nobody answered" in (figure.withheld or "")
