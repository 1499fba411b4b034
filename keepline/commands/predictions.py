"""Lists the tickets without an answer whose customers are probably the least satisfied."""

from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from domain.reading import LearnedModel, Predicted
from jobs.satisfaction import Worth, foretold_tickets, why_silent
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money
from storage.learned import LearnedBook

_MOST = 25
_LONGEST = 40
_WORDS = {"csat": "satisfied", "ces": "low effort"}


def run(keepline: Keepline, predicts: Predicted, as_of: datetime | None, *, everything: bool, as_json: bool) -> None:
    """Print them at a moment, the lowest first."""
    now = keepline.moment(as_of)
    model = LearnedBook(keepline.store.engine).in_force(predicts, now)
    banner(keepline)
    silent = why_silent(model)
    if model is None or silent is not None:
        _print_none(predicts, silent, as_json)
        return
    most = None if everything or as_json else _MOST
    found = foretold_tickets(keepline.store, keepline.rulebook, model, now, most)
    if as_json:
        show.as_json({**_head(model), **_counts(found.known, found.unknown), "tickets": _tickets(found)})
        return
    rows = [
        [
            row["ticket_ref"], row["subject"][:_LONGEST], row["account"] or "unknown",
            money(found.arr_cents(row), found.currency), _share(row), "; ".join(row["because"]["reasons"]),
        ]
        for row in found.rows
    ]  # fmt: skip
    if not rows:
        show.line("No ticket without an answer is foretold yet: keepline run")
        return
    columns = ["Ticket", "Subject", "Account", "ARR", f"Probably {_WORDS[predicts]}", "Why"]
    level = f"{model.content['level']:.0%} interval"
    show.table(f"Tickets without a {predicts.upper()} answer, lowest first ({level})", columns, rows, numbers=["ARR"])
    unknown = f", {found.unknown:,} unknown" if found.unknown else ""
    show.line(
        f"{found.known:,} tickets foretold{unknown}; of tickets like these so many are {_WORDS[predicts]}, on average "
        f"{model.content['satisfied_ratio']:.0%}. Version {model.model_hash[:12]} of {model.trained_at:%Y-%m-%d}."
    )


def _print_none(predicts: Predicted, why: str | None, as_json: bool) -> None:
    if as_json:
        show.as_json({"predicts": predicts, "version": None, "unknown_because": why, "tickets": []})
    else:
        show.line(f"{predicts.upper()} is foretold of no ticket: {why}. keepline learn {predicts}")


def _share(row: Any) -> str:
    return f"{row['predicted_ratio']:.0%} ({row['low_ratio']:.0%} to {row['high_ratio']:.0%})"


def _head(model: LearnedModel) -> dict[str, Any]:
    return {
        "predicts": model.predicts, "version": model.model_hash, "trained_at": model.trained_at,
        "level": model.content["level"], "usual_ratio": model.content["satisfied_ratio"],
    }  # fmt: skip


def _counts(known: int, unknown: int) -> dict[str, int]:
    return {"foretold": known, "unknown": unknown}


def _tickets(found: Worth) -> list[dict[str, Any]]:
    names = (
        "source", "ticket_ref", "subject", "status", "account", "account_ref", "predicted_ratio", "low_ratio",
        "high_ratio", "predicted_at", "resolved_at",
    )  # fmt: skip
    return [
        {
            **{name: row[name] for name in names},
            "arr": None if (cents := found.arr_cents(row)) is None else str(decimal_amount(cents, found.currency)),
            "currency": found.currency,
            "because": row["because"]["reasons"],
            "open": row["because"]["open"],
        }
        for row in found.rows
    ]
