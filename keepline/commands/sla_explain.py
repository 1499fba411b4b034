"""Explains one ticket's deadlines as text, HTML or JSON."""

import json
from datetime import datetime
from pathlib import Path

from console.sla.data import as_json
from console.sla.page import as_html, as_text
from domain.errors import KeeplineError
from domain.sla import Metric
from jobs.sla.explaining import SlaExplanation, explain
from keepline import show
from keepline.bootstrap import Keepline


def run(
    keepline: Keepline, ticket: str, metric: Metric | None, form: str, output: Path | None, as_of: datetime | None
) -> None:
    """Print why the ticket's deadlines are what they are, or write it into a file."""
    moment = keepline.moment(as_of)
    explained = explain(keepline.store, ticket, moment, metric=metric, is_demo=keepline.is_demo)
    text = _written(explained, form)
    if output is None:
        show.raw(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KeeplineError(f"cannot write {output}: {error.strerror}; give another --output") from error
    show.say(f"Explanation of ticket {explained.ticket.external_id} written to {output}")


def _written(explained: SlaExplanation, form: str) -> str:
    if form == "json":
        return json.dumps(as_json(explained), indent=2, ensure_ascii=False) + "\n"
    return as_html(explained) if form == "html" else as_text(explained)
