"""Reads a YAML document into a model; when it is wrong, says file, line, what stands there and what would be right."""

from collections.abc import Callable, Sequence
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
_TOLD = 20


def find(name: str, config_dir: Path) -> Path:
    """The file of a document: the user's own in `config_dir` if it is there, otherwise the shipped default."""
    own = config_dir / f"{name}.yaml"
    return own if own.is_file() else DEFAULTS / f"{name}.yaml"


def shipped() -> list[Path]:
    """The default documents that ship with Keepline."""
    return sorted(DEFAULTS.glob("*.yaml"))


def load(path: Path) -> Any:
    """The content of a YAML file, each mapping and list remembering its lines.

    Raises:
        ConfigError: the file cannot be read, is no YAML, or is larger or deeper than people write.
    """
    yaml = YAML(typ="rt")
    yaml.Constructor = BoundedConstructor
    try:
        text = path.read_text(encoding="utf-8")
        require_modest(text)
        return yaml.load(text)
    except OutOfBounds as error:
        raise ConfigError(path, error.found, error.remedy, error.line) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise ConfigError(path, str(error.problem or error.context), "write well-formed YAML", line) from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(path, str(error), "give a readable YAML file in UTF-8") from error


def read(path: Path, model: type[Model], prepare: Callable[[Any, Path], Any] | None = None) -> Model:
    """The document in `path` as `model`.

    `prepare` gets the plain content and the folder that the file is in, and returns the content to be believed: what
    other files have to say to it.

    Raises:
        ConfigError: what is wrong, with its line; all mistakes that were found are in it.
    """
    content = load(path)
    plain = _plain(content) if content is not None else {}
    try:
        return model.model_validate(plain if prepare is None else prepare(plain, path.parent))
    except ValidationError as error:
        raise _explained(path, content, error) from error


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    return content


def _explained(path: Path, content: Any, error: ValidationError) -> ConfigError:
    found = [_mistake(path, content, each) for each in error.errors(include_url=False)]
    told: dict[str, ConfigError] = {str(each): each for each in found}
    first, *more = told.values()
    if len(more) >= _TOLD:
        left = len(more) - _TOLD + 1
        more[_TOLD - 1 :] = [ConfigError(path, f"{left} further mistakes", "mend these first")]
    return ConfigError(path, first.found, first.remedy, first.line, more)


def _mistake(path: Path, content: Any, error: ErrorDetails) -> ConfigError:
    # Pydantic marks a wrong key of a mapping with a part of its own.
    location = [part for part in error["loc"] if part != "[key]"]
    where = ".".join(str(part) for part in location)
    found = repr(error["input"]) if not isinstance(error["input"], dict | list | tuple) else "an entry"
    remedy = error["msg"].removeprefix("Value error, ")
    return ConfigError(path, f"{found[:80]} at {where or 'the top'}", remedy, _line(content, location))


def _line(content: Any, location: Sequence[int | str]) -> int | None:
    """The line of the deepest part of `location` that stands in the file."""
    line: int | None = None
    for part in location:
        try:
            if isinstance(content, CommentedMap):
                line = content.lc.key(part)[0] + 1
            elif isinstance(content, CommentedSeq):
                line = content.lc.item(part)[0] + 1
            content = content[part]
        except (KeyError, IndexError, TypeError):
            continue
    return line


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
