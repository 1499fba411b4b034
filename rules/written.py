"""Knows how what people write in a file is read: each mistake is told at its own place, with the nearest right word."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from domain.records import Record
from rules.words import unknown_word

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,79}$")]
Place: TypeAlias = tuple[int | str, ...]
Mistake: TypeAlias = tuple[Place, object, str]


class Written(Record):
    """A mapping in a file: a word that is not one of its fields is refused with the nearest right one."""

    called: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _known_words(cls, raw: Any) -> Any:
        words = list(raw) if isinstance(raw, Mapping) else []
        what = f"word in a {cls.called or cls.__name__.lower()}"
        wrong = [word for word in words if word not in cls.model_fields]
        refuse(((str(word),), raw[word], unknown_word(word, cls.model_fields, what)) for word in wrong)
        return raw


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise all mistakes, if there are any: each is the place below what is being read, what stands there, the remedy.

    Raises:
        ValidationError: with one error a mistake.
    """
    found = list(mistakes)
    if found:
        raise ValidationError.from_exception_data(
            "mistakes",
            [{"type": _error(remedy), "loc": place, "input": written} for place, written, remedy in found],
        )


def at(place: tuple[object, ...], found: object, remedy: str) -> ValidationError:
    """The one mistake of what stands at `place` below the field that is being read; a validator raises it."""
    parts = tuple(part if isinstance(part, int | str) else str(part) for part in place)
    return ValidationError.from_exception_data("mistake", [{"type": _error(remedy), "loc": parts, "input": found}])


def _error(remedy: str) -> PydanticCustomError:
    # A placeholder, because the remedy itself may hold braces.
    return PydanticCustomError("value_error", "{remedy}", {"remedy": remedy})


def repeated(ids: Iterable[str], what: str, place: str) -> Iterable[Mistake]:
    """The mistakes of a list at `place` whose entries should each have an id of their own."""
    seen: set[str] = set()
    for number, name in enumerate(ids):
        if name in seen:
            yield (place, number, "id"), name, f"two {what} have the id {name!r}; give each its own"
        seen.add(name)
