"""An object of a vendor with one of its fields turned into nonsense, for each field and each nonsense."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

_NONSENSE: tuple[Any, ...] = (None, "", "x\0y", -1, 1e300, True, [], [None], {}, {"id": []})


def spoiled(value: Any) -> Iterator[Any]:
    """Each variant differs from `value` in one place, however deep."""
    for path in _paths(value):
        for nonsense in _NONSENSE:
            variant = deepcopy(value)
            inside = variant
            for step in path[:-1]:
                inside = inside[step]
            inside[path[-1]] = nonsense
            yield variant


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inside in steps:
        yield (step,)
        yield from ((step, *rest) for rest in _paths(inside))
