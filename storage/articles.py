"""Hands out the articles of the help centre."""

from sqlalchemy import Engine, func, select

from domain.knowledge import Article
from storage import tables

# What is far behind an article's beginning does not change what it is about.
_LONGEST_BODY = 50_000


def all_articles(engine: Engine) -> list[Article]:
    """Every article, by source and id; of each body the first 50,000 characters."""
    article = tables.articles.c
    body = func.substr(article.body, 1, _LONGEST_BODY).label("body")
    columns = [body if name == "body" else article[name] for name in Article.model_fields]
    query = select(*columns).order_by(article.source, article.external_id)
    with engine.connect() as connection:
        return [Article.model_validate(dict(row)) for row in connection.execute(query).mappings()]
