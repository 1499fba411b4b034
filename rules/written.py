"""Knows how what people write in a file is read: each mistake is told at its own place, with the nearest right word."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self, TypeAlias, TypeVar

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from domain.records import Record
from rules.words import unknown_word


def is_id(written: object) -> bool:
    """Whether it may name something in a file."""
    return isinstance(written, str) and _ID.fullmatch(written) is not None


def _id(written: Any) -> Any:
    if not isinstance(written, str) or is_id(written):
        return written
    near = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-0123456789")[:80] or "my-rule"
    raise ValueError(f"{written[:60]!r} is no id: small letters, digits and dashes only; write {near!r}")


_ID = re.compile(r"[a-z][a-z0-9-]{0,79}")
Id = Annotated[str, Field(pattern=rf"^{_ID.pattern}$"), BeforeValidator(_id)]
Place: TypeAlias = tuple[int | str, ...]
Mistake: TypeAlias = tuple[Place, object, str]
Made = TypeVar("Made")


class Written(Record):
    """A mapping in a file: a word that is not one of its fields is refused with the nearest right one."""

    called: ClassVar[str] = ""

    @model_validator(mode="wrap")
    @classmethod
    def _known_words(cls, raw: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(raw, Mapping):
            return read(raw)
        known = {field.alias or name for name, field in cls.model_fields.items()}
        what = f"word in a {cls.called or cls.__name__.lower()}"
        wrong = [word for word in raw if word not in known]
        mistakes: list[Mistake] = [((str(word),), raw[word], unknown_word(word, known, what)) for word in wrong]
        return together([*mistakes, *cls._further_mistakes(raw)], lambda: read(_without(raw, wrong)))

    @classmethod
    def _further_mistakes(cls, _raw: Mapping[Any, Any]) -> Iterable[Mistake]:
        """What else is wrong with the mapping as a whole."""
        return ()


def _without(raw: Mapping[Any, Any], words: Sequence[Any]) -> Mapping[Any, Any]:
    return {word: part for word, part in raw.items() if word not in words} if words else raw


def together(mistakes: Iterable[Mistake], read: Callable[[], Made]) -> Made:
    """What `read` makes if there are no mistakes; otherwise all of them are raised with those that it finds.

    Raises:
        ValidationError: with one error a mistake.
    """
    known = list(mistakes)
    found = [_detail(mistake) for mistake in known]
    try:
        made = read()
    except ValidationError as error:
        if not found:
            raise
        others = error.errors(include_url=False)
        found += [_again(each) for each in others if not _is_misspelt(each, known)]
    if found:
        raise ValidationError.from_exception_data("mistakes", found)
    return made


def _is_misspelt(missing: ErrorDetails, mistakes: Iterable[Mistake]) -> bool:
    """Whether a word is only missing because it is written wrong, which is told."""
    meant = f"did you mean {str(missing['loc'][-1:] and missing['loc'][-1])!r}?"
    return missing["type"] == "missing" and len(missing["loc"]) == 1 and any(meant in each[2] for each in mistakes)


def _again(error: ErrorDetails) -> InitErrorDetails:
    if error["type"] == "value_error":
        return _detail((error["loc"], error["input"], error["msg"].removeprefix("Value error, ")))
    return {"type": error["type"], "loc": error["loc"], "input": error["input"], "ctx": error.get("ctx", {})}


def _detail(mistake: Mistake) -> InitErrorDetails:
    place, written, remedy = mistake
    return {"type": _error(remedy), "loc": place, "input": written}


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise all mistakes, if there are any: each is the place below what is being read, what stands there, the remedy.

    Raises:
        ValidationError: with one error a mistake.
    """
    found = [_detail(mistake) for mistake in mistakes]
    if found:
        raise ValidationError.from_exception_data("mistakes", found)


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
