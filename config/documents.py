"""Reads a YAML document into a model; when it is wrong, says where, what stands there and what would be right."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.yaml_bounds import BoundedConstructor, OutOfBounds, require_modest
from domain.errors import ConfigError

DEFAULTS = Path(__file__).parent / "defaults"
Model = TypeVar("Model", bound=BaseModel)
_TOLD = 50
_REMEDIES = {
    "too_short": "write at least one entry",
    "string_type": "write text here; a number or a yes that is meant as text stands in quotes",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "tuple_type": "write a list, each entry after a dash",
    "list_type": "write a list, each entry after a dash",
    "model_type": "write a mapping: word: value",
    "dict_type": "write a mapping: word: value",
}


def find(name: str, config_dir: Path) -> Path:
    """The file of a document: the user's own in `config_dir` if it is there, otherwise the shipped default."""
    own = config_dir / f"{name}.yaml"
    return own if own.is_file() else DEFAULTS / f"{name}.yaml"


def shipped() -> list[Path]:
    """The default documents that ship with Keepline."""
    return sorted(DEFAULTS.glob("*.yaml"))


def load(path: Path) -> Any:
    """The content of a YAML file, each mapping and list remembering its lines; it is not to be changed.

    Raises:
        ConfigError: the file cannot be read, is no YAML, or is larger or deeper than people write.
    """
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except OutOfBounds as error:
        raise ConfigError(path, error.found, error.remedy, error.line) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        found = str(error.problem or error.context)
        raise ConfigError(path, found, "write well-formed YAML", line, column=column) from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(path, str(error), "give a readable YAML file in UTF-8") from error


@lru_cache(maxsize=32)
def _parsed(text: str) -> Any:
    """The content of a text, once: who serves many requests reads the same files again and again."""
    require_modest(text)
    yaml = YAML(typ="rt")
    yaml.Constructor = BoundedConstructor
    return yaml.load(text)


def read(
    path: Path,
    model: type[Model],
    prepare: Callable[[Any, Path], Any] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Model:
    """The document in `path` as `model`.

    `prepare` gets the plain content and the folder that the file is in, and returns the content to be believed: what
    other files have to say to it. `context` is what the model's checks are told of the rest of the configuration.

    Raises:
        ConfigError: what is wrong, with its line and column; all mistakes that were found are in it.
    """
    content = load(path)
    plain = _plain(content) if content is not None else {}
    try:
        return model.model_validate(plain if prepare is None else prepare(plain, path.parent), context=context)
    except ValidationError as error:
        raise _explained(path, content, error) from error


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    return content


def _explained(path: Path, content: Any, error: ValidationError) -> ConfigError:
    errors = error.errors(include_url=False)
    found = [_mistake(path, content, each) for each in errors if not _follows(each, errors)]
    found.sort(key=lambda each: (each.line is None, each.line, each.column))
    told: dict[str, ConfigError] = {str(each): each for each in found}
    first, *more = told.values()
    if len(more) >= _TOLD:
        left = len(more) - _TOLD + 1
        more[_TOLD - 1 :] = [ConfigError(path, f"{left} further mistakes", "mend these first")]
    return ConfigError(path, first.found, first.remedy, first.line, more, first.column)


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list is only too short because its entries are wrong, which is told."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        each["loc"][: len(place)] == place and len(each["loc"]) > len(place) for each in errors
    )


def _mistake(path: Path, content: Any, error: ErrorDetails) -> ConfigError:
    # Pydantic marks a wrong key of a mapping with a part of its own.
    location = [part for part in error["loc"] if part != "[key]"]
    where = ".".join(str(part) for part in location)
    found = repr(error["input"]) if not isinstance(error["input"], dict | list | tuple) else "an entry"
    remedy = _REMEDIES.get(error["type"], error["msg"].removeprefix("Value error, "))
    if error["type"] == "missing":
        remedy = f"write what {where.rpartition('.')[2]} is"
    line, column = _place(content, location, is_word=location != list(error["loc"]) or _is_about_the_word(error))
    return ConfigError(path, f"{found[:80]} at {where or 'the top'}", remedy, line, column=column)


def _is_about_the_word(error: ErrorDetails) -> bool:
    """Whether the word before the colon is wrong, not what stands after it."""
    remedy = error["msg"].removeprefix("Value error, ")
    return error["type"] == "extra_forbidden" or remedy.startswith("unknown word in")


def _place(content: Any, location: Sequence[int | str], is_word: bool) -> tuple[int | None, int | None]:
    """Line and column of the deepest part of `location` that stands in the file: of its value, or of its word."""
    line = column = None
    for part in location:
        try:
            line, column = _position(content, part, is_word)
            content = content[part]
        except (KeyError, IndexError, TypeError):
            continue
    return line, column


def _position(content: Any, part: int | str, is_word: bool) -> tuple[int, int]:
    """Where a part begins; a mapping or list that stands below its word is told by the word."""
    if isinstance(content, CommentedSeq):
        line, column = content.lc.item(part)
        return line + 1, column + 1
    if not isinstance(content, CommentedMap):
        raise TypeError(content)
    line, column = content.lc.key(part)
    value_line, value_column = content.lc.value(part)
    if not is_word and value_line == line:
        column = value_column
    return line + 1, column + 1


def write(path: Path, content: Any, heading: str) -> None:
    """Write plain data as YAML under a comment; an existing file is never written over.

    Raises:
        ConfigError: there is a file already, or it cannot be written.
    """
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 120
    # Equal parts are written out: a person edits one of them.
    yaml.representer.ignore_aliases = lambda _: True
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(f"# {line}\n" for line in heading.splitlines())
            yaml.dump(content, file)
    except FileExistsError as error:
        raise ConfigError(path, "a file that is there already", "move it away or give another name") from error
    except OSError as error:
        raise ConfigError(path, error.strerror or str(error), "give a place that can be written") from error
