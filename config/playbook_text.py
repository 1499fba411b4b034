"""Knows how a playbook is laid out in YAML, a comparison and a step on one line each, and adds one to a file."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from domain.errors import ConfigError

_WIDTH = 120
# The words of an entry stand so far in: two for the list, two for its dash.
_WORDS_AT = 4
# Groups of a condition are never put on one line.
_OPEN = frozenset({"all", "any", "not", "id"})


_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


def add_entry(path: Path, default: Path, entry: str, check: Callable[[Path], object]) -> int:
    """Put an entry of `playbooks:` at the end of a file; every comment and line in it stays. Returns the entry's line.

    Where there is no file yet it begins as a copy of `default`. `check` reads what the file would be and raises where
    that is wrong; then nothing is written.

    Raises:
        ConfigError: the file cannot be read or written.
    """
    trial = path.with_name(f".{path.name}.trial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (path if path.is_file() else default).read_text(encoding="utf-8").rstrip() + "\n\n"
        trial.write_text(text + _indented(entry, text), encoding="utf-8")
        check(trial)
        shutil.move(trial, path)
    except OSError as error:
        raise ConfigError(
            path, error.strerror or str(error), "give a configuration folder that can be written"
        ) from error
    finally:
        trial.unlink(missing_ok=True)
    return text.count("\n") + 1


def _indented(entry: str, text: str) -> str:
    """The entry, moved to where the other entries of the file begin."""
    theirs, ours = _ITEM.search(text), _ITEM.search(entry)
    wanted = len(theirs[1]) if theirs else 2
    moved = wanted - (len(ours[1]) if ours else 0)
    return "".join((" " * moved + line if moved > 0 else line[-moved:]) for line in entry.splitlines(keepends=True))


def commented(entry: str, comments: Mapping[str, str]) -> str:
    """The entry with a comment over the lines that begin with these words of a playbook."""
    lines: list[str] = []
    for line in entry.splitlines(keepends=True):
        word = line.strip().partition(":")[0]
        if word in comments and len(line) - len(line.lstrip()) == _WORDS_AT:
            lines.append(f"{' ' * _WORDS_AT}# {comments[word]}\n")
        lines.append(line)
    return "".join(lines)


def playbook_yaml(playbook: Mapping[str, Any]) -> str:
    """A playbook, as plain data, as an entry of `playbooks:`; indented by two, as the shipped file is."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDTH
    yaml.representer.ignore_aliases = lambda _: True
    out = StringIO()
    yaml.dump([_laid_out(playbook)], out)
    return out.getvalue()


def _laid_out(content: Any) -> Any:
    if isinstance(content, Mapping):
        laid = CommentedMap({str(word): _laid_out(part) for word, part in content.items()})
        if not _OPEN & laid.keys() and _is_short(content):
            laid.fa.set_flow_style()
        return laid
    if isinstance(content, Sequence) and not isinstance(content, str):
        listed = CommentedSeq([_laid_out(part) for part in content])
        if all(not isinstance(part, Mapping | list | tuple) for part in content):
            listed.fa.set_flow_style()
        return listed
    return content


def _is_short(content: Mapping[str, Any]) -> bool:
    """A mapping whose parts are scalars, lists of scalars, or scalars by segment."""
    parts = [part for value in content.values() for part in (value.values() if isinstance(value, Mapping) else [value])]
    return all(
        not isinstance(part, Mapping)
        and (not isinstance(part, list | tuple) or all(not isinstance(each, Mapping | list | tuple) for each in part))
        for part in parts
    )
