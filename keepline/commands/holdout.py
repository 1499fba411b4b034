"""Shows the randomised holdouts, estimates what one could tell, and lets help through for an account."""

import getpass
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from domain.effects import HoldoutAssignment
from domain.errors import KeeplineError, NotFound
from jobs.account_names import named
from jobs.holdout_views import PlanView, plan_views
from jobs.holdouts import history, release
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money, rate
from retention.holdout.power import Power
from retention.holdout.result import ArmTold, Gap
from rules.holdouts.written import Holdout
from rules.playbooks import Playbook

_MOST = 20
_HORIZON = timedelta(days=180)
_SHARES, _EFFECTS = ("10 %", "20 %", "50 %"), ("3 %", "5 %", "10 %", "20 %")


@dataclass(frozen=True)
class Letting:
    """For whom help is let through, why, and who says so (the login where nobody is named)."""

    account: str
    because: str | None
    by: str | None


def show_plans(keepline: Keepline, plan: str | None, as_of: datetime | None, as_json: bool) -> None:
    """Print all plans, or open one."""
    now = keepline.moment(as_of)
    views = plan_views(keepline.store, keepline.rulebook, now, plan)
    banner(keepline)
    if as_json:
        shown = [_printed(view, everybody=plan is not None) for view in views]
        show.as_json(shown[0] if plan is not None else shown)
    elif not views:
        show.line("No holdout was ever registered. A playbook holds out a share of accounts by lot where it says so:")
        show.line("  holdout: {share: 10 %, max_arr: 25000 USD, effect_hoped: 5 %, until: 2027-06-30}")
        show.line("First ask whether it can tell anything: keepline holdout --power PLAYBOOK. See docs/holdouts.md")
    elif plan is not None:
        _open(views[0], keepline)
    else:
        _list(views)


def show_power(keepline: Keepline, playbook: str, as_of: datetime | None, as_json: bool) -> None:
    """Print what a playbook's holdout could tell, before anything begins."""
    book, now = _playbook(keepline, playbook), keepline.moment(as_of)
    banner(keepline)
    written, horizon = book.holdout, book.holdout.time if book.holdout else _HORIZON
    before = history(keepline.store, keepline.rulebook, book, horizon, now)
    own = before.power(written, now.date()) if written else None
    supposed = [(share, effect, _supposed(written, share, effect, now)) for share in _SHARES for effect in _EFFECTS]
    grid = [(share, effect, before.power(what, now.date())) for share, effect, what in supposed]
    if as_json:
        choices = [{"share": share, "effect": effect, **told.model_dump(mode="json")} for share, effect, told in grid]
        show.as_json({
            "playbook": book.id,
            "as_written": own.model_dump(mode="json") if own else None,
            "choices": choices,
        })  # fmt: skip
        return
    if own is not None:
        show.line(f"{book.id}, as written: {own.in_words}")
    else:
        show.line(f"{book.id} has no holdout. Supposed is one for a year, over accounts of any known ARR.")
    show.line()
    _print_grid(grid)


def let_through(keepline: Keepline, asked: Letting, as_json: bool) -> None:
    """Let help through for an account, from now on and for good."""
    if not (asked.because or "").strip():
        raise KeeplineError("say why: keepline holdout --release ACCOUNT --because 'an executive asked' [--by NAME]")
    by, now = (asked.by or getpass.getuser()).strip(), keepline.moment(None)
    if by.startswith("rule:"):
        raise KeeplineError(f"{by!r} is no person; give the name of who lets help through with --by")
    account = named(keepline.store.facts().accounts().collect().rows(named=True), asked.account)
    ref, name = account["external_id"], account["name"]
    told = release(keepline.store, keepline.rulebook, ref, by, str(asked.because).strip(), now)
    banner(keepline)
    if as_json:
        show.as_json({"account": name, "account_ref": ref, "by": by, "because": asked.because, "plans": told})
        return
    for sentence in told:
        show.line(f"{name}: {sentence}")
    show.line("What its playbooks would do is done with the next keepline run.")


def _playbook(keepline: Keepline, name: str) -> Playbook:
    books = {book.id: book for book in keepline.rulebook.playbooks}
    if name in books:
        return books[name]
    near = get_close_matches(name, books, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(books)}"
    raise NotFound(f"no playbook is called {name!r}; {hint}")


def _supposed(written: Holdout | None, share: str, effect: str, now: datetime) -> Holdout:
    given = {"max_arr": "1 USD", "until": (now + timedelta(days=365)).date()}
    own = written.model_dump() if written else given
    return Holdout.model_validate(own | {"share": share, "effect_hoped": effect})


def _print_grid(grid: list[tuple[str, str, Power]]) -> None:
    first = grid[0][2]
    if first.base_rate is None or first.accounts_a_month is None:
        show.line(first.in_words)
        return
    seen = f"{first.accounts_seen:,} accounts, {first.accounts_a_month:.1f} a month, {rate(first.base_rate)} renewed"
    rows = [
        [
            share, f"{effect.removesuffix(' %')} points",
            f"{told.accounts_needed:,}" if told.accounts_needed else "more than all",
            f"{told.months:,.0f}" if told.months is not None else "–",
            f"{told.answer_after_months:,.0f}" if told.answer_after_months is not None else "–",
            "yes" if told.answers else "no",
        ]
        for share, effect, told in grid
    ]  # fmt: skip
    columns = ["Share held out", "Effect", "Accounts needed", "Months of drawing", "Answer after", "In time"]
    show.table(f"In the history: {seen}", columns, rows, numbers=columns[2:5])
    show.line("Power 80 %, confidence 95 % at every look. In time: enough accounts come until the plan's last day.")


