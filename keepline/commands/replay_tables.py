"""Lays out the report of a replay at a terminal."""

from domain.money import with_currency
from keepline import show
from keepline.wording import rate
from rules.replay.report import Compared, Leads, PerWeek, PlantedKind, ReplayReport, Window
from rules.replay.shares import Share, Spread
from rules.replay.sweep import Sweep

_KINDS = (("hit", "Right"), ("false alarm", "False alarms"), ("miss", "Missed"))


def print_report(report: ReplayReport) -> None:
    """The whole report."""
    _print_head(report)
    if not report.openings:
        show.line("The rules would have opened nothing: lower a threshold, or replay a longer time with --from.")
    _print_load(report)
    _print_playbooks(report)
    for window in report.windows:
        _print_window(window, report.currency)
    _print_leads(report.leads)
    if report.compared is not None:
        _print_compared(report.compared, report.currency)
    if report.planted:
        _print_planted(report.planted)
    _print_examples(report)


def _print_head(report: ReplayReport) -> None:
    rules = report.rules[0] if len(report.rules) == 1 else f"{len(report.rules)} playbooks"
    show.line(
        f"{rules}, asked every {report.every} from {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d} "
        f"({report.moments:,} moments), with no more than was known then; judged by what is known on "
        f"{report.known_until:%Y-%m-%d}."
    )
    unknown = f"; of {report.unknown_arr:,} it was unknown" if report.unknown_arr else ""
    show.line(
        f"{report.decisions:,} decisions, {report.openings:,} alerts (escalations that would have been opened, had "
        f"nobody touched one) for {report.alerted_accounts:,} of {report.accounts:,} accounts, worth "
        f"{_whole(report.alerted_arr_cents, report.currency)} of {_whole(report.arr_cents, report.currency)} ARR"
        f"{unknown}. {report.still_open:,} were still open at the end."
    )
    if report.about_tickets:
        show.line(f"Asked of every open ticket, each {report.tickets_every}: {', '.join(report.about_tickets)}.")
    if report.tickets_every != report.every and report.about_tickets:
        show.line("--every day asks these daily, too, and takes longer.")
    show.line()


def _print_load(report: ReplayReport) -> None:
    rows = [
        ["decisions", f"{report.decisions:,}", *_week(report.decisions_per_week)],
        ["alerts", f"{report.openings:,}", *_week(report.openings_per_week)],
        *([f"alerts for {load.owner}", f"{load.openings:,}", *_week(load.openings_per_week)] for load in report.owners),
    ]
    columns = ["", "In all", "Quietest week", "Median week", "Busiest week"]
    show.table("Per week", columns, rows, numbers=columns[1:])
    if report.openings_at_start:
        show.line(
            f"{report.openings_at_start:,} alerts stood at the first moment: what had been true for long comes at once."
        )
    show.line()


def _week(week: PerWeek) -> list[str]:
    return [f"{week.least:,}", f"{week.median:,.4g}", f"{week.most:,}"]


def _print_playbooks(report: ReplayReport) -> None:
    if len(report.playbooks) < 2:
        return
    rows = [
        [each.playbook, f"{each.decisions:,}", f"{each.openings:,}", f"{each.accounts:,}", _share(each.precision)]
        for each in report.playbooks
    ]
    columns = ["Playbook", "Decisions", "Alerts", "Accounts", "Followed by a loss"]
    show.table("By playbook", columns, rows, numbers=columns[1:4])
    show.line()


def _print_window(window: Window, currency: str) -> None:
    base = "–" if window.base is None else rate(window.base)
    lift = "" if window.lift is None else f", {window.lift:.1f} times as often as at random"
    rows = [
        ["alerts followed by a loss", _share(window.precision), f"{base}{lift}"],
        ["  the same in ARR", _share_of_money(window.precision_of_money, currency), rate(window.base_of_money)],
        ["losses with an alert before them", _share(window.losses), ""],
        ["  the same in ARR lost", _share_of_money(window.losses_of_money, currency), ""],
        ["alerts that people worked on", _share(window.worked), ""],
        ["alerts that nobody worked on", _share(window.not_worked), ""],
    ]
    show.table(f"Right {window.name}", ["", "95 % interval", "A random alert"], rows)
    left = [
        f"{window.too_young:,} alerts are too young to judge" if window.too_young else "",
        f"{window.without:,} had no renewal ahead" if window.without else "",
        f"{window.unwatched:,} losses came too early to be watched for" if window.unwatched else "",
    ]
    told = ", ".join(each for each in left if each)
    if told:
        show.line(f"Left out: {told}.")
    if window.worked.of:
        show.line("Work changes what alerts foretell: what was saved by it counts as a false alarm here.", "yellow")
    show.line()


