"""Knows how to read a JSON object that a vendor sent without trusting it: every field has a type or an error."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from connectors.contract import Cursor, Found, Gone, Page, Unusable
from domain.errors import ConnectorError
from domain.imports import RecordName
from domain.money import minor_digits

_LONGEST_FOUND = 80


class Unreadable(ConnectorError):
    """A field holds something else than it should. Of one record: it is put aside; of a whole answer: the sync ends."""

    def __init__(self, column: str, found: object, expected: str) -> None:
        self.column, self.expected = column, expected
        self.found = "nothing" if found is None else repr(found)[:_LONGEST_FOUND]
        super().__init__(f"{column}: found {self.found}, expected {expected}")


@dataclass(frozen=True)
class Raw:
    """One object of a vendor. `at` is where it stands in the answer; `remarks` collects oddities that cost nothing."""

    fields: Mapping[str, Any]
    at: str = ""
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, value: object, at: str = "", remarks: list[str] | None = None) -> "Raw":
        """An answer, or a part of one, that should be an object.

        Raises:
            Unreadable: it is none.
        """
        if not isinstance(value, Mapping):
            raise Unreadable(at or "the answer", value, "an object")
        return cls(value, at, [] if remarks is None else remarks)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(name) is not None

    def text(self, name: str) -> str | None:
        """The text, None where it is absent or blank; numbers are written out."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise self._unreadable(name, "text")
        # PostgreSQL keeps no NUL character.
        return (str(value).replace("\0", "").strip() or None) if value is not None else None

    def must_text(self, name: str) -> str:
        """The text of a field that may not be empty."""
        found = self.text(name)
        if found is None:
            raise self._unreadable(name, "a text")
        return found

    def id(self, name: str = "id") -> str:
        """An identity, as text."""
        value = self.fields.get(name)
        said = str(value).strip()
        # Without its NUL character, which PostgreSQL keeps not, it would be the id of something else.
        if isinstance(value, bool) or not isinstance(value, str | int) or not said or "\0" in said:
            raise self._unreadable(name, "an id")
        return said

    def ref(self, name: str) -> str | None:
        """Another object's identity, None where there is none."""
        return self.id(name) if self.fields.get(name) not in (None, "") else None

    def moment(self, name: str) -> datetime | None:
        """A moment: ISO 8601 with a zone (UTC where it has none), or Unix seconds."""
        value = self.fields.get(name)
        if value in (None, ""):
            return None
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return datetime.fromtimestamp(0, UTC) + timedelta(seconds=value)
            parsed = datetime.fromisoformat(str(value))
            return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._unreadable(name, "a date and time such as 2026-06-30T08:00:00Z") from None

    def must_moment(self, name: str) -> datetime:
        """A moment that may not be absent."""
        found = self.moment(name)
        if found is None:
            raise self._unreadable(name, "a date and time")
        return found

    def day(self, name: str) -> date | None:
        """A day: an ISO date, or the UTC day of a moment."""
        value = self.fields.get(name)
        if isinstance(value, str) and len(value.strip()) == 10:
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                raise self._unreadable(name, "a date such as 2026-06-30") from None
        moment = self.moment(name)
        return moment.date() if moment else None

    def whole(self, name: str) -> int | None:
        """A whole number, None where absent."""
        number = self.number(name)
        if number is not None and number != number.to_integral_value():
            raise self._unreadable(name, "a whole number")
        return int(number) if number is not None else None

    def number(self, name: str) -> Decimal | None:
        """An exact number, None where absent."""
        value = self.fields.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._unreadable(name, "a number")
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            raise self._unreadable(name, "a number") from None
        if not number.is_finite() or abs(number) > Decimal("1e15"):
            raise self._unreadable(name, "a number of a sensible size")
        return number

    def cents(self, name: str, currency: str) -> int | None:
        """An amount in major units, as minor units of `currency`; never below zero."""
        number = self.number(name)
        if number is None:
            return None
        if number < 0:
            raise self._unreadable(name, "an amount of 0 or more")
        # A formula field may be finer than a cent.
        return int(number.scaleb(minor_digits(currency)).to_integral_value(rounding=ROUND_HALF_EVEN))

    def flag(self, name: str) -> bool | None:
        """A yes or no, None where absent."""
        value = self.fields.get(name)
        if isinstance(value, bool) or value is None:
            return value
        known = {"true": True, "false": False, "1": True, "0": False}
        if str(value).lower() not in known:
            raise self._unreadable(name, "true or false")
        return known[str(value).lower()]

    def choice(self, name: str, known: Mapping[str, str], otherwise: str | None = None) -> str | None:
        """What the vendor's word means to us. An unknown word is read as `otherwise` and remarked on."""
        word = self.text(name)
        if word is None:
            return otherwise
        meaning = known.get(word.lower())
        if meaning is None:
            read_as = f"read as {otherwise!r}" if otherwise else "left unknown"
            self.remarks.append(f"{name} {word[:40]!r} is new to Keepline; {read_as}")
            return otherwise
        return meaning

    def object(self, name: str) -> "Raw | None":
        """An object inside, None where absent."""
        value = self.fields.get(name)
        return None if value is None else Raw.of(value, self._place(name), self.remarks)

    def must_object(self, name: str) -> "Raw":
        """An object inside that may not be absent."""
        return Raw.of(self.fields.get(name), self._place(name), self.remarks)

    def objects(self, name: str) -> list["Raw"]:
        """The objects of a list; an absent list is empty."""
        return [Raw.of(each, f"{self._place(name)}[{at}]", self.remarks) for at, each in enumerate(self.items(name))]

    def items(self, name: str) -> list[Any]:
        """A list as it stands; an absent list is empty."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, list):
            raise self._unreadable(name, "a list")
        return value or []

    def texts(self, name: str) -> tuple[str, ...]:
        """A list's texts, without the blank ones."""
        said = (str(each).replace("\0", "").strip() for each in self.items(name))
        return tuple(each for each in said if each)

    def _place(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def _unreadable(self, name: str, expected: str) -> Unreadable:
        return Unreadable(self._place(name), self.fields.get(name), expected)


@dataclass
class Reading:
    """What became of a list of a vendor's objects: the records that could be read, and those that could not."""

    found: list[Found] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    read: int = 0

    def each(
        self, record: RecordName, objects: Iterable[object], make: Callable[[Raw], Iterable[Found]], key: str = "id"
    ) -> None:
        """Read each object into records; one that cannot be read is put aside whole and the rest goes on."""
        for value in objects:
            self.read += 1
            try:
                self.found += list(make(Raw.of(value, remarks=self.remarks)))
            except (Unreadable, ValidationError) as error:
                identity = str(value.get(key)) if isinstance(value, Mapping) else "without an id"
                self.unusable.append(_unusable(record, identity[:200], error))

    def page(self, cursor: Cursor, complete: bool = False, gone: Sequence[Gone] = ()) -> Page:
        """All of it as a page."""
        return Page(cursor, self.found, gone, self.unusable, self.remarks, self.read, complete)


def _unusable(record: RecordName, external_id: str, error: Unreadable | ValidationError) -> Unusable:
    if isinstance(error, Unreadable):
        return Unusable(record, external_id, error.column, error.found, error.expected)
    first = error.errors(include_url=False)[0]
    column = ".".join(str(part) for part in first["loc"]) or record
    return Unusable(record, external_id, column, repr(first["input"])[:_LONGEST_FOUND], first["msg"])
