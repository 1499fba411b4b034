"""Lists the rules by which evidence is found."""

from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.evidence import require_kind
from rules.text.findings import EvidenceReader

_SHOWN_PHRASES = 3


def run(keepline: Keepline, kind: str | None, as_json: bool) -> None:
    """Print a row a rule, or the document as JSON."""
    reader = keepline.rulebook.evidence()
    require_kind(reader, kind)
    if as_json:
        show.as_json(reader.document.model_dump(mode="json") | {"reader": reader.reader})
        return
    _print(reader, kind)
    competitors = ", ".join(reader.document.competitors)
    show.line(f"Competitors: {competitors}" if competitors else "Competitors: none named yet, see evidence.yaml")
    show.line(f"Rules in force: {reader.reader}, from {keepline.document('evidence')}")


def _print(reader: EvidenceReader, kind: str | None) -> None:
    document = reader.document
    chosen = [rule for rule in document.rules if kind in (None, rule.kind)]
    rows = [
        [
            document.kinds[rule.kind].name, rule.id, f"{len(rule.phrases):,}", f"{len(rule.unless):,}",
            next(iter(rule.examples), "; ".join(rule.phrases[:_SHOWN_PHRASES])),
        ]
        for rule in chosen
    ]  # fmt: skip
    columns = ("kind", "rule", "phrases", "exceptions", "finds, for example")
    show.table("Rules of evidence", columns, rows, numbers=("phrases", "exceptions"))
