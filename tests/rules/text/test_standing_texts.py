"""Which first replies go to everybody alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.replies.standing_texts import FEWEST_TICKETS, fingerprint, standing_texts

DAY = 86_400
ACKNOWLEDGED = "Hello {name}, your lamp enquiry {number} arrived. We answer within two working days."


def stands(texts: list[str], days_apart: float = 1) -> list[bool]:
    """Whether each text stands, sent one after the other."""
    return standing_texts([int(n * days_apart * DAY) for n in range(len(texts))], [fingerprint(text) for text in texts])


def acknowledgements(count: int) -> list[str]:
    return [ACKNOWLEDGED.format(name=f"Name {'abcdefgh'[n % 8]}", number=1000 + n) for n in range(count)]


def test_the_twentieth_ticket_with_the_same_text_finds_it_standing_and_none_before() -> None:
    assert stands(acknowledgements(25)) == [False] * (FEWEST_TICKETS - 1) + [True] * 6


def test_names_and_numbers_do_not_make_a_text_another() -> None:
    assert len({fingerprint(text) for text in acknowledgements(30)}) == 1


def test_an_opening_that_goes_on_differently_is_a_person_s_habit() -> None:
    openings = [
        f"Thanks for your kind patience with us, I have had a look and found {'abcdefghij'[n % 10]}" for n in range(60)
    ]
    assert not any(stands(openings))


@pytest.mark.parametrize(("days_apart", "stand"), [(4, True), (5, False)])
def test_only_the_last_ninety_days_are_looked_at(days_apart: float, stand: bool) -> None:
    assert any(stands(acknowledgements(40), days_apart)) is stand


def test_a_tenth_may_go_on_otherwise() -> None:
    texts = [*acknowledgements(18), *[f"{ACKNOWLEDGED} And more {n * 'x'}" for n in range(2)], *acknowledgements(9)]
    assert stands(texts)[-1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200 * DAY)), max_size=80), st.data())
def test_what_comes_later_changes_no_answer_nor_does_the_order(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    def answers(chosen: list[int]) -> list[bool]:
        return standing_texts([rows[n][1] for n in chosen], [(rows[n][0] // 2, rows[n][0]) for n in chosen])

    everything = list(range(len(rows)))
    whole = answers(everything)
    order = data.draw(st.permutations(everything))
    assert answers(order) == [whole[n] for n in order]
    until = data.draw(st.integers(0, 200 * DAY))
    kept = [n for n in everything if rows[n][1] <= until]
    assert answers(kept) == [whole[n] for n in kept]
