"""Writes what an article could be made of as Markdown: clearly a draft, each sentence with its source."""

import re
from collections.abc import Sequence
from datetime import datetime

from rules.text.knowledge.drafting import Draft, Point

# What a customer wrote must not become markup, a picture or a link in the article.
_SPECIAL = re.compile(r"([\\`*_\[\]#!|~<>&])|(?<=^)([-+=])|(:)(?=//)|(?<=\bwww)(\.)")
_MOST_SOURCES = 6


def as_markdown(draft: Draft, as_of: datetime) -> str:
    """The draft of an article; it says what it was made of and what a person has to do."""
    lines = [
        f"# {_text(draft.label)}", "",
        f"> **Draft, not published.** Put together on {as_of:%Y-%m-%d} from {_count(draft.tickets, 'ticket')},"
        f" {draft.solved} of them solved. The sentences are quoted from customers and agents, personal data are masked:"
        " check them, order them and put them into your own words before anybody else reads them.", "",
        "## What customers ask", "",
        *_listed(draft.asked, "No customer wrote a sentence that could be quoted."),
        "", "## What to do", "",
        *_listed(draft.steps, "No solved ticket holds an advice that could be quoted.", "1."),
        "", "## What solved it", "",
        *_listed(draft.fixed, "No solved ticket says what solved it."),
        "", "## Sources", "",
        *_sources(draft),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _listed(points: Sequence[Point], empty: str, mark: str = "*") -> list[str]:
    return [f"{mark} {_text(each.quote.line)} {_cited(each)}" for each in points] or [f"*{empty}*"]


def _cited(point: Point) -> str:
    quote = point.quote
    others = len(point.tickets) - 1
    alike = f"; alike in {_count(others, 'other ticket')}" if others else ""
    return f"({quote.author_kind}, ticket {_text(quote.ticket_ref)}, {quote.sent_at:%Y-%m-%d}{alike})"


def _sources(draft: Draft) -> list[str]:
    told = [("asked", draft.asked), ("advised", draft.steps), ("solved", draft.fixed)]
    lines = []
    for word, points in told:
        tickets = list(dict.fromkeys(ticket for point in points for ticket in point.tickets))
        if tickets:
            more = f" and {len(tickets) - _MOST_SOURCES:,} more" if len(tickets) > _MOST_SOURCES else ""
            lines.append(f"* {word}: tickets {', '.join(map(_text, tickets[:_MOST_SOURCES]))}{more}")
    return lines or ["*none*"]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _text(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], " ".join(text.split()))
