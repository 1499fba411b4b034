"""Shows which published figures were told differently later, and opens one into what was learned meanwhile."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.conventions import Cut
from domain.publishing import MONEY, Restatement
from jobs.learned import learned_between
from jobs.restating import Cause, Change, Explained, as_amounts, explained, restatements
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, rate

_SHOWN = ("opening", "closing")


def run(keepline: Keepline, since: datetime | None, explain: str | None, by: Cut | None, as_json: bool) -> None:
    """Print the restatements, or what made those of one window."""
    banner(keepline)
    if explain is not None:
        found = explained(keepline.store, explain, by)
        if as_json:
            show.as_json([_printed_explained(each) for each in found])
        else:
            _print_explained(found)
        return
    rows = [each for each in restatements(keepline.store, since) if by in (None, each.after.by)]
    why = _Why(keepline)
    if as_json:
        show.as_json([_printed(each) | {"learned_between": why.counts(each)} for each in rows])
    else:
        _print_table(rows, why)


class _Why:
    """What was learned between two publications, counted once for all rows restated by the second."""

    def __init__(self, keepline: Keepline) -> None:
        self._facts = keepline.store.facts()
        self._known: dict[tuple[datetime, datetime], dict[str, int]] = {}

    def counts(self, restatement: Restatement) -> dict[str, int]:
        moments = (restatement.before.published_at, restatement.after.published_at)
        if moments not in self._known:
            self._known[moments] = learned_between(self._facts, *moments)
        return self._known[moments]

    def words(self, restatement: Restatement) -> str:
        learned = [
            f"{count:,} {what if count > 1 else what.removesuffix('s')}"
            for what, count in self.counts(restatement).items()
        ]
        parts = [f"learned: {', '.join(learned)}"] if learned else []
        parts += [f"settings: {', '.join(restatement.settings)}"] if restatement.settings else []
        return "; ".join(parts) or "(other)"


def _print_table(rows: list[Restatement], why: _Why) -> None:
    if not rows:
        show.line("No figure was told differently: what keepline run published stands.")
        return
    columns = ["Restated at", "Window", "Slice", "Opening", "Closing", "Difference", "GRR", "NRR", "Why"]
    cells = [
        [
            f"{each.after.published_at:%Y-%m-%d %H:%M}", each.after.period, each.after.slice or "(whole)",
            *(_was_is(each, name) for name in _SHOWN),
            f"{each.difference('closing'):+,.2f}" if each.comparable else "other currency",
            *(_rates(each, name) for name in ("grr", "nrr")), why.words(each),
        ]
        for each in rows
    ]  # fmt: skip
    show.table("Restated: figures that were told differently before", columns, cells, numbers=columns[3:8])
    example = rows[0].after
    show.line(
        f"Open one: keepline restatements --explain {example.period}{f' --by {example.by}' if example.by else ''}"
    )
    show.line(f"As it was told: keepline retention --as-known-on {rows[0].before.published_at:%Y-%m-%dT%H:%M:%S.%fZ}")


def _was_is(restatement: Restatement, name: str) -> str:
    was, is_ = restatement.before.amount(name), restatement.after.amount(name)
    return f"{is_:,.2f}" if was == is_ and restatement.comparable else f"{was:,.2f} → {is_:,.2f}"


def _rates(restatement: Restatement, name: str) -> str:
    was, is_ = (rate(each.figures.get(name)) for each in (restatement.before, restatement.after))
    return is_ if was == is_ else f"{was} → {is_}"


def _print_explained(found: list[Explained]) -> None:
    for each in found:
        after = each.restatement.after
        title = f"{after.period} {after.slice or '(whole)'}, restated at {after.published_at:%Y-%m-%d %H:%M:%S}"
        if not each.restatement.comparable:
            before = each.restatement.before.currency
            show.line(f"{title}: told in {before} before, in {after.currency} now; there is no difference to explain")
            continue
        causes = [row for cause in each.causes for row in _cells(cause, after.currency)]
        total = {name: each.restatement.difference(name) for name in MONEY}
        last = ["Difference", "", "", "", "", *(f"{total[name]:+,.2f}" for name in _SHOWN), _others(total)]
        columns = ["Why", "What", "From", "Learned", "Was → is", "Opening", "Closing", "Movements"]
        show.table(title, columns, [*causes, last], numbers=["Opening", "Closing"])
        show.line()


def _cells(cause: Cause, currency: str) -> list[list[str]]:
    amounts = as_amounts(cause.effect, currency)
    why = f"{cause.kind}: {cause.account}" if cause.account else "(other)" if cause.kind == "other" else cause.kind
    head = [why, "", "", "", "", *(f"{float(amounts.get(name, 0)):+,.2f}" for name in _SHOWN), _others(amounts)]
    return [head, *(_change_cells(change, currency) for change in cause.changes)]


def _change_cells(change: Change, currency: str) -> list[str]:
    effect = as_amounts(change.effect, currency)
    return [
        "", change.record, f"{change.effective_on or ''}",
        f"{change.recorded_at:%Y-%m-%d %H:%M}" if change.recorded_at else "", _said(change),
        *(effect.get(name, "") for name in _SHOWN), "",
    ]  # fmt: skip


def _said(change: Change) -> str:
    if change.old is None or change.new is None:
        return "learned" if change.new is not None else "gone"
    names = {**change.old, **change.new}
    return "; ".join(f"{name} {_word(change.old, name)} → {_word(change.new, name)}" for name in names)


def _word(said: Mapping[str, Any], name: str) -> str:
    return "–" if said.get(name) is None else str(said[name])


def _others(amounts: Mapping[str, Any]) -> str:
    parts = ((name, amounts.get(name)) for name in MONEY if name not in _SHOWN)
    return ", ".join(f"{name} {float(amount):+,.2f}" for name, amount in parts if amount and float(amount))


def _printed(restatement: Restatement) -> dict[str, Any]:
    before, after = restatement.before, restatement.after
    return {
        "length": after.length,
        "period": after.period,
        "by": after.by or None,
        "slice": after.slice or None,
        "currency": after.currency,
        "published_at": before.published_at,
        "restated_at": after.published_at,
        "figures": {
            name: {"was": before.figures.get(name), "is": after.figures.get(name)} for name in restatement.changed
        },
        "difference": {name: str(restatement.difference(name)) for name in MONEY} if restatement.comparable else None,
        "settings": {name: {"was": was, "is": is_} for name, (was, is_) in restatement.settings.items()},
    }


def _printed_explained(each: Explained) -> dict[str, Any]:
    currency = each.restatement.after.currency
    causes = [
        {
            "kind": cause.kind,
            "account": cause.account,
            "effect": as_amounts(cause.effect, currency),
            "changes": [_printed_change(change, currency) for change in cause.changes],
        }
        for cause in each.causes
    ]
    return _printed(each.restatement) | {"causes": causes}


def _printed_change(change: Change, currency: str) -> dict[str, Any]:
    return {
        "record": change.record,
        "effective_on": change.effective_on,
        "recorded_at": change.recorded_at,
        "old": change.old,
        "new": change.new,
        "effect": as_amounts(change.effect, currency),
    }
