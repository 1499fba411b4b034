"""What a vendor says of a line holds from its day on; the days before it stay what they were."""

from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.line_history import Said, Stretch, heard

FIRST = date(2026, 1, 1)
OPENED_AT = datetime(2026, 1, 1, tzinfo=UTC)
NO_LINE = None
Life = list[tuple[datetime, Hashable]]
DAYS = [FIRST + timedelta(days=each) for each in range(-2, 45)]


def at(day: int, second: int = 0) -> datetime:
    return OPENED_AT + timedelta(days=day, seconds=second)


def said(day: int, terms: Hashable, ends: int | None = None, second: int = 1) -> Said:
    end = None if ends is None else FIRST + timedelta(days=ends)
    return Said(FIRST + timedelta(days=day), end, terms, at(day, second))


def after(*claims: Said) -> list[Stretch]:
    stretches: list[Stretch] = []
    for claim in claims:
        stretches = heard("L", stretches, claim)
    return stretches


def truth(stretches: Iterable[Stretch]) -> dict[date, Hashable]:
    """The terms of each day; two stretches on one day would be money counted twice."""
    found: dict[date, Hashable] = dict.fromkeys(DAYS, NO_LINE)
    for stretch in stretches:
        for day in DAYS:
            if stretch.starts_on <= day and (stretch.ends_on is None or day < stretch.ends_on):
                assert found[day] is NO_LINE, f"{day} is counted twice"
                found[day] = stretch.terms
    return found


def on(stretches: Iterable[Stretch], day: int) -> Hashable:
    return truth(stretches)[FIRST + timedelta(days=day)]


def test_a_change_leaves_the_days_before_it_as_they_were() -> None:
    stretches = after(said(0, 5), said(20, 10))
    assert [(each.key, each.starts_on, each.ends_on, each.terms) for each in stretches] == [
        ("L", FIRST, date(2026, 1, 21), 5),
        ("L@2026-01-21", date(2026, 1, 21), None, 10),
    ]


def test_two_changes_on_one_day_count_as_the_last() -> None:
    stretches = after(said(0, 5), said(20, 10, second=1), said(20, 12, second=2))
    assert (on(stretches, 19), on(stretches, 20)) == (5, 12)


def test_an_end_that_is_taken_back_is_none() -> None:
    stretches = after(said(0, 5), said(10, 5, ends=30), said(12, 5))
    assert stretches == [Stretch("L", FIRST, None, 5, at(0, 1), at(12, 1))]


def test_a_line_that_ended_and_comes_back_has_a_gap() -> None:
    stretches = after(said(0, 5), said(10, 5, ends=10), said(20, 5))
    assert [on(stretches, day) for day in (9, 10, 19, 20)] == [5, NO_LINE, NO_LINE, 5]


def test_what_never_was_leaves_no_day() -> None:
    stretches = after(said(0, 5), said(10, 7), Said(FIRST, FIRST, 7, at(30)))
    assert set(truth(stretches).values()) == {NO_LINE}
    assert all(each.is_void for each in stretches)


def test_what_was_said_of_the_future_is_overruled_by_what_is_said_later() -> None:
    until, then = said(0, "net"), Said(FIRST + timedelta(days=30), None, "gross", at(0, 2))
    stretches = after(until, then, said(10, "new price"))
    assert [on(stretches, day) for day in (9, 10, 30)] == ["net", "new price", "new price"]


def test_an_earlier_start_that_is_told_later_fills_the_days_before() -> None:
    stretches = after(said(10, 5), Said(FIRST, None, 4, at(0)))
    assert (on(stretches, 0), on(stretches, 9), on(stretches, 10)) == (4, 4, 5)


@st.composite
def _a_life(draw: st.DrawFn, interrupted: bool) -> Life:
    """What happened to a line, in order: moments, and its terms from then on; it may end, and it may be interrupted."""
    minutes = sorted(draw(st.sets(st.integers(1, 40 * 1440), max_size=7)))
    amounts = st.sampled_from([1, 2, 3, NO_LINE] if interrupted else [1, 2, 3])
    life: Life = [(OPENED_AT, 1), *((OPENED_AT + timedelta(minutes=each), draw(amounts)) for each in minutes)]
    return [*life, (at(42), NO_LINE)] if draw(st.booleans()) else life


def _told(moment: datetime, terms: Hashable) -> Said:
    day = moment.date()
    return Said(day, day if terms is NO_LINE else None, terms, moment)


def _changes(life: Life) -> list[list[Said]]:
    """Each change as vendors tell it: what was until now, and what is from now on."""
    just = timedelta(microseconds=1)
    return [[_told(moment - just, before), _told(moment, now)] for (_, before), (moment, now) in pairwise(life)]


def _as_it_was(life: Life) -> dict[date, Hashable]:
    expected: dict[date, Hashable] = dict.fromkeys(DAYS, NO_LINE)
    for moment, terms in life:
        expected |= {day: terms for day in DAYS if day >= moment.date()}
    return expected


def _in_order(life: Life) -> list[Said]:
    return [_told(*life[0]), *(each for change in _changes(life) for each in change)]


@given(_a_life(interrupted=True))
def test_every_day_has_what_was_true_when_it_ended(life: Life) -> None:
    assert truth(after(*_in_order(life))) == _as_it_was(life)


@given(_a_life(interrupted=False), st.randoms(use_true_random=False))
def test_the_order_in_which_changes_reach_us_does_not_matter(life: Life, dice: Random) -> None:
    changes = _changes(life)
    dice.shuffle(changes)
    stretches = after(_told(*life[0]), *(each for change in changes for each in change))
    assert truth(stretches) == _as_it_was(life)


@given(_a_life(interrupted=True))
def test_hearing_everything_twice_changes_nothing(life: Life) -> None:
    claims = _in_order(life)
    once = after(*claims)
    assert after(*claims, *claims) == once
