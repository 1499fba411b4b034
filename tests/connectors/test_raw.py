"""A vendor's object is read field by field, each of its type or refused in words; the rest goes on."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Found
from connectors.raw import Raw, Reading, Unreadable
from domain.accounts import Account

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-03-02T08:00:00Z", AT),
        ("2026-03-02T09:00:00+01:00", AT),
        ("2026-03-02T08:00:00.000+0000", AT),
        ("2026-03-02 08:00:00", AT),
        (1772438400, AT),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_is_utc_however_it_is_written(given: Any, moment: datetime | None) -> None:
    assert Raw({"at": given}).moment("at") == moment


@pytest.mark.parametrize("given", ["soon", "2026-13-01T00:00:00Z", 1e300, [], {}, "99999999999"])
def test_what_is_no_moment_is_refused_with_its_place(given: Any) -> None:
    with pytest.raises(Unreadable, match=r"^ticket\.at: found .* expected a date and time"):
        Raw({"at": given}, "ticket").moment("at")


@pytest.mark.parametrize(
    ("given", "day"), [("2026-03-02", date(2026, 3, 2)), ("2026-03-02T23:30:00-02:00", date(2026, 3, 3)), (None, None)]
)
def test_a_day_is_a_date_or_the_utc_day_of_a_moment(given: Any, day: date | None) -> None:
    assert Raw({"on": given}).day("on") == day


@pytest.mark.parametrize(
    ("given", "currency", "cents"),
    [
        ("12000.00", "USD", 1_200_000),
        (0.1, "USD", 10),
        ("1000", "JPY", 1000),
        ("3333.335", "USD", 333_334),
        ("0", "KWD", 0),
    ],
)
def test_an_amount_becomes_minor_units(given: Any, currency: str, cents: int) -> None:
    assert Raw({"arr": given}).cents("arr", currency) == cents


@pytest.mark.parametrize("given", ["-1", "1,5", "NaN", "Infinity", "1e400", "twelve", True, []])
def test_what_is_no_amount_is_refused(given: Any) -> None:
    with pytest.raises(Unreadable):
        Raw({"arr": given}).cents("arr", "USD")


def test_numbers_are_exact() -> None:
    assert Raw({"n": "0.10"}).number("n") == Decimal("0.10")
    assert Raw({"n": "7"}).whole("n") == 7
    with pytest.raises(Unreadable, match="a whole number"):
        Raw({"n": 1.5}).whole("n")


@pytest.mark.parametrize("given", ["", None, [], {}, True, 1.5])
def test_what_is_no_id_is_refused(given: Any) -> None:
    with pytest.raises(Unreadable, match="an id"):
        Raw({"id": given}).id()


def test_ids_are_text_whatever_the_vendor_makes_them() -> None:
    assert (Raw({"id": 7}).id(), Raw({"id": " a "}).id(), Raw({"ref": ""}).ref("ref")) == ("7", "a", None)


def test_a_text_keeps_no_character_that_a_database_cannot_keep() -> None:
    assert Raw({"name": "a\0b "}).text("name") == "ab"
    assert Raw({"tags": ["a\0", "\0", " "]}).texts("tags") == ("a",)
    with pytest.raises(Unreadable, match="an id"):
        Raw({"id": "a\0b"}).id()


def test_an_unknown_word_is_remarked_on_and_read_as_the_default() -> None:
    raw = Raw({"status": "On Fire"})
    assert raw.choice("status", {"open": "open"}, "open") == "open"
    assert raw.remarks == ["status 'On Fire' is new to Keepline; read as 'open'"]


def test_words_are_known_in_any_case() -> None:
    assert Raw({"status": "OPEN"}).choice("status", {"open": "open"}) == "open"


def test_parts_say_where_they_stand() -> None:
    raw = Raw({"items": [{"price": {"amount": "x"}}]}, "subscription")
    (item,) = raw.objects("items")
    price = item.object("price")
    assert price is not None
    with pytest.raises(Unreadable, match=r"^subscription\.items\[0\]\.price\.amount"):
        price.number("amount")


def test_one_that_cannot_be_read_is_put_aside_and_the_rest_goes_on() -> None:
    def account(raw: Raw) -> Iterator[Found]:
        yield Found(Account(source="crm", external_id=raw.id(), name=raw.text("name")), raw.moment("at"))

    reading = Reading()
    rows = [{"id": 1, "name": "A"}, {"id": 2}, "nonsense", {"id": 3, "name": "C", "at": "soon"}, {"id": 4, "name": "D"}]
    reading.each("account", rows, account)
    assert [found.fact.external_id for found in reading.found] == ["1", "4"]
    assert [(each.external_id, each.column) for each in reading.unusable] == [
        ("2", "name"), ("without an id", "the answer"), ("3", "at"),
    ]  # fmt: skip
    assert reading.read == 5


def test_of_one_that_cannot_be_read_to_its_end_nothing_is_kept() -> None:
    def company_and_branch(raw: Raw) -> Iterator[Found]:
        yield Found(Account(source="crm", external_id="above", name="Above"))
        yield Found(Account(source="crm", external_id=raw.id(), name=raw.must_text("name")))

    reading = Reading()
    reading.each("account", [{"id": 1}], company_and_branch)
    assert reading.found == []
    assert [each.external_id for each in reading.unusable] == ["1"]


READERS = ("text", "must_text", "ref", "id", "moment", "day", "whole", "number", "flag", "object", "objects", "texts")


@given(value=json_values, reader=st.sampled_from(READERS))
def test_whatever_a_vendor_sends_is_read_or_refused(value: Any, reader: str) -> None:
    try:
        getattr(Raw({"field": value}), reader)("field")
    except Unreadable as refused:
        assert refused.column.startswith("field")  # noqa: PT017 - it need not be raised