def _list(views: list[PlanView]) -> None:
    rows = [
        [
            view.plan.plan_hash[:8], view.plan.playbook, view.state, view.holdout.share, view.holdout.max_arr,
            f"{view.plan.registered_at:%Y-%m-%d}", str(view.holdout.until), _arm(view.result.treat),
            _arm(view.result.holdout), str(view.result.holdout.let_through), _points(view.result.difference),
            view.result.verdict,
        ]
        for view in views
    ]  # fmt: skip
    columns = ["Plan", "Playbook", "State", "Share", "Up to", "Registered", "Until", "With it", "Without it",
               "Let through", "Difference", "Verdict"]  # fmt: skip
    show.table("Randomised holdouts", columns, rows, numbers=["Let through"])
    show.line("With and without the playbook: drawn, then renewed of those whose horizon is over. As assigned.")
    show.line("Difference in points of the renewal rate, 95 % at every look. Open one: keepline holdout --plan PLAN")


def _open(view: PlanView, keepline: Keepline) -> None:
    told, design = view.result, {**view.plan.content["says"], **view.plan.content["design"]}
    show.line(f"Plan {view.plan.plan_hash}", "bold")
    show.line(f"{view.plan.playbook}, {view.state}; registered {view.plan.registered_at:%Y-%m-%d %H:%M} UTC")
    for name in ("share", "max_arr", "effect_hoped", "until", "horizon", "unit", "outcome", "analysis", "looks"):
        show.line(f"  {name.replace('_', ' '):<13}{design[name]}")
    show.line(f"  {'never':<13}{'; '.join(design['never'])}")
    show.line(f"  {'power then':<13}{view.power_in_words}")
    show.line()
    rows = [
        [name, f"{arm.drawn:,}", f"{arm.over:,}", f"{arm.renewed:,}", rate(arm.rate),
         money(arm.arr_cents, told.currency), money(arm.kept_cents, told.currency), str(arm.let_through)]
        for name, arm in (("with the playbook", told.treat), ("without it", told.holdout))
    ]  # fmt: skip
    columns = ["Arm", "Drawn", "Horizon over", "Renewed", "Rate", "ARR of those", "Kept of it", "Let through"]
    show.table("The arms, as assigned", columns, rows, numbers=columns[1:])
    show.line()
    show.line(told.in_words, "bold")
    for reason in told.reasons:
        show.line(f"  {reason}")
    show.line(f"  one look alone would say {_points(told.once)} points")
    if told.saved.low is not None and told.verdict != "not enough evidence":
        show.line(f"  saved: {_amounts(told.saved, told.currency)}, at every look")
    _print_not_drawn(view)
    _print_drawn(view, keepline.store.account_names())


def _print_not_drawn(view: PlanView) -> None:
    if view.not_drawn:
        show.line()
        rows = [[why, f"{count:,}"] for why, count in view.not_drawn.items()]
        show.table("Not drawn: the playbook acted", ["Why", "Accounts"], rows, numbers=["Accounts"])


def _print_drawn(view: PlanView, names: dict[str, str]) -> None:
    held = [each for each in view.drawn if each.arm != "treat"]
    show.line()
    if not held:
        show.line("Nobody was held out yet.")
        return
    rows = [
        [
            names.get(each.account_ref, each.account_ref), each.arm.replace("_", " "), f"{each.assigned_at:%Y-%m-%d}",
            money(each.arr_cents, each.currency), _let(each), each.because,
        ]
        for each in held[-_MOST:]
    ]  # fmt: skip
    more = f" (the newest {_MOST} of {len(held):,}; --json has all)" if len(held) > _MOST else ""
    show.table(f"Held out{more}", ["Account", "Arm", "Drawn", "ARR", "Let through", "Because"], rows, numbers=["ARR"])


def _let(drawn: HoldoutAssignment) -> str:
    if drawn.overridden_at is None:
        return ""
    return f"{drawn.overridden_at:%Y-%m-%d}, {drawn.overridden_by}: {drawn.overridden_because or ''}"


def _arm(arm: ArmTold) -> str:
    return f"{arm.drawn:,}; {arm.renewed:,} of {arm.over:,}"


def _points(gap: Gap) -> str:
    if gap.low is None or gap.high is None:
        return "–"
    return f"{gap.low * 100:+.1f} to {gap.high * 100:+.1f}"


def _amounts(gap: Gap, currency: str | None) -> str:
    ends = (gap.low, gap.estimate, gap.high)
    low, estimate, high = (money(None if each is None else round(each), currency) for each in ends)
    return f"{estimate} ({low} to {high})"


def _printed(view: PlanView, *, everybody: bool) -> dict[str, Any]:
    told = {
        "plan": view.plan.plan_hash,
        "playbook": view.plan.playbook,
        "state": view.state,
        "registered_at": view.plan.registered_at,
        "stopped_at": view.stopped_at,
        **view.plan.content,
        "not_drawn": view.not_drawn,
        "result": view.result.model_dump(mode="json"),
    }
    drawn = [each.model_dump(mode="json", exclude={"plan_hash"}) for each in view.drawn]
    return told | ({"accounts": drawn} if everybody else {})
