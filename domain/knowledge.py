"""Knows the articles of a help centre, and who looked at them."""

from domain.records import Name, Sourced, UtcDatetime


class Article(Sourced):
    """One page of the help centre; `body` is text without markup."""

    title: str
    body: str = ""
    url: str | None = None
    updated_at: UtcDatetime


class ArticleView(Sourced):
    """That somebody read an article; `visitor` is whatever the help centre tells views apart by."""

    account_ref: Name | None = None
    ticket_ref: Name | None = None
    article_ref: Name
    visitor: str | None = None
    viewed_at: UtcDatetime
