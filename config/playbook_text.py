"""Knows how a playbook is laid out in YAML: a comparison and a step stand on one line each."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

_WIDTH = 120
# Groups of a condition are never put on one line.
_OPEN = frozenset({"all", "any", "not", "id"})


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
