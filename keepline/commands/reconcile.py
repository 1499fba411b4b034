"""Reports what the sources contradict and which side the figures believe."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches

from domain.errors import NotFound
from domain.imports import Contradiction
from jobs.reconcile import reconcile
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from retention.reconcile import KINDS, counted


def run(keepline: Keepline, kind: str | None, as_of: datetime | None, as_json: bool) -> None:
    """Print the kinds with their counts, or the rows of one kind."""
    _must_be_known(kind)
    found = reconcile(keepline.store.facts(), keepline.moment(as_of), keepline.rulebook.ledger)
    shown = [each for each in found if kind in (None, each.kind)]
    banner(keepline)
    if as_json:
        summary = [asdict(each) for each in counted(shown)]
        show.as_json({"kinds": summary, "contradictions": [each.model_dump(mode="json") for each in shown]})
    elif kind:
        _print_rows(shown, kind)
    else:
        print_kinds(shown)


def print_kinds(found: Sequence[Contradiction]) -> None:
    """How often each kind of contradiction occurs."""
    kinds = counted(found)
    if not kinds:
        show.line("The sources agree with each other.")
        return
    rows = [[each.kind, f"{each.rows:,}", each.means] for each in kinds]
    show.table(
        "What the sources contradict; the figures believe the subscriptions", ["Kind", "Rows", "Means"], rows, ["Rows"]
    )
    show.line("Open one kind: keepline reconcile --kind KIND")


def _print_rows(found: Sequence[Contradiction], kind: str) -> None:
    rows = [[each.account_ref or "", each.external_id, each.claim, each.against, each.believed] for each in found]
    show.table(kind, ["Account", "Record", "Claim", "Against", "Believed"], rows)
    show.line(f"{len(rows):,} rows")


def _must_be_known(kind: str | None) -> None:
    names = [each.name for each in KINDS]
    if kind is not None and kind not in names:
        near = get_close_matches(kind, names, n=1)
        raise NotFound(f"no kind {kind!r}; {f'did you mean {near[0]}? ' if near else ''}There are: {', '.join(names)}")
