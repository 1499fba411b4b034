"""Finds the issues that come back and that no article answers, and drafts an article about one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from statistics import median
from typing import Literal

from domain.errors import NotFound
from domain.knowledge import Article
from jobs.evaluate import look
from jobs.rulebook import Rulebook
from rules.text import masked
from rules.text.knowledge.covering import ArticleText, Coverage, IssueText, coverage
from rules.text.knowledge.drafting import MOST_THREADS, Draft, draft
from rules.text.summaries import Thread
from rules.text.summaries.matters import subject_words
from rules.text.summaries.thread import own_words
from storage.articles import all_articles
from storage.issue_tickets import IssueTicket, issue_tickets
from storage.store import Store
from storage.threads import ThreadBook

Ranking = Literal["tickets", "accounts", "arr", "time"]
Report = Callable[[str, int, int], None]
# What came twice may be chance; what makes an issue's text is no more than some of its tickets.
LEAST_TICKETS = 3
_READ_TICKETS, _WHOLE_THREADS, _MOST_ISSUES = 20, 3, 300


@dataclass(frozen=True)
class IssueLoad:
    """An issue, what it costs, and the article nearest to it.

    * arr_cents: of the accounts that wrote about it, None where none of theirs is known
    * unknown_arr: how many of these accounts have none that is known
    * time_to_solve: the median over its solved tickets, None without one
    """

    issue_id: str
    label: str
    tickets: int
    accounts: int
    arr_cents: int | None
    unknown_arr: int
    replies: int
    time_to_solve: timedelta | None
    last_at: datetime
    coverage: Coverage
    nearest_title: str | None


@dataclass(frozen=True)
class KnowledgeReport:
    """Recurring issues, those without an article first; `grouped_by`: by what tickets make an issue."""

    since: datetime
    issues: tuple[IssueLoad, ...]
    articles: int
    tickets: int
    grouped_by: Literal["issue", "tag or subject"]
    currency: str | None

    @property
    def gaps(self) -> tuple[IssueLoad, ...]:
        """Those that no article answers."""
        return tuple(each for each in self.issues if not each.coverage.is_answered)


@dataclass(frozen=True)
class _Group:
    issue_id: str
    label: str
    terms: tuple[str, ...]
    tickets: tuple[IssueTicket, ...]


def knowledge_gaps(
    store: Store, rulebook: Rulebook, as_of: datetime, *, days: int, by: Ranking, report: Report
) -> KnowledgeReport:
    """The issues of the last days with at least three tickets, each held against the articles known by now."""
    since = as_of - timedelta(days=days)
    tickets = issue_tickets(store.engine, since, as_of)
    groups = _groups(tickets, rulebook.windows.ignored_tags)
    articles = all_articles(store.engine)
    covered = coverage(list(_texts(store, groups, as_of, report)), [_article(each) for each in articles])
    titles = {_article_ref(each): masked([each.title])[0] for each in articles}
    worth, currency = _worth(store, rulebook, as_of) if groups else ({}, None)
    loads = [_load(group, found, titles, worth) for group, found in zip(groups, covered, strict=True)]
    loads.sort(key=lambda each: (each.coverage.is_answered, *_rank(each, by), each.label))
    known = any(each.issue_id for each in tickets)
    return KnowledgeReport(
        since, tuple(loads), len(articles), len(tickets), "issue" if known else "tag or subject", currency
    )


def draft_article(store: Store, rulebook: Rulebook, name: str, as_of: datetime, *, days: int) -> Draft:
    """What an article about the issue of that label or id could be made of.

    Raises:
        NotFound: no issue is called so; the message gives the near ones.
    """
    tickets = issue_tickets(store.engine, as_of - timedelta(days=days), as_of)
    group = _named(_groups(tickets, rulebook.windows.ignored_tags), name)
    newest = group.tickets[-MOST_THREADS:]
    messages = ThreadBook(store.engine).messages([each.ticket_id for each in newest], as_of)
    threads = [
        Thread(
            each.external_id, masked([each.subject])[0], each.status, each.created_at, each.resolved_at,
            tuple(messages[each.ticket_id]), group.label,
        )
        for each in newest
    ]  # fmt: skip
    return draft(group.label, threads, as_of)


def _named(groups: Sequence[_Group], name: str) -> _Group:
    wanted = name.strip().casefold()
    exact = [each for each in groups if wanted in {each.issue_id.casefold(), each.label.casefold()}]
    found = exact or [each for each in groups if wanted in each.label.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        some = ", ".join(f"{each.label} ({each.issue_id})" for each in found[:5])
        raise NotFound(f"{len(found)} issues are called like {name!r}: {some}; give the id")
    labels = [each.label for each in groups]
    near = get_close_matches(wanted, labels, n=3, cutoff=0.3) or labels[:3]
    listed = f"; near are {', '.join(near)}" if near else "; nothing came back often enough, --days looks further back"
    raise NotFound(f"no recurring issue is called {name!r}{listed}")


def _groups(tickets: Sequence[IssueTicket], ignored_tags: Sequence[str]) -> list[_Group]:
    """The recurring ones, the most tickets first; by tag, else subject, where no ticket has an issue yet."""
    ignored = {tag.lower() for tag in ignored_tags}
    known = any(each.issue_id for each in tickets)
    found = dict[str, list[IssueTicket]]()
    for each in tickets:
        name = each.issue_id if known else _tag_or_subject(each, ignored)
        if name:
            found.setdefault(name, []).append(each)
    groups = [
        _Group(name, masked([its[-1].label or name])[0], its[-1].terms, tuple(its))
        for name, its in found.items()
        if len(its) >= LEAST_TICKETS
    ]
    return sorted(groups, key=lambda group: (-len(group.tickets), group.label))[:_MOST_ISSUES]


def _tag_or_subject(ticket: IssueTicket, ignored: set[str]) -> str:
    tags = sorted(tag.strip().lower() for tag in ticket.tags)
    return next((tag for tag in tags if tag and tag not in ignored), "") or subject_words(ticket.subject)


def _texts(store: Store, groups: Sequence[_Group], as_of: datetime, report: Report) -> Iterator[IssueText]:
    book = ThreadBook(store.engine)
    for number, group in enumerate(groups, start=1):
        read = _spread(group.tickets, _READ_TICKETS)
        messages = book.messages([each.ticket_id for each in read], as_of)
        firsts = [
            next((said for said in messages[each.ticket_id] if said.author_kind == "customer"), None) for each in read
        ]
        questions = own_words([each for each in firsts if each is not None])
        whole = [said for each in _spread(read, _WHOLE_THREADS) for said in messages[each.ticket_id]]
        subjects = [each.subject for each in read]
        asked = "\n".join([*group.terms, *subjects, *(text[:1_000] for text in questions)])
        yield IssueText(group.issue_id, asked, "\n".join([*subjects[:_WHOLE_THREADS], *own_words(whole)]))
        report("Reading issues", number, len(groups))


def _spread(tickets: Sequence[IssueTicket], most: int) -> Sequence[IssueTicket]:
    step = max(1, -(-len(tickets) // most))
    return tickets[::step]


def _article(article: Article) -> ArticleText:
    return ArticleText(_article_ref(article), article.title, article.body)


def _article_ref(article: Article) -> str:
    return f"{article.source}:{article.external_id}"


def _worth(store: Store, rulebook: Rulebook, as_of: datetime) -> tuple[dict[int, int | None], str]:
    signals, currency = look(store.facts(), rulebook, as_of, as_of, {"acv"}).signals(as_of)
    return {row["account_id"]: row["acv"] for row in signals.iter_rows(named=True)}, currency


def _load(group: _Group, found: Coverage, titles: Mapping[str, str], worth: Mapping[int, int | None]) -> IssueLoad:
    accounts = {each.account_id for each in group.tickets if each.account_id is not None}
    known = [cents for cents in (worth.get(account) for account in accounts) if cents is not None]
    spans = [(each.resolved_at - each.created_at).total_seconds() for each in group.tickets if each.resolved_at]
    return IssueLoad(
        issue_id=group.issue_id,
        label=group.label,
        tickets=len(group.tickets),
        accounts=len(accounts),
        arr_cents=sum(known) if known else None,
        unknown_arr=len(accounts) - len(known),
        replies=sum(each.replies for each in group.tickets),
        time_to_solve=timedelta(seconds=median(spans)) if spans else None,
        last_at=group.tickets[-1].created_at,
        coverage=found,
        nearest_title=titles.get(found.article_ref) if found.article_ref else None,
    )


def _rank(load: IssueLoad, by: Ranking) -> tuple[float, ...]:
    """What comes first by `by`; equals are told apart by the others."""
    solve = load.time_to_solve.total_seconds() * load.tickets if load.time_to_solve else 0.0
    measures: dict[Ranking, float] = {
        "tickets": load.tickets, "accounts": load.accounts, "arr": load.arr_cents or 0, "time": solve,
    }  # fmt: skip
    first = [-measures[by]]
    return (*first, *(-measures[name] for name in measures if name != by))
