"""Shows the signals: what each means, how it lies over the accounts, and the rows behind one account's value."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.errors import KeeplineError
from domain.money import decimal_amount
from jobs.signal_rows import Opened, known_signals, open_signal
from jobs.signal_views import SignalView, Spread, view_signal
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, length, money
from rules.signals import Shown, Signal, SignalWindows, Value
from rules.signals.ticket_catalogue import TICKET_SIGNALS

_MOST = 20
_LONGEST = 60


def show_all(keepline: Keepline, account: str | None, as_of: datetime | None, as_json: bool) -> None:
    """Print the catalogue.

    Raises:
        KeeplineError: an account was named without a signal.
    """
    if account is not None:
        raise KeeplineError(f"name a signal to open it for an account; all of them: keepline account {account}")
    keepline.moment(as_of)
    windows, catalogue = keepline.rulebook.windows, known_signals(keepline.rulebook)
    ours = [("account", signal) for signal in catalogue.values()]
    listed = [*ours, *(("ticket", signal) for name, signal in TICKET_SIGNALS.items() if name not in catalogue)]
    if as_json:
        show.as_json([{"about": about, **described(signal, windows)} for about, signal in listed])
        return
    for about in ("account", "ticket"):
        rows = [
            [signal.name, signal.kind, signal.unit, signal.meant(windows), signal.missing(windows)]
            for of, signal in listed
            if of == about
        ]
        show.table(f"Signals of an {about}" if about == "account" else "Signals of a ticket beside its account's",
                   ["Signal", "Type", "Unit", "Meaning", "Unknown when"], rows)  # fmt: skip
        show.line()
    show.line(
        "One of them: keepline signals NAME, with --account ACCOUNT the rows behind it. How far back: signals.yaml"
    )


def described(signal: Signal, windows: SignalWindows) -> dict[str, Any]:
    """A signal in the words of its catalogue, with the configured lengths."""
    return {
        "name": signal.name, "type": signal.kind, "unit": signal.unit, "noun": signal.named(windows),
        "meaning": signal.meant(windows), "unknown_when": signal.missing(windows), "words": list(signal.words),
    }  # fmt: skip


def show_one(keepline: Keepline, name: str, as_of: datetime | None, as_json: bool) -> None:
    """Print what one signal means, what looks at it, and how it lies over the accounts."""
    windows = keepline.rulebook.windows
    if name in TICKET_SIGNALS and name not in known_signals(keepline.rulebook):
        _print_meaning(TICKET_SIGNALS[name], windows, as_json)
        return
    view = view_signal(keepline.store, keepline.rulebook, name, keepline.moment(as_of))
    if as_json:
        show.as_json(_view_json(view, windows))
        return
    banner(keepline)
    _print_meaning(view.signal, windows, as_json=False)
    show.line(f"Playbooks that look at it: {', '.join(view.playbooks) or 'none'}")
    if view.health_parts:
        show.line(f"Parts of health that look at it: {', '.join(view.health_parts)}")
    show.line(f"Counted from: {', '.join(view.facts) or 'other signals'}")
    _print_spread(view, windows)
    show.line(f"The rows behind one account's value: keepline signals {name} --account ACCOUNT")


def _print_meaning(signal: Signal, windows: SignalWindows, as_json: bool) -> None:
    if as_json:
        show.as_json(described(signal, windows))
        return
    unit = f", {signal.unit}" if signal.unit and signal.unit != signal.kind else ""
    show.line(f"{signal.name} ({signal.kind}{unit}): {signal.named(windows)}", "bold")
    show.line(signal.meant(windows))
    show.line(f"Unknown when {signal.missing(windows)}.")
    if signal.words:
        show.line(f"One of: {', '.join(signal.words)}")


def _print_spread(view: SignalView, windows: SignalWindows) -> None:
    spread = view.spread
    show.line(f"Accounts now: {spread.known:,} known, {spread.unknown:,} unknown")
    shown = [_value(view.signal, value, view.currency, windows) for value in spread.quartiles]
    if shown:
        columns = ["Lowest", "A quarter is at most", "Half is at most", "Three quarters are at most", "Highest"]
        show.table("How it lies", columns, [shown], numbers=columns)
    if spread.words:
        rows = [[word, f"{count:,}"] for word, count in spread.words]
        show.table("Most frequent", ["Value", "Accounts"], rows, numbers=["Accounts"])


def _view_json(view: SignalView, windows: SignalWindows) -> dict[str, Any]:
    spread: Spread = view.spread
    plain = [_plain(view.signal, value, view.currency) for value in spread.quartiles]
    return {
        **described(view.signal, windows), "playbooks": list(view.playbooks), "health_parts": list(view.health_parts),
        "facts": list(view.facts), "known": spread.known, "unknown": spread.unknown, "quartiles": plain,
        "most_frequent": [{"value": word, "accounts": count} for word, count in spread.words],
    }  # fmt: skip


def show_rows(keepline: Keepline, name: str, account: str, as_of: datetime | None, as_json: bool) -> None:
    """Print one account's value, its sentence, and what it was counted from."""
    now = keepline.moment(as_of)
    opened = open_signal(keepline.store, keepline.rulebook, name, account, now)
    if as_json:
        show.as_json(_opened_json(opened))
        return
    banner(keepline)
    windows = keepline.rulebook.windows
    shown = _value(opened.signal, opened.value, opened.currency, windows)
    show.line(f"{opened.account['name']} ({opened.account['external_id']}): {name} {shown}", "bold")
    show.line(opened.because[:1].upper() + opened.because[1:])
    show.line(opened.signal.meant(windows))
    if not opened.rows:
        show.line(f"It follows from other signals: keepline health {opened.account['external_id']}")
    for fact, rows in opened.rows.items():
        _print_rows(opened, fact, rows, now)