def _print_leads(leads: Leads) -> None:
    if not leads.to_loss.count:
        return
    spreads = (
        ("to the loss", leads.to_loss), ("to churn alone", leads.to_churn), ("to the notice", leads.to_notice),
        ("to the renewal", leads.to_renewal),
    )  # fmt: skip
    rows = [[name, f"{each.count:,}", *_days(each)] for name, each in spreads]
    columns = ["From the first alert", "Losses", "A quarter within", "Half within", "Three quarters within"]
    show.table("How early, in days", columns, rows, numbers=columns[1:])
    if leads.after_notice:
        show.line(f"For {leads.after_notice:,} losses the first alert came after the notice.")
    show.line()


def _days(found: Spread) -> list[str]:
    return ["–" if each is None else f"{each:.0f}" for each in (found.lower, found.median, found.upper)]


def _print_compared(found: Compared, currency: str) -> None:
    rows = [
        [name, f"{count:,}", _whole(cents, currency)]
        for name, count, cents in (
            ("both", found.both, found.both_cents),
            ("only these rules", found.only_this, found.only_this_cents),
            (f"only {found.name}", found.only_other, found.only_other_cents),
            ("neither", found.neither, found.neither_cents),
        )
    ]
    show.table("Losses with an alert before them", ["By", "Losses", "ARR lost"], rows, numbers=["Losses", "ARR lost"])
    show.line(
        f"{found.name[0].upper()}{found.name[1:]}: {found.decisions:,} decisions, {found.openings:,} alerts for "
        f"{found.accounts:,} accounts; followed by a loss: {_share(found.precision)}."
    )
    show.line()


def _print_planted(found: tuple[PlantedKind, ...]) -> None:
    rows = [[each.kind, _share(each.found), rate(each.by_chance), *_days(each.days_to_alert)] for each in found]
    columns = [
        "Trouble",
        "Found while it lasted",
        "Quiet accounts alerted",
        "Days: a quarter",
        "Half",
        "Three quarters",
    ]
    show.table("Troubles that are known otherwise", columns, rows, numbers=columns[2:])
    show.line()


def _print_examples(report: ReplayReport) -> None:
    for kind, title in _KINDS:
        rows = [
            [each.account, f"{each.on:%Y-%m-%d}", each.playbook or "", each.because, each.what_came]
            for each in report.examples
            if each.kind == kind
        ]
        if rows:
            show.table(title, ["Account", "On", "Playbook", "Because", "What came"], rows)
    if report.examples:
        first = report.examples[0]
        show.line(f"Open one: keepline account {first.account_ref} --as-of {first.on:%Y-%m-%d}")


def print_sweep(sweep: Sweep, currency: str) -> None:
    """What each value of a threshold costs and catches."""
    rows = [
        [
            f"{point.value}{' (now)' if point.is_current else ''}", f"{point.openings_per_week:,.4g}",
            f"{point.decisions:,}", _share(point.precision), rate(point.base), _share(point.losses),
            _whole(point.caught_cents, currency), rate(point.losses_of_money.ratio),
        ]
        for point in sweep.points
    ]  # fmt: skip
    columns = [
        "Threshold", "Alerts a week", "Decisions", "Followed by a loss", "At random", "Losses caught", "ARR caught",
        "of ARR lost",
    ]  # fmt: skip
    numbers = ["Alerts a week", "Decisions", "At random", "ARR caught", "of ARR lost"]
    show.table(f"{sweep.playbook}: {sweep.comparison}", columns, rows, numbers=numbers)
    show.line()


def _share(found: Share) -> str:
    if found.ratio is None:
        return "–"
    return f"{found.count:,} of {found.of:,}: {rate(found.ratio)} ({rate(found.low)} to {rate(found.high)})"


def _share_of_money(found: Share, currency: str) -> str:
    if found.ratio is None:
        return "–"
    amount = _whole(found.count, currency)
    return f"{amount}: {rate(found.ratio)} ({rate(found.low)} to {rate(found.high)})"


def _whole(cents: int, currency: str) -> str:
    return with_currency(cents, currency, digits=0)
