"""Shows what an incremental estimate rests on: effects, balance, overlap, controls, and every episode."""

import json
from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from jobs.impact import ImpactDesk
from keepline import show
from keepline.commands.impact_tables import checks, print_headline
from retention.incremental.result import Effect, IncrementalResult, Overlap
from retention.incremental_report import Incremental

_MOST = 40
_MOMENTS = ("flagged_at", "treated_at", "late_at", "notice_at", "outcome_at")


def evidence_json(desk: ImpactDesk) -> dict[str, Any]:
    """The estimate and every episode as plain data; amounts are decimal strings."""
    return {"incremental": desk.incremental.model_dump(mode="json"), "episodes": episode_rows(desk)}


def episode_rows(desk: ImpactDesk) -> list[dict[str, Any]]:
    """Each episode with the account's name, whether it was helped, what became of it, and why it is not compared."""
    names = desk.store.account_names()
    rows = []
    for row in desk.episodes.iter_rows(named=True):
        worth = {
            name: None if row[f"{name}_cents"] is None else str(decimal_amount(row[f"{name}_cents"], row["currency"]))
            for name in ("arr", "kept")
        }
        rows.append(
            {
                "episode_id": row["episode_id"],
                "account": names.get(row["account_ref"], row["account_ref"]),
                "playbooks": (playbooks := json.loads(row["playbooks"])),
                "arm": next(
                    (desk.arms[drawn] for name in playbooks if (drawn := (row["account_id"], name)) in desk.arms), None
                ),
                **{name: row[name] and row[name].isoformat() for name in _MOMENTS},
                "outcome": row["outcome"],
                "treated": row["treated"],
                "renewed": row["renewed"] if row["excluded"] is None else None,
                **worth,
                "currency": row["currency"],
                "excluded": row["excluded"],
            }
        )
    return rows


def print_evidence(desk: ImpactDesk) -> None:
    """All tables behind the estimate."""
    told = desk.incremental
    print_headline(told)
    if told.evidence is not None:
        _print_result(told, told.evidence)
    _print_episodes(desk)


def _print_result(told: Incremental, evidence: IncrementalResult) -> None:
    show.line(f"  {evidence.method}")
    _print_effects(evidence)
    rows = checks(told)
    if rows:
        show.line()
        show.table("How far to believe it", ["Check", "Result", "What it looked at"], rows)
    _print_balance(evidence)
    if evidence.overlap:
        _print_overlap(evidence.overlap)
    _print_sizes(evidence)


def _print_effects(evidence: IncrementalResult) -> None:
    known = [effect for effect in evidence.effects if effect.estimate is not None]
    rows = [[effect.measure, effect.estimand, *_figures(effect, evidence.currency)] for effect in known]
    if rows:
        show.line()
        columns = ["Effect on", "For whom", "Estimate", "Low", "High"]
        sure = f"{100 * evidence.confidence:.0f} %"
        show.table(f"Effects, with {sure} intervals", columns, rows, numbers=columns[2:])


def _figures(effect: Effect, currency: str | None) -> list[str]:
    return [_figure(each, effect.unit, currency) for each in (effect.estimate, effect.low, effect.high)]


def _figure(value: float | None, unit: str, currency: str | None) -> str:
    if value is None:
        return "–"
    if unit == "probability" or currency is None:
        return f"{100 * value:+.1f} points"
    return f"{decimal_amount(round(value), currency):+,.0f} {currency}"


def _print_balance(evidence: IncrementalResult) -> None:
    rows = [
        [
            each.covariate,
            f"{each.treated_mean:,.2f}",
            f"{each.untreated_mean:,.2f}",
            f"{each.before:+.2f}",
            f"{each.after:+.2f}",
        ]
        for each in sorted(evidence.balance, key=lambda each: -abs(each.before))
    ]
    if rows:
        show.line()
        columns = ["Known at the flag", "Helped", "Not helped", "Difference before", "after weighting"]
        show.table("Balance, in standard deviations", columns, rows, numbers=columns[1:])


def _print_overlap(overlap: Overlap) -> None:
    places = list(overlap.treated_quantiles)
    rows = [
        [arm, *(f"{quantiles[place]:.2f}" for place in places), f"{effective:,.0f}"]
        for arm, quantiles, effective in (
            ("helped", overlap.treated_quantiles, overlap.effective_treated),
            ("not helped", overlap.untreated_quantiles, overlap.effective_untreated),
        )
    ]
    show.line()
    columns = ["Arm", *places, "Effective size"]
    show.table("Overlap: the chance of being helped, as known at the flag", columns, rows, numbers=columns[1:])


def _print_sizes(evidence: IncrementalResult) -> None:
    sizes, contrast = evidence.sizes, evidence.contrast
    rows = [
        ["helped in time", f"{sizes.treated:,}"],
        ["not helped in time", f"{sizes.untreated:,}"],
        ["with a counterpart", f"{sizes.comparable:,}"],
        ["without one: not comparable", f"{sizes.not_comparable:,}"],
        *([f"left out: {reason}", f"{count:,}"] for reason, count in sizes.excluded.items()),
    ]
    show.line()
    show.table("Episodes at risk", ["Which", "How many"], rows, numbers=["How many"])
    if contrast.treated_renewal_rate is not None and contrast.untreated_renewal_rate is not None:
        show.line(
            f"For contrast only: {100 * contrast.treated_renewal_rate:.1f} % of the helped renewed whole and "
            f"{100 * contrast.untreated_renewal_rate:.1f} % of the others; who is helped differs, so this is no effect."
        )


def _print_episodes(desk: ImpactDesk) -> None:
    every = episode_rows(desk)
    rows = [
        [
            row["account"], _day(row["flagged_at"]), _helped(row), row["outcome"] or "–", _day(row["outcome_at"]),
            row["arr"] or "unknown", row["excluded"] or "compared",
        ]
        for row in every[-_MOST:]
    ]  # fmt: skip
    if rows:
        show.line()
        columns = ["Account", "Flagged", "Helped", "Outcome", "On", "ARR", "Used"]
        show.table("Episodes, the newest last", columns, rows, numbers=["ARR"])
    if len(every) > _MOST:
        show.line(f"and {len(every) - _MOST:,} before: --json lists all")


def _helped(row: dict[str, Any]) -> str:
    if row["treated_at"]:
        return _day(row["treated_at"])
    held = ", held out" if row["arm"] == "holdout" else ""
    return f"late, {_day(row['late_at'])}" if row["late_at"] else f"no{held}"


def _day(written: str | None) -> str:
    return f"{datetime.fromisoformat(written):%Y-%m-%d}" if written else "–"
