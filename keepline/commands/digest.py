"""Writes the weekly digest as text, HTML or JSON."""

import json
from datetime import datetime
from pathlib import Path

from console.digest_page import as_html, as_json, as_text
from domain.errors import KeeplineError
from jobs.digest import digest
from keepline import show
from keepline.bootstrap import Keepline
from keepline.demo.company import COMPANY
from retention.digest.content import DigestContent
from retention.digest.weeks import last_week, week_named


def run(keepline: Keepline, week: str | None, form: str, output: Path | None, as_of: datetime | None) -> None:
    """Print the digest of a week, or write it into a file."""
    content = gathered(keepline, week, as_of)
    if output is None:
        show.raw(written(content, form))
    else:
        save(content, form, output)


def gathered(keepline: Keepline, week: str | None = None, as_of: datetime | None = None) -> DigestContent:
    """What the digest of a week says; the last whole week by default."""
    now = keepline.moment(as_of)
    chosen = week_named(week, now) if week else last_week(now)
    company = COMPANY if keepline.is_demo else keepline.settings.company
    return digest(keepline.store, keepline.rulebook, now, chosen, company, keepline.is_demo)


def save(content: DigestContent, form: str, output: Path) -> None:
    """Write the digest into a file."""
    try:
        output.write_text(written(content, form), encoding="utf-8")
    except OSError as error:
        raise KeeplineError(f"cannot write {output}: {error.strerror}; give another --output") from error
    show.say(f"Digest of week {content.week.label} written to {output}")


def written(content: DigestContent, form: str) -> str:
    """The digest in one of its forms: text, html or json."""
    if form == "json":
        return json.dumps(as_json(content), indent=2, ensure_ascii=False) + "\n"
    return as_html(content) if form == "html" else as_text(content)