def _print_rows(opened: Opened, fact: str, rows: list[dict[str, Any]], now: datetime) -> None:
    show.line()
    if not rows:
        show.line(f"{fact.capitalize()}: none")
        return
    columns = [name for name in rows[0] if name != "at"]
    shown = [[_cell(row["at"]), *(_cell(row[name]) for name in columns)] for row in rows[:_MOST]]
    more = f", the newest {_MOST} of {len(rows):,}; --json has all" if len(rows) > _MOST else f", {len(rows):,}"
    heads = {"external_id": "Id", "at": "When"}
    names = [heads.get(name, name.replace("_", " ").capitalize()) for name in ("at", *columns)]
    show.table(f"{fact.capitalize()}{more}", names, shown)
    for (source, of), moment in opened.told_at.items():
        if of == fact:
            show.line(f"Source {source}: read on {moment:%Y-%m-%d %H:%M} UTC, {_age(moment, now)}")


def _age(moment: datetime, now: datetime) -> str:
    return f"{length(now - moment)} {'before' if moment <= now else 'after'}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _value(signal: Signal, value: Value, currency: str, windows: SignalWindows) -> str:
    if value is None:
        return "unknown"
    if signal.kind == "money":
        return money(int(value), currency) if isinstance(value, int) else str(value)
    shown: Mapping[str, Value] = {signal.name: value}
    return Shown(shown, currency, windows).length(signal.name) if signal.kind == "duration" else _number(value)


def _number(value: Value) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _plain(signal: Signal, value: Value, currency: str) -> Any:
    if signal.kind == "money" and isinstance(value, int):
        return str(decimal_amount(value, currency))
    return value.isoformat() if isinstance(value, date) else value


def _opened_json(opened: Opened) -> dict[str, Any]:
    return {
        "account": opened.account["name"], "account_ref": opened.account["external_id"], "signal": opened.signal.name,
        "value": _plain(opened.signal, opened.value, opened.currency), "currency": opened.currency,
        "because": opened.because, "rows": opened.rows,
        "sources": [
            {"source": source, "facts": fact, "read_at": moment} for (source, fact), moment in opened.told_at.items()
        ],
    }  # fmt: skip
