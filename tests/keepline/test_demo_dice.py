"""Chance in the demo: repeatable, exact in its shares, even in its luck."""

from hypothesis import given
from hypothesis import strategies as st

from keepline.demo.dice import Dice, EvenDraws, apportioned, wheel

probabilities = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=200)


@given(st.dictionaries(st.integers(), st.floats(0.01, 100), min_size=1, max_size=20), st.integers(0, 5_000))
def test_apportioned_numbers_sum_to_the_whole_and_stay_within_one_of_their_share(
    shares: dict[int, float], count: int
) -> None:
    numbers, total = apportioned(shares, count), sum(shares.values())
    assert sum(numbers.values()) == count
    assert all(abs(numbers[name] - count * share / total) < 1 + 1e-6 for name, share in shares.items())


@given(probabilities, st.integers())
def test_even_draws_happen_as_often_as_their_probabilities_sum_to(chances: list[float], seed: int) -> None:
    draws, happened = EvenDraws(Dice(seed)), 0
    for probability in chances:
        happened += draws.threshold("x") <= probability
        draws.settle("x", probability)
    assert abs(happened - sum(chances)) <= 1 + 1e-9


@given(st.integers())
def test_a_smaller_probability_never_lets_more_happen(seed: int) -> None:
    draws, dice = EvenDraws(Dice(seed, "even")), Dice(seed, "p")
    for _ in range(50):
        probability = dice.roll()
        if draws.threshold("x") <= probability / 2:
            assert draws.threshold("x") <= probability
        draws.settle("x", probability)


@given(st.text(), st.integers())
def test_streams_repeat_and_differ_by_name(name: str, seed: int) -> None:
    one, same = Dice(seed, name), Dice(seed, name)
    assert [one.roll(), one.roll()] == [same.roll(), same.roll()]
    assert Dice(seed, name).roll() != Dice(seed, name + "'").roll()


def test_shuffling_keeps_every_card() -> None:
    assert sorted(Dice(1).shuffled(range(100))) == list(range(100))


def test_a_wheel_has_slots_in_proportion() -> None:
    assert sorted(wheel({"a": 3.0, "b": 1.0}, 8)) == ["a"] * 6 + ["b"] * 2
