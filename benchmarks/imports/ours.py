"""The import as `keepline import` does it: recognised, read, checked, staged, linked, written, accounted for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import adbc_driver_sqlite.dbapi  # noqa: F401 - imports are not timed

from benchmarks.contest import Answer, Stopwatch
from benchmarks.imports.databases import NOW, fresh, written
from connectors.files import read, recognise
from jobs import importing
from keepline.mappings import mappings_for
from storage.staging import Importing, Staging
from storage.store import Store


def contend(watch: Stopwatch, folder: str) -> Answer:
    """One file, from its bytes to rows of the table; the parts are measured inside of the import."""
    database, where = fresh(folder), Path(folder)
    mappings, store = mappings_for(where, None), Store(f"sqlite:///{database}")
    inner = Stopwatch()
    with _measured_inside(inner), watch.part("all"):
        report = importing.import_files(store, recognise([where / "tickets.csv"], mappings), NOW, lambda *_: None)
    store.close()
    whole = watch.parts.pop("all")
    watch.parts.update(inner.parts, rest=whole - inner.seconds)
    if report.refused or report.rejects:
        raise RuntimeError(f"rows were put aside: {report.refused or report.rejects[0]}")
    return written(database)


@contextmanager
def _measured_inside(watch: Stopwatch) -> Iterator[None]:
    """The stopwatch around the steps of the import."""
    steps = (
        (Staging, "append", "stage"),
        (Staging, "_put_aside_doubles", "doubles"),
        (Staging, "_link", "link"),
        (Staging, "_write", "write"),
        (Importing, "close", "throw stage away"),
    )
    with ExitStack() as stack:
        stack.enter_context(patch.object(importing, "read", _each_step(watch, "read and check", read)))
        for owner, name, part in steps:
            stack.enter_context(patch.object(owner, name, _whole(watch, part, getattr(owner, name))))
        yield


def _whole(watch: Stopwatch, part: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def measured(*arguments: Any) -> Any:
        with watch.part(part):
            return step(*arguments)

    return measured


def _each_step(watch: Stopwatch, part: str, generate: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def measured(*arguments: Any) -> Iterator[Any]:
        steps = generate(*arguments)
        while True:
            with watch.part(part):
                step = next(steps, None)
            if step is None:
                return
            yield step

    return measured
