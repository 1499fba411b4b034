"""Shows how the connections are: last success, lag, rows, what was put aside, what the vendor still allows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.registry import vendor
from connectors.site_mapping import ConnectorsDocument
from domain.connections import Connection, SyncRun
from keepline import show
from keepline.bootstrap import Keepline, current_moment
from keepline.wording import length

_MOST = 12


def run(keepline: Keepline, name: str | None, *, fields: bool, schema: bool, as_json: bool) -> None:
    """All connections in a table, or one of them opened."""
    if schema:
        show.as_json(ConnectorsDocument.model_json_schema())
    elif name and fields:
        _fields(keepline, keepline.connected.connection(name), as_json)
    elif name:
        _one(keepline, keepline.connected.connection(name), as_json)
    else:
        _all(keepline, as_json)


def _all(keepline: Keepline, as_json: bool) -> None:
    now, book = current_moment(), keepline.connected
    shown = [_state(each, book.last_runs(each.name), book.counts(each.name), now) for each in book.connections()]
    if as_json:
        show.as_json(shown)
        return
    if not shown:
        show.line("Nothing is connected yet: keepline connect VENDOR; keepline connect lists the vendors.")
        return
    rows = [
        [
            each["name"], each["vendor"], each["state"], each["lag"], f"{sum(each['rows'].values()):,}",
            f"{each['waiting']:,}", f"{each['put_aside']:,}", _calls(each["budget_left"]),
        ]
        for each in shown
    ]  # fmt: skip
    columns = ["Connection", "Vendor", "Last sync", "Last success", "Rows", "Waiting", "Put aside", "Calls left"]
    show.table("Connections", columns, rows, numbers=columns[4:])
    show.line("Open one: keepline connectors NAME. Pull what changed: keepline sync")


def _several(kind: str) -> str:
    words = kind.replace("_", " ")
    return f"{words[:-1]}ies" if words.endswith("ty") else f"{words}s"


def _calls(left: int | None) -> str:
    return "" if left is None else f"{left:,}"


def _state(connection: Connection, runs: Sequence[SyncRun], counts: Mapping[str, int], now: datetime) -> dict[str, Any]:
    success = next((run.ended_at for run in runs if run.state == "done" and run.ended_at), None)
    rows = {kind: count for kind, count in counts.items() if count and kind not in {"waiting", "put aside"}}
    return {
        "name": connection.name,
        "vendor": connection.vendor,
        "state": runs[0].state if runs else "never",
        "last_success": success,
        "lag_seconds": int((now - success).total_seconds()) if success else None,
        "lag": f"{length(now - success)} ago" if success else "never",
        "rows": rows,
        "waiting": counts["waiting"],
        "put_aside": counts["put aside"],
        "budget_left": runs[0].budget_left if runs else None,
        "error": runs[0].error if runs else None,
    }


def _one(keepline: Keepline, connection: Connection, as_json: bool) -> None:
    book, now = keepline.connected, current_moment()
    runs = book.last_runs(connection.name, 1)
    state = _state(connection, book.last_runs(connection.name), book.counts(connection.name), now)
    streams = book.positions(connection.name)
    rejects = [each for each in keepline.store.rejects() if each.file.startswith(f"{connection.name}/")]
    if as_json:
        read = {
            name: {"rows_read": each.rows_read, "completed_at": each.completed_at} for name, each in streams.items()
        }
        aside = [each.model_dump(mode="json") for each in rejects]
        remarks = list(runs[0].remarks) if runs else []
        show.as_json({**state, "streams": read, "rejects": aside, "remarks": remarks})
        return
    show.line(f"{connection.name} ({vendor(connection.vendor).title}), connected {connection.created_at:%Y-%m-%d}")
    show.line(f"Last sync: {state['state']}; last success: {state['lag']}")
    if state["error"]:
        show.line(f"It ended with: {state['error']}", "red")
    kinds = ", ".join(f"{count:,} {_several(kind)}" for kind, count in state["rows"].items())
    show.line(f"It brought {kinds or 'nothing yet'}.")
    rows = [
        [name, f"{each.rows_read:,}", f"{each.completed_at:%Y-%m-%d %H:%M}" if each.completed_at else "not yet"]
        for name, each in streams.items()
    ]
    if rows:
        show.table("Streams", ["Stream", "Rows read", "Read to its end (UTC)"], rows, numbers=["Rows read"])
    if state["waiting"]:
        show.line(f"{state['waiting']:,} records wait for one that they refer to.")
    if rejects:
        more = f" (the first {_MOST} of {len(rejects):,})" if len(rejects) > _MOST else ""
        cells = [[each.file, each.column, each.found, each.expected] for each in rejects[:_MOST]]
        show.table(f"Put aside{more}", ["Record", "Field", "Found", "Expected"], cells)
        show.line("They come in with the next sync after they are mended at the source.")
    for remark in runs[0].remarks if runs else ():
        show.line(remark)


def _fields(keepline: Keepline, connection: Connection, as_json: bool) -> None:
    kind = vendor(connection.vendor)
    found = keepline.connector(connection, keepline.secrets(connection.name)).site_fields()
    if as_json:
        fields = [{"object": each.object, "name": each.name, "label": each.label, "type": each.type} for each in found]
        show.as_json({"mappable": dict(kind.mappable), "site": fields})
        return
    show.table("What can be mapped, in connectors.yaml", ["Field", "What it is"], sorted(kind.mappable.items()))
    show.line()
    show.table(
        "The site's fields", ["Of", "Name", "Label", "Type"], [[f.object, f.name, f.label, f.type] for f in found]
    )
