"""Shows how healthy the accounts are, the worst first; and of one its parts, scales, weights and the risk's reasons."""

from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from jobs.health import HealthTable, HealthView, OpenedPart, health_table, health_view
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money
from rules.health.reasons import Reason
from rules.signals.scorecard import PART_NAMES

_MOST = 25


def show_all(keepline: Keepline, as_of: datetime | None, *, everything: bool, as_json: bool) -> None:
    """Print every account that pays, the least healthy first."""
    now = keepline.moment(as_of)
    table = health_table(keepline.store, keepline.rulebook, now)
    banner(keepline)
    if as_json:
        show.as_json(_printed(table, now))
        return
    if not table.rows:
        show.line("No account pays anything yet: keepline import FOLDER or keepline connect VENDOR brings revenue.")
        return
    parts = [part.name for part in table.scorecard.parts]
    shown = table.rows if everything else table.rows[:_MOST]
    rows = [
        [
            row["account"], row["segment"] or "unknown", money(row["acv"], table.currency),
            "unknown" if row["days_to_renewal"] is None else f"{row['days_to_renewal']:,}", _points(row["health"]),
            *(_points(row[f"health_{name}"]) for name in parts),
            *([_percent(row["churn_risk"])] if table.silent is None else []),
        ]
        for row in shown
    ]  # fmt: skip
    risk = [f"Leaves in {table.horizon_days} d"] if table.silent is None else []
    columns = ["Account", "Segment", "ARR", "Renews in", "Health", *(name.capitalize() for name in parts), *risk]
    show.table(f"Health of {len(table.rows):,} accounts, 0 to 100, the worst first", columns, rows, numbers=columns[2:])
    left = len(table.rows) - len(shown)
    if left:
        show.line(f"and {left:,} more: --all")
    unknown = len(table.rows) - table.known
    if unknown:
        show.line(f"Health of {unknown:,} accounts is unknown: too little of it is known.")
    show.line(_risk_line(table))
    show.line("Open one: keepline health ACCOUNT. Weights and scales: health.yaml.")


def _risk_line(table: HealthTable) -> str:
    if table.silent is not None:
        return f"Churn risk: unknown, because {table.silent}."
    assert table.model is not None  # noqa: S101 - where it is silent, it was told above
    base = table.model.content["base_ratio"]
    return (
        f"Churn risk: the share of accounts like it that lost all their revenue within {table.horizon_days} days; of "
        f"all accounts {base:.1%}. Learned on {table.model.trained_at:%Y-%m-%d}; how it did: keepline learn --list"
    )


def show_one(keepline: Keepline, name: str, as_of: datetime | None, as_json: bool) -> None:
    """Print one account's health with everything that it is made of."""
    now = keepline.moment(as_of)
    view = health_view(keepline.store, keepline.rulebook, name, now)
    banner(keepline)
    if as_json:
        show.as_json(_opened(view, now))
        return
    row = view.row
    show.line(f"{row['account']} ({row['account_ref']}), ARR {money(row['acv'], view.currency)}", "bold")
    show.line(f"Health {_points(row['health'])} of 100 on {now:%Y-%m-%d}{_why_unknown(view)}")
    show.line()
    if view.parts:
        _print_parts(view.parts)
    _print_risk(view)


def _why_unknown(view: HealthView) -> str:
    if view.row["health"] is not None:
        return ""
    known = sum(part.weight for part in view.parts if part.points is not None)
    whole = sum(part.weight for part in view.parts)
    share = known / whole if whole else 0.0
    return f": only {share:.0%} of the weight is known, and health.yaml asks for {view.least_known:.0%}"


def _print_parts(parts: tuple[OpenedPart, ...]) -> None:
    rows = []
    for opened in parts:
        share = "left out" if opened.share is None else f"{opened.share:.0%}"
        rows.append([opened.part.name.capitalize(), _points(opened.points), f"{opened.weight:g}", share, "", ""])
        rows += [["", _points(signal.points), "", "", signal.said, str(signal.scale)] for signal in opened.signals]
    columns = ["Part", "Points", "Weight", "Counts", "From", "Scale"]
    show.table("Parts: the mean of their signals, or the lowest", columns, rows, numbers=["Points", "Weight", "Counts"])
    show.line()


def _print_risk(view: HealthView) -> None:
    if view.told is None:
        show.line(f"Churn risk: unknown, because {view.silent}.")
        return
    show.line(
        f"Churn risk {view.told.risk:.1%} within {view.horizon_days} days; the average account's is "
        f"{view.told.average:.1%}. What moves it from there, in percentage points:"
    )
    for word, found in (("up", view.told.up), ("down", view.told.down)):
        show.line(f"  {word}: {'; '.join(map(_reason, found)) or 'nothing'}")


def _reason(reason: Reason) -> str:
    return f"{reason.said} ({_signed(reason.points)})"


def _signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−")


def _points(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"


def _printed(table: HealthTable, now: datetime) -> dict[str, Any]:
    return {
        "as_of": now, "currency": table.currency, "horizon_days": table.horizon_days,
        "churn_risk_unknown_because": table.silent,
        "accounts": [
            {
                "account": row["account"], "account_ref": row["account_ref"], "segment": row["segment"],
                "arr": str(decimal_amount(row["acv"], table.currency)), "days_to_renewal": row["days_to_renewal"],
                "health": row["health"], "parts": {name: row[f"health_{name}"] for name in PART_NAMES},
                "churn_risk": row["churn_risk"],
            }
            for row in table.rows
        ],
    }  # fmt: skip


def _opened(view: HealthView, now: datetime) -> dict[str, Any]:
    row, told = view.row, view.told
    return {
        "as_of": now, "account": row["account"], "account_ref": row["account_ref"], "segment": row["segment"],
        "arr": None if row["acv"] is None else str(decimal_amount(row["acv"], view.currency)),
        "currency": view.currency, "health": row["health"], "least_known": view.least_known,
        "parts": [
            {
                "part": each.part.name, "points": each.points, "weight": each.weight, "counts": each.share,
                "takes": each.part.takes,
                "signals": [
                    {"signal": one.name, "value": one.value, "said": one.said, "points": one.points,
                     "scale": [list(point) for point in one.scale.points]}
                    for one in each.signals
                ],
            }
            for each in view.parts
        ],
        "churn_risk": None if told is None else row["churn_risk"], "horizon_days": view.horizon_days,
        "churn_risk_unknown_because": view.silent, "average_churn_risk": None if told is None else told.average,
        "reasons": [] if told is None else [vars(each) for each in told.reasons],
    }  # fmt: skip
