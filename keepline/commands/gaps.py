"""Lists the issues that come back and that no article answers."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.money import decimal_amount
from jobs.gaps import LEAST_TICKETS, IssueLoad, KnowledgeReport, Ranking, knowledge_gaps
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, length, money

_MOST = 30


def run(keepline: Keepline, by: Ranking, days: int, as_of: datetime | None, *, everything: bool, as_json: bool) -> None:
    """Print the gaps, or all recurring issues, the worst first."""
    moment = keepline.moment(as_of)
    with show.progress() as report:
        found = knowledge_gaps(keepline.store, keepline.rulebook, moment, days=days, by=by, report=report)
    banner(keepline)
    issues = found.issues if everything else found.gaps
    if as_json:
        show.as_json(_printed(found, issues))
        return
    if not issues:
        show.line(_nothing(found, days))
        return
    columns = [
        "Issue",
        "Tickets",
        "Accounts",
        "ARR",
        "Replies",
        "Time to solve",
        "Nearest article",
        "Alike",
        "Answers from",
    ]
    rows = [_row(each, found.currency) for each in issues[:_MOST]]
    title = f"{'Recurring issues' if everything else 'Issues without an article'} since {found.since:%Y-%m-%d}"
    show.table(title, columns, rows, numbers=["Tickets", "Accounts", "ARR", "Replies", "Alike", "Answers from"])
    if len(issues) > _MOST:
        show.line(f"The first {_MOST} of {len(issues):,}; --json has all.")
    show.line(
        f"{len(found.gaps):,} of {len(found.issues):,} recurring issues have no article; {found.articles:,} articles."
    )
    if not found.articles:
        show.line("No article is known: import them (docs/mappings.md), or every issue stays a gap.", "yellow")
    if found.grouped_by != "issue":
        show.line("Tickets are grouped by tag, else subject: keepline run finds issues in their words.", "yellow")
    show.line("Draft an article: keepline gaps draft ISSUE")


def _nothing(found: KnowledgeReport, days: int) -> str:
    if not found.tickets:
        return f"There are no tickets of the last {days} days: keepline sync, or keepline import FOLDER."
    if not found.issues:
        return f"Nothing came back: no issue of the last {days} days has {LEAST_TICKETS} tickets."
    return f"Each of the {len(found.issues):,} recurring issues has an article; --all lists them."


def _row(load: IssueLoad, currency: str | None) -> list[str]:
    unknown = f" + {load.unknown_arr:,} unknown" if load.unknown_arr and load.arr_cents is not None else ""
    return [
        load.label, f"{load.tickets:,}", f"{load.accounts:,}", money(load.arr_cents, currency) + unknown,
        f"{load.replies:,}", length(load.time_to_solve) if load.time_to_solve is not None else "unknown",
        load.nearest_title or "none", f"{load.coverage.similarity:.2f}", f"{load.coverage.threshold:.2f}",
    ]  # fmt: skip


def _printed(found: KnowledgeReport, issues: tuple[IssueLoad, ...]) -> dict[str, Any]:
    listed = [
        {
            **{
                name: value for name, value in asdict(each).items() if name not in {"arr_cents", "coverage", "issue_id"}
            },
            "issue_id": each.issue_id,
            "arr": _amount(each.arr_cents, found.currency),
            "time_to_solve": None if each.time_to_solve is None else each.time_to_solve.total_seconds(),
            "answered": each.coverage.is_answered,
            "nearest_article": each.coverage.article_ref,
            "similarity": each.coverage.similarity,
            "threshold": each.coverage.threshold,
        }
        for each in issues
    ]
    return {
        "since": found.since, "articles": found.articles, "tickets": found.tickets, "grouped_by": found.grouped_by,
        "currency": found.currency, "gaps": len(found.gaps), "issues": listed,
    }  # fmt: skip


def _amount(cents: int | None, currency: str | None) -> str | None:
    return None if cents is None or currency is None else str(decimal_amount(cents, currency))
