"""The import as `keepline import` does it: recognised, read, checked, staged, linked, written, accounted for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
    _measure_inside(inner)
    with watch.part("all"):
        report = importing.import_files(store, recognise([where / "tickets.csv"], mappings), NOW, lambda *_: None)
    store.close()
    whole = watch.parts.pop("all")
    watch.parts.update(inner.parts, rest=whole - inner.seconds)
    if report.refused or report.rejects:
        raise RuntimeError(f"rows were put aside: {report.refused or report.rejects[0]}")
    return written(database)


def _measure_inside(watch: Stopwatch) -> None:
    """Put the stopwatch around the steps of the import, for this process."""
    # `read` is a name that the job imported, not one that it offers.
    setattr(importing, "read", _each_step(watch, "read and check", read))  # noqa: B010
    for owner, name, part in (
        (Staging, "append", "stage"),
        (Staging, "_put_aside_doubles", "doubles"),
        (Staging, "_link", "link"),
        (Staging, "_write", "write"),
        (Importing, "close", "throw stage away"),
    ):
        setattr(owner, name, _whole(watch, part, getattr(owner, name)))


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
