"""Shows one customer: revenue, renewal, tickets, signals, decisions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from domain.records import Record
from jobs.account import AccountView, Rows, view_account
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.sla_clocks import print_clocks, printed
from keepline.wording import ago_or_in, banner, money
from rules.signals import SIGNALS

_MOST = 8


def run(keepline: Keepline, name: str, as_of: datetime | None, as_json: bool, known_on: datetime | None = None) -> None:
    """Print everything about one account; its revenue with what was known of it on a day."""
    now = keepline.moment(as_of, known_on)
    view = view_account(keepline.store, keepline.rulebook, name, now, known_on)
    banner(keepline)
    if as_json:
        show.as_json(_printed(view))
        return
    _print_header(view, now)
    _print_signals(view, keepline)
    _print_list(
        "Subscriptions", view.lines, ("product", "plan", "seats", "amount", "interval_months", "starts_on", "ends_on")
    )
    _print_list("Contracts", view.contracts, ("external_id", "arr", "starts_on", "renews_on", "notice_on", "ends_on"))
    _print_list("Tickets", view.tickets, ("created_at", "priority", "status", "subject", "resolved_at"))
    _print_telling(view)
    _print_service_levels(view)
    _print_escalations(view, now)
    _print_holdouts(view, now)
    _print_list("Decisions", _newest(view.decisions), ("as_of", "playbook", "because"))
    _print_list("Outcomes", _newest(view.outcomes), ("happened_at", "kind", "kept", "lost"))
    for loss in view.losses:
        name = keepline.rulebook.reasons.name_of(loss.reason)
        show.line(f"Lost on {loss.happened_at:%Y-%m-%d}, {loss.phrase(name)}: {loss.because}")


def _print_header(view: AccountView, now: datetime) -> None:
    account, signals = view.account, view.signals
    show.line(f"{account['name']} ({account['external_id']}, {account['source']})", "bold")
    known = [f"{word}: {account[word]}" for word in ("segment", "industry", "region", "csm") if account[word]]
    show.line("  ".join(known))
    renewal = signals["days_to_renewal"]
    renews = (
        f"renews on {signals['renewal_on']}, in {renewal} days" if renewal is not None else "no renewal date is known"
    )
    show.line(f"ARR {money(signals['acv'], view.currency)} on {now:%Y-%m-%d}; {renews}; {len(view.tickets):,} tickets")
    show.line()


def _print_signals(view: AccountView, keepline: Keepline) -> None:
    windows = keepline.rulebook.windows
    rows = [
        [name, _value(view.signals[name], signal.kind, view.currency), signal.meant(windows)]
        if view.signals[name] is not None
        else [name, "unknown", f"because {signal.missing(windows)}"]
        for name, signal in SIGNALS.items()
    ]
    show.table("Signals", ["Signal", "Value", "Meaning"], rows, numbers=["Value"])
    show.line()


def _value(value: Any, kind: str, currency: str) -> str:
    if kind == "money":
        return money(value, currency)
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _print_list(title: str, rows: Rows, columns: tuple[str, ...]) -> None:
    if not rows:
        show.line(f"{title}: none")
        return
    shown = [[_cell(row, column) for column in columns] for row in rows[:_MOST]]
    more = f" (the newest {_MOST} of {len(rows):,}; --json has all)" if len(rows) > _MOST else ""
    show.table(title + more, [column.replace("_", " ").capitalize() for column in columns], shown)
    show.line()


def _cell(row: dict[str, Any], column: str) -> str:
    if f"{column}_cents" in row:
        return money(row[f"{column}_cents"], row["currency"])
    value = row[column]
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _print_telling(view: AccountView) -> None:
    for each in view.telling:
        show.line(f"“{each.line}” (ticket {each.ticket_ref}, {each.sent_at:%Y-%m-%d})")
    if view.telling:
        show.line(f"  more of what they wrote: keepline summary --account {view.account['external_id']}")
        show.line()


def _print_service_levels(view: AccountView) -> None:
    states = Counter(clock.state for clock in view.clocks)
    counts = ", ".join(f"{states[state]:,} {state}" for state in ("running", "paused", "breached"))
    show.line(f"Service levels: clocks {counts}; broken promises on record {len(view.breaches):,}")
    if view.clocks:
        print_clocks("Clocks, the next deadline first", view.clocks[:_MOST])
    _print_list("Broken promises", _newest(view.breaches), ("breached_at", "ticket_ref", "metric", "policy"))


def _print_escalations(view: AccountView, now: datetime) -> None:
    rows = [
        [
            f"{entry.escalation.opened_at:%Y-%m-%d %H:%M}", entry.escalation.state, entry.escalation.playbook,
            ago_or_in(entry.escalation.due_at, now) if entry.escalation.due_at else "",
            "; ".join(f"{'done' if step.done_at else 'open'}: {step.do} ({step.owner})" for step in entry.steps),
        ]
        for entry in view.escalations
    ]  # fmt: skip
    if rows:
        show.table("Escalations", ["Opened", "State", "Playbook", "Due", "Steps"], rows)
        show.line()
    else:
        show.line("Escalations: none")


def _print_holdouts(view: AccountView, now: datetime) -> None:
    for each in view.holdouts:
        drawn, plan = each.assignment, f"{each.plan.playbook} (plan {each.plan.plan_hash[:8]})"
        if drawn.overridden_at is not None:
            said = f"by {drawn.overridden_by}: {drawn.overridden_because}"
            show.line(f"Holdout of {plan}: let through since {drawn.overridden_at:%Y-%m-%d} {said}")
        elif drawn.arm == "holdout":
            ends = "is" if now < each.ends_at else "was"
            span = f"from {drawn.assigned_at:%Y-%m-%d} to {each.ends_at:%Y-%m-%d}"
            show.line(f"Holdout of {plan}: {ends} held out by lot {span}")
            if now < each.ends_at:
                show.line("  to let help through: keepline holdout --release ACCOUNT --because REASON")
        else:
            show.line(f"Holdout of {plan}: drawn on {drawn.assigned_at:%Y-%m-%d}, not held out")


def _newest(records: Sequence[Record]) -> Rows:
    return [record.model_dump() for record in reversed(records)]


def _printed(view: AccountView) -> dict[str, Any]:
    escalations = [
        {**entry.escalation.model_dump(mode="json"), "steps": [step.model_dump(mode="json") for step in entry.steps]}
        for entry in view.escalations
    ]
    return {
        **{name: rows for name, rows in asdict(view).items() if name in {"lines", "contracts", "tickets", "surveys"}},
        "account": view.account,
        "currency": view.currency,
        "signals": {name: _plain(name, view) for name in SIGNALS},
        "decisions": [each.model_dump(mode="json") for each in view.decisions],
        "escalations": escalations,
        "outcomes": [each.model_dump(mode="json") for each in view.outcomes],
        "telling": [asdict(each) for each in view.telling],
        "losses": [each.model_dump(mode="json") for each in view.losses],
        "clocks": [printed(clock) for clock in view.clocks],
        "breaches": [each.model_dump(mode="json") for each in view.breaches],
        "holdouts": [
            {"playbook": each.plan.playbook, **each.assignment.model_dump(mode="json")} for each in view.holdouts
        ],
    }


def _plain(name: str, view: AccountView) -> Any:
    value = view.signals[name]
    return str(decimal_amount(value, view.currency)) if SIGNALS[name].kind == "money" and value is not None else value
