"""Pulls what a site has changed, page by page; each page is committed together with the cursor behind it."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any

from connectors.contract import START, Connector, Page, Stream
from connectors.frames import frames
from domain.connections import SyncRun
from domain.errors import ConnectorError, KeeplineError, Retriable
from domain.imports import Reject
from storage.store import Store
from storage.sync_book import SyncBook
from storage.synced import Batch, Committed, CursorStep, commit, retry_waiting

_BATCH_RECORDS = 2_000
_REMARKS = 20
Report = Callable[[str, int, int | None], None]
Now = Callable[[], datetime]


@dataclass
class Synced:
    """What a sync came to. `error` is what ended it early; what it read until then is in."""

    connection: str
    started_at: datetime
    read: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    waiting: int = 0
    unusable: int = 0
    remarks: dict[str, int] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    error: KeeplineError | None = None
    stopped: bool = False

    def add(self, done: Committed) -> None:
        """Count a committed batch in."""
        self.changed += done.changed
        self.unchanged += done.unchanged
        self.removed += done.removed


def sync(store: Store, name: str, connector: Connector, now: Now, report: Report) -> Synced:
    """Read all streams of a connection from where each was left.

    An error of the outside or of the connector ends the sync, as does Ctrl-C; none of them loses what was committed,
    and the next sync goes on from there.
    """
    book, done = SyncBook(store.engine), Synced(name, now())
    run = book.begin_run(name, done.started_at)
    try:
        for stream in connector.streams():
            done.streams[stream.name] = 0
            _walk(store, book, name, stream, now, report, done)
        done.waiting = _retry(store, name, now, done)
    except (ConnectorError, KeyboardInterrupt) as ended:
        done.error = ended if isinstance(ended, ConnectorError) else None
        done.stopped = done.error is None
    except KeeplineError as error:
        done.error = error
    except Exception as fault:
        # The job's boundary: a fault of one connector must not keep the others from being synced.
        done.error = _as_error(name, fault)
    book.end_run(run, _as_run(done, connector, now()))
    return done


def _as_error(name: str, fault: Exception) -> ConnectorError:
    """Where the connector is at fault. Not what the fault says of itself: it may quote a ticket or a token."""
    last = extract_tb(fault.__traceback__)[-1]
    place = f"{Path(last.filename).name}, line {last.lineno}"
    error = ConnectorError(f"{name}: the connector itself is at fault ({type(fault).__name__} in {place}); report it")
    error.__cause__ = fault
    return error


def take(store: Store, name: str, page: Page, now: Now) -> Committed:
    """Commit what a vendor told us by a webhook: the same upsert as a pull, without a cursor."""
    with store.importing() as transaction:
        done = commit(transaction, _batch(name, [page]), None, now())
    # In a transaction of its own: each kind of record is staged once in one.
    with store.importing() as transaction:
        retry_waiting(transaction, name, now())
    return done


def _walk(store: Store, book: SyncBook, name: str, stream: Stream, now: Now, report: Report, done: Synced) -> None:
    position = book.position(name, stream.name)
    cursor: Mapping[str, Any] = position.cursor if position else START
    read = 0
    total = stream.total() if position is None or position.completed_at is None else None
    before = position.rows_read if position and position.completed_at is None else 0
    report(stream.name, before, total)
    with closing(_gathered(stream, cursor)) as gathered:
        for pages in gathered:
            step = CursorStep(
                connection=name,
                stream=stream.name,
                before=cursor,
                after=pages[-1].cursor,
                rows_read=sum(page.read for page in pages),
                completes=pages[-1].complete,
                snapshot_of=stream.snapshot_of,
            )
            with store.importing() as transaction:
                done.add(commit(transaction, _batch(name, pages), step, now()))
            cursor = step.after
            read += step.rows_read
            done.read += step.rows_read
            done.streams[stream.name] = read
            done.unusable += sum(len(page.unusable) for page in pages)
            for remark in (remark for page in pages for remark in page.remarks):
                done.remarks[remark] = done.remarks.get(remark, 0) + 1
            report(stream.name, before + read, total)
    _retry(store, name, now, done)


def _gathered(stream: Stream, cursor: Mapping[str, Any]) -> Generator[list[Page]]:
    """Pages together until they make a good transaction; what came before an error is handed over before it."""
    pages: list[Page] = []
    try:
        for page in _guarded(stream, cursor):
            pages.append(page)
            if page.complete or sum(len(each.found) + len(each.gone) for each in pages) >= _BATCH_RECORDS:
                yield pages
                pages = []
    except ConnectorError:
        if pages:
            yield pages
        raise


def _guarded(stream: Stream, cursor: Mapping[str, Any]) -> Iterator[Page]:
    """The pages until the complete one; a page that points to itself would never end."""
    last = cursor
    for page in stream.pages(cursor):
        if page.complete:
            yield page
            return
        if page.cursor == last:
            raise ConnectorError(f"{stream.name}: a page points to itself; what came before it is in, try again later")
        last = page.cursor
        yield page
    raise ConnectorError(f"{stream.name}: the walk broke off before its end; try again")


def _batch(name: str, pages: list[Page]) -> Batch:
    unusable = [
        (each.record, each.external_id, _reject(each.column, each.found, each.expected))
        for page in pages
        for each in page.unusable
    ]
    return Batch(
        source=name,
        rows=frames(found for page in pages for found in page.found),
        gone=[(each.record, each.external_id, each.at) for page in pages for each in page.gone],
        unusable=unusable,
    )


def _reject(column: str, found: str, expected: str) -> Reject:
    return Reject(file="-", line=0, column=column, found=found, expected=expected)


def _retry(store: Store, name: str, now: Now, done: Synced) -> int:
    with store.importing() as transaction:
        tried = retry_waiting(transaction, name, now())
    done.changed += tried.changed
    return tried.waiting


def _as_run(done: Synced, connector: Connector, now: datetime) -> SyncRun:
    failed = "deferred" if isinstance(done.error, Retriable) and done.error.retry_after else "failed"
    counted = sorted(done.remarks.items(), key=lambda item: (-item[1], item[0]))[:_REMARKS]
    return SyncRun(
        connection=done.connection,
        started_at=done.started_at,
        ended_at=now,
        state="stopped" if done.stopped else failed if done.error else "done",
        read=done.read,
        changed=done.changed,
        unusable=done.unusable,
        calls=getattr(connector, "calls", 0),
        budget_left=getattr(connector, "budget_left", None),
        remarks=tuple(f"{remark} ({count}x)" for remark, count in counted),
        error=str(done.error) if done.error else None,
    )
