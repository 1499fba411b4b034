"""Drafts an article about an issue as Markdown."""

from datetime import datetime
from pathlib import Path

from console.gap_draft import as_markdown
from domain.errors import KeeplineError
from jobs.gaps import draft_article
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner


def run(keepline: Keepline, issue: str, days: int, output: Path | None, as_of: datetime | None) -> None:
    """Print the draft, or write it into a file."""
    moment = keepline.moment(as_of)
    written = as_markdown(draft_article(keepline.store, keepline.rulebook, issue, moment, days=days), moment)
    banner(keepline)
    if output is None:
        show.raw(written)
        return
    try:
        output.write_text(written, encoding="utf-8")
    except OSError as error:
        raise KeeplineError(f"cannot write {output}: {error.strerror}; give another --output") from error
    show.say(f"Draft about {issue} written to {output}; it is not published anywhere")
